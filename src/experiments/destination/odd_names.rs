//! DEST-024.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, quoted, told};
use crate::experiments::writing::Write;
use crate::experiments::written::{failure_of, fault, seen};
use crate::feed::{Exact, Target};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::text;
use serde_json::{Value, json};

experiment! {
    /// Names of streams or fields that are unusual fail the sync, or two of them end in one place.
    ///
    /// # What it checks
    /// Streams are written whose names have spaces, quotes, dots, signs, letters beyond ASCII, a digit at the beginning, are words of
    /// SQL, differ in case only, or have more than a hundred letters of which the last alone differs; and a stream whose fields are called
    /// so. Each record and each value tells by itself where it belongs. Only what a plain write has shown to work is tried so.
    ///
    /// What proves a fault: the write fails. Or a stream holds a row of another, or not its own. Or a field's value is in no column of its row. At INFO: the
    /// reader finds no table of a stream, though it finds those of others.
    ///
    /// Mind: the reader has to find a stream by its name as the catalog has it: where the destination changes names, so must the reader. If it
    /// finds no table, that is no proof that there is none.
    ///
    /// # Why it matters
    /// What things are called is up to the source: columns of spreadsheets, keys of JSON, tables of others. The protocol leaves it to the
    /// destination to make names of its own of them, and two of them must stay two.
    ///
    /// # Example
    /// ```json
    /// sent: {"MixedCase":"one","mixedcase":"another"}
    /// bad:  {"mixedcase":"another"}
    /// good: {"mixedcase":"one","mixedcase_1":"another"}
    /// ```
    ///
    /// # How to mend it
    /// Quote each name, and double the quotes in it. Where your storage takes fewer letters or letters of one case only, add some digits of
    /// a hash of the whole name when two would be the same, for streams and for fields. Bulk CDK: the `NameMapper` and
    /// `ColumnNameResolver`.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations write such names, but for very long ones. For other languages there are none.
    run {
        code: "DEST-024",
        name: "odd-names",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: names are the destination's to adapt",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.odd-names", "streams and fields with unusual names"),
        ],
    }
}

fn names() -> Vec<String> {
    let long = "a_very_long_name_that_goes_on_".repeat(4);
    let plain = [
        "with space",
        "ünï日本😀",
        "quo\"ted 'name' `so`",
        "1leading digit",
        "select",
        "order",
        "dots.and-dashes/and$signs%s",
        "MixedCase",
        "mixedcase",
    ];
    let long = [format!("{long}1"), format!("{long}2")];
    plain.into_iter().map(str::to_owned).chain(long).collect()
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let streams: Vec<Descriptor> = names().iter().map(|name| lab.stream_called("names", name)).collect();
    let fields = lab.stream("names", "odd_fields");
    let ran =
        lab.launch(write(&streams, &fields).ask("write.odd-names", "streams and fields of odd names").unjudged())?;

    let mut conclusion = Conclusion::of(STATEMENT, ran);
    conclusion.judged(None);
    if let Some(how) = failure_of(ran)? {
        let message = format!(
            "{} wrote streams with the names {}, and fields called so, and fails: {how}",
            ran.id,
            quoted(&names())
        );
        let title = "unusual names fail the sync";
        conclusion.found(None, fault(ran, ("fails", Level::Must), title, message, ("exit code 0", how)));
        return Ok(conclusion);
    }
    judge_streams(&mut conclusion, ran, &streams);
    judge_fields(&mut conclusion, ran, &fields);
    Ok(conclusion)
}

/// One record to each stream, whose id is the stream's number; and a record with all fields.
fn write(streams: &[Descriptor], fields: &Descriptor) -> Write {
    let numbered = json!({"type": "object", "properties": {"id": {"type": ["null", "integer"]}}});
    let mut targets: Vec<Target> =
        streams.iter().map(|stream| Target::append(stream.clone(), numbered.clone())).collect();
    let (mut properties, mut data) = (numbered["properties"].clone(), json!({"id": 0}));
    for (place, name) in names().into_iter().enumerate() {
        data[&name] = Value::from(value_of(place));
        properties[name] = json!({"type": ["null", "string"]});
    }
    targets.push(Target::append(fields.clone(), json!({"type": "object", "properties": properties})));
    let write = streams
        .iter()
        .zip(1..)
        .fold(Write::to(targets), |write, (stream, number)| write.record(stream, format!(r#"{{"id":{number}}}"#)));
    write.record(fields, data).finish()
}

/// What is written in the field of that number.
fn value_of(place: usize) -> String {
    format!("value of field {}", place + 1)
}

fn judge_streams(conclusion: &mut Conclusion, ran: &Ran, streams: &[Descriptor]) {
    let mut unfound = Vec::new();
    for (stream, number) in streams.iter().zip(1..) {
        if ran.table(stream).is_ok_and(|table| table.is_none()) {
            unfound.push(stream);
            continue;
        }
        let Some(found) = seen(conclusion, ran, stream).map(ids) else { continue };
        conclusion.judged(Some(stream));
        if found != [number.to_string()] {
            let message = format!(
                "after {} the stream {} holds {}; the one record of it has the id {number}, and each other stream has another",
                ran.id,
                quoted(std::slice::from_ref(&stream.name)),
                told(&found)
            );
            let own = number.to_string();
            let (cause, title) = match found.first() {
                None => ("empty", "a record of a stream with an unusual name is lost"),
                Some(_) if found.iter().all(|id| *id == own) => {
                    // Whatever that comes from, the name is kept.
                    conclusion.inconclusive(Some(stream), "its record is stored more than once");
                    continue;
                }
                Some(_) => ("streams", "streams with unusual names end in one place"),
            };
            let fault = fault(ran, (cause, Level::Must), title, message, (format!("the ids {number}"), told(&found)));
            conclusion.found(Some(stream), fault);
        }
    }
    for stream in &unfound {
        // Who finds none may not know any of them.
        if unfound.len() == streams.len() {
            conclusion.inconclusive(Some(stream), "the reader finds no table of a stream with an unusual name");
            continue;
        }
        let name = quoted(std::slice::from_ref(&stream.name));
        let message = format!(
            "after {}, which succeeded, the reader finds no table of the stream {name}, though it finds others with unusual names: either it does not know what the destination calls that table, or there is none",
            ran.id
        );
        let title = "a stream with an unusual name is not found";
        let fault = fault(ran, ("unfound", Level::Info), title, message, ("a table with one row", "no table"));
        conclusion.found(Some(stream), fault);
    }
}

fn judge_fields(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor) {
    let Some(rows) = seen(conclusion, ran, stream) else { return };
    let Some(row) = rows.first() else {
        let message = format!("after {} the one record with fields of unusual names is not stored", ran.id);
        let title = "a record with fields of unusual names is lost";
        let fault = fault(ran, ("record", Level::Must), title, message, ("one row", "none"));
        return conclusion.found(Some(stream), fault);
    };
    conclusion.judged(Some(stream));
    let stored: Vec<&str> = row.data.values().filter_map(Exact::text).collect();
    let is_lost = |(place, _): &(usize, String)| !stored.contains(&value_of(*place).as_str());
    let lost: Vec<String> = names().into_iter().enumerate().filter(is_lost).map(|(_, name)| name).collect();
    if lost.is_empty() {
        return;
    }
    let message = format!("after {} no column of the row holds the values of the fields {}", ran.id, quoted(&lost));
    let title = "values of fields with unusual names are lost";
    let found = format!("{} of {} values; columns: {}", names().len() - lost.len(), names().len(), columns(&row.data));
    conclusion
        .found(Some(stream), fault(ran, ("fields", Level::Must), title, message, ("each value in some column", found)));
}

fn columns(data: &indexmap::IndexMap<String, Exact>) -> String {
    text::shorten(&quoted(&data.keys().cloned().collect::<Vec<_>>()), 200)
}
