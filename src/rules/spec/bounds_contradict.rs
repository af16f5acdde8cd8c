use crate::protocol::Kind;
use crate::rules::{Findings, FormPlace, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;
use std::cmp::Ordering;

rule! {
    /// Bounds contradict each other, or the `default` between them.
    ///
    /// # What it checks
    /// Everywhere in `connectionSpecification`: `minimum` and `exclusiveMinimum` leave room below `maximum` and
    /// `exclusiveMaximum`, and `minLength`, `minItems` and `minProperties` are not above `maxLength`, `maxItems` and
    /// `maxProperties`. A `default` that is a number or a text is within its own bounds.
    ///
    /// # Why it matters
    /// Where no value is allowed, the form refuses whatever is put into the field; if it is required, nobody can save a
    /// configuration. A default out of bounds is filled in for the user, and then refused.
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
            default_out_of_bounds(&place, look, findings);
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

/// A default that is outside of one of its own bounds.
fn default_out_of_bounds(place: &FormPlace<'_, '_>, look: &Look<'_>, findings: &mut Findings<'_>) {
    let Some(default) = place.keyword("default") else { return };
    let length = default.as_str().map(|text| Value::from(text.chars().count()));
    let is_out = |bound: &str, size: &Value, refused: &[Ordering]| {
        let order = place.keyword(bound).and_then(|bound| compare(size, bound));
        order.is_some_and(|order| refused.contains(&order))
    };
    let bounds: [(&str, &[Ordering]); 4] = [
        ("minimum", &[Ordering::Less]),
        ("exclusiveMinimum", &[Ordering::Less, Ordering::Equal]),
        ("maximum", &[Ordering::Greater]),
        ("exclusiveMaximum", &[Ordering::Greater, Ordering::Equal]),
    ];
    let of_number = bounds.into_iter().find(|(bound, refused)| is_out(bound, default, refused)).map(|(bound, _)| bound);
    let of_length = || {
        let length = length.as_ref()?;
        let short = is_out("minLength", length, &[Ordering::Less]).then_some("minLength");
        short.or_else(|| is_out("maxLength", length, &[Ordering::Greater]).then_some("maxLength"))
    };
    let Some(bound) = of_number.or_else(of_length) else { return };
    findings.report(&format!("default {bound}"), || {
        let (limit, found) = (text::json(&place.schema[bound], 40), text::json(default, 80));
        let message = format!("{} has the default {found} and `{bound}` {limit}", place.describe());
        place
            .violation(look, "default", "a `default` is out of its bounds", message)
            .expected(format!("{bound} {limit}"), found)
    });
}

/// Compares two numbers; none where one is none, which SPEC-003 says.
fn compare(low: &Value, high: &Value) -> Option<Ordering> {
    match (low.as_i64(), high.as_i64()) {
        (Some(low), Some(high)) => Some(low.cmp(&high)),
        _ => low.as_f64()?.partial_cmp(&high.as_f64()?),
    }
}
