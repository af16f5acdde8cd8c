use crate::protocol::{Kind, Message};
use crate::rules::config_form::is_redacted;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::{Map, Value, value::RawValue};

rule! {
    /// A CONTROL has the configuration that is already in force.
    ///
    /// # What it checks
    /// `connectorConfig.config` of a CONTROL differs from the configuration that is in force: that of the CONTROL before it,
    /// else the one that the command was given. Not judged on a stored transcript, in which secrets are cut out of the configuration.
    ///
    /// # Why it matters
    /// The platform stores each one and starts what hangs on a changed configuration: needless work, and a history in which
    /// the change that mattered is not found.
    ///
    /// # Example
    /// For a command that was given `{"refresh_token": "a"}`:
    /// ```json
    /// bad:  {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"refresh_token":"a"}}}}
    /// good: {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"refresh_token":"b"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Compare before emitting. The Python CDK emits whenever a value of the configuration is assigned, changed or not:
    /// there, do not assign an equal value. Its messages are told by the fraction in `emitted_at`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests use the configuration of a CONTROL and do not compare it.
    ControlChangesNothing {
        code: "CTRL-004",
        name: "control-changes-nothing",
        level: Should,
        commands: [Check, Discover, Read],
        authority: CdkConvention,
        source: "Python CDK: config_observation; platform: getDidControlMessageChangeConfig",
        watches: [Watch::Message(Kind::Control)],
        about: Launch,
        applies: |scene| scene.config.as_ref().map(drop).ok_or("the launch's configuration is not known"),
    }
}

#[derive(Default)]
struct ControlChangesNothing {
    in_force: Option<Map<String, Value>>,
}

impl Observer for ControlChangesNothing {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Control(control)) = look.message() else { return };
        let Some(config) = control.config() else { return };
        let given = look.scene.config.as_ref().and_then(Value::as_object);
        let is_same = self.in_force.as_ref().or(given) == Some(&config);
        let is_known = !config.values().any(is_redacted) && !given.is_some_and(|given| given.values().any(is_redacted));
        self.in_force = Some(config);
        if !is_same || !is_known {
            return;
        }
        findings.report("same", || {
            let violation = Violation::new(
                "a CONTROL changes nothing",
                "the configuration of the message is the one that is in force",
            )
            .at_message(look.line.number)
            .pointer("/control/connectorConfig/config");
            if is_of_python(control.payload) { violation.known_of("the Python CDK") } else { violation }
        });
    }
}

/// Whether the message is the Python CDK's: it takes the time as a fraction.
fn is_of_python(payload: &RawValue) -> bool {
    let path = ["emitted_at".to_owned()];
    crate::protocol::pick(payload.get(), &path).is_some_and(|number| number.contains('.'))
}
