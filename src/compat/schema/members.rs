//! Fields: which are new, gone, renamed, and which must be given.

use super::{At, Of, TooLarge, Walk, standalone};
use crate::compat::containment::{Undeclared, implies};
use crate::compat::rules;
use crate::protocol::schema::{declares, escaped};
use serde_json::{Map, Value, json};

impl<'s> Walk<'s> {
    /// Compares the fields of an object.
    pub(super) fn members(&mut self, [before, after]: [&'s Value; 2], at: &At<'s>) -> Result<(), TooLarge> {
        let [one, other] = [before, after].map(|schema| schema.get("properties").and_then(Value::as_object));
        let own = |members: Option<&'s Map<String, Value>>| members.into_iter().flatten();
        let is_in = |members: Option<&Map<String, Value>>, name: &str| members.is_some_and(|it| it.contains_key(name));
        let is_elsewhere =
            |root: &Value, schema: &Value, name: &String| declares(root, schema, std::slice::from_ref(name));
        for (name, schema) in own(one) {
            if let Some(now) = other.and_then(|other| other.get(name)) {
                self.compare([schema, now], &at.within(&format!("properties/{}", escaped(name))))?;
            }
        }
        let gone: Vec<(&'s String, &'s Value)> =
            own(one).filter(|(name, _)| !is_in(other, name) && !is_elsewhere(self.roots[1], after, name)).collect();
        let new: Vec<(&'s String, &'s Value)> =
            own(other).filter(|(name, _)| !is_in(one, name) && !is_elsewhere(self.roots[0], before, name)).collect();
        self.spend(gone.len() + new.len())?;
        match (gone.as_slice(), new.as_slice()) {
            ([former], [latter]) if is_renamed(former.1, latter.1) => {
                self.renamed([before, after], [*former, *latter], at)
            }
            _ => {
                for (name, schema) in &gone {
                    self.gone(after, name, schema, at);
                }
                for (name, schema) in &new {
                    self.new_field([before, after], name, schema, at);
                }
            }
        }
        let reported: Vec<&str> = gone.iter().chain(&new).map(|(name, _)| name.as_str()).collect();
        self.required([before, after], &reported, at)
    }

    fn gone(&mut self, after: &'s Value, name: &str, schema: &'s Value, at: &At<'s>) {
        let is_closed = after.get("additionalProperties") == Some(&Value::Bool(false));
        let rule = match self.of {
            Of::Records => rules::COLUMN_REMOVED,
            Of::Config if is_closed => rules::FIELD_REFUSED,
            Of::Config => rules::FIELD_REMOVED,
        };
        self.push(rule, at.keyword(&format!("properties/{}", escaped(name))), [Some(schema), None]);
    }

    fn new_field(&mut self, [before, after]: [&'s Value; 2], name: &str, schema: &'s Value, at: &At<'s>) {
        let rule = match self.of {
            Of::Records => rules::COLUMN_ADDED,
            Of::Config if names(after).any(|it| it == name) && !self.was_given(before, name, at) => {
                rules::REQUIRED_FIELD_ADDED
            }
            Of::Config => rules::FIELD_ADDED,
        };
        self.push(rule, at.keyword(&format!("properties/{}", escaped(name))), [None, Some(schema)]);
    }

    fn renamed(&mut self, [before, after]: [&'s Value; 2], fields: [(&'s String, &'s Value); 2], at: &At<'s>) {
        let [(former, _), (latter, _)] = fields;
        let is_required = names(after).any(|name| name == latter) && !self.was_given(before, latter, at);
        let is_closed = after.get("additionalProperties") == Some(&Value::Bool(false));
        let rule = match self.of {
            Of::Records => rules::COLUMN_RENAMED,
            Of::Config if is_required || is_closed => rules::REQUIRED_FIELD_RENAMED,
            Of::Config => rules::FIELD_RENAMED,
        };
        let pointer = at.keyword(&format!("properties/{}", escaped(latter)));
        self.push(rule, pointer, [Some(&json!(former)), Some(&json!(latter))]);
    }

    /// Whether a field had to be given by what was valid before.
    fn was_given(&self, before: &'s Value, name: &str, at: &At<'s>) -> bool {
        let known: Vec<&Value> = at.known.iter().copied().chain([before]).collect();
        let goal = json!({ "required": [name] });
        implies(self.roots[0], &known, &goal, Undeclared::Absent)
    }

    fn required(&mut self, [before, after]: [&'s Value; 2], reported: &[&str], at: &At<'s>) -> Result<(), TooLarge> {
        let is_in = |schema: &Value, name: &str| names(schema).any(|it| it == name);
        let more: Vec<&'s str> = names(after).filter(|name| !is_in(before, name) && !reported.contains(name)).collect();
        let less: Vec<&'s str> = names(before).filter(|name| !is_in(after, name) && !reported.contains(name)).collect();
        for name in more {
            self.spend(1)?;
            let rule = match self.of {
                Of::Records => rules::RECORDS_CONSTRAINED,
                Of::Config if self.was_given(before, name, at) => continue,
                Of::Config => rules::BECAME_REQUIRED,
            };
            self.push(rule, at.keyword("required"), [None, Some(&json!(name))]);
        }
        for name in less {
            self.spend(1)?;
            let latter = standalone(self.roots[1], after);
            let rule = match self.of {
                Of::Records => rules::RECORDS_CONSTRAINED,
                Of::Config if implies(&latter, &[&latter], &json!({ "required": [name] }), Undeclared::Absent) => {
                    continue;
                }
                Of::Config => rules::NO_LONGER_REQUIRED,
            };
            self.push(rule, at.keyword("required"), [Some(&json!(name)), None]);
        }
        Ok(())
    }
}

/// The names of a schema's `required`.
fn names(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether one field is another with a new name: all that is said of it is the same, and some of that is in words.
pub(in crate::compat) fn is_renamed(former: &Value, latter: &Value) -> bool {
    let is_told = |keyword: &str| former.get(keyword).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    former == latter && (is_told("description") || is_told("title"))
}
