//! DEST-011.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, row_of, shown, told};
use crate::experiments::writing::Write;
use crate::experiments::written::{failure_of, fault, seen};
use crate::feed::{Exact, Row, Target};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::UndeclaredField;
use serde_json::json;

experiment! {
    /// A record with fields that the schema does not declare, or without one that it does, fails the sync or is not stored as it should be.
    ///
    /// # What it checks
    /// Three records are written to a new stream whose schema declares `id` and `name`: one as declared, one with two fields more, and
    /// one without `name`. Only what a plain write has shown to work is tried so.
    ///
    /// What proves a fault: the write fails, or not each of the three records is stored, or the missing field is anything else than null. At SHOULD: fields that
    /// are not declared are stored, or are not, against what the suite says (`behaviours.undeclared_field`).
    ///
    /// What could fool it: a reader that leaves columns out, or that fills nulls in.
    ///
    /// # Why it matters
    /// The schema that a source declares is what it knew when it looked. APIs add fields any day, and leave out those that are empty: a
    /// destination that takes either for an error stops the sync until somebody finds it.
    ///
    /// # Example
    /// The schema declares `id` and `name`:
    /// ```json
    /// sent: {"id":2,"name":"with more","colour":"green"} {"id":3}
    /// bad:  {"id":2,"name":"with more"} {"id":3,"name":""}
    /// good: {"id":2,"name":"with more"} {"id":3,"name":null}
    /// ```
    ///
    /// # How to mend it
    /// Go through the schema's fields and take each from the record, with null where it is not there; do not go through the record's. Do not
    /// validate records against the schema with a validator that refuses. If your destination does store what is not
    /// declared, say so in the suite.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK writes undeclared fields and compares with what its author declares. For other languages there are none.
    run {
        code: "DEST-011",
        name: "undeclared-fields",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: write, output",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.undeclared-fields", "a record with more fields than declared, and one with fewer"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let stream = lab.stream("undeclared", "undeclared_fields");
    let schema = json!({"type": "object", "properties": {
        "id": {"type": ["null", "integer"]},
        "name": {"type": ["null", "string"]},
    }});
    let write = Write::to([Target::append(stream.clone(), schema)])
        .record(&stream, r#"{"id":1,"name":"as declared"}"#)
        .record(&stream, r#"{"id":2,"name":"with more","colour":"green","sizes":{"all":[1,2]}}"#)
        .record(&stream, r#"{"id":3}"#);
    let ask = write.finish().ask("write.undeclared-fields", "more fields than declared, and fewer").unjudged();
    let ran = lab.launch(ask)?;

    let mut conclusion = Conclusion::of(STATEMENT, ran);
    conclusion.judged(None);
    if let Some(how) = failure_of(ran)? {
        let message =
            format!("{}, which wrote fields that are not declared and left out one that is, fails: {how}", ran.id);
        let title = "fields that are not declared, or declared and missing, fail the sync";
        conclusion.found(Some(&stream), fault(ran, ("fails", Level::Must), title, message, ("exit code 0", how)));
        return Ok(conclusion);
    }
    let Some(rows) = seen(&mut conclusion, ran, &stream) else { return Ok(conclusion) };
    conclusion.judged(Some(&stream));
    judge_rows(&mut conclusion, ran, &stream, rows);
    judge_missing(&mut conclusion, ran, &stream, rows);
    judge_undeclared(&mut conclusion, ran, &stream, (rows, lab.behaviours().undeclared_field));
    Ok(conclusion)
}

fn judge_rows(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, rows: &[Row]) {
    let found = ids(rows);
    if found.join(" ") == "1 2 3" {
        return;
    }
    let message = format!(
        "1 is as declared, 2 has more fields, 3 has no `name`; after {} the stream holds {}",
        ran.id,
        told(&found)
    );
    let title = "records with more fields than declared, or fewer, are not stored";
    let fault = fault(ran, ("rows", Level::Must), title, message, ("the ids 1 2 3", told(&found)));
    conclusion.found(Some(stream), fault);
}

fn judge_missing(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, rows: &[Row]) {
    let name = row_of(rows, 3).and_then(|row| row.get("name"));
    if name.is_none_or(Exact::is_null) {
        return;
    }
    let found = shown(name);
    let message = format!("record 3 of {} has no field `name`, and what is stored there is {found}", ran.id);
    let title = "a field that a record does not have is not null";
    conclusion.found(Some(stream), fault(ran, ("missing", Level::Must), title, message, ("null", found)));
}

fn judge_undeclared(
    conclusion: &mut Conclusion,
    ran: &Ran,
    stream: &Descriptor,
    (rows, declared): (&[Row], UndeclaredField),
) {
    let Some(row) = row_of(rows, 2) else { return };
    let is_stored = |field: &str| row.get(field).is_some_and(|value| !value.is_null());
    let stored: Vec<&str> = ["colour", "sizes"].into_iter().filter(|field| is_stored(field)).collect();
    let (cause, title, word, how) = match declared {
        UndeclaredField::Dropped if !stored.is_empty() => {
            ("kept", "fields that the schema does not declare are stored", "kept", format!("`{}`", stored.join("`, `")))
        }
        UndeclaredField::Kept if stored.len() < 2 => {
            let title = "fields that the schema does not declare are not all stored";
            ("dropped", title, "dropped", format!("{} of 2", stored.len()))
        }
        _ => return,
    };
    let message = format!(
        "record 2 of {} has the fields `colour` and `sizes`, which are not declared; stored is {how}. If that is meant, say `undeclared_field: {word}`",
        ran.id
    );
    let expected = if declared == UndeclaredField::Kept { "both are stored" } else { "neither is stored" };
    conclusion.found(Some(stream), fault(ran, (cause, Level::Should), title, message, (expected, how)));
}
