use crate::protocol::Kind;
use crate::protocol::schema::{Choice, Place, types};
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A `oneOf` between objects stands beside another `type` than object, or none.
    ///
    /// # What it checks
    /// Within `connectionSpecification`, a schema whose `oneOf` has a branch with properties has `"type": "object"`, and not
    /// a list of types. A `oneOf` of plain values is SPEC-009's, the root's `type` SPEC-004's, and a `type` that JSON
    /// Schema does not have SPEC-003's.
    ///
    /// # Why it matters
    /// The form reads the branches as what the `type` beside the `oneOf` says, whatever their own `type` is. Where that is
    /// not object it gives up, and the user sees an error in place of the connector's settings.
    ///
    /// # Example
    /// ```json
    /// bad:  {"credentials":{"oneOf":[{"type":"object","properties":{"method":{"type":"string","const":"token"}}}]}}
    /// good: {"credentials":{"type":"object","oneOf":[{"type":"object","properties":{"method":{"type":"string","const":"token"}}}]}}
    /// ```
    ///
    /// # How to mend it
    /// Write `"type": "object"` beside the `oneOf`. For a choice that is optional leave the property's name out of
    /// `required`: null need not be allowed. Python CDK with Pydantic: a `Union` comes without it, so give the field
    /// `type="object"` (`json_schema_extra` in version 2).
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want exactly `"type": "object"` beside each `oneOf` and `anyOf`.
    OneOfWithoutObjectType {
        code: "SPEC-008",
        name: "one-of-without-object-type",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: Using oneOf; Airbyte acceptance tests: test_oneof_usage",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OneOfWithoutObjectType;

impl Observer for OneOfWithoutObjectType {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields().filter(|place| place.place != Place::Root) {
            if Choice::of(place.schema).is_none_or(|choice| choice.branches.is_empty()) {
                continue;
            }
            let (title, found) = match place.keyword("type") {
                None | Some(Value::Null) => {
                    ("a `oneOf` between objects has no `type` beside it", "no `type`".to_owned())
                }
                Some(Value::String(word)) if word == "object" => continue,
                Some(_) if types(place.schema).is_none() => continue,
                Some(other) => ("a `oneOf` between objects has another `type` beside it", text::json(other, 80)),
            };
            findings.report(title, || {
                let message = format!("{} has a `oneOf` between objects, and beside it {found}", place.describe());
                place.violation(look, "", title, message).expected("\"type\": \"object\"", found)
            });
        }
    }
}
