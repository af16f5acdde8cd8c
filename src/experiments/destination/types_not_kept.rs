//! DEST-013.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{row_of, shown};
use crate::experiments::stored_values::{Fate, Form, fate};
use crate::experiments::typed_values::{TypedField, scalars, unions, untyped};
use crate::experiments::writing::Write;
use crate::experiments::written::{fails_cleanly, failure_of, fault, seen};
use crate::feed::{Exact, Row, Target};
use crate::plan::Ask;
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::Handled;
use crate::text;
use serde_json::json;

experiment! {
    /// A value of one of the protocol's types fails the sync, or is stored as another value without a word.
    ///
    /// # What it checks
    /// Values of every type are written, at their bounds as well: texts, whole numbers up to 39 digits, numbers, booleans, base64, days,
    /// moments and times of day with and without a zone and before Christ, arrays and objects. In launches of their own: values of one of
    /// several types, and values without a declared type. Only what a plain write has shown to work is tried so.
    ///
    /// What proves a fault: the write fails (where the suite does not declare that it does: `behaviours.union`, `behaviours.untyped`). Or a value is stored as
    /// another one, or null, and `_airbyte_meta.changes` of its row does not say so. Moments are compared as moments, numbers
    /// as numbers, arrays and objects as JSON or as the text of it. At SHOULD: fractions of a second are lost. At INFO: a number has
    /// only the digits of a float or of a decimal with nine places.
    ///
    /// What could fool it: a reader that turns numbers into floats or moments into local time. A moment in a form that it can't read is not judged, nor
    /// is null in place of a value at the bounds where no row shows `_airbyte_meta`.
    ///
    /// # Why it matters
    /// A value that has changed on its way looks as good as any other. Nobody compares a warehouse with its source digit by digit: a rounded
    /// key joins with the wrong row, and a lost zone moves revenue to another day.
    ///
    /// # Example
    /// ```json
    /// sent: {"whole":9007199254740993,"moment":"2022-11-22T01:23:45.123456+05:00"}
    /// bad:  {"whole":9007199254740992,"moment":"2022-11-22T01:23:45.123456Z"}
    /// good: {"whole":9007199254740993,"moment":"2022-11-21T20:23:45.123456Z"}
    /// ```
    ///
    /// # How to mend it
    /// Give each type a column that can hold it, and those without one a column of JSON or text. Parse numbers as decimals (Python:
    /// `parse_float=Decimal`; Jackson: `USE_BIG_DECIMAL_FOR_FLOATS`). What a column can't hold is nulled or cut, with a change and
    /// `DESTINATION_FIELD_SIZE_LIMITATION` as reason.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK writes these types, unions and untyped values, and compares by what its author declares. For other
    /// languages there are none.
    run {
        code: "DEST-013",
        name: "types-not-kept",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: supported data types",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.types", "values of every type, at their bounds"),
            Launches::one("write.unions", "values of one of several types"),
            Launches::one("write.untyped", "values without a declared type"),
        ],
    }
}

/// One launch: a stream with a field for each type.
struct Batch {
    stream: Descriptor,
    fields: Vec<TypedField>,
    /// What is declared to become of them.
    handled: Handled,
    what: &'static str,
}

impl Batch {
    fn ask(&self, id: &str) -> Ask {
        let mut properties = json!({"id": {"type": ["null", "integer"]}});
        for field in &self.fields {
            properties[field.name] = field.schema.clone();
        }
        let target = Target::append(self.stream.clone(), json!({"type": "object", "properties": properties}));
        let records = (1..=self.records()).map(|id| {
            let value = |field: &TypedField| field.values().nth(id - 1).unwrap_or("null").to_owned();
            let member = |field: &TypedField| format!(r#","{}":{}"#, field.name, value(field));
            format!(r#"{{"id":{id}{}}}"#, self.fields.iter().map(member).collect::<String>())
        });
        let write = Write::to([target]).records(&self.stream, records);
        write.finish().ask(id, self.what).unjudged()
    }

    fn records(&self) -> usize {
        self.fields.iter().map(|field| field.values().count()).max().unwrap_or_default()
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let declared = lab.behaviours();
    let batch = |name: &str, fields: Vec<TypedField>, handled: Handled, what: &'static str| Batch {
        stream: lab.stream("types", name),
        fields,
        handled,
        what,
    };
    let batches = [
        ("write.types", batch("scalars", scalars(), Handled::Kept, "values of every type")),
        ("write.unions", batch("unions", unions(), declared.union, "values of one of several types")),
        ("write.untyped", batch("untyped", untyped(), declared.untyped, "values without a declared type")),
    ];
    let ran = lab.launches(batches.iter().map(|(id, batch)| batch.ask(id)))?;

    let mut conclusion = Conclusion::of(STATEMENT, ran[2]);
    for (ran, (_, batch)) in ran.into_iter().zip(&batches) {
        conclusion.judged(None);
        if let Some(how) = failure_of(ran)? {
            judge_failure(&mut conclusion, ran, batch, how);
            continue;
        }
        let Some(rows) = seen(&mut conclusion, ran, &batch.stream) else { continue };
        conclusion.judged(Some(&batch.stream));
        judge_rows(&mut conclusion, ran, batch, rows);
    }
    Ok(conclusion)
}

fn judge_failure(conclusion: &mut Conclusion, ran: &Ran, batch: &Batch, how: String) {
    if batch.handled == Handled::Fails && fails_cleanly(ran) {
        return;
    }
    let message = format!("{} wrote {}, and fails: {how}", ran.id, batch.what);
    let title = "a value of one of the protocol's types fails the sync";
    let fault = fault(ran, ("fails", Level::Must), title, message, ("exit code 0", how));
    conclusion.found_alone(Some(&batch.stream), batch.what, fault);
}

fn judge_rows(conclusion: &mut Conclusion, ran: &Ran, batch: &Batch, rows: &[Row]) {
    let shows_meta = rows.iter().any(|row| row.meta.is_some());
    let missing: Vec<usize> = (1..=batch.records()).filter(|id| row_of(rows, *id as u64).is_none()).collect();
    if !missing.is_empty() {
        let ids = missing.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
        let message =
            format!("{} wrote {} as {} records; the ids {ids} are not stored", ran.id, batch.what, batch.records());
        let title = "a value of one of the protocol's types costs the record";
        let told = (format!("{} rows", batch.records()), format!("{} of them are missing", missing.len()));
        conclusion.found(Some(&batch.stream), fault(ran, ("rows", Level::Must), title, message, told));
    }
    for field in &batch.fields {
        for (place, value) in field.values().enumerate() {
            let (Some(row), Ok(sent)) = (row_of(rows, place as u64 + 1), Exact::of(value)) else { continue };
            let is_ordinary = place < field.ordinary.len();
            let value = Value { field, sent, row, is_ordinary, shows_meta };
            value.judge(conclusion, ran, batch);
        }
    }
}

/// A value and the row that it is stored in.
struct Value<'a> {
    field: &'a TypedField,
    sent: Exact,
    row: &'a Row,
    is_ordinary: bool,
    shows_meta: bool,
}

impl Value<'_> {
    fn judge(&self, conclusion: &mut Conclusion, ran: &Ran, batch: &Batch) {
        let stored = self.row.get(self.field.name);
        let is_told = self.row.change_of(self.field.name).is_some();
        let is_clock = matches!(self.field.form, Form::Moment | Form::Time);
        let (cause, level, title) = match fate(self.field.form, &self.sent, stored) {
            Fate::Kept | Fate::Unknown => return,
            Fate::Null
                if is_told && self.is_ordinary && batch.handled == Handled::Kept && self.field.form == Form::Json =>
            {
                ("declared", Level::Should, "a value is nulled that the suite says is kept")
            }
            _ if is_told => return,
            Fate::Null if !self.shows_meta && !self.is_ordinary => return,
            Fate::Null if !self.shows_meta => ("null", Level::Should, "a value of a declared type is stored as null"),
            Fate::Null => ("null", Level::Must, "a value of a declared type is null, and the row does not say so"),
            Fate::Rounded if is_clock => ("seconds", Level::Should, "fractions of a second are lost without a word"),
            Fate::Rounded => ("rounded", Level::Info, "a number keeps only some of its digits"),
            Fate::Changed => ("changed", Level::Must, "a value is stored as another one, and the row does not say so"),
        };
        let (sent, found) = (text::shorten(&text::visible(&self.sent.to_string()), 80), shown(stored));
        let message = format!("the field `{}` of {} was written as {sent}; stored is {found}", self.field.name, ran.id);
        let fault = fault(ran, (cause, level), title, message, (sent, found));
        conclusion.found_alone(Some(&batch.stream), self.field.name, fault);
    }
}
