//! SPEC-046.

use crate::compat::{Class, Containment, Undeclared, changes_of_spec, containment};
use crate::experiments::breaking::{Versions, instead, report};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::Command;
use serde_json::Value;

experiment! {
    /// A config that the previous version takes is wrong for this one.
    ///
    /// # What it checks
    /// Where the suite names a `previous` version, `spec` of both is compared, change by change. A MUST: whatever refuses a config that
    /// was valid. A field that must be given now, other or fewer types, an `enum`, `const`, `pattern`, `format` or bound that takes
    /// less, a branch of a choice that is gone, a field that is gone where no other than the declared ones may be given. A SHOULD: what
    /// a config outlives, and the acceptance tests refuse all the same (`integer` that became `number`, another `airbyte_type`, a `type`
    /// or `format` that was dropped), and OAuth or an ability that is no longer offered. At INFO: a field that is gone or has another
    /// name, another pattern for which no text is known that it newly refuses. New optional fields, more types and values, another order,
    /// other texts break nothing. The changes are held against the whole: it is tried to prove that every config that was valid still
    /// is, and then nothing is told to break; else a config that was valid and is refused is looked for, the same way each time, and
    /// shown. Fields that nobody declares are taken for absent. Where this version begins a new major version, by the
    /// label `io.airbyte.version` of its image or its `metadata.yaml`, all is told at INFO.
    ///
    /// # Why it matters
    /// The platform keeps the configs that users have filled in, and gives them to the new version as they are. Those that it refuses
    /// stop syncing until somebody fills in the form again.
    ///
    /// # Example
    /// What a new version requires, besides `api_key`:
    /// ```json
    /// bad:  {"required":["api_key","region"],"properties":{"region":{"type":"string"}}}
    /// good: {"required":["api_key"],"properties":{"region":{"type":"string","default":"eu"}}}
    /// ```
    ///
    /// # How to mend it
    /// Let new fields be optional and mean what was so before, keep old names beside new ones, and carry old configs over when they
    /// are read (a migration that emits a CONTROL message). Where it has to break, begin a new major version and say so in `releases.breakingChanges`
    /// of `metadata.yaml`. What is known and accepted: `previous: { unless: "1.0.52", reason: "…" }`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests compare with the image of `latest` (`backward_compatibility_tests_config`), tell the first difference only, and
    /// try random configs besides. They don't know major versions, and a former image that is missing ends them.
    run {
        code: "SPEC-046",
        name: "breaks-former-configs",
        level: Must,
        commands: [Spec],
        authority: PlatformBehaviour,
        source: "platform: configs outlive versions; acceptance tests: test_backward_compatibility",
        depth: Quick,
        launches: [Launches::one("spec.previous", "the specification of the previous version").of_previous()],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let instead = instead(lab, Command::Spec)?;
    let latter = lab.spec()?;
    let after = specification(latter)?;
    let ask = Ask::of(Command::Spec, "spec.previous", "the specification of the previous version").instead(instead);
    let former = lab.launch(ask)?;
    let mut versions = Versions::of(lab, former, latter)?;
    let before = specification(former)?;
    let found = changes_of_spec(before, after).map_err(|error| Halt::Cannot(error.to_string()))?;
    if found.iter().any(|change| change.class() == Class::Breaking)
        && let Containment::NotContained { counterexample, .. } =
            containment(schema(before), schema(after), Undeclared::Absent)
    {
        versions = versions.refusing(&counterexample);
    }
    let mut conclusion = Conclusion::of(STATEMENT, latter);
    report(&mut conclusion, &versions, &found);
    Ok(conclusion)
}

fn specification(ran: &Ran) -> Result<&Value, Halt> {
    let payload = ran.complete()?.summary.specification.as_ref();
    let payload = payload.filter(|payload| payload.get("connectionSpecification").is_some());
    payload.ok_or_else(|| Halt::Cannot(format!("{} gave no specification", ran.id)))
}

fn schema(payload: &Value) -> &Value {
    &payload["connectionSpecification"]
}
