//! Catalogs, states and configs with a member that no connector knows, where the protocol is open for it. What belongs to the
//! connector alone, the blobs of states, stays as it is, and so do descriptors, which are compared as a whole.

use crate::protocol::{ConfiguredCatalog, Specification};
use serde_json::{Value, json};

/// The member's name.
const NAME: &str = "x_airproof";

/// Adds the member, where that is an object.
fn add(to: Option<&mut Value>) {
    if let Some(members) = to.and_then(Value::as_object_mut) {
        members.insert(NAME.to_owned(), json!({"added": true, "since": [1, null]}));
    }
}

/// The content of a catalog file with the member at each level, but for the properties of schemas.
pub fn of_catalog(catalog: &ConfiguredCatalog) -> Value {
    let mut raw = catalog.raw.clone();
    for entry in raw["streams"].as_array_mut().into_iter().flatten() {
        ["", "/stream", "/stream/json_schema"].iter().for_each(|place| add(entry.pointer_mut(place)));
    }
    add(Some(&mut raw));
    raw
}

/// The content of a state file with the member at each level of the messages. A LEGACY state is the connector's own through and
/// through, and stays as it is.
pub fn of_states(state: &Value) -> Value {
    let mut state = state.clone();
    for message in state.as_array_mut().into_iter().flatten() {
        ["", "/stream", "/global"].iter().for_each(|place| add(message.pointer_mut(place)));
        let listed = message.pointer_mut("/global/stream_states").and_then(Value::as_array_mut);
        listed.into_iter().flatten().for_each(|entry| add(Some(entry)));
    }
    state
}

/// A config with the member; None where the specification forbids it, or is not known.
pub fn of_config(config: &Value, specification: Option<Value>) -> Option<Value> {
    let specification = Specification { raw: specification? };
    let schema = specification.connection_specification();
    let is_open = !matches!(schema.get("additionalProperties"), Some(Value::Bool(false) | Value::Object(_)));
    let mut config = config.clone();
    add(Some(&mut config).filter(|_| is_open));
    is_open.then_some(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_get_it_around_what_is_the_connectors() {
        let blob = json!({"cursor": 1});
        let own = json!({"stream_descriptor": {"name": "a"}, "stream_state": blob});
        let of = |state: Value| of_states(&json!([state]))[0].clone();
        let stream = of(json!({"type": "STREAM", "stream": own}));
        assert!(stream.get(NAME).is_some() && stream["stream"].get(NAME).is_some());
        assert_eq!(stream["stream"]["stream_state"], blob);
        assert_eq!(stream["stream"]["stream_descriptor"], json!({"name": "a"}));
        let global = of(json!({"type": "GLOBAL", "global": {"shared_state": {"lsn": 1}, "stream_states": [own]}}));
        assert!(global["global"].get(NAME).is_some() && global["global"]["stream_states"][0].get(NAME).is_some());
        assert_eq!(global["global"]["shared_state"], json!({"lsn": 1}));
        assert_eq!(of_states(&json!({"a": 1})), json!({"a": 1}), "LEGACY");
    }

    #[test]
    fn a_config_gets_it_only_where_its_specification_is_open() {
        let under = |schema: Value| of_config(&json!({"a": 1}), Some(json!({"connectionSpecification": schema})));
        assert!(under(json!({"type": "object"})).is_some_and(|config| config.get(NAME).is_some() && config["a"] == 1));
        assert!(under(json!({"additionalProperties": true})).is_some());
        assert_eq!(under(json!({"additionalProperties": false})), None);
        assert_eq!(of_config(&json!({}), None), None);
    }
}
