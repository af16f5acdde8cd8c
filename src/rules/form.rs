//! Every place in the schema of a specification, walked once for all rules that look through it.

use super::{Look, Violation};
use crate::protocol::schema::{Place, Position, positions};
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

    /// Those places that users meet in the form: without what only a `$ref` uses or a condition says, and without hidden
    /// properties and all that is in them.
    pub fn shown(&self) -> impl Iterator<Item = FormPlace<'_, 'l>> {
        // A place stands before those within it: all that follow and are deeper.
        let mut left_out: Option<usize> = None;
        self.form().filter(move |place| {
            if left_out.is_some_and(|depth| place.depth > depth) {
                return false;
            }
            let is_apart = match place.place {
                Place::Definition => true,
                Place::Branch { keyword, .. } => !matches!(keyword, "oneOf" | "anyOf" | "allOf"),
                _ => place.keyword("airbyte_hidden").is_some_and(|hidden| *hidden == Value::Bool(true)),
            };
            left_out = is_apart.then_some(place.depth);
            !is_apart
        })
    }

    /// The `connectionSpecification` of the first SPEC, on that message's line and nowhere else. None where it is no
    /// object: SPEC-003 says so.
    pub fn connection_specification(&self) -> Option<&'l Value> {
        self.specification()?.get("connectionSpecification").filter(|schema| schema.is_object())
    }
}
