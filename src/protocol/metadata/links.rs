//! The links of a page of documentation, and what became of them where somebody asked.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A page can have any number; no more are looked at.
const MOST: usize = 500;

/// An address of the page, and what came of requesting it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The address, without fragment.
    pub url: String,
    /// What was answered.
    pub answer: LinkAnswer,
}

/// What came of requesting an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkAnswer {
    /// The HTTP status, behind all redirections.
    Status(u16),
    /// None, and why: that says nothing about the link.
    Unknown(String),
}

/// The addresses in a page in Markdown, each once, at most 500. What stands in code is an example, and so is an address
/// with a gap for the reader to fill in.
pub fn links(page: &str) -> Vec<String> {
    let (mut found, mut known, mut fence) = (Vec::new(), HashSet::new(), None::<&str>);
    for line in page.lines() {
        let text = line.trim_start();
        if let Some(open) = fence {
            fence = Some(open).filter(|open| !text.starts_with(open));
            continue;
        }
        fence = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark));
        // Every other part is code, unless its end is missing.
        let parts: Vec<&str> = line.split('`').collect();
        let is_prose = |at: &usize| at.is_multiple_of(2) || at + 1 == parts.len();
        let prose = parts.iter().enumerate().filter(|(at, _)| fence.is_none() && is_prose(at));
        for (_, part) in prose {
            for url in addresses(part) {
                if found.len() < MOST && known.insert(url) {
                    found.push(url.to_owned());
                }
            }
        }
    }
    found
}

/// The addresses in a text without code.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("http").map(|(at, _)| &text[at..]);
    starts.filter(|rest| rest.starts_with("http://") || rest.starts_with("https://")).filter_map(|rest| {
        let url = &rest[..length(rest)];
        let url = url.split('#').next().unwrap_or_default().trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
        let host = url.split_once("://")?.1.split(['/', '?']).next()?;
        // Cut at a gap, `https://<tenant>.orders.example`, or no host that a name server knows.
        let gap = rest[url.len()..].starts_with(['<', '{', '[']) || url.contains(['{', '}', '$']);
        (!gap && !host.is_empty() && (host.contains('.') || host.contains(':'))).then_some(url)
    })
}

/// Where an address ends: at a blank, a quote, or a bracket that it does not open.
fn length(rest: &str) -> usize {
    let mut open = 0_u32;
    for (at, letter) in rest.char_indices() {
        match letter {
            '(' => open += 1,
            ')' if open == 0 => return at,
            ')' => open -= 1,
            '<' | '>' | '"' | '\'' | '[' | ']' | '|' | '\\' => return at,
            letter if letter.is_whitespace() || letter.is_control() => return at,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn addresses_of_prose_are_found_once_and_those_of_code_never() {
        let page = "See [keys](https://orders.example/keys#new), https://orders.example/a_(b), <https://c.example/>.\n\
                    Again https://orders.example/keys and (http://d.example/x?y=1). | https://e.example | x |\n\
                    In `https://code.example/` and https://<tenant>.orders.example or https://{shop}.example/x,\n\
                    **https://f.example/** and http://localhost/x and https://.\n\
                    ```\nhttps://fence.example/\n```\nlast `open https://g.example/\n";
        let expected = [
            "https://orders.example/keys",
            "https://orders.example/a_(b)",
            "https://c.example/",
            "http://d.example/x?y=1",
            "https://e.example",
            "https://f.example/",
            "https://g.example/",
        ];
        assert_eq!(links(page), expected);
        let many: String = (0..2000).map(|number| format!("https://a.example/{number}\n")).collect();
        assert_eq!(links(&many).len(), 500);
    }
}
