//! Which finding is read first.

use super::FindingResult;
use crate::rules::Level;
use std::cmp::Reverse;

/// What findings are about, by what a violation costs: first what loses data, then what gives secrets away, then what breaks records
/// and states, what users see, and the form of lines. What is not listed comes last.
const SUBJECTS: [&str; 17] = [
    LOSS, SECRETS, "EXP", "STATE", "READ", "TYPE", "STATUS", "COMPAT", "SCHEMA", "DISC", "CHECK", "SPEC", "TRACE",
    "CTRL", "LINE", "CLI", "META",
];

const LOSS: &str = "loss";
const SECRETS: &str = "SEC";

/// What findings are sorted by: those that the suite does not waive first, then by level, then by what they cost.
pub fn gravity(finding: &FindingResult) -> (bool, Reverse<Level>, usize) {
    (finding.waived.is_some(), Reverse(finding.level), place(&finding.rule))
}

fn place(rule: &str) -> usize {
    let subject = match rule {
        // Experiments in which records come again, states grow or a read fails aloud: nothing is lost for good.
        "EXP-01" | "EXP-14" | "EXP-23" | "EXP-30" => "EXP",
        "STATE-029" => SECRETS,
        _ => match rule.split('-').next().unwrap_or_default() {
            "EXP" => LOSS,
            family => family,
        },
    };
    SUBJECTS.iter().position(|known| *known == subject).unwrap_or(SUBJECTS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loses_data_is_read_first_and_secrets_before_what_counts_wrongly() {
        let mut rules = ["READ-012", "STATE-029", "META-001", "STATE-010", "EXP-30", "SEC-001", "OWN-1", "EXP-02"];
        rules.sort_by_key(|rule| place(rule));
        assert_eq!(rules[..4], ["EXP-02", "STATE-029", "SEC-001", "EXP-30"]);
        assert_eq!(rules[4..], ["STATE-010", "READ-012", "META-001", "OWN-1"]);
    }
}
