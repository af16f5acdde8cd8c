use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use serde_json::Value;

rule! {
    /// A property of the specification is an object of which a form can show nothing.
    ///
    /// # What it checks
    /// A property within `connectionSpecification`, or the items of an array, of type object has at least one property, or
    /// a `oneOf`. The root may be empty. Objects with `"airbyte_hidden": true` are left out, since no form is to show them.
    /// Branches of a `oneOf` are SPEC-009's, and objects that are described by keywords that Airbyte does not interpret
    /// SPEC-006's.
    ///
    /// # Why it matters
    /// The form shows a heading with nothing below it, and no way to enter anything. If the property is required, nobody
    /// can save a configuration that does something.
    ///
    /// # Example
    /// ```json
    /// bad:  {"headers":{"type":"object","additionalProperties":{"type":"string"}}}
    /// good: {"headers":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"value":{"type":"string"}}}}}
    /// ```
    ///
    /// # How to mend it
    /// Declare the members that the connector knows. For a map make it an array of objects with a name and a value; for
    /// free JSON a string, which the connector parses. Where it is meant for the API only, set `airbyte_hidden`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want properties or a `oneOf` in every object but the root, hidden ones as well.
    ObjectWithoutFields {
        code: "SPEC-014",
        name: "object-without-fields",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_object_not_empty",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct ObjectWithoutFields;

impl Observer for ObjectWithoutFields {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let is_hidden = |schema: &Value| schema.get("airbyte_hidden") == Some(&Value::Bool(true));
        for place in look.fields().filter(|place| place.is_empty_object() && !is_hidden(place.schema)) {
            findings.report("empty", || {
                let message = format!("{} is an object without properties: a form shows nothing", place.describe());
                let title = "an object has nothing that a form could show";
                place.violation(look, "", title, message).expected("`properties` with something in it", "none")
            });
        }
    }
}
