use crate::rules::{Ending, Findings, Observer, Scene, Violation, rule};

/// What the schema of the file asks for, apart from what it makes up defaults for.
const NEEDED: [&str; 10] = [
    "name",
    "definitionId",
    "connectorType",
    "connectorSubtype",
    "dockerRepository",
    "dockerImageTag",
    "documentationUrl",
    "githubIssueLabel",
    "license",
    "releaseStage",
];

rule! {
    /// metadata.yaml lacks what Airbyte's registry needs to know.
    ///
    /// # What it checks
    /// `data` has `name`, `definitionId`, `connectorType`, `connectorSubtype`, `dockerRepository`, `dockerImageTag`,
    /// `documentationUrl`, `githubIssueLabel`, `license` and `releaseStage`, none of them empty. What they say is other
    /// rules'.
    ///
    /// # Why it matters
    /// The registry takes a connector from this file. One that its schema refuses is not published.
    ///
    /// # Example
    /// ```yaml
    /// bad:  data: {name: Orders, connectorType: source}
    /// good: data: {name: Orders, connectorType: source, connectorSubtype: api, dockerRepository: acme/source-orders}
    /// ```
    /// The good one is shortened.
    ///
    /// # How to mend it
    /// Write the members that are named into `data`. A fresh `definitionId` is any random UUID; it stays for good.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service and connectors_qa refuse the file. The acceptance tests do not look.
    MetadataIncomplete {
        code: "META-001",
        name: "metadata-incomplete",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's registry: ConnectorMetadataDefinitionV0, required",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct MetadataIncomplete;

impl Observer for MetadataIncomplete {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let is_missing = |key: &&str| {
            metadata
                .get(&format!("/{key}"))
                .is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty()))
        };
        let missing: Vec<&str> = NEEDED.into_iter().filter(is_missing).collect();
        if missing.is_empty() {
            return;
        }
        findings.report("missing", || {
            let names = missing.join("`, `");
            Violation::new("metadata.yaml is incomplete", format!("`data` of metadata.yaml does not say `{names}`"))
                .expected("all that the registry's schema requires", format!("no `{names}`"))
        });
    }
}
