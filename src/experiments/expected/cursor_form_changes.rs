//! SUITE-006.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::{FUTURE, future_read, is_named};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::of_each;
use crate::experiments::{Conclusion, Launches};
use crate::protocol::ConfiguredStream;
use crate::protocol::schema::types;
use crate::rules::Level;
use crate::suite::CursorFormat;
use crate::text;
use serde_json::Value;

/// How deep a state is looked into, and how many cursors are compared of a stream.
const DEPTH: usize = 16;
const COMPARED: usize = 10_000;

experiment! {
    /// A cursor of the suite's state of the future has another form than those that the connector emits.
    ///
    /// # What it checks
    /// The cursors in the state under `future_state` against those in the state with which the read from there ends, stream by
    /// stream and in their order; a cursor is what stands under the name of the cursor field, wherever in the state. Both must be of one
    /// kind (text, number), unless the schema admits both. Text must match `cursor_format`, from its beginning; where there is none, both
    /// must be equally long, with letters, digits and signs at the same places. A stream in whose state no cursor is recognised is not judged.
    ///
    /// # Why it matters
    /// A state of the future in a form that the connector never emits proves nothing: it may just not have been understood.
    ///
    /// # Example
    /// ```json
    /// bad:  {"updated_at":"2999-01-01"} given, {"updated_at":"2999-01-01T00:00:00Z"} emitted
    /// good: {"updated_at":"2999-01-01T00:00:00Z"} given, {"updated_at":"2999-01-01T00:00:00Z"} emitted
    /// ```
    ///
    /// # How to mend it
    /// Write the cursor as the connector does. Where it may have several forms, give a `cursor_format` that takes them all.
    ///
    /// # What Airbyte's tests see
    /// The same since 3.8.2 (`future_state.cursor_format`), but they refuse a whole number where the schema says `number`, and every
    /// cursor of a field with two types.
    run {
        code: "SUITE-006",
        name: "future-cursor-of-another-form",
        level: Must,
        commands: [Read],
        authority: SuiteAuthor,
        source: "the suite: `future_state.cursor_format`; Airbyte connector acceptance tests: test_state_with_abnormally_large_values",
        depth: Standard,
        launches: [Launches::one(FUTURE.0, FUTURE.1).from_future()],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let made = future_read(lab)?;
    let read = made.read.complete()?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    let given = of_each(&made.state);
    for entry in &read.catalog()?.streams {
        let own = &entry.stream.descriptor;
        let Some((_, before)) = given.iter().find(|(listed, _)| is_named(own, listed)) else { continue };
        let Some(after) = read.summary.final_state.of_stream(own) else {
            conclusion.inconclusive(Some(own), format!("{} ended without a state of it", read.id));
            continue;
        };
        let (before, after) = (cursors(before, entry), cursors(after, entry));
        if before.is_empty() || after.is_empty() {
            conclusion.inconclusive(Some(own), "no cursor is recognised in its state");
            continue;
        }
        conclusion.judged(Some(own));
        let format = made.future.format_of(own);
        let mut pairs = before.into_iter().zip(after);
        if let Some((before, after)) = pairs.find(|(before, after)| !is_alike(before, after, entry, format)) {
            let (before, after) = (shown(before), shown(after));
            let expected = match format {
                Some(format) => format!("both as `{}`", text::shorten(&text::visible(&format.pattern), 200)),
                None => format!("a cursor like {before}"),
            };
            let fault = Fault {
                cause: "form",
                level: Level::Must,
                title: "cursors of the state of the future have another form than those that are emitted".to_owned(),
                message: format!("`{own}` was given the cursor {before}, and ended at {after}"),
                evidence: vec![evidence(&read.id, None, expected, format!("{before}, and then {after}"))],
                case: Some(read.id.clone()),
            };
            conclusion.found_alone(Some(own), &own.to_string(), fault);
        }
    }
    Ok(conclusion)
}

fn shown(cursor: &Value) -> String {
    text::visible(&text::json(cursor, 100))
}

/// The cursors in a stream's state, in their order: what stands under the cursor's name, or under `cursor` beside a
/// `cursor_field`, as databases have it.
fn cursors<'s>(state: &'s Value, entry: &ConfiguredStream) -> Vec<&'s Value> {
    let mut found = Vec::new();
    if let Some(name) = entry.cursor_field.first() {
        collect(state, name, DEPTH, &mut found);
    }
    found
}

fn collect<'s>(state: &'s Value, name: &str, depth: usize, found: &mut Vec<&'s Value>) {
    if depth == 0 || found.len() >= COMPARED {
        return;
    }
    match state {
        Value::Object(members) => {
            let is_of_database = members.contains_key("cursor_field");
            for (key, value) in members {
                let is_plain = !value.is_object() && !value.is_array() && !value.is_null();
                match is_plain && (key == name || (is_of_database && key == "cursor")) {
                    true => found.push(value),
                    false => collect(value, name, depth - 1, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, depth - 1, found)),
        _ => {}
    }
}

/// Whether two cursors have one form.
fn is_alike(before: &Value, after: &Value, entry: &ConfiguredStream, format: Option<&CursorFormat>) -> bool {
    match (before, after) {
        (Value::String(before), Value::String(after)) => match format {
            Some(format) => format.takes(before) && format.takes(after),
            None => before.chars().map(class).eq(after.chars().map(class)),
        },
        (Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_)) => true,
        _ => {
            let field =
                entry.cursor_field.first().and_then(|name| entry.stream.json_schema().get("properties")?.get(name));
            // A field of no type may be anything.
            field
                .and_then(types)
                .is_none_or(|words| [before, after].iter().all(|cursor| words.iter().any(|word| takes(word, cursor))))
        }
    }
}

fn takes(word: &str, cursor: &Value) -> bool {
    match word {
        "string" => cursor.is_string(),
        "integer" | "number" => cursor.is_number(),
        "boolean" => cursor.is_boolean(),
        "null" => false,
        // Whatever else is said there, it is not known what it means.
        _ => true,
    }
}

/// A letter, a digit, or the sign itself.
fn class(letter: char) -> char {
    match letter {
        _ if letter.is_alphabetic() => 'a',
        _ if letter.is_numeric() => '0',
        sign => sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ConfiguredCatalog;
    use serde_json::json;

    fn entry(field: &Value) -> ConfiguredStream {
        let schema = json!({"properties": {"at": field}});
        let stream = json!({"stream": {"name": "a", "json_schema": schema}, "cursor_field": ["at"]});
        ConfiguredCatalog::from_value(&json!({"streams": [stream]})).expect("a catalog").streams.remove(0)
    }

    #[test]
    fn forms_are_compared_sign_by_sign() {
        let text = entry(&json!({"type": ["null", "string"]}));
        let alike = |one: Value, other: Value, format: Option<&CursorFormat>| is_alike(&one, &other, &text, format);
        assert!(alike(json!("2999-01-01T00:00:00Z"), json!("2024-06-30T23:59:59Z"), None));
        assert!(!alike(json!("2999-01-01"), json!("2024-06-30T23:59:59Z"), None));
        assert!(!alike(json!("2999-01-01"), json!("2999/01/01"), None));
        let format = CursorFormat::parse(r"\d{4}-\d{2}-\d{2}").expect("a pattern");
        assert!(alike(json!("2999-01-01"), json!("2024-06-30T23:59:59Z"), Some(&format)));
        assert!(!alike(json!("tomorrow"), json!("2024-06-30"), Some(&format)));
        assert!(!alike(json!("2999-01-01"), json!(1_717_200_000), None));
        let both = entry(&json!({"type": ["string", "integer"]}));
        assert!(is_alike(&json!("5"), &json!(5), &both, None));
        assert!(is_alike(&json!(5), &json!(5.5), &text, None));
    }

    #[test]
    fn cursors_are_found_wherever_they_stand() {
        let of = |state: Value| cursors(&state, &entry(&json!({}))).into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            of(json!({"states": [{"cursor": {"at": 5}}, {"cursor": {"at": 6}}], "page": 1})),
            [json!(5), json!(6)]
        );
        assert_eq!(of(json!({"cursor_field": ["x"], "cursor": "7", "version": 2})), [json!("7")]);
        assert!(of(json!({"at": null, "cursor": 1})).is_empty());
    }
}
