//! Picking single values out of raw JSON, without building a tree of the rest.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The value at `path`, as written. None where there is none.
pub fn pick<'j>(json: &'j str, path: &[String]) -> Option<&'j str> {
    let (name, rest) = path.split_first()?;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let found = Member { name }.deserialize(&mut deserializer).ok()??.get();
    if rest.is_empty() { Some(found) } else { pick(found, rest) }
}

struct Member<'n> {
    name: &'n str,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<std::borrow::Cow<'_, str>>()? {
            if name == self.name {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_as_written() {
        let json = r#"{"a": {"b": 1.50, "c": "x"}, "n": 12345678901234567890123}"#;
        let path = |parts: &[&str]| parts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(pick(json, &path(&["a", "b"])), Some("1.50"));
        assert_eq!(pick(json, &path(&["n"])), Some("12345678901234567890123"));
        assert_eq!(pick(json, &path(&["a", "x"])), None);
        assert_eq!(pick(json, &path(&["n", "x"])), None);
    }
}
