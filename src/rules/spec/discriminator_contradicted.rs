use crate::protocol::Kind;
use crate::protocol::schema::{Branch, Choice, canonical};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// The discriminator of a `oneOf` offers other values than its `const`.
    ///
    /// # What it checks
    /// The discriminator, the property that has a `const` in every branch of a `oneOf`, has no `default` other than that
    /// `const`, and no `enum` with other values. A `default` or an `enum` that says the same as the `const` is let pass. Where
    /// there is no single discriminator, SPEC-010 says so.
    ///
    /// # Why it matters
    /// Where the `default` is filled in, the configuration says one branch and has the fields of another, and is refused.
    /// Of an `enum` with other values all but one make the configuration invalid, though the specification offers them.
    ///
    /// # Example
    /// ```json
    /// bad:  {"method":{"type":"string","const":"token","default":"oauth","enum":["token","oauth"]}}
    /// good: {"method":{"type":"string","const":"token"}}
    /// ```
    ///
    /// # How to mend it
    /// Leave `const` alone in each branch. The branch that a form begins with is the first one; a `default` is not needed for
    /// that. Python CDK with Pydantic: a `Literal` of one value beside a default of another makes this.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests check the same; before their version 0.11.4 they refused any `default` and `enum` there.
    DiscriminatorContradicted {
        code: "SPEC-011",
        name: "discriminator-contradicted",
        level: Must,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_oneof_usage",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct DiscriminatorContradicted;

impl Observer for DiscriminatorContradicted {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields() {
            let Some(choice) = Choice::of(place.schema) else { continue };
            let Some(name) = choice.only_discriminator() else { continue };
            for branch in &choice.branches {
                let Some((keyword, found)) = contradiction(branch, name) else { continue };
                findings.report(keyword, || {
                    let at = branch.at.to_string();
                    let property = branch.property(name).unwrap_or(&Value::Null);
                    let (owner, found) = (place.describe(), text::json(found, 80));
                    let value = text::json(branch.constant(name).unwrap_or(&Value::Null), 80);
                    let branch = branch.describe();
                    Violation::new(
                        format!("the `{keyword}` of a discriminator says otherwise than its `const`"),
                        format!(
                            "in {branch} of the `oneOf` of {owner}, `{name}` is {value}, and its `{keyword}` {found}"
                        ),
                    )
                    .part(look.line, place.pointer_within(&["oneOf", &at, "properties", name, keyword]), property)
                    .expected(format!("no `{keyword}`"), found)
                });
            }
        }
    }
}

/// The keyword that says otherwise than the property's `const`, and its value.
fn contradiction<'s>(branch: &Branch<'s>, name: &str) -> Option<(&'static str, &'s Value)> {
    let (property, value) = (branch.property(name)?, canonical(branch.constant(name)?));
    let default = property.get("default").filter(|default| !default.is_null() && canonical(default) != value);
    let is_other = |values: &&Value| {
        let values = values.as_array().filter(|values| !values.is_empty());
        values.is_some_and(|values| values.iter().any(|other| canonical(other) != value))
    };
    let choices = || property.get("enum").filter(is_other);
    default.map(|default| ("default", default)).or_else(|| choices().map(|choices| ("enum", choices)))
}
