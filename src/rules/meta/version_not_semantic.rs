use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};

rule! {
    /// The connector's version is no semantic version.
    ///
    /// # What it checks
    /// `dockerImageTag` is three numbers with dots between them, `1.4.2`, with or without a suffix: `1.4.2-rc.1`. One that
    /// is missing is META-001's.
    ///
    /// # Why it matters
    /// The registry and the platform compare versions, to offer an upgrade and to tell a breaking one. With `latest` or
    /// `1.4` they can't. In YAML, `1.10` without quotes is a number besides, and reads as 1.1.
    ///
    /// # Example
    /// ```yaml
    /// bad:  dockerImageTag: v1.4
    /// good: dockerImageTag: 1.4.2
    /// ```
    ///
    /// # How to mend it
    /// Give the version all three numbers and no `v`.
    ///
    /// # What Airbyte's tests see
    /// connectors_qa and the validator of the metadata service refuse it. The acceptance tests do not look.
    VersionNotSemantic {
        code: "META-002",
        name: "version-not-semantic",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "connectors_qa: version follows semantic versioning; semver.org",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct VersionNotSemantic;

impl Observer for VersionNotSemantic {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let tag = metadata.get("/dockerImageTag");
        let is_empty = metadata.docker_image_tag().is_some_and(|tag| tag.trim().is_empty());
        if tag.is_none() || is_empty || metadata.version().is_some() {
            return;
        }
        findings.report("version", || {
            let title = "the version is no semantic version";
            in_metadata("dockerImageTag", title, "is not of the form MAJOR.MINOR.PATCH", "a version like 1.4.2", tag)
        });
    }
}
