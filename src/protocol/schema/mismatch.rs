//! Whether a value that a schema holds for users (a default, an example) is one that the schema takes: by type and list of
//! values, level by level.

use super::canonical;
use serde_json::Value;

/// How much of one specification is compared, in steps. Schemas are hostile.
pub const STEPS: usize = 1_000_000;

/// A value, or part of one, that its own schema does not take.
#[derive(Debug, PartialEq)]
pub struct Mismatch<'s> {
    /// The keyword that it breaks: `type` or `enum`.
    pub keyword: &'static str,
    /// The keyword's value.
    pub wanted: &'s Value,
    /// The part that breaks it.
    pub found: &'s Value,
}

/// The first part of `value` that its `schema` does not take by `type`, `enum`, `items` and `properties`. Null is no value,
/// a schema with `$ref` is not looked at, and `const`, `oneOf` and all constraints are for others to judge. None, too, once
/// `steps` are used up.
pub fn mismatch<'s>(schema: &'s Value, value: &'s Value, steps: &mut usize) -> Option<Mismatch<'s>> {
    *steps = steps.checked_sub(1)?;
    if value.is_null() || ["$ref", "const"].iter().any(|keyword| schema.get(keyword).is_some()) {
        return None;
    }
    if let Some(wanted) = schema.get("type")
        && !admits(wanted, value)
    {
        return Some(Mismatch { keyword: "type", wanted, found: value });
    }
    if let Some(wanted) = schema.get("enum")
        && let Some(values) = wanted.as_array()
    {
        *steps = steps.checked_sub(values.len())?;
        let written = canonical(value);
        if !values.iter().any(|known| canonical(known) == written) {
            return Some(Mismatch { keyword: "enum", wanted, found: value });
        }
    }
    match value {
        Value::Array(items) => {
            let schema = schema.get("items").filter(|schema| schema.is_object())?;
            items.iter().find_map(|item| mismatch(schema, item, steps))
        }
        Value::Object(members) => {
            let declared = schema.get("properties")?;
            members.iter().find_map(|(name, member)| mismatch(declared.get(name)?, member, steps))
        }
        _ => None,
    }
}

/// Whether a `type` admits a value. A word that is no type admits everything.
fn admits(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::Array(words) => words.is_empty() || words.iter().any(|word| admits(word, value)),
        Value::String(word) => match word.as_str() {
            "array" => value.is_array(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
            "null" => value.is_null(),
            "number" => value.is_number(),
            "object" => value.is_object(),
            "string" => value.is_string(),
            _ => true,
        },
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn broken(schema: Value, value: Value) -> Option<&'static str> {
        mismatch(&schema, &value, &mut { STEPS }).map(|mismatch| mismatch.keyword)
    }

    #[test]
    fn values_are_compared_by_type_and_list() {
        assert_eq!(broken(json!({"type": "integer"}), json!("1")), Some("type"));
        assert_eq!(broken(json!({"type": ["string", "null"]}), json!(1)), Some("type"));
        assert_eq!(broken(json!({"enum": ["a"]}), json!("b")), Some("enum"));
        assert_eq!(broken(json!({"items": {"type": "string"}}), json!(["a", 1])), Some("type"));
        assert_eq!(broken(json!({"properties": {"a": {"enum": [1]}}}), json!({"a": 2})), Some("enum"));
    }

    #[test]
    fn what_fits_or_is_in_doubt_passes() {
        let fine = [
            (json!({"type": "integer"}), json!(1.0)),
            (json!({"type": "strnig"}), json!(1)),
            (json!({"type": "string"}), json!(null)),
            (json!({"type": "string", "const": "a"}), json!(1)),
            (json!({"$ref": "#/definitions/a", "type": "string"}), json!(1)),
            (json!({"enum": [100]}), json!(100.0)),
            (json!({"type": "integer", "maximum": 5}), json!(6)),
            (json!({"properties": {"a": {}}}), json!({"b": 2})),
            (json!(true), json!(1)),
        ];
        for (schema, value) in fine {
            assert_eq!(broken(schema.clone(), value), None, "{schema}");
        }
    }

    #[test]
    fn what_is_too_long_to_compare_ends() {
        let values = json!([1, 2, 3]);
        assert_eq!(mismatch(&json!({"items": {"enum": ["a", "b"]}}), &values, &mut { 3 }), None);
    }
}
