//! What the content of a baseline is made of, as far as a run writes it: what a hand made of it instead can't be compared.

use super::Subject;
use serde_json::Value;

/// Says what is wrong with a content, where it is nothing that a run writes of that subject. What the connector declares, its
/// specification and catalog, may have any members.
pub(super) fn what_is_wrong(subject: &Subject, content: &Value) -> Option<String> {
    if !content.is_object() {
        return Some("its `content` is no object".to_owned());
    }
    let object = |value: &Value| value.is_object();
    match subject {
        Subject::Specification | Subject::Catalog(_) | Subject::GlobalState | Subject::GlobalIncrementalState => None,
        Subject::Exits => members(content, "`content`", "objects", object),
        Subject::Messages => {
            wrong_list(content, "kinds").or_else(|| wrong_map(content, "streams", "texts", Value::is_string))
        }
        Subject::Records(_) => wrong_map(content, "records", "objects", object),
        Subject::Shape(_) => {
            wrong_map(content, "fields", "objects", object).or_else(|| wrong_number(content, "records"))
        }
        Subject::State(_) | Subject::IncrementalState(_) => wrong_map(content, "fields", "objects", object),
    }
}

/// Whether a member is an object of such values.
fn wrong_map(content: &Value, name: &str, kind: &str, is_it: fn(&Value) -> bool) -> Option<String> {
    let told = format!("`content.{name}`");
    match content.get(name) {
        None => Some(format!("{told} is missing")),
        Some(value) if !value.is_object() => Some(format!("{told} is no object")),
        Some(value) => members(value, &told, kind, is_it),
    }
}

fn members(value: &Value, told: &str, kind: &str, is_it: fn(&Value) -> bool) -> Option<String> {
    let wrong = value.as_object().is_some_and(|members| !members.values().all(is_it));
    wrong.then(|| format!("{told} has other members than {kind}"))
}

fn wrong_list(content: &Value, name: &str) -> Option<String> {
    let is_list = content.get(name).and_then(Value::as_array).is_some_and(|items| items.iter().all(Value::is_string));
    (!is_list).then(|| format!("`content.{name}` is no list of texts"))
}

/// Whether a member that may be missing is something else than a number.
fn wrong_number(content: &Value, name: &str) -> Option<String> {
    let is_wrong = content.get(name).is_some_and(|value| !value.is_u64());
    is_wrong.then(|| format!("`content.{name}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Descriptor;
    use serde_json::json;

    #[test]
    fn nonsense_is_told_and_what_a_run_writes_is_not() {
        let orders = || Descriptor::named("orders");
        for (subject, content, expected) in [
            (Subject::Records(orders()), json!({"records": 7}), Some("`content.records` is no object")),
            (Subject::Records(orders()), json!({"records": {"id=1": 1}}), Some("`content.records` has other members")),
            (Subject::Shape(orders()), json!({"records": 7}), Some("`content.fields` is missing")),
            (Subject::Shape(orders()), json!({"fields": {}, "records": "7"}), Some("`content.records` is no number")),
            (Subject::Messages, json!({"records": 7}), Some("`content.kinds` is no list")),
            (Subject::Exits, json!({"records": 7}), Some("`content` has other members than objects")),
            (Subject::Specification, json!(7), Some("its `content` is no object")),
            (Subject::State(orders()), json!([]), Some("its `content` is no object")),
            (Subject::Records(orders()), json!({"records": {}, "first": "id=1"}), None),
            (Subject::Shape(orders()), json!({"fields": {}, "records": 7, "more_fields": true}), None),
            (Subject::Messages, json!({"kinds": ["RECORD"], "streams": {"orders": "RECORD+"}}), None),
            (Subject::Exits, json!({"read": {"code": 0}}), None),
            (Subject::Catalog(orders()), json!({}), None),
        ] {
            let told = what_is_wrong(&subject, &content);
            let is_right = match (told.as_deref(), expected) {
                (Some(told), Some(expected)) => told.starts_with(expected),
                (told, expected) => told == expected,
            };
            assert!(is_right, "{content}: {told:?}");
        }
    }
}
