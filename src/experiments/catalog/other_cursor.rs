//! READ-021.

use super::no_cursor::is_the_users;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::same_records::{end_of, fails};
use crate::experiments::trail::key_of;
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::{ConfiguredStream, Cursor, Descriptor};
use crate::rules::Level;
use crate::text;
use serde_json::{Value, json};

experiment! {
    /// The cursor that the user chooses is not the one that is used.
    ///
    /// # What it checks
    /// A stream whose cursor is the user's to choose (`source_defined_cursor` is not true) is read incrementally with another
    /// `cursor_field`: the first other top-level field of its schema that is a number, a date or a moment. Its final state must then
    /// name that field, or hold its greatest value; one that names only the field from before is a fault. A read that goes on from
    /// that state must not fail. A source that refuses the field says so, and is inconclusive, as is a state in which neither field can
    /// be recognised. That no record is lost by the other cursor is not tried.
    ///
    /// # Why it matters
    /// The user chooses the column that their rows really change with. A source that goes by another one misses each change that that
    /// other one does not show, in every sync.
    ///
    /// # Example
    /// With `"cursor_field": ["id"]`:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2024-06-01"}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":970}}}}
    /// ```
    ///
    /// # How to mend it
    /// Take the cursor from `cursor_field` of the configured stream first, then from `default_cursor_field`. If the source can only go by
    /// one field, say so with `source_defined_cursor: true`, and the user is not offered a choice.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests use the cursor that the test's catalog names, mostly the default; the CDK's standard tests none.
    run {
        code: "READ-021",
        name: "chosen-cursor-ignored",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: cursor logic",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.other-cursor", "incremental, with another cursor"),
            Launches::up_to(0, 1, "read.other-cursor-resumed", "incremental, from the state that came of another cursor"),
            Launches::up_to(0, 1, "read.other-cursor-resumed-again", "the same once more").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.incremental()?.complete()?;
    let configured = base.catalog()?;
    let choice = configured.streams.iter().zip(&base.trail()?.streams);
    let choice = choice.filter(|(entry, stream)| is_the_users(entry) && stream.records > 0);
    let Some((entry, field)) = choice.filter_map(|(entry, _)| Some((entry, other_field(entry)?))).next() else {
        return Err(Halt::Cannot(
            "inconclusive: no stream with records has a cursor to choose, and a field for it".to_owned(),
        ));
    };
    let descriptor = &entry.stream.descriptor;
    let mut catalog = configured.retain(|entry| entry.stream.descriptor == *descriptor).raw;
    catalog["streams"][0]["cursor_field"] = json!([field]);
    let purpose = format!("{descriptor} with `{}` for a cursor", text::shorten(&field, 100));
    let ask = lab.read_like(base, "read.other-cursor", purpose)?.catalog(catalog).unjudged();
    let read = lab.launch(ask.clone())?;
    let mut conclusion = Conclusion::of(STATEMENT, read);
    if fails(read) || read.summary.error_traces > 0 {
        conclusion.inconclusive(Some(descriptor), format!("inconclusive: it refuses that cursor ({})", end_of(read)));
        return Ok(conclusion);
    }
    read.complete()?;
    match uses(read, entry, &field) {
        Err(reason) => conclusion.inconclusive(Some(descriptor), reason),
        Ok(false) => conclusion.found(Some(descriptor), ignored(read, entry, &field)),
        Ok(true) => go_on(lab, &mut conclusion, (read, ask), descriptor)?,
    }
    Ok(conclusion)
}

/// A field that could be a cursor as well, and is none so far.
fn other_field(entry: &ConfiguredStream) -> Option<String> {
    let properties = entry.stream.json_schema().get("properties")?.as_object()?;
    let is_a = |field: &Value, kind: &str| match &field["type"] {
        Value::String(own) => own == kind,
        Value::Array(own) => own.iter().any(|own| own == kind),
        _ => false,
    };
    let is_ordered = |field: &Value| {
        let is_moment = matches!(field["format"].as_str(), Some("date" | "date-time"));
        is_a(field, "integer") || is_a(field, "number") || (is_a(field, "string") && is_moment)
    };
    let is_other =
        |name: &String| entry.cursor_field != [name.as_str()] && entry.stream.default_cursor() != [name.as_str()];
    let (name, _) = properties.iter().find(|(name, field)| is_other(name) && is_ordered(field))?;
    Some(name.clone())
}

/// Whether the final state is of that cursor. Errs where that can't be told.
fn uses(read: &Ran, entry: &ConfiguredStream, field: &str) -> Result<bool, String> {
    let blob = read.summary.final_state.of_stream(&entry.stream.descriptor);
    let blob = blob.ok_or("inconclusive: it ended without a state of the stream")?;
    let greatest = read.trail.as_ref().and_then(|trail| trail.streams.first()?.greatest);
    let is_greatest = |value: &Value| {
        let key = Cursor::read(&value.to_string()).and_then(|cursor| key_of(&cursor));
        key.is_some_and(|(_, key)| Some(key) == greatest)
    };
    if holds(blob, &|name, value| name == Some(field) || value == field || is_greatest(value)) {
        return Ok(true);
    }
    let old = entry.cursor_field.last();
    match holds(blob, &|name, value| {
        name.is_some() && (name == old.map(String::as_str) || value.as_str() == old.map(String::as_str))
    }) {
        true => Ok(false),
        false => Err("inconclusive: neither field can be recognised in its state".to_owned()),
    }
}

/// Whether a member or an item somewhere in it is so.
fn holds(value: &Value, is_so: &dyn Fn(Option<&str>, &Value) -> bool) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| is_so(Some(name), value) || holds(value, is_so)),
        Value::Array(items) => items.iter().any(|item| is_so(None, item) || holds(item, is_so)),
        _ => false,
    }
}

fn ignored(read: &Ran, entry: &ConfiguredStream, field: &str) -> Fault {
    let old = text::shorten(&entry.cursor_field.join("."), 100);
    let field = text::shorten(field, 100);
    Fault {
        cause: "ignored",
        level: Level::Must,
        title: "the cursor that the user chooses is ignored".to_owned(),
        message: format!(
            "`cursor_field` is `{field}`, the source defines no cursor, and the final state is still of `{old}`"
        ),
        evidence: vec![evidence(&read.id, None, format!("a final state of `{field}`"), format!("one of `{old}`"))],
        case: Some(read.id.clone()),
    }
}

/// Goes on from the state that came of the other cursor.
fn go_on(
    lab: &Lab<'_>,
    conclusion: &mut Conclusion,
    (read, ask): (&Ran, Ask),
    stream: &Descriptor,
) -> Result<(), Halt> {
    let resumed = |id: &str| -> Result<Ask, Halt> {
        let ask =
            Ask { id: id.to_owned(), purpose: "from the state that came of another cursor".to_owned(), ..ask.clone() };
        Ok(ask.resuming(&read.id, read.final_state()?))
    };
    let second = lab.launch(resumed("read.other-cursor-resumed")?)?;
    if !fails(second) {
        match second.succeeded() {
            true => conclusion.judged(Some(stream)),
            false => conclusion.inconclusive(
                Some(stream),
                format!("inconclusive: going on from its state came to {}", end_of(second)),
            ),
        }
        return Ok(());
    }
    match fails(lab.launch(resumed("read.other-cursor-resumed-again")?.round(1))?) {
        false => conclusion.inconclusive(
            Some(stream),
            "inconclusive: going on from its state failed, and not when it was tried again",
        ),
        true => conclusion.found(
            Some(stream),
            Fault {
                cause: "can't resume",
                level: Level::Must,
                title: "a read can't go on from the state of a cursor that the user chose".to_owned(),
                message: format!(
                    "given the final state of {}, the read fails, in two attempts ({})",
                    read.id,
                    end_of(second)
                ),
                evidence: vec![evidence(&second.id, None, "it goes on from its own state", end_of(second))],
                case: Some(second.id.clone()),
            },
        ),
    }
    Ok(())
}
