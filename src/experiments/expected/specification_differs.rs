//! SUITE-003.

use crate::experiments::Conclusion;
use crate::experiments::difference::differences;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::rules::Level;
use crate::text;
use serde_json::{Map, Value};

/// How many places are told.
const TOLD: usize = 10;
/// Members that say the same when they are absent.
const FLAGS: [&str; 3] = ["supportsIncremental", "supportsNormalization", "supportsDBT"];

experiment! {
    /// The specification is not the one that the suite names.
    ///
    /// # What it checks
    /// What `spec` puts out, in the scenario's environment, against the file under `specification`: all members, where a member
    /// that is null, an empty list or a false flag is as good as absent, and numbers are compared by value. Of a `manifest.yaml`, only
    /// `connectionSpecification` is compared, with its `spec.connection_specification`. A file that is not there is told when the suite
    /// is read, and nothing is compared.
    ///
    /// # Why it matters
    /// The file is what was reviewed. A specification that is made from code changes with a library, and every connection with it.
    ///
    /// # Example
    /// ```json
    /// bad:  "start_date" is required by the connector, and not by spec.json
    /// good: the connector puts out what spec.json says
    /// ```
    ///
    /// # How to mend it
    /// If the change is meant, write what `spec` puts out into the file; else undo it.
    ///
    /// # What Airbyte's tests see
    /// The same (`spec_path`), without telling where the two differ. With a manifest, they fail each connector whose specification
    /// has a documentationUrl.
    run {
        code: "SUITE-003",
        name: "specification-not-as-expected",
        level: Must,
        commands: [Spec],
        authority: SuiteAuthor,
        source: "the suite: `specification`; Airbyte connector acceptance tests: test_match_expected",
        depth: Quick,
        launches: [],
        by_scenario: true,
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let Some(expected) = &lab.scenario.expected.specification else {
        return Err(Halt::Cannot("the scenario names no `specification`".to_owned()));
    };
    let wanted = expected.content.as_ref().map_err(|reason| Halt::Cannot(reason.clone()))?;
    let spec = lab.spec()?;
    spec.exit()?;
    let Some(actual) = &spec.summary.specification else {
        return Err(Halt::Cannot(format!("{} gave no specification", spec.id)));
    };
    let mut conclusion = Conclusion::of(STATEMENT, spec);
    let (found, more) = compare(wanted, actual, expected.is_whole);
    if found.is_empty() {
        conclusion.judged(None);
        return Ok(conclusion);
    }
    let name = expected.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let places: Vec<String> = found.iter().map(|it| format!("`{}`", place(&it.pointer))).collect();
    let more = if more { ", and more" } else { "" };
    let shown = found.into_iter().take(3).map(|it| {
        let [wanted, actual] = it.values;
        let mut shown = evidence(&spec.id, None, wanted, actual);
        shown.pointer = Some(it.pointer);
        shown
    });
    let fault = Fault {
        cause: "differs",
        level: Level::Must,
        title: "the specification is not the one that the suite names".to_owned(),
        message: format!("{} and {} differ at {}{more}", spec.id, text::visible(&name), places.join(", ")),
        evidence: shown.collect(),
        case: None,
    };
    conclusion.found_alone(None, &expected.path.display().to_string(), fault);
    Ok(conclusion)
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() { "/".to_owned() } else { text::shorten(&text::visible(pointer), 200) }
}

/// The first places at which they differ, and whether there are more.
fn compare(wanted: &Value, actual: &Value, is_whole: bool) -> (Vec<crate::experiments::difference::Difference>, bool) {
    let form = |payload: &Value| {
        let members = payload.as_object().cloned().unwrap_or_default();
        let members = members.into_iter().filter(|(name, _)| is_whole || name == "connectionSpecification");
        let formed: Map<String, Value> =
            members.filter_map(|(name, value)| Some((name.clone(), formed(&name, value)?))).collect();
        Value::Object(formed)
    };
    let mut found = differences(&form(wanted), &form(actual), TOLD + 1);
    let more = found.len() > TOLD;
    found.truncate(TOLD);
    (found, more)
}

/// A member as it is compared; none where it says nothing.
fn formed(name: &str, value: Value) -> Option<Value> {
    let value = match name {
        // A schema is compared as it is: in it, null is a value.
        "connectionSpecification" => value,
        _ => without_nulls(value),
    };
    match &value {
        Value::Null => None,
        Value::Bool(false) if FLAGS.contains(&name) => None,
        Value::Array(items) if items.is_empty() => None,
        _ => Some(value),
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places(wanted: &Value, actual: &Value, is_whole: bool) -> Vec<String> {
        compare(wanted, actual, is_whole).0.into_iter().map(|it| it.pointer).collect()
    }

    #[test]
    fn what_says_nothing_makes_no_difference() {
        let wanted = json!({"connectionSpecification": {"a": 1, "default": null}, "supportsDBT": false});
        let actual = json!({
            "supported_destination_sync_modes": [],
            "connectionSpecification": {"default": null, "a": 1.0},
            "changelogUrl": null,
        });
        assert_eq!(places(&wanted, &actual, true), [""; 0]);
        let other = json!({"connectionSpecification": {"a": 1}, "documentationUrl": "x"});
        assert_eq!(places(&wanted, &other, true), ["/connectionSpecification/default", "/documentationUrl"]);
        assert_eq!(places(&wanted, &other, false), ["/connectionSpecification/default"]);
    }

    #[test]
    fn many_differences_are_bounded() {
        let all: Map<String, Value> = (0..30).map(|at| (format!("m{at}"), json!(at))).collect();
        let (found, more) = compare(&Value::Object(all), &json!({}), true);
        assert!(found.len() == TOLD && more);
    }
}
