//! Pairs of specifications and of catalogs, with every change that is told of them.

mod configs;
mod streams;

use super::*;
use serde_json::Value;

/// What is told: `class rule pointer`, below the schema.
fn told(changes: &[Change], below: &str) -> Vec<String> {
    let place = |change: &Change| change.pointer.strip_prefix(below).unwrap_or(&change.pointer).to_owned();
    changes
        .iter()
        .map(|change| format!("{} {} {}", change.class().as_str(), change.rule.word, place(change)).trim().to_owned())
        .collect()
}

fn with(base: &Value, more: Value) -> Value {
    let mut whole = base.clone();
    whole.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    whole
}

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn every_rule_has_a_word_of_its_own_and_cats_checks_are_covered() {
    let words: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.word).collect();
    assert_eq!(words.len(), RULES.len());
    let covered: std::collections::BTreeSet<&str> = RULES.iter().flat_map(|rule| rule.cat).copied().collect();
    for check in (1..=11).map(|n| format!("BS{n}")).chain((1..=7).map(|n| format!("BD{n}"))) {
        assert!(covered.contains(check.as_str()), "{check}");
    }
    for rule in RULES {
        assert_eq!(rule.class == Class::Breaking, rule.step == Step::Major, "{}", rule.word);
    }
    assert_eq!(Step::demanded_by(&[]), None);
}
