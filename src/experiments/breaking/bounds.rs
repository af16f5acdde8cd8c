//! Bounds of a field of a config: how small, how large, which text.

use super::Change;
use super::spec::allowed;
use crate::protocol::schema::Pattern;
use crate::rules::Level;
use serde_json::{Map, Value};

const BOUND: &str = "a field has a tighter bound than before";
const PATTERN: &str = "a field has a pattern that refuses what was valid before";
const OTHER_PATTERN: &str = "a field has another pattern than before";

/// Keywords that want a value to be at least so large, and what they come to where they are absent.
const LEAST: [(&str, Option<f64>); 5] = [
    ("minimum", None),
    ("exclusiveMinimum", None),
    ("minLength", Some(0.0)),
    ("minItems", Some(0.0)),
    ("minProperties", Some(0.0)),
];
/// Keywords that want it to be at most so large.
const MOST: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/// Finds bounds that are tighter in the second schema.
pub(super) fn bounds(pair: [&Map<String, Value>; 2], pointer: &str, found: &mut Vec<Change>) {
    let mut tighter = |keyword: &str| {
        let values = pair.map(|schema| schema.get(keyword));
        found.push(Change::at(format!("{pointer}/{keyword}"), BOUND, Level::Must, values));
    };
    for (keyword, absent) in LEAST {
        let [before, after] = pair.map(|schema| schema.get(keyword).and_then(Value::as_f64));
        if after.is_some_and(|after| before.or(absent).is_none_or(|before| after > before)) {
            tighter(keyword);
        }
    }
    for keyword in MOST {
        let [before, after] = pair.map(|schema| schema.get(keyword).and_then(Value::as_f64));
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            tighter(keyword);
        }
    }
    let [before, after] = pair.map(|schema| schema.get("multipleOf").and_then(Value::as_f64));
    let divides = |after: f64| {
        let whole = pair[0].get("type").is_some_and(|word| word == "integer").then_some(1.0);
        before.or(whole).is_some_and(|before| (before / after).fract() == 0.0)
    };
    if after.is_some_and(|after| !divides(after)) {
        tighter("multipleOf");
    }
    let [before, after] = pair.map(|schema| schema.get("uniqueItems") == Some(&Value::Bool(true)));
    if after && !before {
        tighter("uniqueItems");
    }
    pattern(pair, pointer, found);
}

/// A pattern that was added refuses something; whether another one does shows in what the former version gives as examples.
fn pattern(pair: [&Map<String, Value>; 2], pointer: &str, found: &mut Vec<Change>) {
    let values = pair.map(|schema| schema.get("pattern"));
    let [before, after] = values;
    let Some(text) = after.and_then(Value::as_str).filter(|_| before != after) else { return };
    let former = Value::Object(pair[0].clone());
    let samples = samples(&former);
    let refuses = Pattern::compile(text).is_some_and(|pattern| samples.iter().any(|sample| !pattern.takes(sample)));
    // A text of a known form, or of a list, may be all that the pattern says.
    let may_fit = before.is_some() || pair[0].contains_key("format") || allowed(&former).is_some();
    let (what, level) = match refuses || !may_fit {
        true => (PATTERN, Level::Must),
        false => (OTHER_PATTERN, Level::Info),
    };
    found.push(Change::at(format!("{pointer}/pattern"), what, level, values));
}

/// Texts that the former version says are valid, and that its own pattern takes.
fn samples(former: &Value) -> Vec<&str> {
    let examples = former.get("examples").and_then(Value::as_array).into_iter().flatten();
    let given = allowed(former).unwrap_or_default().into_iter().chain(former.get("default")).chain(examples);
    let own = former.get("pattern").and_then(Value::as_str).map(Pattern::compile);
    let is_valid = |text: &&str| match &own {
        None => true,
        Some(pattern) => pattern.as_ref().is_some_and(|pattern| pattern.takes(text)),
    };
    given.filter_map(Value::as_str).filter(is_valid).collect()
}
