use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};

rule! {
    /// The connector's `definitionId` is no UUID.
    ///
    /// # What it checks
    /// `definitionId` is a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12. One that is missing is META-001's.
    ///
    /// # Why it matters
    /// The platform knows a connector by this id, whatever its name and image. It keeps ids as UUIDs and takes no other.
    ///
    /// # Example
    /// ```yaml
    /// bad:  definitionId: source-orders
    /// good: definitionId: 5f0c1f5e-9f7b-4b0c-9a38-6c2f0f0c7a11
    /// ```
    ///
    /// # How to mend it
    /// Make one with `uuidgen`, once. Never change it afterwards: that would be another connector.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service refuses it. The acceptance tests do not look.
    DefinitionIdWrong {
        code: "META-005",
        name: "definition-id-wrong",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's registry: ConnectorMetadataDefinitionV0.definitionId, format uuid",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct DefinitionIdWrong;

impl Observer for DefinitionIdWrong {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let id = metadata.get("/definitionId").filter(|id| id.as_str() != Some(""));
        if id.is_none_or(|id| id.as_str().is_some_and(is_uuid)) {
            return;
        }
        findings.report("uuid", || {
            let title = "`definitionId` is no UUID";
            in_metadata("definitionId", title, "is no id of a connector", "a UUID", id)
        });
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
