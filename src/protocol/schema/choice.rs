//! What a `oneOf` offers in a form: its branches, and the property that says which of them a configuration takes.

use super::{canonical, types};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The alternatives of a `oneOf`.
#[derive(Debug, Clone)]
pub struct Choice<'s> {
    /// The branches that a form can offer: objects with properties.
    pub branches: Vec<Branch<'s>>,
    /// The branches that it can't.
    pub misfits: Vec<Misfit<'s>>,
    /// Whether a branch is a reference, so that not all of the choice is known.
    has_references: bool,
}

/// A branch that describes an object with properties.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'s> {
    /// Its place in the `oneOf`.
    pub at: usize,
    /// The branch as a whole.
    pub schema: &'s Value,
    properties: &'s Map<String, Value>,
}

/// A branch that describes no object with properties.
#[derive(Debug, Clone, Copy)]
pub struct Misfit<'s> {
    /// Its place in the `oneOf`.
    pub at: usize,
    /// The branch as a whole.
    pub schema: &'s Value,
    /// Whether it does describe objects, and none of their properties.
    pub is_object: bool,
}

/// What tells the branches of a choice apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discriminator<'s> {
    /// The one property that has a `const` in every branch.
    One(&'s str),
    /// Several such properties, in the order of the first branch.
    Several(Vec<&'s str>),
    /// A property that has an `enum` of one value and a `default` where a `const` belongs: the way that went before.
    Older(&'s str),
    /// None. If some branches have a property with a `const`: that of most of them, and the place in the choice's
    /// branches of the first that lacks it.
    Missing(Option<(&'s str, usize)>),
}

/// Why a `const` that every branch has does not tell them apart.
#[derive(Debug, Clone, Copy)]
pub enum Confusion<'s> {
    /// It has no content in this branch: forms take it for none.
    Empty(Branch<'s>),
    /// It is that of an earlier branch in this one.
    Repeated(Branch<'s>),
}

impl<'s> Choice<'s> {
    /// The choice that a schema offers. None where it has no `oneOf`, an empty one, or a `$ref`, beside which nothing
    /// counts. Branches that are no schema are left out.
    pub fn of(schema: &'s Value) -> Option<Self> {
        let all = schema.get("oneOf").and_then(Value::as_array).filter(|all| !all.is_empty())?;
        if is_reference(schema) {
            return None;
        }
        let mut choice = Choice { branches: Vec::new(), misfits: Vec::new(), has_references: false };
        for (at, schema) in all.iter().enumerate() {
            if is_reference(schema) {
                choice.has_references = true;
            } else if schema.is_object() || schema.is_boolean() {
                choice.add(at, schema);
            }
        }
        Some(choice)
    }

    fn add(&mut self, at: usize, schema: &'s Value) {
        let properties = schema.get("properties").unwrap_or(&Value::Null);
        let is_object = match types(schema) {
            Some(types) => types.contains(&"object"),
            None => schema.is_object() && schema.get("const").is_none() && schema.get("enum").is_none(),
        };
        match properties {
            Value::Object(properties) if is_object || schema.get("type").is_none() => {
                self.branches.push(Branch { at, schema, properties });
            }
            Value::Object(_) | Value::Null => self.misfits.push(Misfit { at, schema, is_object }),
            _ => {}
        }
    }

    /// What tells its branches apart. None where that can't be said, since a branch is a reference, or fewer than two
    /// branches are left without those that fit no form.
    pub fn discriminator(&self) -> Option<Discriminator<'s>> {
        let (first, others) = self.branches.split_first()?;
        if self.has_references || (others.is_empty() && !self.misfits.is_empty()) {
            return None;
        }
        let in_all = |value: fn(&Branch<'s>, &str) -> Option<&'s Value>| -> Vec<&'s str> {
            let mut names: Vec<&str> = first.names().filter(|name| value(first, name).is_some()).collect();
            for branch in others {
                names.retain(|name| value(branch, name).is_some());
            }
            names
        };
        let names = in_all(Branch::constant);
        Some(match names.as_slice() {
            [name] => Discriminator::One(name),
            [] => match in_all(Branch::only_value).first() {
                Some(name) => Discriminator::Older(name),
                None => Discriminator::Missing(self.nearest()),
            },
            _ => Discriminator::Several(names),
        })
    }

    /// The one property that tells its branches apart, where there is exactly one.
    pub fn only_discriminator(&self) -> Option<&'s str> {
        match self.discriminator()? {
            Discriminator::One(name) => Some(name),
            _ => None,
        }
    }

    /// The first branch that the `const` of a property does not tell from the others. Values are compared as JSON
    /// values; empty ones count as none.
    pub fn confused_by(&self, name: &str) -> Option<Confusion<'s>> {
        let mut seen = HashSet::new();
        self.branches.iter().find_map(|branch| {
            let value = branch.constant(name).map(canonical)?;
            if ["\"\"", "0", "false"].contains(&value.as_str()) {
                return Some(Confusion::Empty(*branch));
            }
            (!seen.insert(value)).then_some(Confusion::Repeated(*branch))
        })
    }

    /// The property that has a `const` in most branches, the first of several, and the first branch where it has none.
    fn nearest(&self) -> Option<(&'s str, usize)> {
        let with_const = |branch: &Branch<'s>| {
            let branch = *branch;
            branch.names().filter(move |name| branch.constant(name).is_some())
        };
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in self.branches.iter().flat_map(with_const) {
            *counts.entry(name).or_default() += 1;
        }
        let most = counts.values().max()?;
        let name = self.branches.iter().flat_map(with_const).find(|name| counts.get(name) == Some(most))?;
        Some((name, self.branches.iter().position(|branch| branch.constant(name).is_none())?))
    }
}

impl<'s> Branch<'s> {
    /// The branch in words for people: its title where that is a short one, or its number.
    pub fn describe(&self) -> String {
        const LONGEST: usize = 80;
        match self.schema.get("title").and_then(Value::as_str) {
            Some(title) if !title.trim().is_empty() && title.len() <= LONGEST => format!("the branch `{title}`"),
            _ => format!("branch {}", self.at + 1),
        }
    }

    /// The names of its properties.
    fn names(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        self.properties.keys().map(String::as_str)
    }

    /// The schema of one of its properties.
    pub fn property(&self, name: &str) -> Option<&'s Value> {
        self.properties.get(name)
    }

    /// The `const` of one of its properties. One that is null tells nothing.
    pub fn constant(&self, name: &str) -> Option<&'s Value> {
        self.property(name)?.get("const").filter(|value| !value.is_null())
    }

    /// The `const` of one of its properties, or the `default` beside an `enum` of one value, which forms take for it.
    fn only_value(&self, name: &str) -> Option<&'s Value> {
        let property = self.property(name)?;
        let is_single = property.get("enum").and_then(Value::as_array).is_some_and(|values| values.len() == 1);
        let default = || property.get("default").filter(|value| is_single && !value.is_null());
        self.constant(name).or_else(default)
    }

    /// The names that it requires.
    pub fn required(&self) -> impl Iterator<Item = &'s str> {
        self.schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}

fn is_reference(schema: &Value) -> bool {
    schema.get("$ref").is_some_and(Value::is_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn discriminator(branches: &Value) -> String {
        let schema = json!({"oneOf": branches});
        format!("{:?}", Choice::of(&schema).expect("a choice").discriminator())
    }

    fn branch(properties: Value) -> Value {
        json!({"properties": properties})
    }

    #[test]
    fn the_discriminator_has_a_const_in_every_branch() {
        let (a, b) = (branch(json!({"x": {}, "kind": {"const": "a"}})), branch(json!({"kind": {"const": "b"}})));
        assert_eq!(discriminator(&json!([a, b])), "Some(One(\"kind\"))");
        assert_eq!(discriminator(&json!([a])), "Some(One(\"kind\"))");
        let open = branch(json!({"kind": {"const": null}, "x": {"const": 1}}));
        assert_eq!(discriminator(&json!([a, b, open])), "Some(Missing(Some((\"kind\", 2))))");
        let both = branch(json!({"v": {"const": 1}, "kind": {"const": "a"}}));
        assert_eq!(discriminator(&json!([both, both])), "Some(Several([\"v\", \"kind\"]))");
        let older = branch(json!({"kind": {"enum": ["c"], "default": "c"}}));
        assert_eq!(discriminator(&json!([a, older])), "Some(Older(\"kind\"))");
        assert_eq!(discriminator(&json!([branch(json!({})), branch(json!({}))])), "Some(Missing(None))");
    }

    #[test]
    fn what_is_not_known_has_no_discriminator() {
        let a = branch(json!({"x": {}}));
        assert_eq!(discriminator(&json!([a, {"$ref": "#/b"}])), "None");
        assert_eq!(discriminator(&json!([a, {"type": "null"}])), "None");
        assert_eq!(discriminator(&json!([{"type": "string"}])), "None");
        assert_eq!(discriminator(&json!([a, a, {"type": "null"}])), "Some(Missing(None))");
    }

    #[test]
    fn values_that_tell_nothing_are_found() {
        let confusion = |values: Value| {
            let values = values.as_array().expect("values").iter();
            let branches: Vec<Value> = values.map(|value| branch(json!({"kind": {"const": value}}))).collect();
            let schema = json!({"oneOf": branches});
            match Choice::of(&schema).expect("a choice").confused_by("kind") {
                None => "none".to_owned(),
                Some(Confusion::Empty(branch)) => format!("{} is empty", branch.at),
                Some(Confusion::Repeated(branch)) => format!("{} is repeated", branch.at),
            }
        };
        assert_eq!(confusion(json!(["a", "A", 1, "1"])), "none");
        assert_eq!(confusion(json!(["a", 1, 1.0])), "2 is repeated");
        assert_eq!(confusion(json!([true, false, false])), "1 is empty");
        assert_eq!(confusion(json!(["a", ""])), "1 is empty");
    }

    #[test]
    fn branches_that_fit_no_form_are_told_apart() {
        let schema = json!({"oneOf": [
            {"type": ["object", "null"], "properties": {}}, {"type": "string"}, {"type": "object"}, true, {"const": "a"},
            {"required": ["a"]}, {"type": "string", "properties": {}}, {"type": "objct", "properties": 1}, 7, null,
        ]});
        let choice = Choice::of(&schema).expect("a choice");
        assert_eq!(choice.branches.iter().map(|branch| branch.at).collect::<Vec<_>>(), [0]);
        let misfits: Vec<_> = choice.misfits.iter().map(|misfit| (misfit.at, misfit.is_object)).collect();
        assert_eq!(misfits, [(1, false), (2, true), (3, false), (4, false), (5, true), (6, false)]);
        assert!(Choice::of(&json!({"oneOf": []})).is_none());
        assert!(Choice::of(&json!({"oneOf": [{}], "$ref": "#/a"})).is_none());
    }
}
