//! A page of documentation in Markdown, as far as its headings divide it.

use std::borrow::Cow;

/// A heading of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading<'p> {
    /// 1 for the largest.
    pub level: usize,
    /// Its text, without marks of emphasis.
    pub text: Cow<'p, str>,
    /// Where its line begins and where the line behind it begins, in bytes.
    place: (usize, usize),
}

/// The headings of a page in their order: lines with `#`, and lines that are underlined. Those within code, and the lines
/// above the page that say how it is shown, are none.
pub fn headings(page: &str) -> Vec<Heading<'_>> {
    let (mut found, mut at, mut fence, mut before) = (Vec::new(), 0, None::<&str>, None);
    let mut in_front = page.starts_with("---\n") || page.starts_with("---\r\n");
    for (number, line) in page.split_inclusive('\n').enumerate() {
        let (start, end) = (at, at + line.len());
        at = end;
        let line = line.trim_end();
        if in_front {
            in_front = number == 0 || line != "---";
            continue;
        }
        let text = line.trim_start();
        if let Some(open) = fence {
            fence = Some(open).filter(|open| !text.starts_with(open));
            continue;
        }
        // Four blanks are code.
        let is_prose = line.len() - text.len() < 4;
        fence = ["```", "~~~"].into_iter().find(|mark| is_prose && text.starts_with(mark));
        let level = text.bytes().take_while(|byte| *byte == b'#').count();
        let is_marked = (1..=6).contains(&level) && text[level..].starts_with([' ', '\t']);
        let underlined = before.filter(|_| is_prose).zip(underline(text));
        if is_prose && is_marked {
            found.push(Heading { level, text: plain(&text[level..]), place: (start, end) });
        } else if let Some(((start, above), level)) = underlined {
            found.push(Heading { level, text: plain(above), place: (start, end) });
        }
        let can_be_underlined = !text.is_empty() && is_prose && fence.is_none() && !is_marked && !text.contains('|');
        before = can_be_underlined.then_some((start, text));
    }
    found
}

/// What stands below the first heading of that text, in whatever case, to the next heading that is as large or larger.
pub fn section<'p>(page: &'p str, title: &str) -> Option<&'p str> {
    let all = headings(page);
    let at = all.iter().position(|heading| heading.text.eq_ignore_ascii_case(title))?;
    let end = all[at + 1..].iter().find(|next| next.level <= all[at].level).map_or(page.len(), |next| next.place.0);
    page.get(all[at].place.1..end)
}

/// What stands below the last heading of exactly that text, to the next heading of whatever size. A heading with marks of
/// emphasis or an address is not that text.
pub fn below<'p>(page: &'p str, title: &str) -> Option<&'p str> {
    let all = headings(page);
    let is_it = |heading: &Heading<'_>| {
        let line = page.get(heading.place.0..heading.place.1).unwrap_or_default();
        heading.text == title && line.lines().next().unwrap_or_default().trim_start_matches('#').trim() == title
    };
    let at = all.iter().rposition(is_it)?;
    let end = all.get(at + 1).map_or(page.len(), |next| next.place.0);
    page.get(all[at].place.1..end)
}

/// How large the line makes the one above it.
fn underline(text: &str) -> Option<usize> {
    let all = |mark| text.len() >= 2 && text.bytes().all(|byte| byte == mark);
    if all(b'=') { Some(1) } else { all(b'-').then_some(2) }
}

fn plain(text: &str) -> Cow<'_, str> {
    let text = text.trim().trim_end_matches('#').trim_end();
    // `{#anchor}` behind the text is its address.
    let text = match text.rfind("{#") {
        Some(at) if text.ends_with('}') => text[..at].trim_end(),
        _ => text,
    };
    match text.contains(['*', '`']) {
        true => Cow::Owned(text.replace(['*', '`'], "").trim().to_owned()),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "---\ndescription: x\n---\n\n# Orders\n\n<HideInUI>\n\n## **Prerequisites** {#needs}\n\n- a Key\n\n\
        ### More\n- Region\n\n```bash\n# no heading\n```\n    # code\n\nSetup guide\n-----\n| a |\n|---|\nNotes #1\n\n## Changelog ##\n1.0.0";

    #[test]
    fn headings_are_those_that_a_reader_sees() {
        let found: Vec<(usize, String)> =
            headings(PAGE).into_iter().map(|heading| (heading.level, heading.text.into_owned())).collect();
        let expected = [(1, "Orders"), (2, "Prerequisites"), (3, "More"), (2, "Setup guide"), (2, "Changelog")];
        assert_eq!(found, expected.map(|(level, text)| (level, text.to_owned())));
        assert_eq!(headings("---\nnever ends\n# x"), []);
    }

    #[test]
    fn a_section_goes_to_the_next_heading_of_its_size() {
        let needs = section(PAGE, "prerequisites").expect("a section");
        assert!(needs.contains("a Key") && needs.contains("Region") && !needs.contains("Setup"), "{needs}");
        assert_eq!(section(PAGE, "Changelog"), Some("1.0.0"));
        assert_eq!(section(PAGE, "Tutorials"), None);
    }

    #[test]
    fn what_is_right_below_a_heading_ends_at_the_next_one() {
        assert_eq!(below(PAGE, "Orders"), Some("\n<HideInUI>\n\n"));
        assert_eq!(below(PAGE, "Prerequisites"), None, "it is written with marks");
        assert_eq!(below("# A\nb\n# A\nc\n", "A"), Some("c\n"));
    }
}
