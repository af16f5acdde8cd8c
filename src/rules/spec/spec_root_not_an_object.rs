use crate::protocol::Kind;
use crate::protocol::schema::{RootDefect, root_defect};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// The root of `connectionSpecification` does not describe an object with properties.
    ///
    /// # What it checks
    /// The root has `"type": "object"` and an object `properties`, which may be empty. A root with `properties` and
    /// without any `type` is reported at SHOULD. That `connectionSpecification` is there and is a valid schema at all is
    /// SPEC-003's.
    ///
    /// # Why it matters
    /// The form that users fill in begins at `properties`, and so does the search for secrets. A root that is made of
    /// `oneOf` or `$ref` alone shows an empty form, and the secrets behind it are stored in the clear.
    ///
    /// # Example
    /// ```json
    /// bad:  {"connectionSpecification":{"oneOf":[{"properties":{"api_key":{"type":"string","airbyte_secret":true}}}]}}
    /// good: {"connectionSpecification":{"type":"object","properties":{"api_key":{"type":"string","airbyte_secret":true}}}}
    /// ```
    ///
    /// # How to mend it
    /// Put `"type": "object"` and `properties` at the root. Alternatives (`oneOf`) belong into a property of the root,
    /// `credentials` for instance. A connector without settings has `"properties": {}`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests crash with an error of their own where `properties` is missing; nothing looks at
    /// `type`.
    SpecRootNotAnObject {
        code: "SPEC-004",
        name: "spec-root-not-an-object",
        level: Must,
        commands: [Spec],
        authority: CdkConvention,
        source: "connector specification reference; Airbyte acceptance tests: spec",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct SpecRootNotAnObject;

impl Observer for SpecRootNotAnObject {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let schema = look.specification().and_then(|specification| specification.get("connectionSpecification"));
        let Some(schema) = schema.filter(|schema| schema.is_object()) else { return };
        let Some(defect) = root_defect(schema) else { return };
        let (what, expected, found) = match defect {
            RootDefect::OtherType => ("has another type than object", "\"object\"", schema.get("type")),
            RootDefect::NoProperties => ("has no `properties`", "an object `properties`", None),
            RootDefect::NoType => ("has no `type`", "\"type\": \"object\"", None),
        };
        findings.report(what, || {
            let found = found.map_or("none".to_owned(), |found| text::json(found, 80));
            let described = Violation::new(
                format!("the root of `connectionSpecification` {what}"),
                format!("the root of `connectionSpecification` {what}: expected {expected}, found {found}"),
            )
            .part(look.line, "/spec/connectionSpecification", schema)
            .expected(expected, found);
            if defect == RootDefect::NoType { described.level(Level::Should) } else { described }
        });
    }
}
