//! Values that a schema takes, for properties that nobody has given one yet.

use crate::protocol::schema::CompiledSchema;
use serde_json::{Value, json};

/// A longer value of the specification's is not copied, in bytes of JSON.
const LONGEST: usize = 1_000;
/// How many examples and values of an `enum` are tried.
const TRIED: usize = 50;

/// Texts of the forms that specifications ask for.
const TEXTS: [&str; 16] = [
    "example",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00",
    "2024-01-01 00:00:00",
    "https://example.com",
    "https://example.com/",
    "example.com",
    "user@example.com",
    "postgresql://user@localhost:5432/example",
    "a",
    "1",
    "1234567890",
    "00000000-0000-0000-0000-000000000000",
    "EXAMPLE",
    "P1D",
];

/// A value, and whether the specification says that it means something. The first that the schemas take; where they take
/// none of those tried, the most likely one.
pub(super) fn of(applying: &[&Value], types: &[&str]) -> (Value, bool) {
    if let Some(known) = known(applying) {
        return (known.clone(), true);
    }
    let mut tried = Vec::new();
    if types.is_empty() || types.contains(&"string") {
        tried.extend(TEXTS.map(Value::from));
        let least = applying.iter().find_map(|schema| schema.get("minLength")?.as_u64()).unwrap_or(0);
        tried.push("x".repeat(least.min(LONGEST as u64) as usize).into());
    }
    if types.iter().any(|kind| ["integer", "number"].contains(kind)) {
        tried.extend(numbers(applying));
    }
    if types.contains(&"boolean") {
        tried.push(json!(false));
    }
    tried.push(Value::Null);
    (first_taken(applying, tried), false)
}

/// A value of a secret's form that opens nothing.
pub(super) fn wrong(applying: &[&Value], is_text: bool) -> Value {
    if !is_text {
        return first_taken(applying, numbers(applying));
    }
    let texts = ["not-a-real-secret", "not-a-real-secret-not-a-real-secret-not-a-real-secret"];
    first_taken(applying, texts.into_iter().chain(TEXTS).map(Value::from).collect())
}

/// A value that the specification itself gives: the default, an example, a value of the `enum`.
pub(super) fn known<'s>(applying: &[&'s Value]) -> Option<&'s Value> {
    let single = ["default", "example"].into_iter();
    let single = single.flat_map(|keyword| applying.iter().filter_map(move |schema| schema.get(keyword)));
    let lists = ["examples", "enum"].into_iter();
    let lists = lists.flat_map(|keyword| applying.iter().filter_map(move |schema| schema.get(keyword)?.as_array()));
    let short = |value: &&Value| !value.is_null() && value.to_string().len() <= LONGEST;
    let mut all = single.chain(lists.flatten().take(TRIED)).filter(short);
    let schemas = compiled(applying);
    all.find(|value| schemas.iter().all(|schema| schema.accepts(value)))
}

fn numbers(applying: &[&Value]) -> Vec<Value> {
    let bounds = ["minimum", "maximum", "multipleOf"].into_iter();
    let bounds = bounds.filter_map(|keyword| applying.iter().find_map(|schema| schema.get(keyword)));
    let beyond = applying.iter().find_map(|schema| schema.get("exclusiveMinimum")?.as_i64());
    let below = applying.iter().find_map(|schema| schema.get("exclusiveMaximum")?.as_i64());
    let beside = beyond.and_then(|bound| bound.checked_add(1)).into_iter();
    let beside = beside.chain(below.and_then(|bound| bound.checked_sub(1)));
    let bounds = bounds.filter(|bound| bound.is_number()).cloned();
    [json!(1)].into_iter().chain(bounds).chain(beside.map(Value::from)).chain([json!(0)]).collect()
}

fn first_taken(applying: &[&Value], tried: Vec<Value>) -> Value {
    let schemas = compiled(applying);
    let takes = |value: &&Value| schemas.iter().all(|schema| schema.accepts(value));
    let taken = tried.iter().find(takes).or(tried.first());
    taken.cloned().unwrap_or_default()
}

/// Without what refers to elsewhere in the specification.
fn compiled(applying: &[&Value]) -> Vec<CompiledSchema> {
    applying.iter().filter_map(|schema| CompiledSchema::compile_rest(schema)).collect()
}
