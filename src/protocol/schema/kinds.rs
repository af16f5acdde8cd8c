//! Which JSON types a schema admits, as far as that is certain.

use super::WALK_LIMIT;
use super::vocabulary::TYPES;
use serde_json::Value;

/// The JSON types that `schema`, a part of `root`, admits: by its `type`, else by its branches or its values. None where
/// that can't be told. Follows local references.
pub fn kinds(root: &Value, schema: &Value) -> Option<Vec<&'static str>> {
    let mut found = collect(root, schema, &mut { WALK_LIMIT })?;
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn collect(root: &Value, schema: &Value, budget: &mut usize) -> Option<Vec<&'static str>> {
    *budget = budget.checked_sub(1)?;
    if let Some(target) = schema.get("$ref") {
        return collect(root, root.pointer(target.as_str()?.strip_prefix('#')?)?, budget);
    }
    if schema.get("type").is_some() {
        return types(schema);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.iter().map(kind_of).collect());
    }
    if let Some(value) = schema.get("const") {
        return Some(vec![kind_of(value)]);
    }
    let branches = schema.get("oneOf").or_else(|| schema.get("anyOf"))?.as_array()?;
    let mut found = Vec::new();
    for branch in branches {
        found.append(&mut collect(root, branch, budget)?);
    }
    Some(found)
}

/// The words of a schema's own `type`. None where it has no `type`, or one with a word that JSON Schema does not have.
pub fn types(schema: &Value) -> Option<Vec<&'static str>> {
    match schema.get("type")? {
        Value::Array(words) => words.iter().map(known).collect(),
        word => known(word).map(|word| vec![word]),
    }
}

fn known(word: &Value) -> Option<&'static str> {
    TYPES.into_iter().find(|known| word == known)
}

/// The JSON type of a value.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The schema of the field at `path`, through nested properties, branches and local references. None where nothing
/// declares it, or more than one branch does.
pub fn field_at<'s>(root: &'s Value, path: &[String]) -> Option<&'s Value> {
    if path.is_empty() { None } else { seek(root, root, path, &mut { WALK_LIMIT }) }
}

fn seek<'s>(root: &'s Value, schema: &'s Value, path: &[String], budget: &mut usize) -> Option<&'s Value> {
    let Some((name, rest)) = path.split_first() else { return Some(schema) };
    *budget = budget.checked_sub(1)?;
    if let Some(target) = schema.get("$ref") {
        return seek(root, root.pointer(target.as_str()?.strip_prefix('#')?)?, path, budget);
    }
    if let Some(property) = schema.get("properties").and_then(|properties| properties.get(name)) {
        return seek(root, property, rest, budget);
    }
    let branches = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array());
    let mut found = branches.flatten().filter_map(|branch| seek(root, branch, path, budget));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_are_told_where_they_are_certain() {
        let root = json!({"definitions": {"a": {"type": "string"}, "loop": {"$ref": "#/definitions/loop"}}});
        let told = |schema: Value| kinds(&root, &schema);
        assert_eq!(told(json!({"type": ["null", "string"]})), Some(vec!["null", "string"]));
        assert_eq!(
            told(json!({"oneOf": [{"type": "null"}, {"$ref": "#/definitions/a"}]})),
            Some(vec!["null", "string"])
        );
        assert_eq!(told(json!({"enum": ["a", "b"]})), Some(vec!["string"]));
        for unknown in [json!({}), json!(true), json!({"type": "strnig"}), json!({"$ref": "#/definitions/loop"})] {
            assert_eq!(told(unknown), None);
        }
    }

    #[test]
    fn a_field_is_found_where_one_place_declares_it() {
        let root = json!({
            "properties": {"a": {"oneOf": [{"type": "null"}, {"properties": {"b": {"type": "string"}}}]}},
            "oneOf": [{"properties": {"x": {}}}, {"properties": {"x": {"type": "string"}}}],
        });
        let at = |path: &[&str]| field_at(&root, &path.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(at(&["a", "b"]), Some(&json!({"type": "string"})));
        assert_eq!(at(&["x"]), None);
        assert_eq!(at(&["a", "c"]), None);
        assert_eq!(at(&[]), None);
    }
}
