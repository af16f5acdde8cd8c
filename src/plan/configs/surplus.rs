//! Configurations with more than the specification knows, and with less of what it does not require.

use super::naming::{shown, slug};
use super::spots::{Spot, Spots};
use super::{DRAFTS, Draft, Judge, Kind};
use serde_json::{Value, json};

/// Optional fields left out, one at a time, and before that all together if there are several.
pub(super) struct Optional {
    /// Those whose value is their default.
    pub at_default: Vec<Draft>,
    /// Those whose value is not; all together are these and the others.
    pub elsewhere: Vec<Draft>,
}

/// With fields that the specification does not know, wherever it allows them: at the root, and in each object whose
/// fields it names. An object without named fields may be a map, of which each entry counts.
pub(super) fn unknown_keys(spots: &Spots<'_>, judge: &Judge, seed: u64) -> Vec<Draft> {
    let places: Vec<&Spot<'_>> = spots.all.iter().filter(|spot| is_open(spot)).collect();
    let name = (seed % 10_000..).map(|number| format!("unknown_field_{number}"));
    let is_known = |name: &String| {
        let declares = |spot: &&Spot<'_>| spot.schemas.iter().any(|schema| schema["properties"].get(name).is_some());
        places.iter().any(|spot| spot.value.get(name).is_some() || declares(spot))
    };
    let Some(name) = name.into_iter().find(|name| !is_known(name)) else { return Vec::new() };
    let with = |places: &[&Spot<'_>]| {
        let mut config = spots.config.clone();
        for spot in places {
            if let Some(Value::Object(members)) = config.pointer_mut(&spot.pointer) {
                members.insert(name.clone(), json!("has no meaning"));
            }
        }
        config
    };
    let everywhere = with(&places);
    let all_conform = judge.conforms(&everywhere);
    let config = if all_conform { everywhere } else { with(&places[..places.len().min(1)]) };
    let is_nested = all_conform && places.len() > 1;
    let (what, pointer) = match places.first() {
        None => return Vec::new(),
        Some(_) if is_nested => (format!("with a field `{name}`, which nobody knows, in each of its objects"), None),
        Some(spot) => (format!("with a field `{name}`, which nobody knows"), Some(spot.pointer.clone())),
    };
    vec![Draft { id: "unknown-fields".to_owned(), what, pointer, kind: Kind::UnknownKeys, config }]
}

/// Whether an object names its fields and allows others.
fn is_open(spot: &Spot<'_>) -> bool {
    const CLOSING: [&str; 3] = ["patternProperties", "propertyNames", "maxProperties"];
    let is_open = |schema: &&Value| {
        let allows = schema.get("additionalProperties").is_none_or(|others| others == true);
        allows && CLOSING.iter().all(|keyword| schema.get(keyword).is_none())
    };
    let names = |schema: &&Value| {
        schema.get("properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty())
    };
    spot.value.is_object() && spot.schemas.iter().all(is_open) && spot.schemas.iter().any(names)
}

/// Without optional fields that have a default.
pub(super) fn optional(spots: &Spots<'_>) -> Optional {
    let is_optional = |spot: &&Spot<'_>| {
        let parent = spot.parent.map(|parent| &spots.all[parent]);
        let is_required = parent.zip(spot.name).is_none_or(|(parent, name)| parent.requires(name));
        // What the platform fills in for `null` is not known.
        !is_required && !spots.is_discriminator(spot) && spot.keyword("default").is_some_and(|value| !value.is_null())
    };
    let all: Vec<&Spot<'_>> = spots.fields().filter(is_optional).collect();
    let (same, other): (Vec<&Spot<'_>>, Vec<&Spot<'_>>) =
        all.iter().partition(|spot| spot.keyword("default") == Some(spot.value));
    let at_default = without(spots, &same, &same, Kind::WithoutDefault);
    let together = if other.is_empty() { &other } else { &all };
    Optional { at_default, elsewhere: without(spots, &other, together, Kind::WithoutOptional) }
}

fn without(spots: &Spots<'_>, each: &[&Spot<'_>], together: &[&Spot<'_>], kind: Kind) -> Vec<Draft> {
    let (value, rest) = match kind {
        Kind::WithoutDefault => ("which is at its default", "that are at their defaults"),
        _ => ("which has a default", "that have defaults"),
    };
    let mut drafts = Vec::new();
    if together.len() > 1 {
        drafts.push(Draft {
            id: if kind == Kind::WithoutDefault { "without-defaults" } else { "without-optional-fields" }.to_owned(),
            what: format!("without any of the optional fields {rest}"),
            pointer: None,
            kind,
            config: spots.without(together),
        });
    }
    drafts.extend(each.iter().take(DRAFTS).map(|spot| Draft {
        id: format!("without-{}", slug(&spot.field)),
        what: format!("without the optional field `{}`, {value}", shown(&spot.field)),
        pointer: Some(spot.pointer.clone()),
        kind,
        config: spots.without(&[spot]),
    }));
    drafts
}
