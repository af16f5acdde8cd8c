use crate::protocol::Kind;
use crate::protocol::schema::{STEPS, mismatch};
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// An example is no value that its own property takes.
    ///
    /// # What it checks
    /// Each of the `examples` in `connectionSpecification` is of the `type` beside it, and in the `enum` if there is
    /// one. An example for a list may be a list or one item. Patterns are SPEC-021's; that `examples` is a list at all
    /// is SPEC-003's. Whether an example is somebody's real secret can't be told and is not looked at.
    ///
    /// # Why it matters
    /// Users copy the example that the form shows below the field, and tools that configure connectors through the API
    /// take it for the form of the value. One that is refused costs them an attempt and their trust.
    ///
    /// # Example
    /// ```json
    /// bad:  {"depth":{"type":"string","enum":["short","full"],"examples":["deep"]}}
    /// good: {"depth":{"type":"string","enum":["short","full"],"examples":["full"]}}
    /// ```
    ///
    /// # How to mend it
    /// Write the example as a value of the type. In YAML, an identifier of digits needs quotes to be text:
    /// `examples: ["0042"]`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at examples.
    ExampleNotAllowed {
        code: "SPEC-019",
        name: "example-not-allowed",
        level: Info,
        commands: [Spec],
        authority: Inference,
        source: "follows from forms that show the examples; UX handbook",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct ExampleNotAllowed;

impl Observer for ExampleNotAllowed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut steps = STEPS;
        for place in look.form() {
            let items = place.keyword("items").filter(|items| items.is_object());
            for example in place.keyword("examples").and_then(Value::as_array).into_iter().flatten() {
                let Some(whole) = mismatch(place.schema, example, &mut steps) else { continue };
                let as_item = items.filter(|_| !example.is_array()).map(|items| mismatch(items, example, &mut steps));
                if as_item.is_some_and(|mismatch| mismatch.is_none()) {
                    continue;
                }
                findings.report(whole.keyword, || {
                    let found = text::json(whole.found, 80);
                    let wanted = format!("{}: {}", whole.keyword, text::json(whole.wanted, 160));
                    let (title, why) = match whole.keyword {
                        "enum" => ("an example is not among the values of `enum`", "is not among the values"),
                        _ => ("an example is of another type", "is of another type"),
                    };
                    let message = format!("{}: the example {found} {why}", place.describe());
                    place.violation(look, "examples", title, message).expected(wanted, found)
                });
            }
        }
    }
}
