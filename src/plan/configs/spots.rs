//! The places of a configuration, each with the schemas that say something about it.

use crate::protocol::schema::{Choice, Discriminator, escaped, types};
use serde_json::Value;
use std::collections::HashSet;

/// How deep the walk goes, how many places it visits, and how many schemas count at one of them.
const DEPTH: usize = 16;
const PLACES: usize = 2_000;
const SCHEMAS: usize = 50;

/// How many references and branches are looked at on the whole walk.
const STEPS: usize = 50_000;

/// A place of the configuration.
#[derive(Debug)]
pub(super) struct Spot<'a> {
    /// JSON pointer into the configuration.
    pub pointer: String,
    /// In words for people: `credentials.api_key`, `rows[0].name`; empty for the root.
    pub field: String,
    /// Its name in the object around it; none for the root and for items.
    pub name: Option<&'a str>,
    /// The place around it, by its place among the spots; none for the root.
    pub parent: Option<usize>,
    /// What stands there.
    pub value: &'a Value,
    /// Every schema that applies, with references followed, and with the branches that the configuration takes.
    pub schemas: Vec<&'a Value>,
}

impl<'a> Spot<'a> {
    /// A keyword of the first schema that has it.
    pub fn keyword(&self, keyword: &str) -> Option<&'a Value> {
        self.schemas.iter().find_map(|schema| schema.get(keyword))
    }

    /// Whether a member has to be there.
    pub fn requires(&self, name: &str) -> bool {
        let lists = self.schemas.iter().filter_map(|schema| schema.get("required")?.as_array());
        lists.flatten().any(|required| required == name)
    }
}

/// A configuration's places.
pub(super) struct Spots<'a> {
    /// The specification's schema.
    pub root: &'a Value,
    /// The configuration.
    pub config: &'a Value,
    /// The outer before the inner, otherwise in the configuration's order.
    pub all: Vec<Spot<'a>>,
    /// Pointers to what tells branches apart.
    discriminators: HashSet<String>,
}

impl<'a> Spots<'a> {
    /// Walks a configuration, beside the schema. Of an array, it visits the first item.
    pub(super) fn of(root: &'a Value, config: &'a Value) -> Self {
        let mut steps = STEPS;
        let schemas = applying(root, vec![root], config, &mut steps);
        let first =
            Spot { pointer: String::new(), field: String::new(), name: None, parent: None, value: config, schemas };
        let mut spots = Spots { root, config, all: vec![first], discriminators: HashSet::new() };
        let mut at = 0;
        while at < spots.all.len() {
            for (name, pointer, field, value, below) in inner(&spots.all[at]) {
                if spots.all.len() < PLACES && pointer.matches('/').count() <= DEPTH {
                    let schemas = applying(root, below, value, &mut steps);
                    spots.all.push(Spot { pointer, field, name, parent: Some(at), value, schemas });
                }
            }
            let found = discriminators(&spots.all[at]);
            spots.discriminators.extend(found);
            at += 1;
        }
        spots
    }

    /// Whether a place tells the branches of a `oneOf` apart.
    pub(super) fn is_discriminator(&self, spot: &Spot<'_>) -> bool {
        self.discriminators.contains(&spot.pointer)
    }

    /// The places of fields: all with a name. The platform's own, whose names begin with `_` at the top, are left out.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Spot<'a>> {
        self.all.iter().filter(|spot| spot.name.is_some() && !spot.pointer.starts_with("/_"))
    }

    /// The configuration with another value at a place.
    pub(super) fn with(&self, pointer: &str, value: Value) -> Value {
        let mut config = self.config.clone();
        if let Some(place) = config.pointer_mut(pointer) {
            *place = value;
        }
        config
    }

    /// The configuration without fields.
    pub(super) fn without(&self, fields: &[&Spot<'_>]) -> Value {
        let mut config = self.config.clone();
        for spot in fields {
            let parent = spot.parent.and_then(|parent| config.pointer_mut(&self.all[parent].pointer));
            if let (Some(members), Some(name)) = (parent.and_then(Value::as_object_mut), spot.name) {
                members.shift_remove(name);
            }
        }
        config
    }
}

/// What is directly within a place: name, pointer, words, value, and the schemas that are declared for it.
type Inner<'a> = (Option<&'a str>, String, String, &'a Value, Vec<&'a Value>);

fn inner<'a>(spot: &Spot<'a>) -> Vec<Inner<'a>> {
    match spot.value {
        Value::Object(members) => {
            let inner = members.iter().map(|(name, value)| {
                let dot = if spot.field.is_empty() { "" } else { "." };
                let below = spot.schemas.iter().filter_map(|schema| schema.get("properties")?.get(name));
                let (pointer, field) =
                    (format!("{}/{}", spot.pointer, escaped(name)), format!("{}{dot}{name}", spot.field));
                (Some(name.as_str()), pointer, field, value, below.collect())
            });
            inner.collect()
        }
        Value::Array(items) => {
            let below = || spot.schemas.iter().filter_map(|schema| schema.get("items")).collect();
            let first = items
                .first()
                .map(|item| (None, format!("{}/0", spot.pointer), format!("{}[0]", spot.field), item, below()));
            first.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The schemas themselves and all that they refer to, with the one branch of a choice that the value takes. Where it may
/// be several, none of them counts.
fn applying<'a>(root: &'a Value, schemas: Vec<&'a Value>, value: &Value, steps: &mut usize) -> Vec<&'a Value> {
    let mut all = schemas;
    all.truncate(SCHEMAS);
    let mut next = 0;
    while next < all.len() {
        let schema = all[next];
        let mut more: Vec<&Value> = target(root, schema).into_iter().collect();
        more.extend(schema.get("allOf").and_then(Value::as_array).into_iter().flatten().take(SCHEMAS));
        more.extend(["oneOf", "anyOf"].into_iter().filter_map(|keyword| taken(root, schema, keyword, value, steps)));
        for schema in more {
            if all.len() < SCHEMAS && !all.iter().any(|known| std::ptr::eq(*known, schema)) {
                all.push(schema);
            }
        }
        next += 1;
    }
    all
}

/// What a schema's reference leads to, within the document.
pub(super) fn target<'a>(root: &'a Value, schema: &Value) -> Option<&'a Value> {
    root.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}

/// A schema, or what it refers to.
pub(super) fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let followed = std::iter::successors(Some(schema), |schema| target(root, schema));
    followed.take(DEPTH).last().unwrap_or(schema)
}

/// The one branch that a value may have taken.
pub(super) fn taken<'a>(
    root: &'a Value,
    schema: &'a Value,
    keyword: &str,
    value: &Value,
    steps: &mut usize,
) -> Option<&'a Value> {
    let branches = schema.get(keyword)?.as_array()?;
    *steps = steps.checked_sub(branches.len())?;
    let mut fitting = branches.iter().filter(|branch| fits(resolved(root, branch), value));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// Whether a value may conform to a branch, at a glance: its type, what has to be there, and what is fixed.
fn fits(branch: &Value, value: &Value) -> bool {
    if !allows(branch, value) || types(branch).is_some_and(|types| !types.iter().any(|kind| is_of(value, kind))) {
        return false;
    }
    let Some(members) = value.as_object() else { return true };
    let required = branch.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let properties = branch.get("properties").and_then(Value::as_object);
    let is_fixed_otherwise = |(name, value)| {
        let property = properties.and_then(|properties| properties.get::<String>(name));
        property.is_some_and(|property| !allows(property, value))
    };
    required.into_iter().all(|name| members.contains_key(name)) && !members.iter().any(is_fixed_otherwise)
}

/// Whether a value is among those that a schema names, if it names any.
fn allows(schema: &Value, value: &Value) -> bool {
    schema.get("const").is_none_or(|only| only == value)
        && schema.get("enum").and_then(Value::as_array).is_none_or(|values| values.contains(value))
}

/// Whether a value is of a JSON Schema type.
pub(super) fn is_of(value: &Value, kind: &str) -> bool {
    match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => {
            let is_whole = || number.as_f64().is_some_and(|number| number.fract() == 0.0);
            kind == "number" || (kind == "integer" && is_whole())
        }
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    }
}

/// Pointers to the members of a place that tell branches apart.
fn discriminators(spot: &Spot<'_>) -> Vec<String> {
    let choices = spot.schemas.iter().filter_map(|schema| Choice::of(schema)?.discriminator());
    let names = choices.flat_map(|found| match found {
        Discriminator::One(name) | Discriminator::Older(name) => vec![name],
        Discriminator::Several(names) => names,
        Discriminator::Missing(_) => vec![],
    });
    names.map(|name| format!("{}/{}", spot.pointer, escaped(name))).collect()
}
