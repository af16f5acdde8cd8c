//! Verdicts in numbers: by level, by family, by rule.

use crate::rules::Level;
use crate::verdict::{Results, Status, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many verdicts of each status.
pub(super) type Counts = BTreeMap<Status, u64>;

/// What a family of rules comes to.
#[derive(Debug, Default, Serialize)]
pub(super) struct Family {
    /// The heaviest of its verdicts.
    verdict: Option<Status>,
    counts: Counts,
}

/// What a rule comes to.
#[derive(Debug, Default, Serialize)]
pub(super) struct Rule {
    /// The heaviest level that it was judged at.
    level: Option<Level>,
    counts: Counts,
}

pub(super) fn by_level(results: &Results) -> BTreeMap<Level, Counts> {
    let mut levels: BTreeMap<Level, Counts> = BTreeMap::new();
    for verdict in &results.verdicts {
        *levels.entry(verdict.level).or_default().entry(verdict.status).or_default() += 1;
    }
    levels
}

pub(super) fn by_family(results: &Results) -> BTreeMap<&str, Family> {
    let mut families: BTreeMap<&str, Family> = BTreeMap::new();
    for verdict in &results.verdicts {
        let family = families.entry(verdict.rule.split('-').next().unwrap_or_default()).or_default();
        family.verdict = family.verdict.max(Some(verdict.status));
        *family.counts.entry(verdict.status).or_default() += 1;
    }
    families
}

pub(super) fn by_rule(results: &Results) -> BTreeMap<&str, Rule> {
    let mut rules: BTreeMap<&str, Rule> = BTreeMap::new();
    for Verdict { rule, level, status, .. } in &results.verdicts {
        let rule = rules.entry(rule).or_default();
        rule.level = rule.level.max(Some(*level));
        *rule.counts.entry(*status).or_default() += 1;
    }
    rules
}
