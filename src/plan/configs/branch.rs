//! Configurations that take another branch of a `oneOf`: one that is there, or none.

use super::naming::{shown, slug};
use super::spots::{Spot, Spots, resolved, taken};
use super::{DRAFTS, Draft, Kind};
use crate::protocol::schema::{Choice, types};
use serde_json::{Map, Value, json};

/// How many branches of a choice are filled.
const BRANCHES: usize = 50;

/// With a value that is no branch's in what tells branches apart.
pub(super) fn unknown(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let fields = spots.fields().filter(move |spot| spots.is_discriminator(spot) && spot.value.is_string());
    let draft = move |spot: &Spot<'_>| Draft {
        id: format!("unknown-{}", slug(&spot.field)),
        what: format!("whose `{}` names no branch that there is", shown(&spot.field)),
        pointer: Some(spot.pointer.clone()),
        kind: Kind::UnknownBranch,
        config: spots.with(&spot.pointer, json!("no-such-branch")),
    };
    fields.map(draft)
}

/// With each other branch that can be filled from what is known.
pub(super) fn others(spots: &Spots<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for spot in spots.all.iter() {
        if drafts.len() >= DRAFTS {
            break;
        }
        let Some(members) = spot.value.as_object() else { continue };
        for schema in &spot.schemas {
            let (Some(choice), Some(present)) =
                (Choice::of(schema), taken(spots.root, schema, "oneOf", spot.value, &mut { BRANCHES }))
            else {
                continue;
            };
            for branch in choice.branches.iter().filter(|branch| !std::ptr::eq(branch.schema, present)).take(BRANCHES) {
                let filled = fill(spots, spot, members, present, branch.schema);
                drafts.extend(filled.map(|filled| draft(spots, spot, &branch.describe(), filled)));
            }
        }
    }
    drafts.truncate(DRAFTS);
    drafts
}

fn draft(spots: &Spots<'_>, spot: &Spot<'_>, branch: &str, filled: Map<String, Value>) -> Draft {
    let place = if spot.field.is_empty() { "its root".to_owned() } else { format!("`{}`", shown(&spot.field)) };
    // Behind a title, `describe` has its quotes; they stay, whatever is between them does not.
    let title = branch.strip_prefix("the branch `").and_then(|rest| rest.strip_suffix('`'));
    let branch_shown = title.map_or_else(|| branch.to_owned(), |title| format!("the branch `{}`", shown(title)));
    Draft {
        id: format!("other-{}", slug(&format!("{} {}", spot.field, title.unwrap_or(branch)))),
        what: format!("that takes {branch_shown} at {place}"),
        pointer: Some(spot.pointer.clone()),
        kind: Kind::OtherBranch,
        config: spots.with(&spot.pointer, Value::Object(filled)),
    }
}

/// The members of a place with another branch: what only the present one declares goes, what the other requires comes.
/// None where not all of that is known.
fn fill(
    spots: &Spots<'_>,
    spot: &Spot<'_>,
    members: &Map<String, Value>,
    present: &Value,
    other: &Value,
) -> Option<Map<String, Value>> {
    let declares = |schema: &Value, name: &str| schema.get("properties").is_some_and(|all| all.get(name).is_some());
    let present = resolved(spots.root, present);
    let around = |name: &str| {
        let mut around = spot.schemas.iter().filter(|schema| !std::ptr::eq(**schema, present));
        around.any(|schema| declares(schema, name))
    };
    let kept = members.iter().filter(|(name, _)| !declares(present, name) || around(name) || declares(other, name));
    let mut filled: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    let constants = other.get("properties").and_then(Value::as_object).into_iter().flatten();
    let constants = constants.filter_map(|(name, property)| Some((name, property.get("const")?)));
    let required = other.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for (name, value) in constants {
        filled.insert(name.clone(), value.clone());
    }
    for name in required {
        let property = other.get("properties").and_then(|all| all.get(name)).map(|schema| resolved(spots.root, schema));
        // An `enum` of one value beside a `default` says the branch, as a `const` does.
        let known = property.and_then(|property| fixed(property).or_else(|| filled.get(name).cloned()));
        let value = known.or_else(|| property.and_then(offered))?;
        filled.insert(name.to_owned(), value);
    }
    Some(filled)
}

/// The only value that a property may have.
fn fixed(property: &Value) -> Option<Value> {
    let only = property.get("enum").and_then(Value::as_array).filter(|values| values.len() == 1);
    property.get("const").or_else(|| only?.first()).cloned()
}

/// A value that a property's schema names as good: its default, or the first of several.
fn offered(property: &Value) -> Option<Value> {
    let first = || property.get("enum")?.as_array()?.iter().find(|value| !value.is_null());
    let is_object = || types(property).is_some_and(|types| types.contains(&"object"));
    let empty = json!({});
    let nothing_needed = || (is_object() && property.get("required").is_none()).then_some(&empty);
    property.get("default").filter(|value| !value.is_null()).or_else(first).or_else(nothing_needed).cloned()
}
