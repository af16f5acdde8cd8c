//! A rule's page, taken apart: its doc comment has fixed headings.

/// The sections of a page. The same headings on every page, so that every reader knows where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The first line: the defect in one sentence.
    pub summary: String,
    /// What is looked at, and what counts as a violation.
    pub checks: String,
    /// Who suffers, and how.
    pub why: String,
    /// An excerpt that breaks the rule, and one that does not.
    pub example: String,
    /// What to change in the connector.
    pub mend: String,
    /// What Airbyte's own tests see of it: the acceptance tests, and the standard tests of the Python CDK.
    pub peers: String,
}

impl Page {
    /// The headings, in their order.
    pub const HEADINGS: [&'static str; 5] =
        ["What it checks", "Why it matters", "Example", "How to mend it", "What Airbyte's tests see"];

    /// Takes a page apart. A section that is missing is empty; the architecture test forbids that.
    pub fn parse(markdown: &str) -> Self {
        let text: Vec<&str> = markdown.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let is_heading = |line: &&str| line.starts_with("# ");
        let summary: Vec<&str> = text.iter().copied().take_while(|line| !is_heading(line)).collect();
        let section = |heading: &str| {
            let body = text.iter().skip_while(|line| line.strip_prefix("# ") != Some(heading)).skip(1);
            let body: Vec<&str> = body.copied().take_while(|line| !is_heading(line)).collect();
            body.join("\n").trim().to_owned()
        };
        Page {
            summary: summary.join(" ").trim().to_owned(),
            checks: section(Self::HEADINGS[0]),
            why: section(Self::HEADINGS[1]),
            example: section(Self::HEADINGS[2]),
            mend: section(Self::HEADINGS[3]),
            peers: section(Self::HEADINGS[4]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_their_headings() {
        let page = Page::parse(" A defect.\n\n # What it checks\n This.\n And that.\n\n # How to mend it\n So.\n");
        assert_eq!((page.summary.as_str(), page.checks.as_str()), ("A defect.", "This.\nAnd that."));
        assert_eq!((page.why.as_str(), page.mend.as_str()), ("", "So."));
    }
}
