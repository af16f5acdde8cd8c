//! What tells a record apart from others of its stream, and which comes first.

use crate::protocol::{ConfiguredStream, members, pick};
use serde_json::Value;
use std::cmp::Ordering;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The parts of a record's key, as written. None where it lacks one, or where the stream has no key.
pub(super) fn key_of<'d>(data: &'d str, entry: &ConfiguredStream) -> Option<Vec<&'d str>> {
    if entry.primary_key.is_empty() {
        return None;
    }
    entry.primary_key.iter().map(|path| pick(data, path).filter(|part| *part != "null")).collect()
}

/// A key in text, with all its parts: `id=7,region="eu"`.
pub(super) fn key_text(entry: &ConfiguredStream, parts: &[&str]) -> String {
    const LONGEST: usize = 200;
    let named = entry.primary_key.iter().zip(parts).map(|(path, part)| {
        // As JSON is written at least.
        let part = serde_json::from_str::<Value>(part).map_or_else(|_| (*part).to_owned(), |part| part.to_string());
        format!("{}={part}", path.join("."))
    });
    let text = named.collect::<Vec<_>>().join(",");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…{:016x}", &text[..end], xxh3_64(text.as_bytes())),
        None => text,
    }
}

/// The hash of a key, the same for the same seed.
pub(super) fn hash_of_key(parts: &[&str], seed: u64) -> u64 {
    parts.iter().fold(seed, |hash, part| xxh3_64_with_seed(part.as_bytes(), hash))
}

/// The hash of all that a record says, as it is written. The order of its members makes no difference.
pub(super) fn hash_of_content(data: &str) -> u64 {
    let field = |(name, value): (std::borrow::Cow<'_, str>, &str)| {
        xxh3_64_with_seed(value.as_bytes(), xxh3_64(name.as_bytes()))
    };
    members(data).map_or_else(
        || xxh3_64(data.as_bytes()),
        |members| members.fold(1, |sum: u64, member| sum.wrapping_add(field(member))),
    )
}

/// Which of two keys comes first: part by part, numbers before texts, numbers by what they are.
pub(super) fn order(one: &[&str], other: &[String]) -> Ordering {
    let parts = one.iter().zip(other).map(|(one, other)| order_of_parts(one, other));
    parts.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| one.len().cmp(&other.len()))
}

fn order_of_parts(one: &str, other: &str) -> Ordering {
    if one == other {
        return Ordering::Equal;
    }
    let number = |part: &str| part.parse::<f64>().ok();
    match (number(one), number(other)) {
        (Some(a), Some(b)) => a.total_cmp(&b).then_with(|| (one.len(), one).cmp(&(other.len(), other))),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ConfiguredCatalog;
    use serde_json::json;

    #[test]
    fn all_parts_of_a_key_tell_a_record_apart() {
        let stream = json!({"stream": {"name": "a"}, "primary_key": [["id"], ["at", "region"]]});
        let catalog = ConfiguredCatalog::from_value(&json!({ "streams": [stream] })).expect("a catalog");
        let entry = &catalog.streams[0];
        let parts = key_of(r#"{"at": {"region": "eu"}, "id": 7}"#, entry).expect("a key");
        assert_eq!(key_text(entry, &parts), r#"id=7,at.region="eu""#);
        assert_eq!(key_of(r#"{"id": 7, "at": {}}"#, entry), None);
        assert_ne!(hash_of_key(&parts, 1), hash_of_key(&["7", "\"us\""], 1));
        assert_ne!(hash_of_key(&parts, 1), hash_of_key(&parts, 2));
        assert!(key_text(entry, &["1", &format!("\"{}\"", "x".repeat(5_000))]).len() < 300);
    }

    #[test]
    fn keys_have_an_order() {
        let is = |one: &str, other: &str| order(&[one], &[other.to_owned()]);
        assert_eq!(is("9", "10"), Ordering::Less);
        assert_eq!(is("\"b\"", "\"a\""), Ordering::Greater);
        assert_eq!(is("10", "\"1\""), Ordering::Less);
        assert_eq!(is("9007199254740993", "9007199254740992"), Ordering::Greater);
    }
}
