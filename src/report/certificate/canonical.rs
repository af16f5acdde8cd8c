//! JSON in the canonical form of RFC 8785: members sorted, no white space. Numbers are integers here.

use serde_json::Value;

/// The value's canonical bytes.
pub(super) fn bytes(value: &Value) -> Vec<u8> {
    sorted(value).to_string().into_bytes()
}

/// The same with members in the order of their names' UTF-16 units.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            Value::Object(members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;
    use serde_json::json;

    #[test]
    fn members_are_sorted_at_every_depth_as_the_rfc_sorts_them() {
        // U+FB33 comes before U+1F600 by code point, and after its surrogates.
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2, "b": {"z": "\u{1}\n\u{e9}", "a": [true, null]}});
        let text = String::from_utf8(bytes(&value)).expect("UTF-8");
        assert_eq!(text, "{\"b\":{\"a\":[true,null],\"z\":\"\\u0001\\n\u{e9}\"},\"\u{1f600}\":2,\"\u{fb33}\":1}");
    }
}
