//! A CONTROL message (protocol: `AirbyteControlMessage`): the configuration as the connector wants it from now on.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// `AirbyteControlMessage`.
#[derive(Debug)]
pub struct Control<'a> {
    /// The payload, as written.
    pub payload: &'a RawValue,
}

impl Control<'_> {
    /// The new configuration: `connectorConfig.config`. None where the platform can't take the message, which CTRL-001
    /// says, or where it is nested deeper than 128 levels.
    pub fn config(&self) -> Option<Map<String, Value>> {
        let mut payload: Value = serde_json::from_str(self.payload.get()).ok()?;
        let is_whole = payload["type"] == "CONNECTOR_CONFIG" && payload["emitted_at"].is_number();
        match payload.pointer_mut("/connectorConfig/config").map(Value::take) {
            Some(Value::Object(config)) if is_whole => Some(config),
            _ => None,
        }
    }

    /// The value of `connectorConfig.config`, whatever it is and whether or not the platform takes the message.
    pub fn any_config(&self) -> Option<Value> {
        let mut payload: Value = serde_json::from_str(self.payload.get()).ok()?;
        payload.pointer_mut("/connectorConfig/config").map(Value::take)
    }
}
