use crate::protocol::{Kind, Specification};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// The specification of a source claims what only destinations can do.
    ///
    /// # What it checks
    /// Neither `supportsNormalization` nor `supportsDBT` is true, unless `supported_destination_sync_modes` names a mode:
    /// then it is a destination's specification. What that member may look like is SPEC-032's.
    ///
    /// # Why it matters
    /// The two say that data can be transformed once it has been written, which a source never writes. Whoever sorts
    /// connectors by their specification takes this one for a destination. Most often they were copied with a template.
    ///
    /// # Example
    /// ```json
    /// bad:  {"connectionSpecification":{"type":"object","properties":{}},"supportsDBT":true}
    /// good: {"connectionSpecification":{"type":"object","properties":{}}}
    /// ```
    ///
    /// # How to mend it
    /// Take both members out of `spec.json` or `spec.yaml`. A destination also needs its
    /// `supported_destination_sync_modes`.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    DestinationFlagsInSource {
        code: "SPEC-033",
        name: "destination-flags-in-source",
        level: Should,
        commands: [Spec],
        authority: ProtocolSchema,
        source: "ConnectorSpecification: destination connectors' properties",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct DestinationFlagsInSource;

impl Observer for DestinationFlagsInSource {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(raw) = look.specification() else { return };
        let claimed = |flag: &&str| raw.get(flag) == Some(&Value::Bool(true));
        let mut flags = ["supportsNormalization", "supportsDBT"].into_iter().filter(claimed).peekable();
        if flags.peek().is_none() || Specification::names_destination_modes(raw) {
            return;
        }
        for flag in flags {
            findings.report("claimed", || {
                Violation::new(
                    "a source claims what only destinations can do",
                    format!(
                        "`{flag}` is true, and no `supported_destination_sync_modes` says that it is a destination"
                    ),
                )
                .part(look.line, format!("/spec/{flag}"), &Value::Bool(true))
                .expected("false, or nothing", "true")
            });
        }
    }
}
