//! Names in `required` that nothing declares.

use super::escaped;
use serde_json::Value;

/// How many steps a search takes before it gives up: schemas are hostile.
const STEPS: usize = 100_000;

/// A name in `required` that no `properties` of the same object declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeclaredRequired {
    /// JSON pointer to the schema that has the `required`.
    pub pointer: String,
    /// The name.
    pub name: String,
}

/// The names that a schema requires and does not declare, at any level, the first `limit`. Branches share the names of
/// what is around them; where a `$ref` takes part in an object's description, nothing is said about that object.
pub fn undeclared_required(schema: &Value, limit: usize) -> Vec<UndeclaredRequired> {
    let mut search = Search { found: Vec::new(), limit, steps: STEPS };
    search.visit(schema, "", &mut Vec::new());
    search.found
}

struct Search {
    found: Vec<UndeclaredRequired>,
    limit: usize,
    steps: usize,
}

impl Search {
    /// Visits a schema; `around` are the schemas that describe the same object, from the outermost.
    fn visit<'s>(&mut self, schema: &'s Value, pointer: &str, around: &mut Vec<&'s Value>) {
        if !self.step() {
            return;
        }
        let names = schema.get("required").and_then(Value::as_array);
        for name in names.into_iter().flatten().filter_map(Value::as_str) {
            let is_declared =
                self.branch_declares(schema, name) || around.iter().any(|outer| self.declares(outer, name, &["allOf"]));
            if !is_declared && self.steps > 0 && self.found.len() < self.limit {
                self.found.push(UndeclaredRequired { pointer: pointer.to_owned(), name: name.to_owned() });
            }
        }
        around.push(schema);
        for keyword in ["oneOf", "anyOf", "allOf"] {
            let branches = schema.get(keyword).and_then(Value::as_array);
            for (at, branch) in branches.into_iter().flatten().enumerate() {
                self.visit(branch, &format!("{pointer}/{keyword}/{at}"), around);
            }
        }
        around.pop();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let name = escaped(name);
            self.visit(property, &format!("{pointer}/properties/{name}"), &mut Vec::new());
        }
        if let Some(items) = schema.get("items") {
            self.visit(items, &format!("{pointer}/items"), &mut Vec::new());
        }
    }

    /// Whether a schema or any branch of it declares the name.
    fn branch_declares(&mut self, schema: &Value, name: &str) -> bool {
        self.declares(schema, name, &["oneOf", "anyOf", "allOf"])
    }

    fn declares(&mut self, schema: &Value, name: &str, branches: &[&str]) -> bool {
        if !self.step() || schema.get("$ref").is_some() {
            return true;
        }
        schema.get("properties").is_some_and(|properties| properties.get(name).is_some())
            || branches.iter().any(|keyword| {
                let all = schema.get(keyword).and_then(Value::as_array);
                all.into_iter().flatten().any(|branch| self.declares(branch, name, branches))
            })
    }

    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(schema: Value) -> Vec<String> {
        let found = undeclared_required(&schema, 10);
        found.into_iter().map(|missing| format!("{} {}", missing.pointer, missing.name)).collect()
    }

    #[test]
    fn branches_and_what_is_around_them_share_their_names() {
        let fine = json!({
            "required": ["a", "b"],
            "properties": {"a": {}, "shared": {}},
            "oneOf": [{"required": ["shared"], "properties": {"b": {}}}],
            "allOf": [{"required": ["c"]}, {"properties": {"c": {}}}],
        });
        assert_eq!(told(fine), Vec::<String>::new());
    }

    #[test]
    fn names_that_nothing_declares_are_found_at_any_level() {
        let wrong = json!({
            "required": ["x"],
            "properties": {"list": {"items": {"required": ["y"], "properties": {}}}},
            "oneOf": [{"required": ["of_the_other"]}, {"properties": {"of_the_other": {}}}, {"$ref": "#/no"}],
        });
        assert_eq!(told(wrong), ["/oneOf/0 of_the_other", "/properties/list/items y"]);
        assert_eq!(told(json!({"required": ["x"]})), [" x"]);
    }
}
