//! Paths of fields as the acceptance tests write them: names with slashes between them, `*` for any text in a name.

use crate::suite::diagnose::quoted;
use globset::{GlobBuilder, GlobMatcher};
use serde_json::{Map, Value};

/// A path of fields within a record: `charges/data/*/receipt_url`. `*` stands for any text within a name or for any
/// place in a list, `**` for any number of names.
#[derive(Debug, Clone)]
pub struct FieldPath {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Name(String),
    Pattern(GlobMatcher),
    AnyNumber,
}

impl PartialEq for FieldPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl FieldPath {
    /// Reads a path. Errs with what is wrong with it, in a sentence.
    pub fn parse(text: &str) -> Result<FieldPath, String> {
        let trimmed = text.trim_matches('/');
        let part = |part: &str| match part {
            "" => Err(format!("{} has an empty name between two slashes", quoted(text))),
            "**" => Ok(Part::AnyNumber),
            plain if !plain.contains(['*', '?', '[', '{']) => Ok(Part::Name(plain.to_owned())),
            pattern => GlobBuilder::new(pattern)
                .build()
                .map(|glob| Part::Pattern(glob.compile_matcher()))
                .map_err(|error| format!("{} is no path of fields: {}", quoted(text), error.kind())),
        };
        let parts = trimmed.split('/').map(part).collect::<Result<_, _>>()?;
        Ok(FieldPath { text: text.to_owned(), parts })
    }

    /// The member of a record by that name, whatever stands in it.
    pub fn member(name: &str) -> FieldPath {
        FieldPath { text: name.to_owned(), parts: vec![Part::Name(name.to_owned())] }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it means a whole member of a record by that name.
    pub fn is_member(&self, name: &str) -> bool {
        matches!(self.parts.as_slice(), [part] if part.takes(name))
    }

    /// Takes what it leads to out of a record.
    pub fn remove_from(&self, data: &mut Map<String, Value>) {
        remove_members(data, &self.parts);
    }
}

impl FieldPath {
    /// Lets `act` change each value that it leads to in a record.
    pub fn edit(&self, data: &mut Map<String, Value>, act: &mut dyn FnMut(&mut Value)) {
        edit_members(data, &self.parts, act);
    }

    /// Whether it leads to the field with these names, or to one that holds it. The items of a list are named `*`.
    pub fn covers(&self, names: &[&str]) -> bool {
        covers(&self.parts, names)
    }
}

fn covers(parts: &[Part], names: &[&str]) -> bool {
    match (parts.split_first(), names.split_first()) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((Part::AnyNumber, [])), Some(_)) => true,
        (Some((Part::AnyNumber, rest)), Some((_, below))) => covers(rest, names) || covers(parts, below),
        (Some((part, rest)), Some((name, below))) => part.takes(name) && covers(rest, below),
    }
}

fn edit(value: &mut Value, parts: &[Part], act: &mut dyn FnMut(&mut Value)) {
    match (parts, value) {
        ([], value) => act(value),
        (_, Value::Object(members)) => edit_members(members, parts, act),
        ([Part::AnyNumber, rest @ ..], Value::Array(items)) => {
            for item in items.iter_mut() {
                if rest.is_empty() { act(item) } else { edit(item, parts, act) }
            }
        }
        ([first, rest @ ..], Value::Array(items)) => {
            let places = items.iter_mut().enumerate();
            places.filter(|(place, _)| first.takes(&place.to_string())).for_each(|(_, item)| edit(item, rest, act));
        }
        _ => {}
    }
}

fn edit_members(members: &mut Map<String, Value>, parts: &[Part], act: &mut dyn FnMut(&mut Value)) {
    match parts {
        [] => {}
        [Part::AnyNumber] => members.values_mut().for_each(act),
        [Part::AnyNumber, rest @ ..] => {
            edit_members(members, rest, act);
            members
                .values_mut()
                .filter(|value| value.is_object() || value.is_array())
                .for_each(|value| edit(value, parts, act));
        }
        [first, rest @ ..] => {
            members.iter_mut().filter(|(name, _)| first.takes(name)).for_each(|(_, value)| edit(value, rest, act));
        }
    }
}

impl Part {
    fn takes(&self, name: &str) -> bool {
        match self {
            Part::Name(own) => own == name,
            Part::Pattern(pattern) => pattern.is_match(name),
            Part::AnyNumber => true,
        }
    }
}

fn remove(value: &mut Value, parts: &[Part]) {
    match value {
        Value::Object(members) => remove_members(members, parts),
        Value::Array(items) => remove_items(items, parts),
        _ => {}
    }
}

fn remove_members(members: &mut Map<String, Value>, parts: &[Part]) {
    let Some((first, rest)) = parts.split_first() else { return };
    match (first, rest) {
        (Part::AnyNumber, []) => members.clear(),
        (Part::AnyNumber, _) => {
            remove_members(members, rest);
            members.values_mut().for_each(|value| remove(value, parts));
        }
        (_, []) => members.retain(|name, _| !first.takes(name)),
        _ => members.iter_mut().filter(|(name, _)| first.takes(name)).for_each(|(_, value)| remove(value, rest)),
    }
}

fn remove_items(items: &mut Vec<Value>, parts: &[Part]) {
    let Some((first, rest)) = parts.split_first() else { return };
    match (first, rest) {
        (Part::AnyNumber, []) => items.clear(),
        (Part::AnyNumber, _) => {
            remove_items(items, rest);
            items.iter_mut().for_each(|value| remove(value, parts));
        }
        (_, []) => {
            let mut place = 0;
            items.retain(|_| {
                place += 1;
                !first.takes(&(place - 1).to_string())
            });
        }
        _ => {
            let places = items.iter_mut().enumerate();
            places.filter(|(place, _)| first.takes(&place.to_string())).for_each(|(_, value)| remove(value, rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn without(path: &str, data: Value) -> Value {
        let Value::Object(mut data) = data else { panic!("{data}") };
        FieldPath::parse(path).expect("a path").remove_from(&mut data);
        Value::Object(data)
    }

    #[test]
    fn what_a_path_leads_to_is_taken_out() {
        let charges = json!({"id": 1, "charges": {"data": [{"id": 2, "receipt_url": "a"}, {"receipt_url": "b"}]}});
        assert_eq!(
            without("charges/data/*/receipt_url", charges.clone()),
            json!({"id": 1, "charges": {"data": [{"id": 2}, {}]}})
        );
        assert_eq!(without("/charges/data/1", charges.clone())["charges"]["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(without("**/receipt_url", charges.clone()), without("charges/data/*/receipt_url", charges.clone()));
        assert_eq!(
            without("*_url", json!({"a_url": 1, "url": 2, "b": {"c_url": 3}})),
            json!({"url": 2, "b": {"c_url": 3}})
        );
        assert_eq!(without("nowhere/at/all", charges.clone()), charges);
        assert_eq!(without("**", charges), json!({}));
    }

    #[test]
    fn what_a_path_leads_to_can_be_changed() {
        let changed = |path: &str| {
            let Value::Object(mut data) = json!({"id": 1, "a": {"at": 2, "b": [{"at": 3}, {"c": 4}]}}) else {
                panic!()
            };
            FieldPath::parse(path).expect("a path").edit(&mut data, &mut |value| *value = json!(0));
            Value::Object(data)
        };
        assert_eq!(changed("a/b/*/at"), json!({"id": 1, "a": {"at": 2, "b": [{"at": 0}, {"c": 4}]}}));
        assert_eq!(changed("**/at"), json!({"id": 1, "a": {"at": 0, "b": [{"at": 0}, {"c": 4}]}}));
        assert_eq!(changed("/a"), json!({"id": 1, "a": 0}));
        let covers = |path: &str, names: &[&str]| FieldPath::parse(path).expect("a path").covers(names);
        assert!(
            covers("a/b", &["a", "b", "*", "at"]) && covers("**/at", &["a", "b", "*", "at"]) && covers("**", &["a"])
        );
        assert!(!covers("a/b", &["a"]) && !covers("**/at", &["a", "b"]));
    }

    #[test]
    fn what_is_no_path_is_told() {
        for text in ["", "a//b", "a/{b"] {
            assert!(FieldPath::parse(text).is_err(), "{text}");
        }
        let path = FieldPath::parse("updated_*").expect("a path");
        assert!(path.is_member("updated_at") && !path.is_member("created_at"));
        assert!(!FieldPath::parse("a/b").expect("a path").is_member("a"));
    }
}
