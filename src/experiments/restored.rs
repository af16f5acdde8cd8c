//! What a stored launch said, with what was cut out of it as a secret filled in again, as far as another launch shows what it may have been.

use crate::capture::REDACTED;
use serde_json::Value;

/// The stored value, each text that something was cut out of replaced by the one at the same place in the other, if it may have been that.
pub(super) fn restored(stored: &Value, live: &Value) -> Value {
    match (stored, live) {
        (Value::String(text), live) if text.contains(REDACTED) && may_be(text, live) => live.clone(),
        (Value::Object(members), Value::Object(others)) => {
            let restore = |(name, value): (&String, &Value)| {
                let mut unknown = others.keys().filter(|other| !members.contains_key(*other));
                let name = match name.contains(REDACTED) {
                    true => unknown.find(|other| matches(name, other)).unwrap_or(name),
                    false => name,
                };
                (name.clone(), others.get(name).map_or_else(|| value.clone(), |other| restored(value, other)))
            };
            Value::Object(members.iter().map(restore).collect())
        }
        (Value::Array(items), Value::Array(others)) => {
            let restore = |(at, item): (usize, &Value)| {
                let is_left = |other: &&Value| !items.contains(other) && may_be_item(item, other);
                let other = others.get(at).filter(is_left).or_else(|| others.iter().find(is_left));
                other.map_or_else(|| item.clone(), |other| restored(item, other))
            };
            Value::Array(items.iter().enumerate().map(restore).collect())
        }
        (stored, _) => stored.clone(),
    }
}

/// Whether something was cut out of a value.
pub(super) fn is_cut(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(REDACTED),
        Value::Array(items) => items.iter().any(is_cut),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains(REDACTED) || is_cut(value)),
        _ => false,
    }
}

/// Whether an item of a list may be the other: a text by what is left of it, an object by its name, if it has one.
fn may_be_item(item: &Value, other: &Value) -> bool {
    match item {
        Value::String(text) => text.contains(REDACTED) && may_be(text, other),
        Value::Object(members) => other.is_object() && members.get("name") == other.get("name") && is_cut(item),
        item => is_cut(item) && other.is_array() == item.is_array(),
    }
}

fn may_be(text: &str, live: &Value) -> bool {
    match live {
        Value::String(live) => matches(text, live),
        live => text == REDACTED && !live.is_object() && !live.is_array(),
    }
}

/// Whether a text is another one with something cut out.
fn matches(cut: &str, whole: &str) -> bool {
    let mut parts = cut.split(REDACTED);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = whole.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_cut_out_is_filled_in_where_it_fits_and_all_else_stays() {
        let stored = json!({
            "user": {"default": "***", "title": "User"}, "limit": {"default": "***"},
            "modes": {"enum": ["b", "***", "c"]}, "url": {"examples": ["https://***.test/", "x"]},
        });
        let live = json!({
            "user": {"default": "admin", "title": "The user"}, "limit": {"default": 5},
            "modes": {"enum": ["admin", "b", "d"]}, "url": {"examples": ["https://admin.test/", "y"]},
        });
        let expected = json!({
            "user": {"default": "admin", "title": "User"}, "limit": {"default": 5},
            "modes": {"enum": ["b", "admin", "c"]}, "url": {"examples": ["https://admin.test/", "x"]},
        });
        assert_eq!(restored(&stored, &live), expected);
        assert!(is_cut(&stored) && !is_cut(&expected));
    }

    #[test]
    fn what_does_not_fit_stays_cut() {
        let stored = json!({"a": "pre***post", "b***": 1, "c": "***"});
        let live = json!({"a": "pre-other", "bee": 2, "c": {}});
        assert_eq!(restored(&stored, &live), json!({"a": "pre***post", "bee": 1, "c": "***"}));
        assert!(matches("***", "") && matches("a***b***c", "a1b2c") && !matches("a***b***c", "a1c2b"));
    }
}
