//! Whether a version number has grown as the changes demand.
//!
//! Airbyte reads labels as semantic versions; before 1.0.0, a breaking change may come with the second number ("Managing
//! Breaking Changes in Connectors").

use super::change::Step;
use crate::protocol::Version;

/// What two labels `io.airbyte.version` say to the step that changes demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Labels {
    /// The version grew as far as that, or further.
    Enough,
    /// It did not.
    TooSmall {
        /// The step that it took. None where it is the same version.
        taken: Option<Step>,
        /// The least version that would do.
        needed: String,
    },
    /// The new version is lower than the former one.
    Backwards,
    /// One of them is a build from development, or a former build of the same release: nothing follows from its number.
    Unreleased,
    /// This label is no semantic version.
    Unreadable(String),
}

/// Compares the labels of two versions with the step that the changes between them demand.
pub fn check_labels(before: &str, after: &str, demanded: Step) -> Labels {
    let parsed = |text: &str| Version::parse(text.trim()).ok_or_else(|| Labels::Unreadable(text.to_owned()));
    let (former, latter) = match (parsed(before), parsed(after)) {
        (Ok(former), Ok(latter)) => (former, latter),
        (Err(unreadable), _) | (_, Err(unreadable)) => return unreadable,
    };
    if latter.core() < former.core() {
        return Labels::Backwards;
    }
    if latter.core() == former.core() {
        return of_one_core(&former, &latter, demanded);
    }
    let taken = if latter.major > former.major {
        Step::Major
    } else if latter.minor > former.minor {
        // Before 1.0.0, the second number stands for the first.
        if former.major == 0 { Step::Major } else { Step::Minor }
    } else {
        Step::Patch
    };
    match taken >= demanded {
        true => Labels::Enough,
        false => Labels::TooSmall { taken: Some(taken), needed: needed(&former, demanded) },
    }
}

/// Labels whose numbers are the same: candidates of one release may differ as far as that release may differ from the one
/// before it.
fn of_one_core(former: &Version, latter: &Version, demanded: Step) -> Labels {
    let is_candidate = |version: &Version| version.pre_release.is_some() && version.is_release_candidate();
    match (&former.pre_release, &latter.pre_release) {
        (None, None) => Labels::TooSmall { taken: None, needed: needed(former, demanded) },
        (Some(one), Some(other)) if one == other => Labels::TooSmall { taken: None, needed: needed(former, demanded) },
        (None, Some(_)) if is_candidate(latter) => Labels::Backwards,
        (Some(_), _) if is_candidate(former) => {
            let most = match (former.minor, former.patch) {
                (0, 0) => Step::Major,
                (_, 0) if former.major == 0 => Step::Major,
                (_, 0) => Step::Minor,
                _ => Step::Patch,
            };
            match most >= demanded {
                true => Labels::Enough,
                false => Labels::TooSmall { taken: Some(most), needed: needed(former, demanded) },
            }
        }
        _ => Labels::Unreleased,
    }
}

fn needed(former: &Version, demanded: Step) -> String {
    let next = |number: u64| number.saturating_add(1);
    match demanded {
        Step::Major if former.major == 0 => format!("0.{}.0", next(former.minor)),
        Step::Major => format!("{}.0.0", next(former.major)),
        Step::Minor => format!("{}.{}.0", former.major, next(former.minor)),
        Step::Patch => format!("{}.{}.{}", former.major, former.minor, next(former.patch)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_grow_as_changes_demand() {
        let too_small = |taken, needed: &str| Labels::TooSmall { taken, needed: needed.to_owned() };
        for (before, after, demanded, expected) in [
            ("1.4.2", "2.0.0", Step::Major, Labels::Enough),
            ("1.4.2", "1.5.0", Step::Major, too_small(Some(Step::Minor), "2.0.0")),
            ("1.4.2", "1.4.3", Step::Minor, too_small(Some(Step::Patch), "1.5.0")),
            ("1.4.2", "1.5.0", Step::Minor, Labels::Enough),
            ("1.4.2", "3.0.0", Step::Patch, Labels::Enough),
            ("1.4.2", "1.4.3", Step::Patch, Labels::Enough),
            ("1.4.2", "1.4.2", Step::Patch, too_small(None, "1.4.3")),
            ("1.9.0", "1.10.0", Step::Minor, Labels::Enough),
            ("2.0.0", "1.9.9", Step::Patch, Labels::Backwards),
            // Before 1.0.0, the second number stands for the first.
            ("0.3.1", "0.4.0", Step::Major, Labels::Enough),
            ("0.3.1", "0.3.2", Step::Major, too_small(Some(Step::Patch), "0.4.0")),
            ("0.3.1", "0.3.2", Step::Minor, too_small(Some(Step::Patch), "0.4.0")),
            ("0.3.1", "1.0.0", Step::Major, Labels::Enough),
            // Candidates, and builds from development.
            ("1.4.2", "2.0.0-rc.1", Step::Major, Labels::Enough),
            ("1.4.2", "1.5.0-dev.0a1b2c", Step::Major, too_small(Some(Step::Minor), "2.0.0")),
            ("2.0.0-rc.1", "2.0.0-rc.2", Step::Major, Labels::Enough),
            ("2.1.0-rc.1", "2.1.0", Step::Major, too_small(Some(Step::Minor), "3.0.0")),
            ("2.0.0-rc.1", "2.0.0", Step::Patch, Labels::Enough),
            ("2.0.0", "2.0.0-rc.1", Step::Patch, Labels::Backwards),
            ("1.4.2", "1.4.2-dev.0a1b2c", Step::Major, Labels::Unreleased),
            ("1.4.2-dev.0a1b2c", "1.4.2", Step::Minor, Labels::Unreleased),
            ("latest", "1.0.0", Step::Patch, Labels::Unreadable("latest".to_owned())),
            ("1.0.0", "dev", Step::Patch, Labels::Unreadable("dev".to_owned())),
        ] {
            assert_eq!(check_labels(before, after, demanded), expected, "{before} {after} {demanded:?}");
        }
    }
}
