//! Where two JSON values differ.

use crate::protocol::schema::{canonical, escaped};
use crate::text;
use serde_json::Value;

/// How much of a value is shown, in bytes.
const SHOWN: usize = 120;

/// The first place at which two values differ.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// JSON pointer to the innermost value that differs and is in no array.
    pub pointer: String,
    /// What stands there in the one and in the other.
    pub values: [String; 2],
}

/// Where two values differ first, if they do. The order of members makes no difference.
pub(super) fn difference(one: &Value, other: &Value) -> Option<Difference> {
    if canonical(one) == canonical(other) {
        return None;
    }
    let (mut at, mut pointer) = ((Some(one), Some(other)), String::new());
    while let (Some(Value::Object(one)), Some(Value::Object(other))) = at {
        let same = |name: &str| one.get(name).map(canonical) == other.get(name).map(canonical);
        let Some(name) = one.keys().chain(other.keys()).find(|name| !same(name)) else { break };
        pointer = format!("{pointer}/{}", escaped(name));
        at = (one.get(name), other.get(name));
    }
    Some(Difference { pointer, values: [shown(at.0), shown(at.1)] })
}

/// The first places at which two values differ, so many at most.
pub(super) fn differences(one: &Value, other: &Value, most: usize) -> Vec<Difference> {
    let mut found = Vec::new();
    compare((Some(one), Some(other)), String::new(), most, &mut found);
    found
}

fn compare(at: (Option<&Value>, Option<&Value>), pointer: String, most: usize, found: &mut Vec<Difference>) {
    if found.len() >= most || at.0.map(canonical) == at.1.map(canonical) {
        return;
    }
    match at {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let surplus = other.keys().filter(|name| !one.contains_key(*name));
            for name in one.keys().chain(surplus) {
                compare((one.get(name), other.get(name)), format!("{pointer}/{}", escaped(name)), most, found);
            }
        }
        _ => found.push(Difference { pointer, values: [shown(at.0), shown(at.1)] }),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| text::visible(&text::json(value, SHOWN)))
}

/// A text that is the same for values that differ in nothing but the order of members and of items.
pub(super) fn unordered(value: &Value) -> String {
    canonical(&sorted(value))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_cached_key(canonical);
            Value::Array(items)
        }
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_innermost_place_is_told() {
        let one = json!({"a": 1, "b": {"c": [1, 2], "d/e": {"f": 1}}});
        let mut other = json!({"b": {"d/e": {"f": 1.0}, "c": [1, 2]}, "a": 1});
        assert_eq!(difference(&one, &other), None);
        other["b"]["d/e"]["f"] = json!(2);
        let expected = Difference { pointer: "/b/d~1e/f".to_owned(), values: ["1".to_owned(), "2".to_owned()] };
        assert_eq!(difference(&one, &other), Some(expected));
        other["b"]["d/e"] = json!({"f": 1, "g": "x"});
        let expected = Difference { pointer: "/b/d~1e/g".to_owned(), values: ["nothing", "\"x\""].map(str::to_owned) };
        assert_eq!(difference(&one, &other), Some(expected));
        assert_eq!(difference(&json!([1]), &json!([2])).map(|found| found.pointer), Some(String::new()));
    }

    #[test]
    fn the_order_of_items_can_be_left_out() {
        let (one, other) = (json!({"a": [{"b": [1, 2]}, 3]}), json!({"a": [3, {"b": [2, 1]}]}));
        assert!(difference(&one, &other).is_some());
        assert_eq!(unordered(&one), unordered(&other));
        assert_ne!(unordered(&one), unordered(&json!({"a": [3, {"b": [2, 2]}]})));
    }
}
