//! Which finding is read first.

use super::FindingResult;
use crate::rules::Level;
use std::cmp::Reverse;

/// Families of rules by what a violation costs: first what loses data or gives secrets away, then what breaks records and
/// states, what users see, and the form of lines. What is not listed comes last.
const FAMILIES: [&str; 16] = [
    "EXP", "SEC", "STATE", "READ", "TYPE", "STATUS", "COMPAT", "SCHEMA", "DISC", "CHECK", "SPEC", "TRACE", "CTRL",
    "LINE", "CLI", "META",
];

/// What findings are sorted by: those that the suite does not waive first, then by level, then by what they cost.
pub fn gravity(finding: &FindingResult) -> (bool, Reverse<Level>, usize) {
    let family = finding.rule.split('-').next().unwrap_or_default();
    let place = FAMILIES.iter().position(|known| *known == family).unwrap_or(FAMILIES.len());
    (finding.waived.is_some(), Reverse(finding.level), place)
}
