use crate::protocol::Kind;
use crate::protocol::schema::Choice;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A branch of a `oneOf` is no object with properties.
    ///
    /// # What it checks
    /// Within `connectionSpecification`, each branch of a `oneOf` has `properties`, and its `type`, where it has one, is
    /// object. So branches of plain values or null are violations, and branches that only list what is `required`. Other
    /// rules leave such branches out. Those that are a `$ref` are SPEC-005's.
    ///
    /// # Why it matters
    /// The form shows a `oneOf` as a choice between groups of fields. It finds no fields in such a branch, gives up, and
    /// the user sees an error in place of the connector's settings.
    ///
    /// # Example
    /// ```json
    /// bad:  {"since":{"oneOf":[{"type":"string","const":"all"},{"type":"string","format":"date"}]}}
    /// good: {"since":{"type":"object","oneOf":[
    ///       {"type":"object","title":"All","required":["mode"],"properties":{"mode":{"type":"string","const":"all"}}},
    ///       {"type":"object","title":"Since a day","required":["mode","day"],"properties":{"mode":{"type":"string","const":"since"},"day":{"type":"string","format":"date"}}}]}}
    /// ```
    ///
    /// # How to mend it
    /// For one of several texts write `enum`. For a value that may be left out, leave its name out of `required` in place
    /// of a null branch. For an alternative without settings give the branch its discriminator alone (SPEC-010). That one
    /// of two fields must be filled no form can show: check it in the connector's `check`, or make it a choice.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want `properties` in each branch of a `oneOf` or `anyOf`; they do not look at its `type`.
    BranchWithoutProperties {
        code: "SPEC-009",
        name: "branch-without-properties",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: Using oneOf; Airbyte acceptance tests: test_oneof_usage",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct BranchWithoutProperties;

impl Observer for BranchWithoutProperties {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields() {
            for misfit in Choice::of(place.schema).into_iter().flat_map(|choice| choice.misfits) {
                let what = if misfit.is_object { "has no properties" } else { "is no object" };
                findings.report(what, || {
                    let (number, owner) = (misfit.at + 1, place.describe());
                    Violation::new(
                        format!("a branch of a `oneOf` {what}"),
                        format!("branch {number} of the `oneOf` of {owner} {what}"),
                    )
                    .part(look.line, place.pointer_within(&["oneOf", &misfit.at.to_string()]), misfit.schema)
                    .expected("an object with properties", text::json(misfit.schema, 120))
                });
            }
        }
    }
}
