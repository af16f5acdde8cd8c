//! Whether a schema is one: draft-07's meta-schema, applied to what a connector calls a schema.
//!
//! Only the form is looked at. A `$ref` that leads nowhere and a `pattern` that some engine does not know are other
//! defects, and a schema that has them is still a schema.

use super::vocabulary;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

/// Keywords that only describe: a wrong value of theirs does not keep anybody from validating.
const ANNOTATIONS: [&str; 8] =
    ["$comment", "contentEncoding", "contentMediaType", "description", "examples", "readOnly", "title", "writeOnly"];

/// How deep errors within branches of the meta-schema are followed.
const DEPTH: usize = 100;

/// A place where a schema is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaDefect {
    /// JSON pointer into the schema.
    pub pointer: String,
    /// The keyword whose value is wrong; none where a whole schema should stand.
    pub keyword: Option<String>,
    /// What should stand there: `an array`.
    pub expected: String,
    /// The word, where it is a `type` that JSON Schema has not.
    pub foreign_type: Option<String>,
}

impl SchemaDefect {
    /// Whether the keyword only describes, so that the schema works without it.
    pub fn is_annotation(&self) -> bool {
        self.keyword.as_ref().is_some_and(|keyword| ANNOTATIONS.contains(&keyword.as_str()))
    }
}

/// Where a schema breaks draft-07's meta-schema, the first `limit` places that are wanted.
pub fn defects(schema: &Value, limit: usize, is_wanted: impl Fn(&SchemaDefect) -> bool) -> Vec<SchemaDefect> {
    let meta = jsonschema::draft7::meta::validator();
    if meta.is_valid(schema) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for error in meta.iter_errors(schema) {
        let mut more = Vec::new();
        collect(&error, schema, DEPTH, &mut more);
        found.extend(more.into_iter().filter(&is_wanted));
        if found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    found
}

/// The defects that are a `type` which JSON Schema has not, wherever a schema may stand. Most schemas have none, which is
/// seen without the meta-schema.
pub fn foreign_types(schema: &Value, limit: usize) -> Vec<SchemaDefect> {
    if may_name_foreign_type(schema) {
        defects(schema, limit, |defect| defect.foreign_type.is_some())
    } else {
        Vec::new()
    }
}

/// Whether any `type` says a word that is no type, be it a keyword or not.
fn may_name_foreign_type(value: &Value) -> bool {
    let is_foreign = |word: &Value| word.as_str().is_some_and(|word| !vocabulary::TYPES.contains(&word));
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| {
            let names = match value {
                Value::Array(words) => words.iter().any(is_foreign),
                word => is_foreign(word),
            };
            (name == "type" && names) || may_name_foreign_type(value)
        }),
        Value::Array(values) => values.iter().any(may_name_foreign_type),
        _ => false,
    }
}

fn collect(error: &ValidationError<'_>, schema: &Value, depth: usize, found: &mut Vec<SchemaDefect>) {
    let pointer = error.instance_path().to_string();
    let last = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).map(str::to_owned);
    let (keyword, expected) = match error.kind() {
        // `pattern` is judged elsewhere; URIs are nobody's concern.
        ValidationErrorKind::Format { .. } | ValidationErrorKind::PropertyNames { .. } => return,
        ValidationErrorKind::AnyOf { context } => {
            let branch = match schema.pointer(&pointer) {
                Some(Value::Object(_)) => context.first(),
                Some(Value::Array(_)) => context.get(1),
                _ => None,
            };
            if let Some(branch) = branch.filter(|_| depth > 0) {
                branch.iter().for_each(|error| collect(error, schema, depth - 1, found));
                return;
            }
            match last.as_deref() {
                Some("type") => (last, TYPES.to_owned()),
                _ => (last, "a schema, or an array of them".to_owned()),
            }
        }
        ValidationErrorKind::Type { kind: TypeKind::Multiple(_) } => {
            (None, "a schema (an object, true or false)".to_owned())
        }
        ValidationErrorKind::Type { kind: TypeKind::Single(kind) } => (last, with_article(*kind).to_owned()),
        ValidationErrorKind::Enum { .. } => (last, TYPES.to_owned()),
        ValidationErrorKind::UniqueItems => (last, "an array without repetitions".to_owned()),
        ValidationErrorKind::MinItems { .. } => (last, "an array with something in it".to_owned()),
        ValidationErrorKind::Minimum { limit } => (last, format!("at least {limit}")),
        ValidationErrorKind::ExclusiveMinimum { limit } => (last, format!("above {limit}")),
        _ => (last, "what draft-07 takes there".to_owned()),
    };
    let is_type = keyword.as_deref() == Some("type");
    let foreign_type = schema.pointer(&pointer).filter(|_| is_type).and_then(Value::as_str).map(str::to_owned);
    found.push(SchemaDefect { pointer, keyword, expected, foreign_type });
}

const TYPES: &str = "one of array, boolean, integer, null, number, object, string, or an array of these";

fn with_article(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

/// What keeps a schema's root from describing an object with named properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootDefect {
    /// Its `type` leaves objects out.
    OtherType,
    /// It has no `properties`.
    NoProperties,
    /// It has `properties`, and no `type`.
    NoType,
}

/// What is wrong with the root of a schema that is an object. A `type` or `properties` that is no valid schema is
/// [`defects`]' alone.
pub fn root_defect(schema: &Value) -> Option<RootDefect> {
    let is_object = |word: &Value| word == "object";
    let is_type = |word: &Value| {
        ["array", "boolean", "integer", "null", "number", "object", "string"].iter().any(|known| word == known)
    };
    match schema.get("type") {
        Some(Value::Array(types)) if types.iter().all(is_type) && !types.iter().any(is_object) => {
            Some(RootDefect::OtherType)
        }
        Some(word) if is_type(word) && !is_object(word) => Some(RootDefect::OtherType),
        _ if schema.get("properties").is_none() => Some(RootDefect::NoProperties),
        None => Some(RootDefect::NoType),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(schema: Value) -> Vec<String> {
        defects(&schema, 10, |_| true).iter().map(|defect| format!("{} {}", defect.pointer, defect.expected)).collect()
    }

    #[test]
    fn wrong_keywords_are_told_where_they_stand() {
        let wrong = json!({
            "type": "object",
            "required": true,
            "properties": {
                "a": {"type": "strnig"},
                "b": {"type": ["null", "strnig"]},
                "c": {"type": "array", "items": {"type": "array", "items": {"minLength": -1}}},
                "d": "string",
                "e": {"oneOf": []},
                "f": {"type": "string", "examples": "x"},
                "type": 5,
            },
        });
        insta::assert_debug_snapshot!(told(wrong));
    }

    #[test]
    fn a_type_of_another_system_is_told_from_a_broken_one() {
        let wrong = json!({
            "properties": {
                "a": {"type": "text"},
                "b": {"type": ["null", "text"]},
                "c": {"type": 5},
                "d": {"contains": {"type": "text"}},
                "e": {"type": ["null", "null"]},
                "type": "text",
            },
            "definitions": {"f": {"type": "text"}},
            "default": {"type": "text"},
        });
        let pointers = |found: Vec<SchemaDefect>| found.into_iter().map(|defect| defect.pointer).collect::<Vec<_>>();
        let mut foreign = pointers(foreign_types(&wrong, 10));
        foreign.sort();
        assert_eq!(
            foreign,
            ["/definitions/f/type", "/properties/a/type", "/properties/b/type/1", "/properties/d/contains/type"]
        );
        let mut others = pointers(defects(&wrong, 10, |defect| defect.foreign_type.is_none()));
        others.sort();
        assert_eq!(others, ["/properties/c/type", "/properties/e/type", "/properties/type"]);
        assert!(foreign_types(&json!({"properties": {"type": {"type": ["null", "string"]}}}), 10).is_empty());
    }

    #[test]
    fn references_and_patterns_are_not_looked_at() {
        let fine = json!({"properties": {
            "a": {"$ref": "https://example.com/a.json"},
            "b": {"$ref": "#/definitions/none"},
            "c": {"pattern": "^(?!x)(?<year>[0-9]+$"},
            "d": {"airbyte_secret": true, "order": 1},
            "e": true,
        }});
        assert_eq!(told(fine), Vec::<String>::new());
    }

    #[test]
    fn a_root_is_an_object_with_properties() {
        assert_eq!(root_defect(&json!({"type": ["null", "object"], "properties": {}})), None);
        assert_eq!(root_defect(&json!({"type": "array"})), Some(RootDefect::OtherType));
        assert_eq!(root_defect(&json!({"type": "object"})), Some(RootDefect::NoProperties));
        assert_eq!(root_defect(&json!({"properties": {}})), Some(RootDefect::NoType));
        assert_eq!(root_defect(&json!({"type": "objct", "properties": {}})), None);
    }
}
