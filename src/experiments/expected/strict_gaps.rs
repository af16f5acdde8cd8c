//! SUITE-001.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::rules::Level;

/// How many gaps are told.
const TOLD: usize = 100;

experiment! {
    /// A strict suite leaves something out without a reason.
    ///
    /// # What it checks
    /// Where a suite says `strict: true`: some scenario checks, discovers, reads, and so on, or a reason says why none does; each
    /// stream that is empty or not read has a reason, and so has each field that is not compared; records are written down, and a state
    /// of the future, or a reason says why not; no scenario reads a catalog of its own, and records are judged by their schemas.
    ///
    /// # Why it matters
    /// A suite that leaves out what fails is green. Strict means that whoever reads it knows what is not tested, and why.
    ///
    /// # Example
    /// ```yaml
    /// bad:  streams: { empty: [refunds] }
    /// good: streams: { empty: [{ name: refunds, reason: "the sandbox has none" }] }
    /// ```
    ///
    /// # How to mend it
    /// Add what is missing, or a `reason` where it stands.
    ///
    /// # What Airbyte's tests see
    /// With `test_strictness_level: high` the acceptance tests end at the first such gap and test nothing; here all are told, and the
    /// rest is tested.
    run {
        code: "SUITE-001",
        name: "strict-suite-leaves-something-out",
        level: Must,
        commands: [Spec],
        authority: SuiteAuthor,
        source: "the suite: `strict`; Airbyte connector acceptance tests: test_strictness_level",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let gaps = lab.gaps.ok_or_else(|| "the suite is not strict".to_owned())?;
    let spec = lab.spec()?;
    let mut conclusion = Conclusion::of(STATEMENT, spec);
    conclusion.judged(None);
    for gap in gaps.iter().take(TOLD) {
        let fault = Fault {
            cause: "gap",
            level: Level::Must,
            title: "a strict suite leaves something out without a reason".to_owned(),
            message: gap.clone(),
            evidence: vec![evidence(&spec.id, None, "it is tested, or a reason says why not", "neither")],
            case: None,
        };
        conclusion.found_alone(None, gap, fault);
    }
    Ok(conclusion)
}
