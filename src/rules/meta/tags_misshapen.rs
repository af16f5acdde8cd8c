use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};
use serde_json::Value;

rule! {
    /// The tags of metadata.yaml are not of the form key and value, or name no language.
    ///
    /// # What it checks
    /// `tags` is a list of texts `key:value`, and one of them is `language:…`.
    ///
    /// # Why it matters
    /// Airbyte's build and release jobs choose by the tags how a connector is built and tested. Without a language they
    /// do not know how.
    ///
    /// # Example
    /// ```yaml
    /// bad:  tags: [python, low-code]
    /// good: tags: ["language:python", "cdk:low-code"]
    /// ```
    ///
    /// # How to mend it
    /// Write a tag `language:` with `python`, `java`, `manifest-only` or what the connector is written in, in quotes.
    /// Without quotes and with a blank behind the colon YAML reads no text but a mapping.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service refuses it. The acceptance tests do not look.
    TagsMisshapen {
        code: "META-006",
        name: "tags-misshapen",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's metadata service: validate_all_tags_are_keyvalue_pairs, validate_at_least_one_language_tag",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct TagsMisshapen;

impl Observer for TagsMisshapen {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let found = metadata.get("/tags");
        let tags = found.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let is_pair = |tag: &Value| {
            let parts = tag.as_str().and_then(|tag| tag.split_once(':'));
            parts.is_some_and(|(key, value)| !key.trim().is_empty() && !value.trim().is_empty())
        };
        for tag in tags.iter().filter(|tag| !is_pair(tag)) {
            findings.report("form", || {
                in_metadata(
                    "tags",
                    "a tag is not key and value",
                    "has a tag without one of both",
                    "key:value",
                    Some(tag),
                )
            });
        }
        if !tags.iter().any(|tag| tag.as_str().is_some_and(|tag| tag.starts_with("language:"))) {
            findings.report("language", || {
                let title = "no tag names the language";
                in_metadata("tags", title, "does not say what the connector is written in", "a tag `language:…`", found)
            });
        }
    }
}
