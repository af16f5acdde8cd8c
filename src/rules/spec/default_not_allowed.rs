use crate::protocol::Kind;
use crate::protocol::schema::{STEPS, mismatch};
use crate::rules::{Findings, Look, Observer, Watch, rule};
use crate::text;

rule! {
    /// A `default` is no value that its own property takes.
    ///
    /// # What it checks
    /// Each `default` in `connectionSpecification` is of the `type` beside it, and in the `enum` if there is one; so is
    /// each item of a list (`items`) and each member of an object (`properties`). Null counts as no default. Patterns
    /// are SPEC-021's, bounds are SPEC-045's, and a property with `const` is SPEC-011's.
    ///
    /// # Why it matters
    /// The form starts with the default in the field. A user who leaves it as it is can't save, or saves a value that
    /// the connector was not written for: text where it expects a number.
    ///
    /// # Example
    /// ```json
    /// bad:  {"page_size":{"type":"integer","default":"100"}}
    /// good: {"page_size":{"type":"integer","default":100}}
    /// ```
    ///
    /// # How to mend it
    /// Write the default as a value of the type, or take it out. An object with `oneOf` needs no default: the form
    /// starts with the first branch. In YAML, quotes make text of a number: `default: 100`, not `default: "100"`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at defaults, but for those of discriminators.
    DefaultNotAllowed {
        code: "SPEC-018",
        name: "default-not-allowed",
        level: Info,
        commands: [Spec],
        authority: Inference,
        source: "follows from forms that take the default over and configurations that are validated",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct DefaultNotAllowed;

impl Observer for DefaultNotAllowed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut steps = STEPS;
        for place in look.form() {
            let Some(default) = place.keyword("default") else { continue };
            let Some(mismatch) = mismatch(place.schema, default, &mut steps) else { continue };
            findings.report(mismatch.keyword, || {
                let found = text::json(mismatch.found, 80);
                let wanted = format!("{}: {}", mismatch.keyword, text::json(mismatch.wanted, 160));
                let (title, why) = match mismatch.keyword {
                    "enum" => ("a `default` is not among the values of `enum`", "is not among the values"),
                    _ => ("a `default` is of another type", "is of another type"),
                };
                let is_whole = std::ptr::eq(mismatch.found, default);
                let what = if is_whole { format!("the default {found}") } else { format!("{found}, in the default,") };
                let message = format!("{}: {what} {why}", place.describe());
                place.violation(look, "default", title, message).expected(wanted, found)
            });
        }
    }
}
