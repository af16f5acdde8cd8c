//! EXP-08.

use crate::experiments::altered::{AFTERWARDS, Due, FROM_FINAL, FROM_MIDDLE, Measure, UNALTERED, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts, asked_for};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::state_file::with_each;
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use serde_json::Value;

experiment! {
    /// A state is not understood when it is written in another way.
    ///
    /// # What it checks
    /// The connector is given one of its own states, written anew as the same JSON: members in another order, white space
    /// between all parts, and characters beyond ASCII and `<`, `>`, `&`, `'` and `/` as escapes. The read must succeed, deliver what the
    /// same state brought as it was, and not nearly everything (of five records or more) that it keeps away. If the
    /// state holds numbers like `1.0`, they are written as `1` in a read of its own, at SHOULD. A fault must show twice,
    /// while the state as it was still works. Streams that have few records behind their state can't be told.
    ///
    /// # Why it matters
    /// The platform parses states, stores them in a database and writes them anew. JSON that only works byte for byte never
    /// survives that: the sync starts over, or never starts.
    ///
    /// # Example
    /// ```json
    /// bad:  {"updated_at":"2024-06-01","id":7} goes on, {"id":7,"updated_at":"2024-06-01"} starts over
    /// good: both go on
    /// ```
    ///
    /// # How to mend it
    /// Read the state with a JSON parser, and look members up by name. Don't compare states as text, don't hash their text, and
    /// don't use a pattern to find a cursor in them.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests write states with one serialiser, in the order in which they came.
    run {
        code: "EXP-08",
        name: "state-read-as-text",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: state is a JSON object that the platform keeps (STATE-019)",
        depth: Certification,
        launches: [
            FROM_MIDDLE,
            FROM_FINAL,
            Launches::up_to(0, 2, "read.rewritten", "incremental, from the same state written in another way"),
            Launches::up_to(0, 2, "read.rewritten", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const KINDS: [Kind; 2] = [
    Kind {
        id: "read.rewritten",
        given: "its own state in another order, with white space and escapes",
        lost: Level::Must,
        over: Level::Must,
        refused: Some(Level::Must),
    },
    Kind {
        id: "read.rewritten-numbers",
        given: "its own state with `1` for `1.0`",
        lost: Level::Should,
        over: Level::Should,
        refused: Some(Level::Should),
    },
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_any_state(lab)?;
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let due = |_| Some(Due::Rest);
    for kind in asked_for(lab, &KINDS) {
        let ask = by.ask(lab, kind.id, &format!("incremental, with {}", kind.given))?;
        let ask = match kind.id == KINDS[0].id {
            true => ask.state_written(by.state.clone(), rewritten(&by.state)),
            false => match with_each(&by.state, |_, own| Some(short_numbers(own))) {
                state if state == by.state => continue,
                state => ask.state_written(by.state.clone(), state.to_string()),
            },
        };
        verdicts.judge(kind, &by, &due, &probe(lab, &by, &due, ask)?)?;
    }
    verdicts.conclude(&by)
}

/// The same JSON: members from behind, white space, and escapes as Go, Gson and PHP write them.
fn rewritten(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev().map(|(name, value)| format!("{} :\t{}", quoted(name), rewritten(value)));
            format!("{{ {} \n}}", members.collect::<Vec<_>>().join(" ,\r\n  "))
        }
        Value::Array(items) => format!("[\n {} ]", items.iter().map(rewritten).collect::<Vec<_>>().join(" ,\n ")),
        Value::String(text) => quoted(text),
        scalar => scalar.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let plain = Value::from(text).to_string();
    let mut quoted = String::with_capacity(plain.len());
    for letter in plain.chars() {
        match letter {
            '/' => quoted.push_str("\\/"),
            '<' | '>' | '&' | '\'' => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter if letter.is_ascii() => quoted.push(letter),
            letter => {
                let mut units = [0; 2];
                letter.encode_utf16(&mut units).iter().for_each(|unit| quoted.push_str(&format!("\\u{unit:04x}")));
            }
        }
    }
    quoted
}

/// `1` for `1.0`, as a parser that knows one kind of number writes it.
fn short_numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => Value::from(float as i64),
            _ => value.clone(),
        },
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), short_numbers(value))).collect(),
        Value::Array(items) => items.iter().map(short_numbers).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_anew_means_the_same() {
        let state = json!([{"a/ü😀": {"x": "it's <\\\"\n>", "y": [1, 1.5, null]}, "z": {}}]);
        let text = rewritten(&state);
        assert!(text.is_ascii() && text.find("\"z\"") < text.find("\"x\""), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(state));
        assert_eq!(short_numbers(&json!({"a": [2.0, 2.5, 3]})).to_string(), r#"{"a":[2,2.5,3]}"#);
    }
}
