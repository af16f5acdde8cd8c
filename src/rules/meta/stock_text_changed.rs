use crate::protocol::below;
use crate::rules::stock_text::{SECTIONS, is_stock};
use crate::rules::{Ending, Findings, Observer, Violation, rule};
use crate::text;

/// Where the templates lie in Airbyte's repository.
const TEMPLATES: &str = "connector_acceptance_test/tests/doc_templates";
/// How much of a line is shown, in bytes.
const EXCERPT: usize = 160;

rule! {
    /// A section of a certified connector's documentation begins otherwise than the stock text of Airbyte's template.
    ///
    /// # What it checks
    /// What stands below the connector's name, `For Airbyte Cloud:`, `For Airbyte Open Source:`, `Supported sync modes` and
    /// `Tutorials`, where the page has these headings, line by line against the template of the acceptance tests, with the
    /// connector's own name and link. Only as many lines are compared as both have; blanks at line ends do not matter.
    ///
    /// # Why it matters
    /// The same sentences stand on each page of Airbyte's documentation. What is worded anew there has to be read by whoever
    /// sets up one connector after another, and is left behind when the template changes.
    ///
    /// # Example
    /// Below the heading `For Airbyte Open Source:`, of which the template begins with an empty line:
    /// ```text
    /// bad:  the first step stands right below the heading
    /// good: an empty line, then the first step as the template words it
    /// ```
    ///
    /// # How to mend it
    /// Begin the section with the lines of the template that is named, and write what is the connector's own below them.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests of certified connectors fail.
    StockTextChanged {
        code: "META-021",
        name: "stock-text-changed",
        level: Info,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_docs_descriptions",
        watches: [],
        about: Launch,
        applies: |scene| scene.is_certified().and_then(|()| scene.has_page()),
    }
}

#[derive(Default)]
struct StockTextChanged;

impl Observer for StockTextChanged {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let (Some(page), Some(name)) = (metadata.page(), metadata.text("/name")) else { return };
        for (heading, file, template) in SECTIONS {
            let heading = heading.unwrap_or(name);
            let Some(section) = below(page, heading) else { continue };
            let pairs = section.lines().map(str::trim_end).zip(template).enumerate();
            // Behind the first line that differs the others are shifted.
            let Some((at, (line, _))) = { pairs }.find(|(_, (line, stock))| !is_stock(line, name, stock)) else {
                continue;
            };
            findings.report("stock", || {
                let number = at + 1;
                let message = format!("line {number} below `{heading}` is not that of the template");
                let shown = text::shorten(&text::visible(line), EXCERPT);
                let expected = format!("line {number} of {TEMPLATES}/{file}");
                Violation::new("a section does not begin with its stock text", message).expected(expected, shown)
            });
        }
    }
}
