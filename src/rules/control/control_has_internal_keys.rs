use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// Members beyond these are not told.
const PLACES: usize = 50;

rule! {
    /// The configuration in a CONTROL has members that are the kit's or the platform's own.
    ///
    /// # What it checks
    /// At the top of `connectorConfig.config` of a CONTROL, no member whose name begins with `_` (`_limit`,
    /// `__injected_declarative_manifest`) stands that the given configuration does not have.
    ///
    /// # Why it matters
    /// The platform stores it all. A page limit for testing, or a manifest of the day, then rules every sync from now on,
    /// and no user can see it in the form.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"refresh_token":"b","_limit":10}}}}
    /// good: {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"refresh_token":"b"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Keep the configuration that came apart from what the connector adds to it for itself, and emit the former.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests use the configuration of a CONTROL and do not look into it.
    ControlHasInternalKeys {
        code: "CTRL-006",
        name: "control-has-internal-keys",
        level: Info,
        commands: [Check, Discover, Read],
        authority: Inference,
        source: "not written; follows from the platform's storing the message's configuration",
        watches: [Watch::Message(Kind::Control)],
        about: Launch,
    }
}

#[derive(Default)]
struct ControlHasInternalKeys;

impl Observer for ControlHasInternalKeys {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Control(control)) = look.message() else { return };
        let Some(config) = control.config() else { return };
        let given = look.scene.config.as_ref().and_then(Value::as_object);
        let is_new = |name: &&String| !given.is_some_and(|given| given.contains_key(*name));
        for name in config.keys().filter(|name| name.starts_with('_')).filter(is_new).take(PLACES) {
            findings.report("internal", || {
                let name = text::shorten(name, 80);
                Violation::new(
                    "a CONTROL has members that are no user's",
                    format!("`{name}` was not in the given configuration, and its name is an internal one"),
                )
                .at_message(look.line.number)
                .pointer("/control/connectorConfig/config")
                .expected("the user's configuration", format!("`{name}` in it"))
            });
        }
    }
}
