use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};
use serde_json::Value;

rule! {
    /// The version and the progressive rollout contradict each other.
    ///
    /// # What it checks
    /// A release candidate, `1.4.2-rc.1`, says in `releases.rolloutConfiguration.enableProgressiveRollout` whether it is rolled out
    /// step by step. Where that is true, the version has a suffix. The first of a major version has no candidates.
    ///
    /// # Why it matters
    /// Candidates are published to a share of the connections. A rollout without one has nothing to publish, and a
    /// breaking version that is put under a share of users breaks them before they have agreed.
    ///
    /// # Example
    /// ```yaml
    /// bad:  {dockerImageTag: 1.4.2, releases: {rolloutConfiguration: {enableProgressiveRollout: true}}}
    /// good: {dockerImageTag: 1.4.2-rc.1, releases: {rolloutConfiguration: {enableProgressiveRollout: true}}}
    /// ```
    ///
    /// # How to mend it
    /// Add the suffix `-rc.1`, or switch the rollout off when the candidate becomes the release. Release what breaks
    /// without a candidate.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service and connectors_qa refuse it. The acceptance tests do not look.
    RolloutContradictsVersion {
        code: "META-014",
        name: "rollout-contradicts-version",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's metadata service: validate_rc_suffix_and_rollout_configuration",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct RolloutContradictsVersion;

impl Observer for RolloutContradictsVersion {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        const ROLLOUT: &str = "releases.rolloutConfiguration.enableProgressiveRollout";
        let Some(metadata) = &ending.scene.metadata else { return };
        let Some(version) = metadata.version() else { return };
        let (tag, rollout) =
            (metadata.get("/dockerImageTag"), metadata.get(&format!("/{}", ROLLOUT.replace('.', "/"))));
        let is_candidate = version.is_release_candidate();
        if is_candidate && version.major > 0 && version.begins_a_major() {
            findings.report("major", || {
                let title = "a breaking version has a release candidate";
                in_metadata(
                    "dockerImageTag",
                    title,
                    "is a candidate of a major version",
                    "a version without suffix",
                    tag,
                )
            });
        } else if is_candidate && rollout.is_none() {
            findings.report("undecided", || {
                let title = "a release candidate does not say how it is rolled out";
                in_metadata(ROLLOUT, title, "is not there, and the version is a candidate", "true or false", rollout)
            });
        } else if rollout == Some(&Value::Bool(true)) && version.pre_release.is_none() {
            findings.report("released", || {
                let title = "what is released is to be rolled out step by step";
                in_metadata(
                    "dockerImageTag",
                    title,
                    "is no candidate, and the rollout is on",
                    "a suffix like -rc.1",
                    tag,
                )
            });
        }
    }
}
