//! What of a new version breaks what was set up with the one before it: two specifications or two catalogs, compared keyword
//! by keyword. Pure: what is not certain to break is not said to.

mod bounds;
pub(super) mod catalog;
mod choice;
mod report;
pub(super) mod spec;
#[cfg(test)]
mod tests;

pub(super) use report::{Versions, instead, report};

use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::text;
use serde_json::Value;

/// How many references it follows, and how many branches it tries, before it gives up: a schema may refer to itself.
const BUDGET: usize = 10_000;
/// How deep it follows them.
const DEPTH: usize = 48;
/// How much of a value is shown, in characters.
const SHOWN: usize = 120;

/// One change that breaks something, or is worth knowing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// Of which stream, where it is about one.
    pub stream: Option<Descriptor>,
    /// What it is, in a few words: the same for all of its kind.
    pub what: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// Where: a JSON pointer into what the new version says, or what the former said where nothing stands there any more.
    pub pointer: String,
    /// What stood there, and what does now.
    pub values: [String; 2],
}

impl Change {
    fn at(pointer: String, what: &'static str, level: Level, values: [Option<&Value>; 2]) -> Change {
        Change { stream: None, what, level, pointer, values: values.map(shown) }
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| text::shorten(&value.to_string(), SHOWN))
}

/// The schemas that local references lead to, or the schemas themselves. None where a reference was one too many.
fn targets<'s>(roots: [&'s Value; 2], pair: [&'s Value; 2], budget: &mut usize) -> Option<[&'s Value; 2]> {
    let found = [target(roots[0], pair[0]), target(roots[1], pair[1])];
    if !std::ptr::eq(found[0], pair[0]) || !std::ptr::eq(found[1], pair[1]) {
        *budget = budget.checked_sub(1)?;
    }
    Some(found)
}

/// The schema that a local reference leads to, or the schema itself.
fn target<'s>(root: &'s Value, mut schema: &'s Value) -> &'s Value {
    const HOPS: usize = 8;
    for _ in 0..HOPS {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        match reference.and_then(|pointer| root.pointer(pointer)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// The branches of a choice, and the keyword that has them.
fn branches(schema: &Value) -> Option<(&'static str, &[Value])> {
    ["oneOf", "anyOf"].into_iter().find_map(|keyword| Some((keyword, schema.get(keyword)?.as_array()?.as_slice())))
}
