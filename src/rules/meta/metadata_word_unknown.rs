use crate::protocol::Metadata;
use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Level, Observer, Scene, rule};

/// The members that have one of a few words, and how much another one weighs. The lists grow with the registry, but for
/// that of the types.
const WORDS: [(&str, &[&str], Level); 4] = [
    ("connectorType", &["source", "destination"], Level::Should),
    (
        "connectorSubtype",
        &["api", "database", "datalake", "file", "custom", "message_queue", "unknown", "vectorstore"],
        Level::Info,
    ),
    ("releaseStage", &["alpha", "beta", "generally_available", "custom"], Level::Info),
    ("supportLevel", &["community", "certified", "enterprise", "archived"], Level::Info),
];
/// The licences of connectors that Airbyte publishes.
const LICENCES: [&str; 2] = ["MIT", "ELv2"];

rule! {
    /// A member of metadata.yaml has a word that Airbyte's registry does not know.
    ///
    /// # What it checks
    /// `connectorType`, `connectorSubtype`, `releaseStage` and `supportLevel` have one of the words of the registry's
    /// schema, and the `license` of an image `airbyte/…` is MIT or ELv2. All but the type are told at INFO: the registry
    /// may have learned a word since.
    ///
    /// # Why it matters
    /// A file that the registry's schema refuses is not published, and who waits for it sees no reason but this word.
    ///
    /// # Example
    /// ```yaml
    /// bad:  releaseStage: ga
    /// good: releaseStage: generally_available
    /// ```
    ///
    /// # How to mend it
    /// Take one of the words that are named, as it is written there.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service refuses the words, connectors_qa the licence. The acceptance tests do not
    /// look.
    MetadataWordUnknown {
        code: "META-004",
        name: "metadata-word-unknown",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's registry: enums of ConnectorMetadataDefinitionV0; connectors_qa: licence",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct MetadataWordUnknown;

impl Observer for MetadataWordUnknown {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        for (member, words, level) in WORDS {
            let is_known = |word: &str| words.contains(&word);
            tell(metadata, member, words, level, is_known, findings);
        }
        if metadata.docker_repository().is_some_and(|name| name.starts_with("airbyte/")) {
            let is_known = |word: &str| LICENCES.iter().any(|known| known.eq_ignore_ascii_case(word));
            tell(metadata, "license", &LICENCES, Level::Info, is_known, findings);
        }
    }
}

fn tell(
    metadata: &Metadata,
    member: &str,
    words: &[&str],
    level: Level,
    is_known: impl Fn(&str) -> bool,
    findings: &mut Findings<'_>,
) {
    // What is empty is META-001's.
    let found = metadata.get(&format!("/{member}")).filter(|found| found.as_str() != Some(""));
    if found.is_none_or(|found| found.as_str().is_some_and(is_known)) {
        return;
    }
    findings.report(member, || {
        let title = format!("the registry does not know this `{member}`");
        in_metadata(member, &title, "is not what Airbyte's registry knows", &words.join(", "), found).level(level)
    });
}
