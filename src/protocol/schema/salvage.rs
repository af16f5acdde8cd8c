//! Schemas of which a part can't be compiled: the rest is compiled without it. What is left takes more values than the
//! whole would, never fewer.

use super::{CompiledSchema, defects, positions};
use serde_json::{Value, json};

/// How often the rest is tried, and how many parts that are no schema are left out before the first time.
const TRIES: usize = 20;
const DEFECTS: usize = 10_000;

/// Keywords under which a looser schema can make the whole stricter: they are left out as a whole.
const STRICT: [&str; 3] = ["oneOf", "not", "if"];

/// Compiles a schema without the parts that can't be. None where too little is left.
pub(super) fn compile(schema: &Value) -> Option<CompiledSchema> {
    if !schema.is_object() && !schema.is_boolean() {
        return None;
    }
    if let Ok(compiled) = CompiledSchema::try_compile(schema) {
        return Some(compiled);
    }
    // Compiling tells of one part at a time, and hostile schemas have thousands: so those of a kind go together.
    let mut rest = schema.clone();
    for defect in defects(schema, DEFECTS, |_| true).iter().rev() {
        loosen(&mut rest, &defect.pointer);
    }
    for _ in 0..TRIES {
        let refusal = match CompiledSchema::try_compile(&rest) {
            Ok(compiled) => return Some(compiled),
            Err(refusal) => refusal,
        };
        let is_looser = match refusal.at.rsplit('/').next() {
            None | Some("") => without_references(&mut rest, schema),
            Some("pattern") => without_patterns(&mut rest) || loosen(&mut rest, &refusal.at),
            Some(_) => loosen(&mut rest, &refusal.at),
        };
        if !is_looser {
            return None;
        }
    }
    None
}

/// Leaves out every pattern that can't be compiled by itself. False where there is none.
fn without_patterns(schema: &mut Value) -> bool {
    let can_be_compiled = |pattern: &Value| CompiledSchema::try_compile(&json!({ "pattern": pattern })).is_ok();
    let places = positions(schema);
    let broken =
        places.iter().filter(|place| place.keyword("pattern").is_some_and(|pattern| !can_be_compiled(pattern)));
    let pointers: Vec<String> = broken.map(|place| place.pointer_to("pattern")).collect();
    pointers.iter().rev().fold(false, |found, pointer| loosen(schema, pointer) | found)
}

/// Leaves out what stands at a pointer. False where nothing does.
fn loosen(schema: &mut Value, pointer: &str) -> bool {
    let steps: Vec<String> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let strict = steps.iter().position(|step| STRICT.contains(&step.as_str()));
    let steps = &steps[..strict.map_or(steps.len(), |at| at + 1)];
    let Some((last, parents)) = steps.split_last() else { return false };
    let mut place = schema;
    for parent in parents {
        let next = match place {
            Value::Object(members) => members.get_mut(parent),
            Value::Array(items) => parent.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
            _ => None,
        };
        let Some(next) = next else { return false };
        place = next;
    }
    let holds_schemas =
        parents.last().is_some_and(|parent| ["properties", "items", "allOf", "anyOf"].contains(&parent.as_str()));
    match place {
        // One that is declared stays declared: as anything.
        Value::Object(members) if holds_schemas => members.insert(last.clone(), Value::Bool(true)).is_some(),
        Value::Object(members) => members.shift_remove(last).is_some(),
        Value::Array(items) => match last.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
            Some(item) if holds_schemas => !std::mem::replace(item, Value::Bool(true)).is_boolean(),
            _ => false,
        },
        _ => false,
    }
}

/// Leaves out every reference that leads out of the schema or to nothing in it. False where there is none.
fn without_references(schema: &mut Value, root: &Value) -> bool {
    let leads = |target: &Value| {
        let target = target.as_str().and_then(|target| target.strip_prefix('#'));
        target.is_some_and(|pointer| root.pointer(pointer).is_some())
    };
    match schema {
        Value::Object(members) => {
            let is_lost = members.get("$ref").is_some_and(|target| target.is_string() && !leads(target));
            let mut found = is_lost && members.shift_remove("$ref").is_some();
            for member in members.values_mut() {
                found |= without_references(member, root);
            }
            found
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| without_references(item, root) | found),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_judged_is_judged() {
        let broken = [
            json!({"type": "string", "pattern": "^(?!X)[A-Z]+$"}),
            json!({"type": "Strin"}),
            json!({"type": "string", "minLength": "1"}),
            json!({"enum": "a"}),
            json!({"oneOf": [{"type": "string", "pattern": "(?!a)"}, {"type": "string"}]}),
            json!({"not": {"pattern": "(?!a)"}}),
            json!({"$ref": "https://example.com/x.json"}),
            json!({"$ref": "#/definitions/no"}),
            json!({"type": ["string", "text"]}),
            json!({"allOf": [5]}),
            json!(5),
        ];
        for odd in broken {
            let schema = json!({
                "type": "object",
                "properties": {"odd": odd.clone(), "id": {"type": "integer"}},
                "additionalProperties": false,
            });
            assert!(CompiledSchema::compile(&schema).is_err(), "{odd}");
            let rest = CompiledSchema::compile_rest(&schema).expect("the rest of a schema");
            assert!(rest.accepts(&json!({"odd": "a", "id": 1})), "{odd}");
            assert!(!rest.accepts(&json!({"odd": "a", "id": "1"})), "{odd}");
        }
        assert!(CompiledSchema::compile_rest(&json!("none")).is_none());
    }

    #[test]
    fn thousands_of_broken_parts_take_few_tries() {
        let field = |at: usize| match at % 3 {
            0 => json!({"type": "Strin"}),
            1 => json!({"type": "string", "pattern": "^(?!X)"}),
            _ => json!({"$ref": "https://example.com/x.json"}),
        };
        let mut properties: serde_json::Map<String, Value> =
            (0..3_000).map(|at| (format!("f{at}"), field(at))).collect();
        properties.insert("id".to_owned(), json!({"type": "integer"}));
        let rest = CompiledSchema::compile_rest(&json!({"properties": properties})).expect("the rest of a schema");
        assert!(rest.accepts(&json!({"f0": 1, "f1": "X", "f2": []})));
        assert!(!rest.accepts(&json!({"id": "1"})));
    }
}
