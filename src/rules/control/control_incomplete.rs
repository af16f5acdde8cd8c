use crate::protocol::schema::{declares, escaped};
use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Level, Look, Observer, Scene, Violation, Watch, rule};
use serde_json::{Map, Value};

/// How many members are told.
const PLACES: usize = 50;

rule! {
    /// The configuration in a CONTROL lacks members that the given one has.
    ///
    /// # What it checks
    /// Every member of the configuration that the command was given, at every level of its objects, is a member of the
    /// CONTROL's `connectorConfig.config`, and no text of it has become a row of asterisks. A member that the specification
    /// does not declare is reported at SHOULD, and so is each where the specification is not known: a migration may take
    /// out what is not used any more.
    ///
    /// # Why it matters
    /// The platform puts the message's configuration in place of the stored one. What is missing in it is gone: the user's
    /// account id or start date, and with it the next sync.
    ///
    /// # Example
    /// For a command that was given `{"account": "a1", "refresh_token": "…"}`:
    /// ```json
    /// bad:  {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"refresh_token":"…"}}}}
    /// good: {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"account":"a1","refresh_token":"…"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit the whole configuration, changed in one place: with that, it does not matter whether it is merged, as the
    /// protocol's text says, or replaces the old one, as the platform does.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests use such a configuration for their next commands; what they do not need is not missed.
    ControlIncomplete {
        code: "CTRL-003",
        name: "control-incomplete",
        level: Must,
        commands: [Check, Discover, Read],
        authority: PlatformBehaviour,
        source: "platform: AirbyteControlMessageEventListener replaces the configuration",
        watches: [Watch::Message(Kind::Control)],
        about: Launch,
        applies: |scene| scene.config.as_ref().map(drop).ok_or("the launch's configuration is not known"),
    }
}

#[derive(Default)]
struct ControlIncomplete;

impl Observer for ControlIncomplete {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Control(control)) = look.message() else { return };
        let given = look.scene.config.as_ref().and_then(Value::as_object);
        let (Some(config), Some(given)) = (control.config(), given) else { return };
        let mut missing = Vec::new();
        compare(given, &config, &mut Vec::new(), &mut missing);
        for path in missing {
            let is_declared = is_declared(look.scene, &path);
            let cause = if is_declared { "declared" } else { "undeclared" };
            findings.report(cause, || {
                let pointer: String = path.iter().map(|name| format!("/{}", escaped(name))).collect();
                let message =
                    format!("`{pointer}` of the given configuration is lost in the new one, which replaces it");
                Violation::new("a CONTROL leaves out a part of the configuration", message)
                    .level(if is_declared { Level::Must } else { Level::Should })
                    .at_message(look.line.number)
                    .pointer(format!("/control/connectorConfig/config{pointer}"))
                    .expected("the whole configuration", "nothing there, or asterisks")
            });
        }
    }
}

/// The members of `given` that `config` lacks, by their paths.
fn compare(
    given: &Map<String, Value>,
    config: &Map<String, Value>,
    at: &mut Vec<String>,
    missing: &mut Vec<Vec<String>>,
) {
    for (name, value) in given {
        if missing.len() >= PLACES {
            return;
        }
        at.push(name.clone());
        match (value, config.get(name)) {
            (_, None) => missing.push(at.clone()),
            (Value::Object(given), Some(Value::Object(config))) => compare(given, config, at, missing),
            (Value::String(given), Some(Value::String(masked))) if is_masked(masked) && given != masked => {
                missing.push(at.clone());
            }
            _ => {}
        }
        at.pop();
    }
}

/// Whether a text is what a log shows in place of a secret.
fn is_masked(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| byte == b'*')
}

fn is_declared(scene: &Scene, path: &[String]) -> bool {
    let schema = scene.specification.as_ref().and_then(|specification| specification.get("connectionSpecification"));
    schema.is_some_and(|schema| declares(schema, schema, path))
}
