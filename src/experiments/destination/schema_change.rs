//! DEST-025.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, row_of, shown, told};
use crate::experiments::writing::Write;
use crate::experiments::written::{failure_of, fault, seen};
use crate::feed::{Exact, Row, Target};
use crate::protocol::Descriptor;
use crate::rules::Level;
use serde_json::{Value, json};

experiment! {
    /// A schema that changes between two syncs fails the second one, or costs rows or values.
    ///
    /// # What it checks
    /// Two records are written in mode `append`. In the second sync the stream has a field more, lacks one, and a number has become a
    /// text; two records of the new form are written. Only what a plain write has shown to work is tried so.
    ///
    /// What proves a fault: the second sync fails. Or not all four rows are there afterwards, or a value of a field that did not change is gone from the
    /// old rows, or the new rows lack the new field or the text. At INFO: what was the number in the old rows is null.
    ///
    /// Mind: what becomes of the field that is no longer declared is the destination's choice and is not judged. A reader with a fixed list
    /// of columns.
    ///
    /// # Why it matters
    /// Schemas change while connections go on for years. A destination that fails then stops the sync; one that makes the table anew
    /// loses the history that a source of increments never sends again.
    ///
    /// # Example
    /// `name` is declared before and after, `added` only after:
    /// ```json
    /// bad:  {"id":3,"name":"name 3","added":"new 3"}
    /// good: {"id":1,"name":"name 1","added":null} {"id":3,"name":"name 3","added":"new 3"}
    /// ```
    ///
    /// # How to mend it
    /// Compare the catalog's schema with the table's before you write: add columns, and for a new type add a column, cast the old values
    /// into it and swap names, or widen it. Never drop and make the table anew in mode `append`. Bulk CDK: the dialect's
    /// `applyChangeset`.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK appends and overwrites with a changed schema. For other languages there are none.
    run {
        code: "DEST-025",
        name: "schema-change",
        level: Should,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "partner destination requirements; bulk CDK: testAppendSchemaEvolution",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.old-schema", "two records of the old schema"),
            Launches::one("write.new-schema", "two of a schema with a field more, one less and one of another type"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let stream = lab.stream("evolved", "changing");
    let (number, word) = (json!({"type": ["null", "integer"]}), json!({"type": ["null", "string"]}));
    let old = json!({"id": number, "name": word, "dropped": word, "retyped": number});
    let new = json!({"id": number, "name": word, "added": word, "retyped": word});
    let target =
        |properties: &Value| Target::append(stream.clone(), json!({"type": "object", "properties": properties}));
    let record = |id: u64| format!(r#"{{"id":{id},"name":"name {id}","dropped":"old","retyped":{id}}}"#);
    let first = Write::to([target(&old)]).records(&stream, (1..=2).map(record));
    let first = lab.launch(first.finish().ask("write.old-schema", "two records of the old schema"))?.complete()?;
    let record = |id: u64| format!(r#"{{"id":{id},"name":"name {id}","added":"new {id}","retyped":"text {id}"}}"#);
    let second = Write::to([target(&new).of(1, 2)]).records(&stream, (3..=4).map(record));
    let second = lab.launch(second.finish().ask("write.new-schema", "two records of a changed schema").unjudged())?;

    let mut conclusion = Conclusion::of(STATEMENT, second);
    conclusion.judged(None);
    if let Some(how) = failure_of(second)? {
        let message = format!(
            "{} wrote to the stream of {} with a field more, one less and a number that became a text, and fails: {how}",
            second.id, first.id
        );
        let title = "a changed schema fails the sync";
        conclusion.found(Some(&stream), fault(second, ("fails", Level::Should), title, message, ("exit code 0", how)));
        return Ok(conclusion);
    }
    if let Some(rows) = seen(&mut conclusion, second, &stream) {
        conclusion.judged(Some(&stream));
        judge_rows(&mut conclusion, second, &stream, rows);
        judge_values(&mut conclusion, second, &stream, rows);
    }
    Ok(conclusion)
}

fn judge_rows(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, rows: &[Row]) {
    let found = ids(rows);
    if found.join(" ") != "1 2 3 4" {
        let message =
            format!("1 and 2 have the old schema, 3 and 4 the new; after {} the stream holds {}", ran.id, told(&found));
        let title = "a changed schema costs rows";
        let fault = fault(ran, ("rows", Level::Should), title, message, ("the ids 1 2 3 4", told(&found)));
        conclusion.found(Some(stream), fault);
    }
}

fn judge_values(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, rows: &[Row]) {
    let kept = |row: &Row, field: &str, wanted: &str| row.get(field).and_then(Exact::text) == Some(wanted);
    for (id, field, wanted) in [
        (1, "name", "name 1"),
        (2, "name", "name 2"),
        (3, "added", "new 3"),
        (4, "added", "new 4"),
        (3, "retyped", "text 3"),
        (4, "retyped", "text 4"),
    ] {
        let Some(row) = row_of(rows, id).filter(|row| !kept(row, field, wanted)) else { continue };
        let found = shown(row.get(field));
        let message =
            format!("after {} the field `{field}` of record {id} is {found}, and \"{wanted}\" was written", ran.id);
        let title = "a changed schema costs values";
        let fault = fault(ran, ("values", Level::Should), title, message, (format!("\"{wanted}\""), found));
        conclusion.found(Some(stream), fault);
    }
    if let Some(row) = row_of(rows, 1).filter(|row| row.get("retyped").is_none_or(Exact::is_null)) {
        let found = shown(row.get("retyped"));
        let message = format!(
            "after {} the field `retyped` of record 1, which was the number 1 and has become a text, is {found}",
            ran.id
        );
        let title = "the old values of a field whose type has changed are gone";
        let fault = fault(ran, ("retyped", Level::Info), title, message, ("1, or \"1\"", found));
        conclusion.found(Some(stream), fault);
    }
}
