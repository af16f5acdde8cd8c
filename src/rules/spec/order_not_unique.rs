use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Watch, rule};
use serde_json::Value;
use std::collections::HashMap;

rule! {
    /// Two properties of an object have the same `order`.
    ///
    /// # What it checks
    /// Among the properties of an object that are in the same `group` (or in none), no two have the same `order`. Each
    /// branch of a `oneOf` is an object of its own. Where one of the two is not shown, being hidden or having one value
    /// only (`const`), it is reported at SHOULD. An `order` that is no number is SPEC-026's.
    ///
    /// # Why it matters
    /// Which of the two comes first in the form is left to chance: a password may stand above the user name that it
    /// belongs to.
    ///
    /// # Example
    /// ```json
    /// bad:  {"user":{"type":"string","order":0},"password":{"type":"string","order":0}}
    /// good: {"user":{"type":"string","order":0},"password":{"type":"string","order":1}}
    /// ```
    ///
    /// # How to mend it
    /// Number the properties of each object anew; gaps do no harm. Properties without `order` come last, so it is also
    /// enough to number the first ones.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests refuse the same, whether the properties are shown or not, in objects that have
    /// `"type": "object"`.
    OrderNotUnique {
        code: "SPEC-024",
        name: "order-not-unique",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: ordering fields; Airbyte acceptance tests: test_duplicate_order",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct OrderNotUnique;

impl Observer for OrderNotUnique {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.shown() {
            let Some(properties) = place.keyword("properties").and_then(Value::as_object) else { continue };
            let mut taken: HashMap<(&str, u64), (&str, &Value)> = HashMap::new();
            for (name, property) in properties {
                let Some(order) = property.get("order").and_then(Value::as_f64) else { continue };
                let group = property.get("group").and_then(Value::as_str).unwrap_or_default();
                let Some((first, other)) = taken.insert((group, order.to_bits()), (name, property)) else { continue };
                let (cause, level) = match is_shown(property) && is_shown(other) {
                    true => ("shown", Level::Must),
                    false => ("not shown", Level::Should),
                };
                findings.report(cause, || {
                    let title = match level {
                        Level::Must => "two properties have the same `order`",
                        _ => "a property has the `order` of one that is not shown",
                    };
                    let group = if group.is_empty() { String::new() } else { format!(" in the group `{group}`") };
                    let message = format!("`{first}` and `{name}` of {} have order {order}{group}", place.describe());
                    let keyword = "properties";
                    place.violation(look, keyword, title, message).level(level)
                });
            }
        }
    }
}

/// Whether the form has a field for a property.
fn is_shown(property: &Value) -> bool {
    let is_hidden = property.get("airbyte_hidden").is_some_and(|hidden| *hidden == Value::Bool(true));
    !is_hidden && property.get("const").is_none()
}
