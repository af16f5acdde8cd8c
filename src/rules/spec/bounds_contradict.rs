use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Watch, rule};
use serde_json::Value;
use std::cmp::Ordering;

rule! {
    /// A lower bound is above the upper one, so that no value is allowed.
    ///
    /// # What it checks
    /// Everywhere in `connectionSpecification`: `minimum` and `exclusiveMinimum` leave room below `maximum` and
    /// `exclusiveMaximum`, and `minLength`, `minItems` and `minProperties` are not above `maxLength`, `maxItems` and
    /// `maxProperties`. Whether a `default` is within its bounds is SPEC-018's.
    ///
    /// # Why it matters
    /// Whatever is put into the field, the form refuses it. If the field is required, nobody can save a configuration.
    ///
    /// # Example
    /// ```json
    /// bad:  {"page_size":{"type":"integer","minimum":100,"maximum":1}}
    /// good: {"page_size":{"type":"integer","minimum":1,"maximum":100}}
    /// ```
    ///
    /// # How to mend it
    /// Most often the two are the wrong way round. Python CDK with Pydantic: `ge` and `gt` are the lower bounds, `le` and
    /// `lt` the upper ones.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    BoundsContradict {
        code: "SPEC-045",
        name: "bounds-contradict",
        level: Info,
        commands: [Spec],
        authority: Inference,
        source: "follows from what the keywords of JSON Schema say together",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

/// Lower bounds with upper ones, and whether the two may be equal.
const PAIRS: [(&str, &str, bool); 7] = [
    ("minimum", "maximum", true),
    ("exclusiveMinimum", "maximum", false),
    ("minimum", "exclusiveMaximum", false),
    ("exclusiveMinimum", "exclusiveMaximum", false),
    ("minLength", "maxLength", true),
    ("minItems", "maxItems", true),
    ("minProperties", "maxProperties", true),
];

#[derive(Default)]
struct BoundsContradict;

impl Observer for BoundsContradict {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.form() {
            for (lower, upper, may_be_equal) in PAIRS {
                let (Some(low), Some(high)) = (place.keyword(lower), place.keyword(upper)) else { continue };
                let leaves_room = match compare(low, high) {
                    Some(Ordering::Greater) => false,
                    Some(Ordering::Equal) => may_be_equal,
                    Some(Ordering::Less) | None => true,
                };
                if leaves_room {
                    continue;
                }
                findings.report(&format!("{lower} {upper}"), || {
                    let message = format!("{} has {lower} {low} and {upper} {high}", place.describe());
                    place
                        .violation(look, lower, "no value is within the bounds", message)
                        .expected(format!("{lower} below {upper}"), format!("{low} and {high}"))
                });
            }
        }
    }
}

/// Compares two numbers; none where one is none, which SPEC-003 says.
fn compare(low: &Value, high: &Value) -> Option<Ordering> {
    match (low.as_i64(), high.as_i64()) {
        (Some(low), Some(high)) => Some(low.cmp(&high)),
        _ => low.as_f64()?.partial_cmp(&high.as_f64()?),
    }
}
