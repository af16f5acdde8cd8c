//! DEST-012.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, row_of, shown, told};
use crate::experiments::writing::Write;
use crate::experiments::written::{fails_cleanly, failure_of, fault, seen};
use crate::feed::{Exact, Row, Target};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::InvalidValue;
use serde_json::{Value, json};

experiment! {
    /// A value that does not fit its declared type fails the sync, or is lost or stored without a word.
    ///
    /// # What it checks
    /// Records are written in each of which one value is not of its field's type: a word in a whole number, a number, a boolean, a date, a
    /// moment and a time of day. Before and behind them are records that are as declared. Only what a plain write has shown to work is tried so.
    ///
    /// What proves a fault: the write fails, and the suite does not say that it does (`behaviours.invalid_value: fails`); or it fails without an error that
    /// says why. Or a record is not stored. Or a value is null, and `_airbyte_meta.changes` does not say so with a reason of the
    /// destination's (`DESTINATION_TYPECAST_ERROR`, `DESTINATION_SERIALIZATION_ERROR`, …); or it is something else than null and
    /// than what came. At SHOULD: it is stored as it came, or nulled, against what the suite says.
    ///
    /// What could fool it: a reader that does not show `_airbyte_meta`: then nulls are not judged.
    ///
    /// # Why it matters
    /// Sources declare types that their data do not always have. One such value must not stop millions of records, nor vanish: the change in
    /// the row is the only trace that the user has of it.
    ///
    /// # Example
    /// ```json
    /// sent: {"id":2,"whole":"seven"}
    /// bad:  {"id":2,"whole":null,"_airbyte_meta":{"changes":[]}}
    /// good: {"id":2,"whole":null,"_airbyte_meta":{"changes":[{"field":"whole","change":"NULLED","reason":"DESTINATION_TYPECAST_ERROR"}]}}
    /// ```
    ///
    /// # How to mend it
    /// Convert each value by its declared type; where that fails store null, and add
    /// `{"field": …, "change": "NULLED", "reason": "DESTINATION_TYPECAST_ERROR"}` to the row's `_airbyte_meta.changes`. One bad value must not
    /// take the batch with it. If your destination keeps such values or fails on purpose, say so in the suite.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK writes values that do not fit and compares with what its author declares. For other languages
    /// there are none.
    run {
        code: "DEST-012",
        name: "invalid-values",
        level: Must,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "partner destination requirements; docs: airbyte metadata fields",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.invalid-values", "records with values that are not of their type"),
        ],
    }
}

/// A field, its schema, a value of it, and one that is not.
fn fields() -> [(&'static str, Value, &'static str, &'static str); 6] {
    let text = |format: &str, airbyte_type: &str| json!({"type": ["null", "string"], "format": format, "airbyte_type": airbyte_type});
    [
        ("whole", json!({"type": ["null", "integer"]}), "7", r#""seven""#),
        ("number", json!({"type": ["null", "number"]}), "7.5", r#""seven and a half""#),
        ("flag", json!({"type": ["null", "boolean"]}), "true", r#""perhaps""#),
        ("day", json!({"type": ["null", "string"], "format": "date"}), r#""2024-01-07""#, r#""yesterday""#),
        ("moment", text("date-time", "timestamp_with_timezone"), r#""2024-01-07T00:00:00Z""#, r#""at noon""#),
        ("clock", text("time", "time_without_timezone"), r#""07:00:00""#, r#""tea time""#),
    ]
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let stream = lab.stream("invalid", "values");
    let write = write(&stream).finish().ask("write.invalid-values", "values that are not of their declared type");
    let ran = lab.launch(write.unjudged())?;
    let declared = lab.behaviours().invalid_value;

    let mut conclusion = Conclusion::of(STATEMENT, ran);
    conclusion.judged(None);
    if let Some(how) = failure_of(ran)? {
        judge_failure(&mut conclusion, ran, &stream, (declared, how));
        return Ok(conclusion);
    }
    if declared == InvalidValue::Fails {
        let message =
            format!("{} succeeded with values that do not fit, and the suite says that they fail the sync", ran.id);
        let title = "values that do not fit are not handled as declared";
        let told = ("the write fails, as `invalid_value: fails` says", "exit code 0");
        conclusion.found(Some(&stream), fault(ran, ("declared", Level::Should), title, message, told));
    }
    let Some(rows) = seen(&mut conclusion, ran, &stream) else { return Ok(conclusion) };
    conclusion.judged(Some(&stream));
    judge_rows(&mut conclusion, ran, &stream, rows);
    let shows_meta = rows.iter().any(|row| row.meta.is_some());
    for (place, (field, _, _, wrong)) in fields().iter().enumerate() {
        let Some(row) = row_of(rows, place as u64 + 2) else { continue };
        judge_value(&mut conclusion, ran, &stream, &Seen { field, wrong, row, declared, shows_meta });
    }
    Ok(conclusion)
}

/// A record as declared, one for each field that does not fit, and another as declared.
fn write(stream: &Descriptor) -> Write {
    let fields = fields();
    let mut properties = json!({"id": {"type": ["null", "integer"]}});
    for (name, schema, ..) in &fields {
        properties[*name] = schema.clone();
    }
    let target = Target::append(stream.clone(), json!({"type": "object", "properties": properties}));
    let record = |id: usize| {
        let members = fields.iter().enumerate().map(|(place, (name, _, right, wrong))| {
            let value = if place + 2 == id { wrong } else { right };
            format!(r#","{name}":{value}"#)
        });
        format!(r#"{{"id":{id}{}}}"#, members.collect::<String>())
    };
    Write::to([target]).records(stream, (1..=fields.len() + 2).map(record))
}

fn judge_failure(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, (declared, how): (InvalidValue, String)) {
    let (cause, level, title, expected) = match (declared, fails_cleanly(ran)) {
        (InvalidValue::Fails, true) => return,
        (InvalidValue::Fails, false) => {
            let title = "a value that does not fit its type fails the sync, and no error says so";
            ("unclean", Level::Should, title, "an exit code that is not 0, and a TRACE/ERROR that says why")
        }
        _ => ("fails", Level::Must, "a value that does not fit its type fails the sync", "exit code 0"),
    };
    let message = format!(
        "{}, in which each of some records has one value that is not of its type, fails: {how}. If that is meant, say `invalid_value: fails`",
        ran.id
    );
    conclusion.found(Some(stream), fault(ran, (cause, level), title, message, (expected, how)));
}

fn judge_rows(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, rows: &[Row]) {
    let (found, last) = (ids(rows), fields().len() + 2);
    let wanted = (1..=last).map(|id| id.to_string()).collect::<Vec<_>>().join(" ");
    if found.join(" ") == wanted {
        return;
    }
    let message = format!(
        "1 and {last} are as declared, the others have one value each that does not fit; after {} the stream holds {}",
        ran.id,
        told(&found)
    );
    let title = "a value that does not fit its type costs records";
    let fault = fault(ran, ("rows", Level::Must), title, message, (format!("the ids {wanted}"), told(&found)));
    conclusion.found(Some(stream), fault);
}

/// A value that does not fit, as it is stored.
struct Seen<'a> {
    field: &'a str,
    wrong: &'a str,
    row: &'a Row,
    declared: InvalidValue,
    shows_meta: bool,
}

fn judge_value(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, seen: &Seen<'_>) {
    let stored = seen.row.get(seen.field);
    let is_null = stored.is_none_or(Exact::is_null);
    let is_kept = Exact::of(seen.wrong).is_ok_and(|wrong| stored.is_some_and(|stored| wrong.is_kept_in(stored)));
    let change = seen.row.change_of(seen.field);
    let is_told = change.is_some_and(|(change, reason)| change == "NULLED" && reason.starts_with("DESTINATION_"));
    let (cause, level, title) = match (is_null, is_kept) {
        (true, _) if is_told && seen.declared == InvalidValue::Kept => (
            "nulled",
            Level::Should,
            "a value that does not fit its type is nulled, and the suite says that it is kept",
        ),
        (true, _) if is_told => return,
        (true, _) if !seen.shows_meta => {
            let why = "no row shows `_airbyte_meta`, which is to say why a value is null";
            return conclusion.inconclusive(None, why);
        }
        (true, _) => {
            ("untold", Level::Must, "a value that does not fit its type is nulled, and the row does not say so")
        }
        (_, true) if seen.declared == InvalidValue::Kept => return,
        (_, true) => ("kept", Level::Should, "a value that does not fit its type is stored as it came"),
        _ => ("changed", Level::Must, "in place of a value that does not fit its type another is stored"),
    };
    let change = change.map_or("no change".to_owned(), |(change, reason)| format!("the change {change} {reason}"));
    let found = format!("{}, {change}", shown(stored));
    let message = format!("the field `{}` was written as {}; stored is {found}", seen.field, seen.wrong);
    let expected = match seen.declared {
        InvalidValue::Kept => seen.wrong.to_owned(),
        _ => "null, and in `_airbyte_meta.changes` NULLED with a reason of the destination's".to_owned(),
    };
    conclusion.found(Some(stream), fault(ran, (cause, level), title, message, (expected, found)));
}
