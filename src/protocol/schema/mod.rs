//! JSON Schemas of streams and configurations: compiling them, validating with them, walking them.
//!
//! Schemas come from the connector and are not trusted: nothing is fetched for a `$ref`, patterns run on an engine
//! without backtracking, and a walk follows only so many references.

mod choice;
mod constraints;
mod ecma;
mod equal;
mod formats;
mod glance;
mod glimpse;
mod kinds;
mod meta;
mod mismatch;
mod pattern;
pub(in crate::protocol) mod reader;
mod required;
mod salvage;
pub mod vocabulary;
mod walk;

pub use choice::{Branch, Choice, Confusion, Discriminator, Misfit};
pub use constraints::constrains;
pub use ecma::{PatternDefect, pattern_defect};
pub use equal::canonical;
pub use glance::Glance;
pub use glimpse::Glimpse;
pub use kinds::{field_at, kinds, types};
pub use meta::{RootDefect, SchemaDefect, defects, foreign_types, root_defect};
pub use mismatch::{Mismatch, STEPS, mismatch};
pub use pattern::Pattern;
pub use required::{UndeclaredRequired, undeclared_required};
pub use walk::{Place, Position, described, escaped, positions};

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// How many references and branches a walk follows before it gives up and says yes: a schema that refers to itself
/// must not hang us, and a doubt must not become a finding.
const WALK_LIMIT: usize = 200;

/// A schema compiled as the platform reads it: draft-07 whatever it declares, the protocol's temporal formats asserted
/// (with the grammar of the protocol's well-known types, not RFC 3339's), every other format an annotation.
#[derive(Debug)]
pub struct CompiledSchema {
    validator: Validator,
}

/// One way in which a value breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaViolation {
    /// JSON pointer into the value.
    pub pointer: String,
    /// JSON pointer into the schema, down to the keyword: the same for every value that breaks it in the same way.
    pub schema_pointer: String,
    /// The keyword, `type` for instance.
    pub keyword: String,
    /// What is wrong, with the value left out.
    pub message: String,
}

/// Why a schema can't be compiled, and a pointer to what can't; empty where that is not known.
struct Refusal {
    at: String,
    reason: String,
}

impl CompiledSchema {
    /// Compiles a schema. Errs with the reason and a pointer to the place that is no schema.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        CompiledSchema::try_compile(schema).map_err(|Refusal { at, reason }| match at.as_str() {
            "" => reason,
            at => format!("{reason} at `{at}`"),
        })
    }

    /// Compiles what can be compiled of a schema: what can't be is left out, so that it does not keep the rest from being
    /// judged. A pattern with look-ahead is such, and whatever SCHEMA-001 tells of. None where it is no schema at all.
    pub fn compile_rest(schema: &Value) -> Option<Self> {
        salvage::compile(schema)
    }

    fn try_compile(schema: &Value) -> Result<Self, Refusal> {
        let options = jsonschema::options()
            .with_draft(Draft::Draft7)
            .offline()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .with_pattern_options(PatternOptions::regex());
        let options = formats::ALL.iter().fold(options, |options, (name, check)| options.with_format(*name, *check));
        let options =
            formats::ANNOTATIONS.iter().fold(options, |options, name| options.with_format(*name, |_: &str| true));
        match options.build(schema) {
            Ok(validator) => Ok(CompiledSchema { validator }),
            Err(error) => Err(Refusal { at: error.instance_path().to_string(), reason: error.masked().to_string() }),
        }
    }

    /// Every way in which the value breaks the schema, up to `limit`.
    pub fn violations(&self, value: &Value, limit: usize) -> Vec<SchemaViolation> {
        self.validator
            .iter_errors(value)
            .take(limit)
            .map(|error| SchemaViolation {
                pointer: error.instance_path().to_string(),
                schema_pointer: error.schema_path().to_string(),
                keyword: error.kind().keyword().to_owned(),
                message: error.masked().to_string(),
            })
            .collect()
    }

    /// Whether the value conforms.
    pub fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }
}

/// Whether `schema`, a part of `root`, declares a property at `path`. See [`super::reaches`].
pub fn declares(root: &Value, schema: &Value, path: &[String]) -> bool {
    let mut budget = WALK_LIMIT;
    walk(root, schema, path, &mut budget)
}

fn walk(root: &Value, schema: &Value, path: &[String], budget: &mut usize) -> bool {
    let Some((name, rest)) = path.split_first() else { return true };
    if *budget == 0 {
        return true;
    }
    *budget -= 1;
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return target.is_none_or(|target| walk(root, target, path, budget));
    }
    if let Some(property) = schema.get("properties").and_then(|properties| properties.get(name)) {
        return rest.is_empty() || opaque(property) || walk(root, property, rest, budget);
    }
    ["oneOf", "anyOf", "allOf"].iter().any(|keyword| {
        let branches = schema.get(keyword).and_then(Value::as_array);
        branches.is_some_and(|branches| branches.iter().any(|branch| walk(root, branch, path, budget)))
    })
}

/// Whether a property's schema says nothing about what is below it.
fn opaque(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else { return true };
    !["properties", "oneOf", "anyOf", "allOf", "$ref"].iter().any(|keyword| members.contains_key(*keyword))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(parts: &[&str]) -> Vec<String> {
        parts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn paths_are_found_through_branches_and_references() {
        let schema = json!({
            "properties": {"a": {"oneOf": [{"type": "null"}, {"properties": {"b": {}}}]}, "c": {"$ref": "#/definitions/c"}, "free": {"type": "object"}},
            "definitions": {"c": {"properties": {"d": {"type": "string"}}}},
        });
        assert!(declares(&schema, &schema, &path(&["a", "b"])));
        assert!(declares(&schema, &schema, &path(&["c", "d"])));
        assert!(declares(&schema, &schema, &path(&["free", "anything"])));
        assert!(!declares(&schema, &schema, &path(&["a", "x"])));
        assert!(!declares(&schema, &schema, &path(&["x"])));
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({"$ref": "#"});
        assert!(declares(&schema, &schema, &path(&["a"])));
        let _ = CompiledSchema::compile(&schema);
    }

    #[test]
    fn remote_references_are_refused_not_fetched() {
        assert!(CompiledSchema::compile(&json!({"$ref": "https://example.com/x.json"})).is_err());
    }

    #[test]
    fn violations_do_not_quote_the_value() {
        let schema = CompiledSchema::compile(&json!({"properties": {"id": {"type": "integer"}}})).expect("a schema");
        let found = schema.violations(&json!({"id": "s3cret"}), 5);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].pointer.as_str(), found[0].keyword.as_str()), ("/id", "type"));
        assert!(!found[0].message.contains("s3cret"), "{}", found[0].message);
    }
}
