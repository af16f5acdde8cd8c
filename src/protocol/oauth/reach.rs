//! Properties of a form by their path in a configuration, through the branches that a predicate selects.

use super::super::schema::escaped;
use super::{Fit, Predicate, fit};
use serde_json::Value;
use std::collections::HashSet;

/// How many steps a search takes before it gives up and is unsure. Schemas are hostile.
const STEPS: usize = 2_000;

/// What is at a path.
#[derive(Debug, Clone)]
pub enum Reach<'s> {
    /// These properties: one, or one in each of several branches.
    There(Vec<Reached<'s>>),
    /// These, if any, and perhaps more: a `$ref` stands in the way, or a schema that does not say what is below it.
    Perhaps(Vec<Reached<'s>>),
    /// Nothing.
    Nowhere,
}

impl<'s> Reach<'s> {
    /// The properties that are known.
    pub fn found(self) -> Vec<Reached<'s>> {
        match self {
            Reach::There(found) | Reach::Perhaps(found) => found,
            Reach::Nowhere => Vec::new(),
        }
    }
}

/// A property at a path.
#[derive(Debug, Clone)]
pub struct Reached<'s> {
    /// JSON pointer to it, from the form's root.
    pub pointer: String,
    /// What is said of it.
    pub schema: &'s Value,
    /// Whether it, or something around it, is marked `airbyte_secret`.
    pub is_secret: bool,
}

/// What a form has at a path. Of branches, only those count that the predicate selects, where it decides between them.
pub fn reach<'s>(form: &'s Value, path: &[&str], predicate: Option<&Predicate<'_>>) -> Reach<'s> {
    let mut search = Search { steps: STEPS, found: Vec::new(), is_unsure: false };
    search.visit(Node { schema: form, pointer: String::new(), is_secret: false }, path, predicate.map(Condition::of));
    match (search.is_unsure, search.found.is_empty()) {
        (true, _) => Reach::Perhaps(search.found),
        (false, false) => Reach::There(search.found),
        (false, true) => Reach::Nowhere,
    }
}

/// The branch that a form opens with where a predicate selects another: its pointer from the form's root, and itself.
pub fn default_branch<'s>(form: &'s Value, predicate: &Predicate<'_>) -> Option<(String, &'s Value)> {
    let (mut schema, mut pointer, mut condition) = (form, String::new(), Condition::of(predicate));
    let mut search = Search { steps: STEPS, found: Vec::new(), is_unsure: false };
    while let Some((name, rest)) = condition.rest.split_first() {
        let branches = schema.get("oneOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let fits = search.fits(branches, condition);
        if let Some(selected) = fits.iter().position(|fit| *fit == Some(Fit::Fits)) {
            match fits.first() {
                Some(None | Some(Fit::Other)) => return Some((format!("{pointer}/oneOf/0"), branches.first()?)),
                _ => (schema, pointer) = (branches.get(selected)?, format!("{pointer}/oneOf/{selected}")),
            }
            continue;
        }
        schema = schema.get("properties")?.get(*name)?;
        pointer = format!("{pointer}/properties/{}", escaped(name));
        condition.rest = rest;
    }
    None
}

/// What is left of a predicate, further down in the form.
#[derive(Clone, Copy)]
struct Condition<'p> {
    rest: &'p [&'p str],
    value: Option<&'p str>,
}

impl<'p> Condition<'p> {
    fn of(predicate: &'p Predicate<'_>) -> Self {
        Condition { rest: &predicate.key, value: predicate.value.as_deref() }
    }

    /// What is left of it below a property.
    fn below(self, name: &str) -> Option<Self> {
        let (first, rest) = self.rest.split_first()?;
        (*first == name && !rest.is_empty()).then_some(Condition { rest, ..self })
    }
}

/// A schema on the way.
struct Node<'s> {
    schema: &'s Value,
    pointer: String,
    is_secret: bool,
}

impl<'s> Node<'s> {
    fn within(&self, at: &str, schema: &'s Value) -> Node<'s> {
        let is_secret = self.is_secret || schema.get("airbyte_secret") == Some(&Value::Bool(true));
        Node { schema, pointer: format!("{}/{at}", self.pointer), is_secret }
    }
}

struct Search<'s> {
    steps: usize,
    found: Vec<Reached<'s>>,
    is_unsure: bool,
}

impl<'s> Search<'s> {
    fn visit(&mut self, node: Node<'s>, path: &[&str], condition: Option<Condition<'_>>) {
        let Some((name, rest)) = path.split_first() else { return };
        if !self.step() || node.schema.get("$ref").is_some() {
            self.is_unsure = true;
            return;
        }
        if let Some(property) = node.schema.get("properties").and_then(|properties| properties.get(name)) {
            let property = node.within(&format!("properties/{}", escaped(name)), property);
            if rest.is_empty() {
                let Node { schema, pointer, is_secret } = property;
                self.found.push(Reached { pointer, schema, is_secret });
            } else if is_silent_below(property.schema) {
                self.is_unsure = true;
            } else {
                self.visit(property, rest, condition.and_then(|condition| condition.below(name)));
            }
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            let branches = node.schema.get(keyword).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let condition = condition.filter(|_| keyword != "allOf");
            let selected = condition.and_then(|condition| self.selected(branches, condition));
            for (at, branch) in branches.iter().enumerate() {
                if self.steps == 0 {
                    self.is_unsure = true;
                    return;
                }
                if selected.as_ref().is_none_or(|selected| selected.contains(&at)) {
                    self.visit(node.within(&format!("{keyword}/{at}"), branch), path, condition);
                }
            }
        }
    }

    /// The places of the branches that fulfil the condition; those that may, where none surely does. None for all: where
    /// the condition does not decide.
    fn selected(&mut self, branches: &'s [Value], condition: Condition<'_>) -> Option<HashSet<usize>> {
        let fits = self.fits(branches, condition);
        let best = fits.iter().copied().max().flatten().filter(|best| *best > Fit::Other)?;
        let places = fits.iter().enumerate().filter(|(_, fit)| **fit == Some(best));
        Some(places.map(|(at, _)| at).collect())
    }

    /// Whether branches fulfil a condition, as far as there are steps.
    fn fits(&mut self, branches: &'s [Value], condition: Condition<'_>) -> Vec<Option<Fit>> {
        let mut fits = Vec::new();
        for branch in branches.iter().take(self.steps) {
            fits.push(self.fit(branch, condition));
        }
        fits
    }

    /// Whether a branch fulfils a condition; none where it does not have the property.
    fn fit(&mut self, branch: &'s Value, condition: Condition<'_>) -> Option<Fit> {
        let mut search = Search { steps: self.steps, found: Vec::new(), is_unsure: false };
        search.visit(Node { schema: branch, pointer: String::new(), is_secret: false }, condition.rest, None);
        self.steps = search.steps;
        let known = search.found.iter().map(|found| fit(found.schema, condition.value));
        known.max().max(search.is_unsure.then_some(Fit::Open))
    }

    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }
}

/// Whether a schema may be an object's and does not say what is in it.
fn is_silent_below(schema: &Value) -> bool {
    let may_be_an_object = match schema.get("type") {
        Some(Value::String(word)) => word == "object",
        Some(Value::Array(words)) => words.iter().any(|word| word == "object"),
        _ => true,
    };
    let says = ["properties", "oneOf", "anyOf", "allOf", "$ref"].iter().any(|keyword| schema.get(keyword).is_some());
    may_be_an_object && !says
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form() -> Value {
        json!({"properties": {
            "login": {
                "type": "object", "properties": {"shop": {"type": "string"}},
                "oneOf": [
                    {"properties": {"by": {"const": "token"}, "token": {"airbyte_secret": true}}},
                    {"airbyte_secret": true, "properties": {
                        "by": {"const": "oauth"}, "refresh": {},
                        "more": {"oneOf": [
                            {"properties": {"kind": {"const": "a"}, "x": {}}},
                            {"properties": {"kind": {"const": "b"}, "y": {}}},
                        ]},
                    }},
                ],
            },
            "free": {"type": "object"}, "list": {"type": "array", "items": {"properties": {"a": {}}}},
            "word": {"type": "string"}, "ref": {"$ref": "#/x"},
        }})
    }

    fn found(path: &[&str], key: &[&str], value: &str) -> String {
        let form = form();
        let predicate = Predicate { key: key.to_vec(), value: Some(value.to_owned()) };
        match reach(&form, path, (!key.is_empty()).then_some(&predicate)) {
            Reach::Nowhere => "nowhere".to_owned(),
            Reach::Perhaps(found) => format!("{} and perhaps more", found.len()),
            Reach::There(found) => found.iter().map(|found| format!("{} {}", found.pointer, found.is_secret)).collect(),
        }
    }

    #[test]
    fn a_path_goes_through_the_branch_that_is_selected() {
        let oauth = ["login", "by"];
        let at = "/properties/login";
        assert_eq!(found(&["login", "refresh"], &oauth, "oauth"), format!("{at}/oneOf/1/properties/refresh true"));
        assert_eq!(found(&["login", "token"], &oauth, "oauth"), "nowhere");
        assert_eq!(found(&["login", "token"], &[], ""), format!("{at}/oneOf/0/properties/token true"));
        assert_eq!(found(&["login", "token"], &["free", "by"], "oauth"), format!("{at}/oneOf/0/properties/token true"));
        assert_eq!(found(&["login", "shop"], &oauth, "oauth"), format!("{at}/properties/shop false"));
        let inner = ["login", "more", "kind"];
        assert_eq!(
            found(&["login", "more", "y"], &inner, "b"),
            format!("{at}/oneOf/1/properties/more/oneOf/1/properties/y true")
        );
        assert_eq!(found(&["login", "more", "x"], &inner, "b"), "nowhere");
        assert_eq!(found(&["login", "token"], &inner, "b"), "nowhere");
    }

    #[test]
    fn what_is_not_said_is_not_held_against_a_path() {
        assert_eq!(found(&["free", "a"], &[], ""), "0 and perhaps more");
        assert_eq!(found(&["ref", "a"], &[], ""), "0 and perhaps more");
        assert_eq!(found(&["word", "a"], &[], ""), "nowhere");
        assert_eq!(found(&["list", "a"], &[], ""), "nowhere");
        assert_eq!(found(&["other"], &[], ""), "nowhere");
    }

    #[test]
    fn the_default_is_the_first_branch() {
        let form = form();
        let default = |key: &[&str], value: &str| {
            let predicate = Predicate { key: key.to_vec(), value: Some(value.to_owned()) };
            default_branch(&form, &predicate).map(|(pointer, _)| pointer)
        };
        assert_eq!(default(&["login", "by"], "token"), None);
        assert_eq!(default(&["login", "by"], "oauth").as_deref(), Some("/properties/login/oneOf/0"));
        assert_eq!(default(&["login", "more", "kind"], "a").as_deref(), Some("/properties/login/oneOf/0"));
        assert_eq!(default(&["word"], "x"), None);
        assert_eq!(default(&["nothing", "there"], "x"), None);
    }

    #[test]
    fn a_search_ends() {
        let deep = (0..100).fold(json!({"properties": {"a": {}}}), |inner, _| json!({"oneOf": [inner, {}]}));
        let predicate = Predicate { key: vec!["b"], value: None };
        assert!(!matches!(reach(&deep, &["a"], Some(&predicate)), Reach::Nowhere));
        let wide = json!({"oneOf": vec![json!({"properties": {"b": {"const": 1}}}); 2 * STEPS]});
        assert!(matches!(reach(&wide, &["a"], Some(&predicate)), Reach::Perhaps(_)));
        assert!(matches!(reach(&wide, &["b"], None), Reach::Perhaps(found) if found.len() < STEPS));
    }
}
