use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A CONTROL message is not shaped as the protocol has it.
    ///
    /// # What it checks
    /// In a CONTROL, `type` is `CONNECTOR_CONFIG`, `emitted_at` is a number, and `connectorConfig.config` is an object.
    ///
    /// # Why it matters
    /// The platform can't take the message. The new refresh token that it carries is lost, and with most APIs the old one
    /// is void by then: the connection is dead until the user signs in again.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CONTROL","control":{"type":"ORCHESTRATOR","connectorConfig":{"config":{"refresh_token":"…"}}}}
    /// good: {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"refresh_token":"…"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Python CDK: `create_connector_config_control_message(config)`. Else write all three members. The protocol's text has
    /// an example of type ORCHESTRATOR; its schema, and the platform, know CONNECTOR_CONFIG alone.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests take the configuration out of a CONTROL that they can read, and miss any other.
    ControlMisshapen {
        code: "CTRL-001",
        name: "control-misshapen",
        level: Must,
        commands: [Check, Discover, Read],
        authority: ProtocolSchema,
        source: "AirbyteControlMessage, AirbyteControlConnectorConfigMessage",
        watches: [Watch::Message(Kind::Control)],
        about: Launch,
    }
}

#[derive(Default)]
struct ControlMisshapen;

impl Observer for ControlMisshapen {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Control(control)) = look.message() else { return };
        let Ok(payload) = serde_json::from_str::<Value>(control.payload.get()) else { return };
        let mut expect = |pointer: &str, fits: fn(&Value) -> bool, expected: &str| {
            let found = payload.pointer(pointer).unwrap_or(&Value::Null);
            if fits(found) {
                return;
            }
            findings.report(pointer, || {
                // A configuration is never shown.
                let actual = match found {
                    Value::Null => "nothing".to_owned(),
                    _ if pointer.starts_with("/connectorConfig") => "no object".to_owned(),
                    found => text::json(found, 60),
                };
                Violation::new(
                    format!("a CONTROL whose `{pointer}` is not {expected}"),
                    format!("`/control{pointer}` is not {expected}: the platform can't take the message"),
                )
                .at_message(look.line.number)
                .pointer(format!("/control{pointer}"))
                .expected(expected, actual)
            });
        };
        expect("/type", |word| word == "CONNECTOR_CONFIG", "CONNECTOR_CONFIG");
        // Of ten digits are seconds, as TRACE-002 has it.
        let is_time = |time: &Value| time.as_f64().is_some_and(|time| !(1e9..1e10).contains(&time));
        expect("/emitted_at", is_time, "a number, in milliseconds since 1970");
        expect("/connectorConfig/config", Value::is_object, "an object");
    }
}
