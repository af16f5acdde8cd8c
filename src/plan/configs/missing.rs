//! Configurations that lack what is required.

use super::naming::{shown, slug};
use super::spots::{Spot, Spots, resolved};
use super::{Draft, Kind};
use serde_json::{Value, json};

/// How deep a default is looked for within what is left out.
const DEPTH: usize = 4;

/// Without each required field whose value nothing else says.
pub(super) fn required(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let fields = required_fields(spots).filter(move |spot| !is_said(spots, spot));
    let draft = move |spot: &Spot<'_>| Draft {
        id: format!("without-{}", slug(&spot.field)),
        what: format!("without the required field `{}`", shown(&spot.field)),
        pointer: Some(spot.pointer.clone()),
        kind: Kind::MissingRequired,
        config: spots.without(&[spot]),
    };
    fields.map(draft)
}

/// Without each field that tells branches apart and has no default.
pub(super) fn discriminators(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let fields =
        required_fields(spots).filter(move |spot| spots.is_discriminator(spot) && spot.keyword("default").is_none());
    let draft = move |spot: &Spot<'_>| Draft {
        id: format!("without-{}", slug(&spot.field)),
        what: format!("without `{}`, which says the branch that it takes", shown(&spot.field)),
        pointer: Some(spot.pointer.clone()),
        kind: Kind::MissingDiscriminator,
        config: spots.without(&[spot]),
    };
    fields.map(draft)
}

/// Without any field.
pub(super) fn all() -> Draft {
    Draft {
        id: "empty-object".to_owned(),
        what: "without any field".to_owned(),
        pointer: Some(String::new()),
        kind: Kind::Empty,
        config: json!({}),
    }
}

fn required_fields<'s, 'a>(spots: &'s Spots<'a>) -> impl Iterator<Item = &'s Spot<'a>> {
    spots.fields().filter(move |spot| {
        let parent = spot.parent.map(|parent| &spots.all[parent]);
        parent.zip(spot.name).is_some_and(|(parent, name)| parent.requires(name))
    })
}

/// Whether the specification says what a field is without it: by a default, or since it can be one thing only.
fn is_said(spots: &Spots<'_>, spot: &Spot<'_>) -> bool {
    spots.is_discriminator(spot) || spot.schemas.iter().any(|schema| is_filled(spots.root, schema, DEPTH))
}

/// Whether a schema fills a value in: with its own default or only value, or with those of all that it requires within,
/// in one of its branches if it has some.
fn is_filled(root: &Value, schema: &Value, depth: usize) -> bool {
    let schema = resolved(root, schema);
    if schema.get("default").is_some() || schema.get("const").is_some() {
        return true;
    }
    let Some(depth) = depth.checked_sub(1) else { return false };
    if let Some(branches) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        return branches.iter().take(50).any(|branch| is_filled(root, branch, depth));
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return false };
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let fills = |name: &str| properties.get(name).is_some_and(|property| is_filled(root, property, depth));
    required.iter().take(50).all(|name| fills(name)) && properties.keys().take(50).any(|name| fills(name))
}
