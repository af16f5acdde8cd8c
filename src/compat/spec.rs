//! Two specifications: what the new one takes, shows and offers otherwise.

use super::change::{Change, Class};
use super::containment::{Containment, Undeclared, containment};
use super::rules::{self, Rule};
use super::schema::{self, Of, TooLarge};
use crate::protocol::schema::{canonical, escaped};
use serde_json::Value;
use std::collections::BTreeSet;

/// Members that hold how OAuth works.
const OAUTH: [&str; 2] = ["advanced_auth", "authSpecification"];
/// What a connector says that it can do: gone when it is no longer true.
const ABILITIES: [&str; 3] = ["supportsIncremental", "supportsNormalization", "supportsDBT"];
const SCHEMA: &str = "connectionSpecification";
const MODES: &str = "supported_destination_sync_modes";

/// Every difference between two specifications: two payloads of SPEC messages.
///
/// A change is breaking if it makes a config refused that was valid: by itself, and in the whole. Where all configs that were
/// valid still are, none is, and where one is refused and no single change says why, that is a change of its own.
///
/// # Errs
/// Where they are too large to be compared.
pub fn changes_of_spec(before: &Value, after: &Value) -> Result<Vec<Change>, TooLarge> {
    let nothing = Value::Bool(true);
    let roots = [before, after].map(|payload| payload.get(SCHEMA).unwrap_or(&nothing));
    let mut found = schema::changes(roots, Of::Config, &format!("/{SCHEMA}"))?;
    if found.iter().any(|change| change.class() != Class::Cosmetic) {
        weigh(&mut found, roots);
    }
    for name in members(before, after) {
        let values = [before, after].map(|payload| payload.get(name));
        if name != SCHEMA && values.map(|value| value.map(canonical)) != [None, None] {
            member(name, values, &mut found);
        }
    }
    Ok(found)
}

/// Holds the changes against the question that they are about: is a config refused that was valid?
fn weigh(found: &mut Vec<Change>, [before, after]: [&Value; 2]) {
    let is_breaking = |change: &Change| change.class() == Class::Breaking;
    match containment(before, after, Undeclared::Absent) {
        Containment::Contained => {
            for change in found.iter_mut().filter(|change| is_breaking(change)) {
                change.rule = rules::STILL_TAKEN;
            }
        }
        Containment::NotContained { counterexample, reasons } if !found.iter().any(is_breaking) => {
            let at = reasons.first().map(|reason| reason.schema_pointer.clone()).unwrap_or_default();
            let pointer = format!("/{SCHEMA}{at}");
            found.push(Change::new(rules::CONFIG_REFUSED, pointer, [Some(&counterexample), after.pointer(&at)]));
        }
        _ => {}
    }
}

/// The members of both, in order.
fn members<'p>(before: &'p Value, after: &'p Value) -> Vec<&'p str> {
    let mut seen = BTreeSet::new();
    let all = [before, after].into_iter().filter_map(Value::as_object).flat_map(|payload| payload.keys());
    all.map(String::as_str).filter(|name| seen.insert(*name)).collect()
}

/// A member of the payload beside the schema.
fn member(name: &str, values: [Option<&Value>; 2], found: &mut Vec<Change>) {
    let [before, after] = values.map(|value| value.filter(|value| !value.is_null()));
    if before.map(canonical) == after.map(canonical) {
        return;
    }
    let pointer = format!("/{}", escaped(name));
    let mut push = |rule: &'static Rule, pointer: String, values: [Option<&Value>; 2]| {
        found.push(Change::new(rule, pointer, values));
    };
    let is_true = |value: Option<&Value>| value == Some(&Value::Bool(true));
    if OAUTH.contains(&name) {
        match (before, after) {
            (None, _) => push(rules::OAUTH_ADDED, pointer, [None, after]),
            (_, None) => push(rules::OAUTH_REMOVED, pointer, [before, None]),
            (Some(before), Some(after)) => {
                for (at, values) in differences(before, after) {
                    push(rules::OAUTH_CHANGED, format!("{pointer}{at}"), values);
                }
            }
        }
    } else if name == MODES {
        let set = |value: Option<&Value>| -> BTreeSet<String> {
            let modes = value.and_then(Value::as_array).into_iter().flatten();
            modes.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (one, other) = (set(before), set(after));
        for gone in one.difference(&other) {
            push(rules::DESTINATION_MODE_REMOVED, pointer.clone(), [Some(&Value::from(gone.as_str())), None]);
        }
        for new in other.difference(&one) {
            push(rules::DESTINATION_MODE_ADDED, pointer.clone(), [None, Some(&Value::from(new.as_str()))]);
        }
    } else if ABILITIES.contains(&name) {
        match [is_true(before), is_true(after)] {
            [true, false] => push(rules::ABILITY_REMOVED, pointer, [before, after]),
            [false, true] => push(rules::ABILITY_CHANGED, pointer, [before, after]),
            _ => {}
        }
    } else {
        let rule = if name == "protocol_version" { rules::ABILITY_CHANGED } else { rules::ANNOTATION };
        push(rule, pointer, [before, after]);
    }
}

/// Where two values differ, as far down as both have objects.
fn differences<'v>(before: &'v Value, after: &'v Value) -> Vec<(String, [Option<&'v Value>; 2])> {
    const DEPTH: usize = 12;
    let (mut found, mut open) = (Vec::new(), vec![(String::new(), [Some(before), Some(after)], 0)]);
    while let Some((at, values, depth)) = open.pop() {
        match values {
            [Some(one), Some(other)] if canonical(one) == canonical(other) => {}
            [Some(one @ Value::Object(_)), Some(other @ Value::Object(_))] if depth < DEPTH => {
                for name in members(one, other).into_iter().rev() {
                    open.push((format!("{at}/{}", escaped(name)), [one.get(name), other.get(name)], depth + 1));
                }
            }
            values => found.push((at, values)),
        }
    }
    found
}
