//! What changed besides fields that differ from read to read: those are asked about as masks, not as changes.

use super::Subject;
use super::difference::{Change, changes};
use super::normalise::Normaliser;
use super::portrait::renewed;
use serde_json::Value;
use std::collections::BTreeSet;

/// The changes that are left once what is volatile is made alike. None where that can't be told: another sample of records
/// that no key tells apart.
pub(super) fn stable_changes(
    subject: &Subject,
    before: &Value,
    after: &Value,
    volatile: &Normaliser,
) -> Option<Vec<Change>> {
    let all = changes(before, after);
    if all.is_empty() {
        return Some(all);
    }
    let alike = |content: &Value| renewed(subject, content.clone(), volatile);
    let left = changes(&alike(before)?, &alike(after)?);
    let left: BTreeSet<&str> = left.iter().map(|change| change.pointer.as_str()).collect();
    Some(all.into_iter().filter(|change| touches(&left, &change.pointer)).collect())
}

/// Whether one of the places is this one, around it or in it.
fn touches(places: &BTreeSet<&str>, pointer: &str) -> bool {
    let mut around = pointer.match_indices('/').map(|(end, _)| &pointer[..end]).chain([pointer]);
    let within = format!("{pointer}/");
    let has_within = places.range(within.as_str()..).next().is_some_and(|place| place.starts_with(&within));
    has_within || around.any(|place| places.contains(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Descriptor;
    use crate::suite::{FieldPath, NormaliseRule, Normalising};
    use serde_json::json;

    fn volatile(path: &str, action: Normalising) -> Normaliser {
        let path = FieldPath::parse(path).expect("a path");
        Normaliser::default().and([NormaliseRule { stream: None, path, action, reason: None }])
    }

    fn told(before: &Value, after: &Value, volatile: &Normaliser) -> Option<Vec<String>> {
        let subject = Subject::Records(Descriptor::named("orders"));
        let changes = stable_changes(&subject, before, after, volatile)?;
        Some(changes.into_iter().map(|change| change.pointer).collect())
    }

    #[test]
    fn what_is_volatile_is_no_change_and_the_rest_is() {
        let records = |seen: u64, name: &str| json!({"records": {"id=1": {"seen": seen, "name": name}}});
        let seen = volatile("/seen", Normalising::Replace);
        assert_eq!(told(&records(1, "a"), &records(2, "a"), &seen), Some(vec![]));
        assert_eq!(told(&records(1, "a"), &records(2, "b"), &seen), Some(vec!["/records/id=1/name".to_owned()]));
        let new = json!({"records": {"id=1": {"seen": 2, "name": "a"}, "id=2": {"seen": 2}}});
        assert_eq!(told(&records(1, "a"), &new, &seen), Some(vec!["/records/id=2".to_owned()]));
    }

    #[test]
    fn of_a_list_in_another_order_what_is_in_it_counts() {
        let records = |tags: Value| json!({"records": {"id=1": {"tags": tags}}});
        let sorted = volatile("/tags", Normalising::Sort);
        let one = records(json!([{"a": 1}, {"a": 2}]));
        assert_eq!(told(&one, &records(json!([{"a": 2}, {"a": 1}])), &sorted), Some(vec![]));
        let other = records(json!([{"a": 3}, {"a": 1}]));
        assert!(told(&one, &other, &sorted).is_some_and(|told| !told.is_empty()));
    }

    #[test]
    fn another_sample_without_a_key_says_nothing() {
        let records = |seen: u64| json!({"records": {format!("hash:{seen:016x}"): {"seen": seen}}});
        assert_eq!(told(&records(1), &records(2), &volatile("/seen", Normalising::Replace)), None);
    }
}
