//! COMPAT-009.

use crate::compat::{Change, Labels, Step, check_labels};
use crate::experiments::control::{Control, Shown, differs};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use crate::text;

experiment! {
    /// The version number grew by less than the changes demand.
    ///
    /// # What it checks
    /// `airproof compare` adds up what the specification and the catalog of the two versions demand: a major version for what breaks, a minor one
    /// for what is new, a patch for the rest, and holds that against the labels `io.airbyte.version` of the images, or `metadata.yaml`. Too
    /// small a step is a SHOULD; for what breaks, the change itself is a MUST already. Without two labels nothing is judged.
    ///
    /// # Why it matters
    /// The platform upgrades everybody to a new minor version by itself. A major version waits until its users have read what it breaks.
    ///
    /// # Example
    /// ```text
    /// bad:  a field of the catalog is gone, 1.4.0 becomes 1.5.0
    /// good: a field of the catalog is gone, 1.4.0 becomes 2.0.0
    /// ```
    ///
    /// # How to mend it
    /// Raise `dockerImageTag` in `metadata.yaml`, and write `releases.breakingChanges` for a major version.
    ///
    /// # What Airbyte's tests see
    /// Their checks in CI ask for a larger number in each change, of whatever kind.
    run {
        code: "COMPAT-009",
        name: "version-step-too-small",
        level: Should,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "Airbyte: semantic versioning for connectors (pull request handbook)",
        depth: Quick,
        launches: [
            Launches::one("spec.control", "the specification of the other version").of_control(),
            Launches::one("discover.control", "the streams of the other version").of_control(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let (control, target) = (both.spec()?, lab.discover()?);
    let mut changes: Vec<Change> = both.changes_of_spec()?;
    changes.extend(both.changes_of_catalog()?);
    let [before, after] = [control.subject.version(), lab.version.as_deref()];
    let (Some(before), Some(after)) = (before, after) else {
        return Err(Halt::Cannot(
            "the versions are not known: an image says it by its label io.airbyte.version".to_owned(),
        ));
    };
    let mut conclusion = Conclusion::of(STATEMENT, target);
    let Some(demanded) = Step::demanded_by(&changes) else {
        conclusion.judged(None);
        return Ok(conclusion);
    };
    match check_labels(before, after, demanded) {
        Labels::Enough => conclusion.judged(None),
        Labels::Unreleased => conclusion.inconclusive(None, format!("inconclusive: {before} or {after} is no release")),
        Labels::Unreadable(label) => {
            let label = text::shorten(&text::visible(&label), 60);
            conclusion.inconclusive(None, format!("inconclusive: `{label}` is no semantic version"));
        }
        Labels::Backwards => conclusion.inconclusive(None, format!("inconclusive: {after} comes before {before}")),
        Labels::TooSmall { taken, needed } => {
            let step =
                taken.map_or("is the same version".to_owned(), |taken| format!("is a {} version", taken.as_str()));
            let why = format!("{after} {step} after {before}, and what changed demands {needed} at least");
            let shown = Shown {
                launch: target,
                expected: format!("a {} version after {before}", demanded.as_str()),
                actual: after.to_owned(),
            };
            let fault = differs("version-step", Level::Should, "the version number grew by too little", why, shown);
            conclusion.found(None, fault);
        }
    }
    Ok(conclusion)
}
