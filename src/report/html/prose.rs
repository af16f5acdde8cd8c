//! The few marks of Markdown that rule pages and messages use, as data: paragraphs, code spans, code blocks. The
//! template prints the parts, so that they are escaped like all else.

use serde::Serialize;

/// How much of a page's section is shown, in characters.
const LONGEST: usize = 6_000;

/// A piece of running text.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Span {
    pub text: String,
    pub code: bool,
}

/// A paragraph or a block of code.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Block {
    /// What a paragraph consists of; empty for code.
    pub spans: Vec<Span>,
    /// The lines of code; empty for a paragraph.
    pub lines: Vec<String>,
}

/// Splits running text at backticks. A backtick without partner is text.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let parts: Vec<&str> = text.split('`').collect();
    let unpaired = parts.len().is_multiple_of(2).then(|| parts.len() - 1);
    let span = |(at, part): (usize, &&str)| match unpaired == Some(at) {
        true => Span { text: format!("`{part}"), code: false },
        false => Span { text: (*part).to_owned(), code: at % 2 == 1 },
    };
    parts.iter().enumerate().map(span).filter(|span| !span.text.is_empty()).collect()
}

/// Splits Markdown into paragraphs and blocks of code.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let text = crate::text::shorten(markdown, LONGEST);
    let mut blocks = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let is_fence = line.trim_start().starts_with("```");
        if !is_fence && !line.trim().is_empty() {
            paragraph.push(line.trim());
            continue;
        }
        end(&mut paragraph, &mut blocks);
        if is_fence {
            let code = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
            blocks.push(Block { spans: Vec::new(), lines: code.map(str::to_owned).collect() });
        }
    }
    end(&mut paragraph, &mut blocks);
    blocks
}

fn end(paragraph: &mut Vec<&str>, blocks: &mut Vec<Block>) {
    if !paragraph.is_empty() {
        blocks.push(Block { spans: spans(&paragraph.join(" ")), lines: Vec::new() });
        paragraph.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Span {
        Span { text: text.to_owned(), code: false }
    }

    fn code(text: &str) -> Span {
        Span { text: text.to_owned(), code: true }
    }

    #[test]
    fn paragraphs_and_code_are_told_apart() {
        let found = blocks("Set `a`\nand b.\n\n```json\n{\"x\": 1}\n```\nThen stop.");
        let paragraph = |spans| Block { spans, lines: Vec::new() };
        let block = Block { spans: Vec::new(), lines: vec!["{\"x\": 1}".to_owned()] };
        let first = paragraph(vec![text("Set "), code("a"), text(" and b.")]);
        assert_eq!(found, vec![first, block, paragraph(vec![text("Then stop.")])]);
    }

    #[test]
    fn a_lone_backtick_is_text_and_a_fence_may_stay_open() {
        assert_eq!(spans("`a` or `b"), vec![code("a"), text(" or "), text("`b")]);
        assert_eq!(spans(""), vec![]);
        assert_eq!(blocks("```\nrest").len(), 1);
    }
}
