//! Schemas of which a part can't be compiled: the rest is compiled without it. What is left takes more values than the
//! whole would, never fewer.

use super::CompiledSchema;
use serde_json::Value;

/// How many parts are left out before the schema is given up.
const PARTS: usize = 100;

/// Keywords under which a looser schema can make the whole stricter: they are left out as a whole.
const STRICT: [&str; 3] = ["oneOf", "not", "if"];

/// Compiles a schema without the parts that can't be. None where too little is left.
pub(super) fn compile(schema: &Value) -> Option<CompiledSchema> {
    if !schema.is_object() && !schema.is_boolean() {
        return None;
    }
    let mut rest: Option<Value> = None;
    for _ in 0..PARTS {
        let refusal = match CompiledSchema::try_compile(rest.as_ref().unwrap_or(schema)) {
            Ok(compiled) => return Some(compiled),
            Err(refusal) => refusal,
        };
        let rest = rest.get_or_insert_with(|| schema.clone());
        let root = rest.clone();
        let is_looser = if refusal.at.is_empty() { without_references(rest, &root) } else { loosen(rest, &refusal.at) };
        if !is_looser {
            return None;
        }
    }
    None
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
    use serde_json::json;

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
}
