use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};
use serde_json::Value;

/// The connector that runs every manifest. What breaks in it breaks in the manifests, and is announced there.
const RUNS_MANIFESTS: &str = "64a2f99c-542f-4af8-9a6f-355f1217b436";

rule! {
    /// The version is a new major one, and no breaking change is announced for it.
    ///
    /// # What it checks
    /// Where `dockerImageTag` is the first of a major version from 2 on, `3.0.0`, `releases.breakingChanges` has an entry for
    /// it. A first release, 1.0.0, breaks nothing for anybody; candidates are META-014's.
    ///
    /// # Why it matters
    /// Only what is announced is held back until the user agrees. A major version without an entry is rolled out to all
    /// connections as if nothing broke.
    ///
    /// # Example
    /// With `dockerImageTag: 3.0.0`:
    /// ```yaml
    /// bad:  breakingChanges: {2.0.0: {message: Ids are text now., upgradeDeadline: "2026-03-31"}}
    /// good: breakingChanges: {3.0.0: {message: Orders have a new key., upgradeDeadline: "2026-09-30"}}
    /// ```
    ///
    /// # How to mend it
    /// Add the entry, with what breaks and until when users have to act. If nothing breaks, raise the second number only.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service refuses the file, 1.0.0 included. The acceptance tests do not look.
    MajorVersionUnannounced {
        code: "META-013",
        name: "major-version-unannounced",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's metadata service: validate_major_version_bump_has_breaking_change_entry",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct MajorVersionUnannounced;

impl Observer for MajorVersionUnannounced {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let Some(version) = metadata.version() else { return };
        let is_released = version.pre_release.is_none();
        let is_first = version.major >= 2 && version.begins_a_major() && is_released;
        if !is_first || metadata.text("/definitionId") == Some(RUNS_MANIFESTS) {
            return;
        }
        let wanted = format!("{}.0.0", version.major);
        let changes = metadata.get("/releases/breakingChanges");
        let announced = changes.and_then(Value::as_object);
        if announced.is_some_and(|announced| announced.contains_key(&wanted)) {
            return;
        }
        findings.report("missing", || {
            let known: Value = announced.into_iter().flat_map(serde_json::Map::keys).cloned().collect();
            let title = "a major version is not announced as a breaking change";
            let message = format!("has no entry for {wanted}, the connector's version");
            in_metadata("releases.breakingChanges", title, &message, &format!("an entry {wanted}"), Some(&known))
        });
    }
}
