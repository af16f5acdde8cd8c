//! SPEC-042.

use crate::experiments::difference::{difference, unordered};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::Command;
use crate::rules::Level;
use serde_json::Value;

experiment! {
    /// `spec` says something else each time.
    ///
    /// # What it checks
    /// `spec` is launched twice, and both specifications must be equal as JSON. The order of members makes no difference. Arrays in
    /// another order are a SHOULD: the form shows `oneOf` and `enum` in their order, and nothing else breaks. Two launches can't show
    /// a specification that changes once a day, or from machine to machine.
    ///
    /// # Why it matters
    /// The platform asks for the specification once for each version of a connector and keeps it. Whatever depends on the moment
    /// is frozen at a moment that nobody chose, and differs between two workspaces with the same version.
    ///
    /// # Example
    /// What two launches say of one field:
    /// ```json
    /// bad:  {"start_date":{"type":"string","default":"2024-06-09T12:00:01Z"}}  {"start_date":{"type":"string","default":"2024-06-09T12:00:03Z"}}
    /// good: {"start_date":{"type":"string","examples":["2024-01-01T00:00:00Z"]}}  and the same again
    /// ```
    ///
    /// # How to mend it
    /// Write the specification as a file that is put out as it stands. Where it is built from code: no clock, no random number, no
    /// request, no path of the machine; lists instead of sets. Python: `pydantic` models with `default_factory` are the usual cause.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests launch `spec` once and keep what it said for all their tests.
    run {
        code: "SPEC-042",
        name: "spec-not-the-same-twice",
        level: Must,
        commands: [Spec],
        authority: Inference,
        source: "follows from the platform keeping one specification for each version of a connector",
        depth: Standard,
        launches: [Launches::one("spec.again", "the specification once more")],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.spec()?;
    let Some(one) = first.complete()?.summary.specification.as_ref() else {
        return Err(Halt::Cannot(format!("{} gave no specification", first.id)));
    };
    let again = lab.launch(Ask::of(Command::Spec, "spec.again", "the specification once more").unjudged())?;
    let Some(other) = again.complete()?.summary.specification.as_ref() else {
        return Err(Halt::Cannot(format!("{} gave no specification", again.id)));
    };
    let mut conclusion = Conclusion::of(STATEMENT, again);
    let Some((level, what, pointer, [before, after])) = judge(one, other) else {
        conclusion.judged(None);
        return Ok(conclusion);
    };
    let place = if pointer.is_empty() { "its root".to_owned() } else { format!("`{pointer}`") };
    let message = format!("two launches of spec differ first at {place}: {before}, and then {after}");
    let mut shown = evidence(&again.id, None, before, after);
    shown.pointer = Some(pointer);
    conclusion.found(
        None,
        Fault {
            cause: what,
            level,
            title: what.to_owned(),
            message,
            evidence: vec![shown],
            case: Some(again.id.clone()),
        },
    );
    Ok(conclusion)
}

/// How much it weighs, what it is, where it is and what stands there.
fn judge(one: &Value, other: &Value) -> Option<(Level, &'static str, String, [String; 2])> {
    let found = difference(one, other)?;
    let (level, what) = match unordered(one) == unordered(other) {
        true => (Level::Should, "spec says the same in another order each time"),
        false => (Level::Must, "spec says something else each time"),
    };
    Some((level, what, found.pointer, found.values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_may_move_and_items_should_not() {
        let spec = |fields: [&str; 2], mode: &str| json!({"required": fields, "mode": {"default": mode}});
        let level = |other: Value| judge(&spec(["a", "b"], "x"), &other).map(|(level, ..)| level);
        assert_eq!(level(json!({"mode": {"default": "x"}, "required": ["a", "b"]})), None);
        assert_eq!(level(spec(["b", "a"], "x")), Some(Level::Should));
        assert_eq!(level(spec(["b", "a"], "y")), Some(Level::Must));
    }
}
