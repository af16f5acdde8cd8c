//! COMPAT-001.

use crate::experiments::compat_findings::{may_break, report};
use crate::experiments::control::Control;
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};

experiment! {
    /// The specification of the two versions differs.
    ///
    /// # What it checks
    /// `airproof compare` holds the `spec` of both versions against each other, keyword by keyword, and whether every config that
    /// was valid still is. What refuses one is breaking, a MUST, or a SHOULD where the label of the target begins a new major version; what
    /// makes a config mean something else is behavioural, a SHOULD; texts and order are cosmetic, INFO. Each finding names the part of
    /// the version number that has to grow.
    ///
    /// # Why it matters
    /// The platform keeps the configs that users have filled in, and gives them to the new version as they are.
    ///
    /// # Example
    /// What the target requires, besides `api_key`:
    /// ```json
    /// bad:  {"required":["api_key","region"],"properties":{"region":{"type":"string"}}}
    /// good: {"required":["api_key"],"properties":{"region":{"type":"string","default":"eu"}}}
    /// ```
    ///
    /// # How to mend it
    /// Let new fields be optional and keep old names beside new ones, or give the version the number that the change demands.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests stop at the first difference, know no classes, and try random configs besides.
    run {
        code: "COMPAT-001",
        name: "specification-changed",
        level: Must,
        commands: [Spec],
        authority: PlatformBehaviour,
        source: "platform: configs outlive versions; Airbyte: semantic versioning for connectors",
        depth: Quick,
        launches: [Launches::one("spec.control", "the specification of the other version").of_control()],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let target = lab.spec()?;
    let both = Control::of(lab)?;
    let (control, changes) = (both.spec()?, both.changes_of_spec()?);
    let mut conclusion = Conclusion::of(STATEMENT, target);
    report(&mut conclusion, (control, target), &changes, may_break(lab, control));
    Ok(conclusion)
}
