use crate::protocol::Kind;
use crate::protocol::schema::{Branch, Choice};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use std::collections::HashSet;

/// Of how many branches it is told whether they can be mistaken for each other, and with how many required names each.
const COMPARED: usize = 50;

rule! {
    /// A branch of a `oneOf` does not require its discriminator.
    ///
    /// # What it checks
    /// The discriminator, the property that has a `const` in every branch of a `oneOf`, is in the `required` of each.
    /// Reported at SHOULD where, of two branches that lack it, one requires nothing that the other does not. Else a
    /// configuration without it fits one branch at most, and it is told at INFO. Where there is no single discriminator,
    /// SPEC-010 says so.
    ///
    /// # Why it matters
    /// `oneOf` wants exactly one branch to fit. A configuration that leaves the discriminator out fits all that do not
    /// require it: it is refused, with a message that nobody understands. Forms fill it in; APIs and Terraform do not.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"object","oneOf":[
    ///       {"required":["token"],"properties":{"method":{"const":"token"},"token":{"type":"string"}}},
    ///       {"required":["token"],"properties":{"method":{"const":"signed"},"token":{"type":"string"}}}]}
    /// good: {"type":"object","oneOf":[
    ///       {"required":["method","token"],"properties":{"method":{"const":"token"},"token":{"type":"string"}}},
    ///       {"required":["method","token"],"properties":{"method":{"const":"signed"},"token":{"type":"string"}}}]}
    /// ```
    ///
    /// # How to mend it
    /// Add the name to `required` of each branch. For a connector that is in use this is a breaking change if stored
    /// configurations lack it. Python CDK with Pydantic: `OneOfOptionConfig` with its `discriminator` set does this.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    DiscriminatorNotRequired {
        code: "SPEC-012",
        name: "discriminator-not-required",
        level: Should,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: Using oneOf, its examples",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct DiscriminatorNotRequired;

impl Observer for DiscriminatorNotRequired {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.fields() {
            let Some(choice) = Choice::of(place.schema) else { continue };
            let Some(name) = choice.only_discriminator() else { continue };
            let lacks = |branch: &&Branch<'_>| !branch.required().any(|required| required == name);
            let lacking: Vec<&Branch<'_>> = choice.branches.iter().filter(lacks).collect();
            let Some(first) = lacking.first() else { continue };
            let (cause, level) = match can_be_mistaken(&lacking) {
                true => ("can be mistaken", Level::Should),
                false => ("optional", Level::Info),
            };
            findings.report(cause, || {
                let (count, all, owner) = (lacking.len(), choice.branches.len(), place.describe());
                let required = first.schema.get("required").map_or("none".to_owned(), |names| text::json(names, 120));
                let branch = if count == 1 { first.describe() } else { format!("{count} of {all} branches") };
                Violation::new(
                    "the discriminator of a `oneOf` is not required",
                    format!("`{name}` is not in `required`, in {branch} of the `oneOf` of {owner}"),
                )
                .part(look.line, place.pointer_within(&["oneOf", &first.at.to_string()]), first.schema)
                .expected(format!("`{name}` in `required`"), required)
                .level(level)
            });
        }
    }
}

/// Whether what one of the branches requires is enough for another.
fn can_be_mistaken(branches: &[&Branch<'_>]) -> bool {
    let branches = branches.iter().take(COMPARED);
    let all: Vec<HashSet<&str>> = branches.map(|branch| branch.required().take(COMPARED).collect()).collect();
    let is_enough_elsewhere = |(at, names): (usize, &HashSet<&str>)| {
        all.iter().enumerate().any(|(other, others)| other != at && others.is_subset(names))
    };
    all.iter().enumerate().any(is_enough_elsewhere)
}
