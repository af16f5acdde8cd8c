use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Level, Observer, Scene, Violation, rule};

rule! {
    /// `documentationUrl` leads nowhere.
    ///
    /// # What it checks
    /// `documentationUrl` is an address that begins with `https://` or `http://`. Where it leads to docs.airbyte.com, and the suite
    /// lies in a repository that has `docs/integrations`, its page is there; if not, that is told at INFO. No network is used.
    ///
    /// # Why it matters
    /// The platform shows the page beside the form in which users enter the configuration. It is the only help there.
    ///
    /// # Example
    /// ```yaml
    /// bad:  documentationUrl: docs/orders.md
    /// good: documentationUrl: https://docs.airbyte.com/integrations/sources/orders
    /// ```
    ///
    /// # How to mend it
    /// Write the whole address, and the page to `docs/integrations/sources/NAME.md` or `docs/integrations/destinations/NAME.md`.
    ///
    /// # What Airbyte's tests see
    /// connectors_qa and the validator of the metadata service want the page. The acceptance tests read it, for certified
    /// connectors, and stop with an error where it is not there.
    DocumentationNotFound {
        code: "META-016",
        name: "documentation-not-found",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's metadata service: documentationUrl, validate_docs_path_exists",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct DocumentationNotFound;

impl Observer for DocumentationNotFound {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let url = metadata.get("/documentationUrl").filter(|url| url.as_str() != Some(""));
        if url.is_some_and(|url| !url.as_str().is_some_and(is_address)) {
            findings.report("address", || {
                let title = "`documentationUrl` is no address";
                in_metadata("documentationUrl", title, "leads nowhere", "an address that begins with https://", url)
            });
        }
        if let Some(page) = metadata.documentation.as_ref().filter(|page| page.text.is_none()) {
            findings.report("page", || {
                let message = format!("`documentationUrl` leads to {}, which the repository does not have", page.path);
                Violation::new("the page of the documentation is not there", message)
                    .expected(format!("a file {}", page.path), "none")
                    .level(Level::Info)
            });
        }
    }
}

fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.starts_with(char::is_alphanumeric) && !rest.contains(char::is_whitespace))
}
