//! How two contents differ, by structure, in time linear in their size; and how a difference is laid on a content.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// One place at which two contents differ: the topmost, so that no two changes of a content lie in each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// JSON pointer of the place.
    pub pointer: String,
    /// What was there, if anything.
    pub before: Option<Value>,
    /// What is there now, if anything.
    pub after: Option<Value>,
    /// What kind of change it is.
    pub what: What,
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// It was not there before.
    Added,
    /// It is no longer there.
    Removed,
    /// Its type is another one.
    Retyped,
    /// It has another value.
    Value,
}

/// All changes from one content to the other, in the order of the former.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(before, after, &mut String::new(), &mut found);
    found
}

fn compare(before: &Value, after: &Value, at: &mut String, found: &mut Vec<Change>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => compare_members(old, new, at, found),
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() && !(is_flat(old) && is_flat(new)) => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                below(at, &index.to_string(), |at| compare(old, new, at, found));
            }
        }
        (old, new) if is_equal(old, new, at) => {}
        (old, new) => {
            let what = if is_retyped(old, new, at) { What::Retyped } else { What::Value };
            found.push(Change { pointer: at.clone(), before: Some(old.clone()), after: Some(new.clone()), what });
        }
    }
}

fn compare_members(old: &Map<String, Value>, new: &Map<String, Value>, at: &mut String, found: &mut Vec<Change>) {
    for (key, value) in old {
        below(at, key, |at| match new.get(key) {
            Some(other) => compare(value, other, at, found),
            None => found.push(Change {
                pointer: at.clone(),
                before: Some(value.clone()),
                after: None,
                what: What::Removed,
            }),
        });
    }
    for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        below(at, key, |at| {
            found.push(Change { pointer: at.clone(), before: None, after: Some(value.clone()), what: What::Added });
        });
    }
}

fn below(at: &mut String, key: &str, act: impl FnOnce(&mut String)) {
    let length = at.len();
    at.push('/');
    at.push_str(&key.replace('~', "~0").replace('/', "~1"));
    act(at);
    at.truncate(length);
}

/// Whether a list has nothing but single values: such a list changes as a whole.
fn is_flat(items: &[Value]) -> bool {
    items.iter().all(|item| !item.is_object() && !item.is_array())
}

/// The words that JSON Schema and this program have for types.
const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

/// The types that a value names: `"string"` or `["null", "string"]`. None where it names none.
pub(super) fn named_types(value: &Value) -> Option<BTreeSet<&str>> {
    let known = |item: &'_ Value| item.as_str().is_some_and(|word| TYPES.contains(&word));
    match value {
        Value::String(word) if known(value) => Some(BTreeSet::from([word.as_str()])),
        Value::Array(items) if !items.is_empty() && items.iter().all(known) => {
            Some(items.iter().filter_map(Value::as_str).collect())
        }
        _ => None,
    }
}

/// The type of a value itself.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a place is where a type stands.
pub(super) fn is_of_types(pointer: &str) -> bool {
    pointer.ends_with("/type") || pointer.ends_with("/types")
}

fn is_equal(old: &Value, new: &Value, at: &str) -> bool {
    // Types are a set: their order says nothing.
    old == new || (is_of_types(at) && named_types(old).is_some_and(|types| named_types(new) == Some(types)))
}

fn is_retyped(old: &Value, new: &Value, at: &str) -> bool {
    if is_of_types(at) && named_types(old).is_some() && named_types(new).is_some() {
        return true;
    }
    let kind = |value: &Value| if value.is_number() { "number" } else { type_of(value) };
    kind(old) != kind(new) && !old.is_null() && !new.is_null()
}

/// Which of both sides of a change is laid on a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

impl Change {
    fn side(&self, side: Side) -> Option<&Value> {
        match side {
            Side::Before => self.before.as_ref(),
            Side::After => self.after.as_ref(),
        }
    }

    /// Whether the content is as this side of the change says.
    pub(super) fn is_at(&self, side: Side, content: &Value) -> bool {
        content.pointer(&self.pointer) == self.side(side)
    }

    /// Whether this side of the change is that nothing is there.
    pub(super) fn is_nothing(&self, side: Side) -> bool {
        self.side(side).is_none()
    }

    /// Makes the content as this side of the change says. False where the place is not there to be changed.
    #[must_use]
    pub(super) fn lay(&self, side: Side, content: &mut Value) -> bool {
        let value = self.side(side).cloned();
        let Some((parent, key)) = self.pointer.rsplit_once('/') else {
            // The whole content.
            return value.map(|value| *content = value).is_some();
        };
        let key = key.replace("~1", "/").replace("~0", "~");
        match (content.pointer_mut(parent), value) {
            (Some(Value::Object(members)), Some(value)) => {
                members.insert(key, value);
                true
            }
            (Some(Value::Object(members)), None) => members.shift_remove(&key).is_some(),
            (Some(Value::Array(items)), Some(value)) => {
                let slot = key.parse::<usize>().ok().and_then(|index| items.get_mut(index));
                slot.map(|slot| *slot = value).is_some()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(before: Value, after: Value) -> Vec<(String, What)> {
        let found = changes(&before, &after);
        let (mut forth, mut back) = (before.clone(), after.clone());
        for change in &found {
            assert!(change.is_at(Side::Before, &before) && change.is_at(Side::After, &after));
            assert!(change.lay(Side::After, &mut forth) && change.lay(Side::Before, &mut back));
        }
        assert!(changes(&forth, &after).is_empty() && changes(&back, &before).is_empty(), "{found:?}");
        found.into_iter().map(|change| (change.pointer, change.what)).collect()
    }

    #[test]
    fn members_are_compared_by_name_and_lists_by_place() {
        let before = json!({"a": 1, "b/c": {"d": "x", "gone": 1}, "rows": [{"x": 1}, {"x": 2}]});
        let after = json!({"rows": [{"x": 1}, {"x": 3}], "b/c": {"d": 1, "~new": null}, "a": 1});
        let expected = [
            ("/b~1c/d".to_owned(), What::Retyped),
            ("/b~1c/gone".to_owned(), What::Removed),
            ("/b~1c/~0new".to_owned(), What::Added),
            ("/rows/1/x".to_owned(), What::Value),
        ];
        assert_eq!(told(before, after), expected);
    }

    #[test]
    fn a_list_of_another_length_or_of_single_values_is_one_change() {
        let modes = || [("/modes".to_owned(), What::Value)];
        assert_eq!(told(json!({"modes": ["a", "b"]}), json!({"modes": ["a", "c"]})), modes());
        assert_eq!(told(json!({"modes": [{}]}), json!({"modes": [{}, {}]})), modes());
    }

    #[test]
    fn types_are_a_set() {
        assert_eq!(told(json!({"type": ["null", "string"]}), json!({"type": ["string", "null"]})), []);
        let retyped = ("/type".to_owned(), What::Retyped);
        assert_eq!(told(json!({"type": ["null", "string"]}), json!({"type": "string"})), [retyped]);
        // A value that is null now and then is no change of type, nor is 1 beside 1.5.
        let value = |pointer: &str| (pointer.to_owned(), What::Value);
        assert_eq!(told(json!({"x": null, "y": 1}), json!({"x": "a", "y": 1.5})), [value("/x"), value("/y")]);
    }

    #[test]
    fn a_content_of_another_kind_is_one_change() {
        assert_eq!(told(json!({"a": 1}), json!([1])), [(String::new(), What::Retyped)]);
    }
}
