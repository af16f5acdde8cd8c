use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Look, Observer, Scene, Watch, config_form, rule};
use serde_json::Value;

rule! {
    /// The configuration in a CONTROL does not conform to the specification.
    ///
    /// # What it checks
    /// `connectorConfig.config` of a CONTROL is validated with `connectionSpecification`, as draft-07: as SPEC-043 does with
    /// the configuration that is given. `format` is not asserted, and members at the top whose names begin with `_` are
    /// left out.
    ///
    /// # Why it matters
    /// The platform stores this configuration in place of the user's. It then refuses the next sync, for a configuration
    /// that the user has never seen.
    ///
    /// # Example
    /// With `"page_size": {"type": "integer"}` in the specification:
    /// ```json
    /// bad:  {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"page_size":"many"}}}}
    /// good: {"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000,"connectorConfig":{"config":{"page_size":50}}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit the configuration as it was given, with nothing but the new values put in; no parsed or completed form of it.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests use such a configuration for their next commands, and do not validate it.
    ControlViolatesSpec {
        code: "CTRL-002",
        name: "control-violates-spec",
        level: Must,
        commands: [Check, Discover, Read],
        authority: ProtocolText,
        source: "airbyte-protocol: AirbyteControlConnectorConfigMessage",
        watches: [Watch::Message(Kind::Control)],
        about: Launch,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    if schema(scene).is_some() { Ok(()) } else { Err("the connector's specification is not known") }
}

fn schema(scene: &Scene) -> Option<&Value> {
    scene.specification.as_ref()?.get("connectionSpecification").filter(|schema| schema.is_object())
}

#[derive(Default)]
struct ControlViolatesSpec;

impl Observer for ControlViolatesSpec {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Control(control)) = look.message() else { return };
        let (Some(config), Some(schema)) = (control.config(), schema(look.scene)) else { return };
        for misfit in config_form::misfits(schema, &config, "the new configuration") {
            let at = || misfit.violation.at_message(look.line.number).pointer("/control/connectorConfig/config");
            findings.report(&misfit.cause, at);
        }
    }
}
