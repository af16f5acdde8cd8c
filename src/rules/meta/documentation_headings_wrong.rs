use crate::protocol::headings;
use crate::rules::{Ending, Findings, Observer, Violation, rule};

/// The sections of the template in its order, and whether a page must have them. Those for Airbyte Cloud and for Open
/// Source come twice, and those of the connector itself have any name: of them nothing is asked.
const SECTIONS: [(&str, bool); 9] = [
    ("Prerequisites", true),
    ("Setup guide", true),
    ("Supported sync modes", true),
    ("Supported Streams", true),
    ("Performance considerations", false),
    ("Data type map", false),
    ("Troubleshooting", false),
    ("Tutorials", false),
    ("Changelog", true),
];

rule! {
    /// The documentation of a certified connector lacks sections of the template, or has them in another order.
    ///
    /// # What it checks
    /// The page begins with the connector's `name`. Prerequisites, Setup guide, Supported sync modes, Supported Streams and
    /// Changelog are there, and these and the template's other sections come in its order. Case and `Step 1:` do not
    /// matter.
    ///
    /// # Why it matters
    /// Whoever sets up one connector after another finds the same at the same place. Readers who look for
    /// what a connector can't do, or for what changed, know where to look.
    ///
    /// # Example
    /// The headings of a page:
    /// ```text
    /// bad:  Orders, Setup guide, Requirements, Changelog
    /// good: Orders, Prerequisites, Setup guide, Supported sync modes, Supported Streams, Changelog
    /// ```
    ///
    /// # How to mend it
    /// Name and order the sections as the template of Airbyte's documentation does.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests of certified connectors fail; they also ask for the template's headings within the setup
    /// guide. connectors_qa checks the order too.
    DocumentationHeadingsWrong {
        code: "META-017",
        name: "documentation-headings-wrong",
        level: Info,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_docs_structure",
        watches: [],
        about: Launch,
        applies: |scene| scene.is_certified().and_then(|()| scene.has_page()),
    }
}

#[derive(Default)]
struct DocumentationHeadingsWrong;

impl Observer for DocumentationHeadingsWrong {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let Some(page) = metadata.page() else { return };
        let all = headings(page);
        let first = all.first().map_or("no heading", |first| &first.text);
        if let Some(name) = metadata.text("/name").filter(|name| !first.eq_ignore_ascii_case(name.trim())) {
            findings.report("title", || {
                let message = format!("the page's first heading is not `{name}`, the connector's name");
                Violation::new("the documentation has another title", message).expected(name, first)
            });
        }
        let places: Vec<(&str, bool, Option<usize>)> = SECTIONS
            .iter()
            .map(|(title, needed)| {
                let is_it = |text: &str| without_step(text).trim_end_matches(':').eq_ignore_ascii_case(title);
                (*title, *needed, all.iter().position(|heading| is_it(&heading.text)))
            })
            .collect();
        for (title, ..) in places.iter().filter(|(_, needed, place)| *needed && place.is_none()) {
            findings.report("missing", || {
                let message = format!("the page has no section `{title}`");
                Violation::new("the documentation lacks a section of the template", message)
                    .expected(format!("a heading `{title}`"), "none")
            });
        }
        let present: Vec<(&str, usize)> =
            places.iter().filter_map(|(title, _, place)| Some((*title, (*place)?))).collect();
        for pair in present.windows(2).filter(|pair| pair[0].1 > pair[1].1) {
            findings.report("order", || {
                let (before, after) = (pair[0].0, pair[1].0);
                let message = format!("the section `{after}` stands before `{before}`");
                Violation::new("the documentation's sections are in another order", message)
                    .expected(format!("{before}, {after}"), format!("{after}, {before}"))
            });
        }
    }
}

/// `Step 1: Set up Orders` without the step.
fn without_step(text: &str) -> &str {
    let rest = text.strip_prefix("Step ").and_then(|rest| rest.split_once(": "));
    rest.filter(|(number, _)| number.parse::<u8>().is_ok()).map_or(text, |(_, rest)| rest)
}
