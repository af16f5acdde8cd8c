use crate::protocol::Kind;
use crate::protocol::schema::{Branch, Choice, Confusion, Discriminator};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// Nothing tells the branches of a `oneOf` apart.
    ///
    /// # What it checks
    /// Within `connectionSpecification`, exactly one property has a `const` in every branch of a `oneOf`: the
    /// discriminator. Its values are not empty and differ. Reported at SHOULD: several such properties, and values that are
    /// no text; at INFO an `enum` of one value with a `default` in place of the `const`, as the Kotlin CDK writes it. Branches
    /// that SPEC-009 or SPEC-005 is about are left out.
    ///
    /// # Why it matters
    /// The form learns by it which branch was chosen. Without one it gives up, and the user sees an error in place of the
    /// connector's settings. With one value in two branches the second can't be chosen; of several it takes the first.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","oneOf":[{"properties":{"token":{"type":"string"}}},{"properties":{"user":{"type":"string"}}}]}
    /// good: {"type":"object","oneOf":[
    ///       {"required":["method"],"properties":{"method":{"type":"string","const":"token"},"token":{"type":"string"}}},
    ///       {"required":["method"],"properties":{"method":{"type":"string","const":"user"},"user":{"type":"string"}}}]}
    /// ```
    ///
    /// # How to mend it
    /// Give every branch the same text property (`method`, `auth_type`) with a `const` of its own, and list it in `required`
    /// (SPEC-012). A value that is the same everywhere belongs into the code. Python CDK with Pydantic: a field with
    /// `const=True`, or a `Literal` of one value. The Kotlin CDK makes an `enum` and a `default` out of `@JsonTypeInfo`: leave
    /// that as it is.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests want exactly one property with `const` in all branches; they do not compare the values.
    NoSingleDiscriminator {
        code: "SPEC-010",
        name: "no-single-discriminator",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: Using oneOf; Airbyte acceptance tests: test_oneof_usage",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct NoSingleDiscriminator;

impl Observer for NoSingleDiscriminator {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields() {
            let Some(choice) = Choice::of(place.schema) else { continue };
            let Some(Defect { title, message, level, branch }) = defect(&choice) else { continue };
            findings.report(title, || {
                let whole = place.keyword("oneOf").unwrap_or(&Value::Null);
                let at = branch.map(|branch| branch.at.to_string());
                let pointer = place.pointer_within(&["oneOf"]) + &at.map_or(String::new(), |at| format!("/{at}"));
                Violation::new(title, format!("in the `oneOf` of {}, {message}", place.describe()))
                    .part(look.line, pointer, branch.map_or(whole, |branch| branch.schema))
                    .level(level)
            });
        }
    }
}

/// What keeps the branches of a choice from being told apart.
struct Defect<'s> {
    title: &'static str,
    message: String,
    level: Level,
    branch: Option<Branch<'s>>,
}

fn defect<'s>(choice: &Choice<'s>) -> Option<Defect<'s>> {
    let (title, message, level, branch) = match choice.discriminator()? {
        Discriminator::Missing(nearest) => {
            let branch = nearest.and_then(|(_, at)| choice.branches.get(at).copied());
            let lacking = |((name, _), branch): ((&str, usize), Branch<'_>)| {
                format!("`{name}` has a `const` in other branches and none in {}", branch.describe())
            };
            let message = nearest.zip(branch).map_or("no property has a `const`".to_owned(), lacking);
            ("no property tells the branches of a `oneOf` apart", message, Level::Must, branch)
        }
        Discriminator::Older(name) => {
            let message =
                format!("`{name}` has an `enum` of one value where a `const` belongs, as the Kotlin CDK writes it");
            ("a `oneOf` tells its branches apart by `enum` and `default`", message, Level::Info, None)
        }
        Discriminator::Several(names) => {
            let shown: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
            let is_confused = names.first().is_some_and(|name| choice.confused_by(name).is_some());
            let level = if is_confused { Level::Must } else { Level::Should };
            let message = format!("{} have a `const` in every branch; forms take the first", shown.join(" and "));
            ("several properties have a `const` in every branch of a `oneOf`", message, level, None)
        }
        Discriminator::One(name) => match choice.confused_by(name) {
            Some(Confusion::Empty(branch)) => {
                let message =
                    format!("the `const` of `{name}` in {} is empty: forms take it for none", branch.describe());
                ("the discriminator of a `oneOf` has an empty value", message, Level::Must, Some(branch))
            }
            Some(Confusion::Repeated(branch)) => {
                let message = format!("the `const` of `{name}` in {} is that of another branch", branch.describe());
                ("two branches of a `oneOf` have the same discriminator", message, Level::Must, Some(branch))
            }
            None => {
                let is_text = |branch: &Branch<'_>| branch.constant(name).is_some_and(Value::is_string);
                let branch = choice.branches.iter().copied().find(|branch| !is_text(branch))?;
                let message = format!("the `const` of `{name}` in {} is no text", branch.describe());
                ("the discriminator of a `oneOf` is no text", message, Level::Should, Some(branch))
            }
        },
    };
    Some(Defect { title, message, level, branch })
}
