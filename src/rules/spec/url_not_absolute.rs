use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// The URL of the documentation or the changelog is none.
    ///
    /// # What it checks
    /// `documentationUrl` and `changelogUrl`, where the SPEC has them, are texts that begin with a scheme
    /// (`https://…`) and have no blanks or other characters that no URI has. An empty text is reported at SHOULD. Whether
    /// anything is there is not looked at.
    ///
    /// # Why it matters
    /// The platform reads both as URIs and shows the documentation beside the form. What is no URI can cost the whole SPEC;
    /// what is relative leads nowhere.
    ///
    /// # Example
    /// ```json
    /// bad:  {"documentationUrl":"docs.example.com/orders"}
    /// good: {"documentationUrl":"https://docs.example.com/orders"}
    /// ```
    ///
    /// # How to mend it
    /// Write the whole URL, `https://` included, or leave the member out. Low-code: `documentation_url` in `spec`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests derive the file of the documentation from `documentationUrl`, where they look at the
    /// documentation at all.
    UrlNotAbsolute {
        code: "SPEC-030",
        name: "url-not-absolute",
        level: Must,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification.documentationUrl, ConnectorSpecification.changelogUrl",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct UrlNotAbsolute;

impl Observer for UrlNotAbsolute {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(specification) = look.specification() else { return };
        for member in ["documentationUrl", "changelogUrl"] {
            let Some(url) = specification.get(member).filter(|url| !url.is_null()) else { continue };
            let (what, level) = match url.as_str().map(str::trim) {
                None => ("is no text", Level::Must),
                Some("") => ("is empty", Level::Should),
                Some(_) if url.as_str().is_some_and(is_absolute) => continue,
                Some(_) => ("is no absolute URL", Level::Must),
            };
            findings.report(member, || {
                let found = text::json(url, 120);
                Violation::new(format!("`{member}` {what}"), format!("`{member}` {what}: {found}"))
                    .part(look.line, format!("/spec/{member}"), url)
                    .expected("a URL with scheme, https://…", found)
                    .level(level)
            });
        }
    }
}

/// Whether a text is a URI with a scheme, as far as its characters tell. Letters beyond ASCII are taken for escaped ones.
fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_of_scheme = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic()) && scheme.chars().all(is_of_scheme);
    let is_foreign = |letter: char| letter.is_whitespace() || letter.is_control() || "<>\"\\^`{|}".contains(letter);
    is_scheme && !rest.trim_start_matches('/').is_empty() && !rest.contains(is_foreign)
}
