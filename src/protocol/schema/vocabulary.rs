//! The words of a stream's schema that Airbyte gives a meaning to, and which of them go together. Pure data.

use serde_json::Value;

/// The types of JSON Schema.
pub const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The values of `format` that Airbyte's type system knows. Any other is a remark.
pub const TEMPORAL_FORMATS: [&str; 3] = ["date", "time", "date-time"];

/// A value of `airbyte_type`, and what it is to stand beside.
#[derive(Debug, PartialEq, Eq)]
pub struct AirbyteType {
    /// The word.
    pub word: &'static str,
    /// The types that it makes more precise.
    pub types: &'static [&'static str],
    /// The `format` that it needs; none where it needs none.
    pub format: Option<&'static str>,
}

/// The values of `airbyte_type` that the protocol has.
pub const AIRBYTE_TYPES: [AirbyteType; 5] = [
    AirbyteType { word: "timestamp_with_timezone", types: &["string"], format: Some("date-time") },
    AirbyteType { word: "timestamp_without_timezone", types: &["string"], format: Some("date-time") },
    AirbyteType { word: "time_with_timezone", types: &["string"], format: Some("time") },
    AirbyteType { word: "time_without_timezone", types: &["string"], format: Some("time") },
    AirbyteType { word: "integer", types: &["number", "integer"], format: None },
];

/// Values of `airbyte_type` that older connectors use and that nobody is to use any more, each with what says the same.
const RETIRED_AIRBYTE_TYPES: [(&str, &str); 6] = [
    ("big_integer", "{\"type\":\"integer\"}, which has no bounds"),
    ("big_number", "{\"type\":\"number\"}, which has no bounds"),
    ("float", "{\"type\":\"number\"}"),
    ("json", "{\"type\":\"object\"}, or a `oneOf` of what it can be"),
    ("binary", "{\"type\":\"string\",\"contentEncoding\":\"base64\"}"),
    ("binary_data", "{\"type\":\"string\",\"contentEncoding\":\"base64\"}"),
];

/// Type names of other systems, each with what says the same in JSON Schema.
const FOREIGN_TYPES: [(&str, &str); 27] = [
    ("int", "integer"),
    ("int32", "integer"),
    ("int64", "integer"),
    ("long", "integer"),
    ("bigint", "integer"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "number"),
    ("numeric", "number"),
    ("bool", "boolean"),
    ("str", "string"),
    ("text", "string"),
    ("varchar", "string"),
    ("char", "string"),
    ("uuid", "string"),
    ("list", "array"),
    ("tuple", "array"),
    ("dict", "object"),
    ("map", "object"),
    ("json", "object"),
    ("struct", "object"),
    ("none", "null"),
    ("nil", "null"),
    ("date", "string\", \"format\": \"date"),
    ("time", "string\", \"format\": \"time"),
    ("datetime", "string\", \"format\": \"date-time"),
    ("timestamp", "string\", \"format\": \"date-time"),
];

/// Spellings of the temporal formats that nobody reads as such.
const MISSPELT_FORMATS: [(&str, &str); 9] = [
    ("datetime", "date-time"),
    ("date_time", "date-time"),
    ("date time", "date-time"),
    ("timestamp", "date-time"),
    ("iso8601", "date-time"),
    ("iso-8601", "date-time"),
    ("rfc3339", "date-time"),
    ("full-date", "date"),
    ("day", "date"),
];

/// Keywords that constrain a value further than its type does.
pub const CONSTRAINTS: [&str; 18] = [
    "const",
    "contains",
    "dependencies",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "propertyNames",
    "uniqueItems",
];

/// The `airbyte_type` of that word.
pub fn airbyte_type(word: &str) -> Option<&'static AirbyteType> {
    AIRBYTE_TYPES.iter().find(|known| known.word == word)
}

/// What to write for an `airbyte_type` that is not used any more.
pub fn instead_of_airbyte_type(word: &str) -> Option<&'static str> {
    said_for(&RETIRED_AIRBYTE_TYPES, word)
}

/// The type that a word of another type system means, as it stands in the quotes of `"type": ""`.
pub fn instead_of_type(word: &str) -> Option<&'static str> {
    let lower = word.trim().to_lowercase();
    said_for(&FOREIGN_TYPES, &lower).or_else(|| TYPES.into_iter().find(|known| *known == lower))
}

/// The temporal format that a word means and does not say.
pub fn instead_of_format(word: &str) -> Option<&'static str> {
    let lower = word.trim().to_lowercase();
    let cased = TEMPORAL_FORMATS.into_iter().find(|known| *known == lower && *known != word);
    said_for(&MISSPELT_FORMATS, &lower).or(cased)
}

/// The types that a schema's `type` names, `null` left out; none where it has no `type`. Other words are left out as well.
pub fn named_types(schema: &Value) -> Vec<&'static str> {
    let named = match schema.get("type") {
        Some(Value::Array(words)) => words.as_slice(),
        Some(word) => std::slice::from_ref(word),
        None => &[],
    };
    TYPES.into_iter().filter(|known| *known != "null" && named.iter().any(|word| word == known)).collect()
}

/// Whether a schema, one branch of several most often, takes null and nothing else.
pub fn is_only_null(schema: &Value) -> bool {
    let is_null = |word: &Value| word == "null";
    match schema.get("type") {
        Some(Value::Array(words)) => !words.is_empty() && words.iter().all(is_null),
        Some(word) => is_null(word),
        None => schema.get("const").is_some_and(Value::is_null),
    }
}

fn said_for(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == word).map(|(_, said)| *said)
}

/// Whether a schema is the one that database sources give a JSON column: an object by its `type`, anything by its
/// `oneOf`. It contradicts itself, and everybody who reads it knows.
pub fn is_json_column(schema: &Value) -> bool {
    schema.get("airbyte_type").is_some_and(|word| word == "json") && schema.get("oneOf").is_some_and(Value::is_array)
}

/// Whether a schema is an object whose members nothing describes.
pub fn is_open_object(schema: &Value) -> bool {
    let is_object = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().any(|word| word == "object"),
        Some(word) => word == "object",
        None => false,
    };
    let describes = ["patternProperties", "oneOf", "anyOf", "allOf", "$ref"];
    let named =
        schema.get("properties").is_some_and(|properties| properties.as_object().is_none_or(|all| !all.is_empty()));
    is_object && !named && describes.iter().all(|keyword| schema.get(keyword).is_none())
}

/// Whether a stream's schema says that it has none: one field, `data`, that holds the whole row. Columns that the
/// connector adds by itself may stand beside it.
pub fn is_schemaless(json_schema: &Value) -> bool {
    let Some(fields) = json_schema.get("properties").and_then(Value::as_object) else { return false };
    fields.get("data").is_some_and(is_open_object)
        && fields.keys().all(|name| name == "data" || name == "_id" || name.starts_with("_ab_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_of_other_systems_have_one_of_this() {
        assert_eq!(instead_of_type("Int"), Some("integer"));
        assert_eq!(instead_of_type("String"), Some("string"));
        assert_eq!(instead_of_type("banana"), None);
        assert_eq!(instead_of_format("datetime"), Some("date-time"));
        assert_eq!(instead_of_format("Date"), Some("date"));
        assert_eq!(instead_of_format("date-time"), None);
        assert_eq!(instead_of_format("email"), None);
    }

    #[test]
    fn types_are_named_once_and_without_null() {
        assert_eq!(named_types(&json!({"type": "string"})), ["string"]);
        assert_eq!(
            named_types(&json!({"type": ["string", "null", "integer", "string", "text", 5]})),
            ["integer", "string"]
        );
        assert!(named_types(&json!({"type": "null"})).is_empty());
        assert!(named_types(&json!(true)).is_empty());
        assert!(is_only_null(&json!({"type": ["null"]})) && is_only_null(&json!({"const": null})));
        assert!(!is_only_null(&json!({"type": []})) && !is_only_null(&json!({"type": ["null", "string"]})));
    }

    #[test]
    fn a_stream_without_a_schema_has_one_open_field() {
        let with = |fields: Value| json!({"type": "object", "properties": fields});
        assert!(is_schemaless(&with(json!({"data": {"type": "object"}}))));
        assert!(is_schemaless(&with(json!({"data": {"type": ["null", "object"]}, "_ab_source_file_url": {}}))));
        assert!(!is_schemaless(&with(json!({"data": {"type": "object"}, "id": {}}))));
        assert!(!is_schemaless(&with(json!({"data": {"type": "object", "properties": {"a": {}}}}))));
        assert!(!is_schemaless(&with(json!({}))));
    }
}
