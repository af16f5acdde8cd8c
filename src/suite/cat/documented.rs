//! `docs/cat.md` says of each option of those tests what stands for it, and of each level that an option sets.

use super::layout::Category;
use super::{KEYS, levels, reads};
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../docs/cat.md");

/// The codes in the row of a table that begins with those words. `A-001 … A-003` are three.
fn codes(beginning: &str) -> BTreeSet<String> {
    let row = PAGE.lines().find(|line| line.starts_with(&format!("| {beginning}")));
    let row = row.unwrap_or_else(|| panic!("docs/cat.md has no row `{beginning}`"));
    let words: Vec<&str> = row.split([' ', '`', ',', ';', ':']).filter(|word| !word.is_empty()).collect();
    let mut codes = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let Some((family, number)) = code(word) else { continue };
        codes.insert((*word).to_owned());
        if let (Some(&"…"), Some((_, last))) = (words.get(at + 1), words.get(at + 2).and_then(|word| code(word))) {
            codes.extend((number..=last).map(|number| format!("{family}-{number:03}")));
        }
    }
    codes
}

/// The family and the number of a code.
fn code(word: &str) -> Option<(&str, u32)> {
    let (family, number) = word.split_once('-')?;
    let is_family = !family.is_empty() && family.bytes().all(|letter| letter.is_ascii_uppercase());
    Some((family, number.parse().ok().filter(|_| is_family)?))
}

#[test]
fn every_option_is_in_the_table() {
    let keys = KEYS.iter().copied().filter(|key| *key != "tests" && *key != "acceptance_tests");
    let options = Category::ALL.into_iter().flat_map(Category::options).chain(reads::EXPECTED).chain(keys);
    for option in options {
        assert!(PAGE.contains(&format!("`{option}`")), "docs/cat.md does not name `{option}`");
    }
}

#[test]
fn the_levels_that_an_option_sets_are_told() {
    let rows: [(&str, &[&str]); 9] = [
        ("`validate_schema`", &levels::SCHEMA),
        ("`fail_on_extra_columns`", &levels::EXTRA_COLUMNS),
        ("`validate_data_points`", &levels::DATA_POINTS),
        ("`validate_primary_keys_data_type`, of `basic_read`", &levels::PRIMARY_KEYS),
        ("`validate_state_messages`", &levels::STATE_MESSAGES),
        ("`validate_stream_statuses`", &levels::STATUSES),
        ("`expect_trace_message_on_failure`", &levels::TRACE_ON_FAILURE),
        ("`skip_comprehensive_incremental_tests`", &levels::RESUMING),
        ("`streams_without_primary_key`", &levels::NO_PRIMARY_KEY),
    ];
    for (option, set) in rows {
        let told = codes(option);
        assert!(set.iter().all(|rule| told.contains(*rule)), "docs/cat.md tells {told:?} of {option}, not {set:?}");
    }
    let bypasses = [("`allowed_hosts`", levels::ALLOWED_HOSTS), ("`suggested_streams`", levels::SUGGESTED_STREAMS)];
    for (option, rule) in bypasses {
        assert!(codes(option).contains(rule), "docs/cat.md does not tell {rule} of {option}");
    }
}

#[test]
fn what_fails_with_their_config_alone_is_marked() {
    let all = levels::FAILS.iter().chain(&levels::RECORDS);
    for rule in all.chain(&levels::ATTRIBUTES).chain(&levels::DOCUMENTATION) {
        let is_marked = PAGE.lines().any(|row| row.contains(rule) && row.contains("`must` with their config"));
        assert!(is_marked, "docs/cat.md does not say that {rule} is `must` with their config");
    }
}
