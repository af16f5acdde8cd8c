//! Ways in which a record breaks its schema: what the rules that share them out have in common.

use super::{Look, Violation};
use crate::protocol::schema::{SchemaViolation, constrains};
use crate::protocol::types::AirbyteType;
use serde_json::Value;

/// Whether the value has the right type and breaks a keyword that asks for more: SCHEMA-016 says so. Of a `oneOf` of one
/// type and null, a keyword within that branch is meant.
pub(super) fn is_of_constraint(violation: &SchemaViolation, look: &Look<'_>) -> bool {
    if constrains(&violation.keyword) {
        return true;
    }
    let types = look.stream().and_then(|stream| stream.types.as_ref());
    let is_union = types.is_some_and(|types| types.along(&violation.pointer).last() == Some(&AirbyteType::Union));
    let is_branch = matches!(violation.keyword.as_str(), "oneOf" | "anyOf") && !is_union;
    let branches = look.json_schema().filter(|_| is_branch);
    let branches = branches.and_then(|schema| schema.pointer(&violation.schema_pointer)?.as_array());
    let constrains_more =
        |branch: &Value| branch.as_object().is_some_and(|members| members.keys().any(|word| constrains(word)));
    branches.is_some_and(|branches| branches.iter().any(constrains_more)) && !has_other_type(violation, look)
}

/// Whether the value that breaks the schema is not of its type in the first place: the rules about types say so.
pub(super) fn has_other_type(violation: &SchemaViolation, look: &Look<'_>) -> bool {
    let is_there = |pointer: &str| pointer == violation.pointer;
    look.typed().is_some_and(|typed| typed.tells_of(&violation.pointer))
        || look.violations().iter().any(|other| other.keyword == "type" && is_there(&other.pointer))
}

/// A violation as people read it.
pub(super) fn describe(violation: &SchemaViolation, look: &Look<'_>) -> Violation {
    let field = field(&violation.pointer);
    let found = look.data().and_then(|data| data.pointer(&violation.pointer));
    let found = found.map(ToString::to_string).unwrap_or_default();
    let schema = look.json_schema().map(|schema| {
        let keyword = schema.pointer(&violation.schema_pointer).unwrap_or(&Value::Null);
        format!("{}: {keyword}", violation.keyword)
    });
    let at = memchr::memmem::find(look.line.bytes, found.as_bytes()).unwrap_or(0);
    Violation::new(
        format!("`{field}` does not conform to its schema ({})", violation.keyword),
        format!("`{field}`: {}", violation.message),
    )
    .around(look.line, at)
    .pointer(format!("/record/data{}", violation.pointer))
    .expected(schema.unwrap_or_default(), found)
}

/// A field as people write it: `address.city`, `lines[].price`.
fn field(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).fold(String::new(), |field, part| {
        let part = part.replace("~1", "/").replace("~0", "~");
        match (part.parse::<usize>().is_ok(), field.is_empty()) {
            (true, _) => field + "[]",
            (false, true) => part,
            (false, false) => format!("{field}.{part}"),
        }
    });
    if parts.is_empty() { "the record".to_owned() } else { parts }
}
