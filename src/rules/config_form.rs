//! How a configuration breaks its specification, told without its values: some may be secrets that nobody marked.

use super::Violation;
use crate::capture::REDACTED;
use crate::protocol::schema::{CompiledSchema, SchemaViolation};
use crate::text;
use serde_json::{Map, Value};

/// How many violations of one configuration are told.
const PLACES: usize = 50;

/// A way in which a configuration does not conform: what occurrences of it share, and the violation.
pub(super) struct Misfit {
    pub cause: String,
    pub violation: Violation,
}

/// How a configuration breaks the `connectionSpecification`. `what` names the configuration, for people. Leaves out what
/// stored transcripts do not show, and members at the top whose names begin with `_`.
pub(super) fn misfits(schema: &Value, config: &Map<String, Value>, what: &str) -> Vec<Misfit> {
    let Some(compiled) = CompiledSchema::compile_rest(schema) else { return Vec::new() };
    let own = config.iter().filter(|(name, _)| !name.starts_with('_'));
    let config = Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect());
    let told = |violation: SchemaViolation| {
        let value = config.pointer(&violation.pointer).unwrap_or(&Value::Null);
        if violation.keyword == "format" || (violation.keyword != "required" && is_redacted(value)) {
            return None;
        }
        // Two missing members break the same keyword and are two defects.
        let missing = if violation.keyword == "required" { violation.message.as_str() } else { "" };
        let cause = format!("{}{missing}", violation.schema_pointer);
        Some(Misfit { cause, violation: describe(&violation, schema, value, what) })
    };
    compiled.violations(&config, PLACES).into_iter().filter_map(told).collect()
}

/// Whether a value, or part of it, is not what the connector was given.
pub(super) fn is_redacted(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(REDACTED),
        Value::Array(items) => items.iter().any(is_redacted),
        Value::Object(members) => members.values().any(is_redacted),
        _ => false,
    }
}

fn describe(violation: &SchemaViolation, schema: &Value, value: &Value, what: &str) -> Violation {
    let SchemaViolation { pointer, schema_pointer, keyword, message } = violation;
    let at = if pointer.is_empty() { what.to_owned() } else { format!("`{pointer}` of {what}") };
    let wanted = schema.pointer(schema_pointer).map_or(String::new(), |wanted| text::json(wanted, 160));
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) if keyword == "required" => "an object without it",
        Value::Object(_) => "an object",
    };
    Violation::new(
        format!("{at} does not conform to the specification ({keyword})"),
        format!("{at}: {message} (`connectionSpecification{schema_pointer}`)"),
    )
    .expected(format!("{keyword}: {wanted}"), found)
}
