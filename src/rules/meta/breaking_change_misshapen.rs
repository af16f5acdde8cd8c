use crate::protocol::Version;
use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};
use jiff::civil::Date;
use serde_json::Value;

rule! {
    /// An entry of `releases.breakingChanges` says too little, or is of a version that is still to come.
    ///
    /// # What it checks
    /// Each key is a version of three numbers, not above the connector's own. Each entry has a `message`, and an
    /// `upgradeDeadline` that is a date: `2026-03-31`.
    ///
    /// # Why it matters
    /// The platform shows users the message, and upgrades or pauses their connections on that day. Of an entry without
    /// one of both the registry takes nothing. A version above the connector's own is one that nobody can upgrade to.
    ///
    /// # Example
    /// ```yaml
    /// bad:  breakingChanges: {"2.0": {message: Ids are text now., upgradeDeadline: end of March}}
    /// good: breakingChanges: {2.0.0: {message: Ids are text now., upgradeDeadline: "2026-03-31"}}
    /// ```
    ///
    /// # How to mend it
    /// Say in the message what breaks and what the user has to do. Raise `dockerImageTag` together with the entry.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service refuses the entry, and looks for an image of each version that is named.
    /// connectors_qa wants the deadline a week ahead. The acceptance tests do not look.
    BreakingChangeMisshapen {
        code: "META-012",
        name: "breaking-change-misshapen",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's registry: ConnectorReleases, ConnectorBreakingChanges",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct BreakingChangeMisshapen;

impl Observer for BreakingChangeMisshapen {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let own = metadata.version();
        let Some(changes) = metadata.get("/releases/breakingChanges").and_then(Value::as_object) else { return };
        for (key, entry) in changes {
            let member = format!("releases.breakingChanges.{key}");
            let mut tell = |cause: &str, title: &str, message: &str, expected: &str, found: Option<&Value>| {
                findings.report(cause, || in_metadata(&member, title, message, expected, found));
            };
            let title = "a breaking change is of no version that there is";
            match Version::parse(key).filter(|version| version.pre_release.is_none() && !key.contains('+')) {
                None => tell("key", title, "is no version", "a version like 2.0.0", Some(&Value::from(key.as_str()))),
                // A candidate of the version itself counts as that.
                Some(version) => {
                    if let Some(own) = own.as_ref().filter(|own| version.core() > own.core()) {
                        let (major, minor, patch) = own.core();
                        let expected = format!("a version up to {major}.{minor}.{patch}, `dockerImageTag`");
                        tell("later", title, "is a version to come", &expected, Some(&Value::from(key.as_str())));
                    }
                }
            }
            let message = entry.get("message");
            if message.and_then(Value::as_str).is_none_or(|message| message.trim().is_empty()) {
                tell("message", "a breaking change has no message", "does not say what breaks", "a `message`", message);
            }
            let deadline = entry.get("upgradeDeadline");
            if !deadline.and_then(Value::as_str).is_some_and(is_date) {
                let title = "a breaking change has no date";
                tell(
                    "deadline",
                    title,
                    "does not say until when",
                    "a date like 2026-03-31 in `upgradeDeadline`",
                    deadline,
                );
            }
        }
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}
