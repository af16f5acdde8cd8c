//! Every place in the schema of a specification, walked once for all rules that look through it.

use super::{Look, Violation};
use crate::protocol::schema::{Place, Position, escaped, positions, types};
use serde_json::Value;
use std::ops::Deref;

/// Where the schema stands in the message.
const SCHEMA: &str = "/spec/connectionSpecification";

/// A schema within the SPEC's `connectionSpecification`: what a form is made of.
#[derive(Debug, Clone, Copy)]
pub struct FormPlace<'p, 'l> {
    position: &'p Position<'l>,
}

impl<'l> Deref for FormPlace<'_, 'l> {
    type Target = Position<'l>;

    fn deref(&self) -> &Self::Target {
        self.position
    }
}

impl<'l> FormPlace<'_, 'l> {
    /// The name of the property that is described here, and the schema that has it among its properties.
    pub fn property(&self) -> Option<(&'l str, &'l Value)> {
        match self.place {
            Place::Property { name, parent } => Some((name, parent)),
            _ => None,
        }
    }

    /// Whether a keyword stands here. One that is null does not.
    pub fn has(&self, keyword: &str) -> bool {
        self.keyword(keyword).is_some_and(|value| !value.is_null())
    }

    /// Whether it is a field for an object of which a form can show nothing: no property is described, nor anything else
    /// of what is in it.
    pub fn is_empty_object(&self) -> bool {
        const DESCRIBE: [&str; 7] = ["$ref", "oneOf", "anyOf", "allOf", "not", "if", "patternProperties"];
        let is_field = matches!(self.place, Place::Property { .. } | Place::Items);
        let is_object = || {
            let types = types(self.schema).unwrap_or_default();
            types.contains(&"object") && types.iter().all(|word| ["object", "null"].contains(word))
        };
        let is_open = || match self.keyword("properties") {
            None | Some(Value::Null) => true,
            Some(properties) => properties.as_object().is_some_and(|properties| properties.is_empty()),
        };
        is_field && is_object() && is_open() && !DESCRIBE.iter().any(|keyword| self.has(keyword))
    }

    /// JSON pointer, from the message, to what stands at that path from here.
    pub fn pointer_within(&self, path: &[&str]) -> String {
        path.iter().fold(format!("{SCHEMA}{}", self.pointer), |pointer, step| format!("{pointer}/{}", escaped(step)))
    }

    /// A violation here, at a keyword or (where that is empty) the whole schema. Shows the schema.
    pub fn violation(&self, look: &Look<'_>, keyword: &str, title: impl Into<String>, message: String) -> Violation {
        let within = if keyword.is_empty() { self.pointer.clone() } else { self.pointer_to(keyword) };
        Violation::new(title, message).part(look.line, format!("{SCHEMA}{within}"), self.schema)
    }
}

impl<'l> Look<'l> {
    /// Every place in the schema of the first SPEC, its root first, on that message's line and nowhere else.
    pub fn form(&self) -> impl Iterator<Item = FormPlace<'_, 'l>> {
        let places = self.form.get_or_init(|| self.connection_specification().map(positions).unwrap_or_default());
        places.iter().map(|position| FormPlace { position })
    }

    /// The places of [`Look::form`] that a form can show. Not those below `not`, `if`, `then` and `else`, which test what
    /// others describe, and not those below `definitions`, which count where a reference leads: SPEC-006 and SPEC-005 are
    /// about these.
    pub fn fields(&self) -> impl Iterator<Item = FormPlace<'_, 'l>> {
        let is_apart = |place: &FormPlace<'_, '_>| match place.place {
            Place::Definition => true,
            Place::Branch { keyword, .. } => ["not", "if", "then", "else"].contains(&keyword),
            _ => false,
        };
        without(self.form(), is_apart)
    }

    /// Those of [`Look::fields`] that users meet: without hidden properties and all that is in them.
    pub fn shown(&self) -> impl Iterator<Item = FormPlace<'_, 'l>> {
        without(self.fields(), |place| place.keyword("airbyte_hidden") == Some(&Value::Bool(true)))
    }

    /// The `connectionSpecification` of the first SPEC, on that message's line and nowhere else. None where it is no
    /// object: SPEC-003 says so.
    pub fn connection_specification(&self) -> Option<&'l Value> {
        self.specification()?.get("connectionSpecification").filter(|schema| schema.is_object())
    }
}

/// Leaves out the places that are apart, with all that is in them.
fn without<'p, 'l: 'p>(
    places: impl Iterator<Item = FormPlace<'p, 'l>>,
    is_apart: impl Fn(&FormPlace<'p, 'l>) -> bool,
) -> impl Iterator<Item = FormPlace<'p, 'l>> {
    // A place stands before those within it: all that follow and are deeper.
    let mut left_out: Option<usize> = None;
    places.filter(move |place| {
        if left_out.is_some_and(|depth| place.depth > depth) {
            return false;
        }
        left_out = is_apart(place).then_some(place.depth);
        left_out.is_none()
    })
}
