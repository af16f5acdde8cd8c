//! SUITE-004.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::is_named;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::{AwaitedStream, By};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::ExpectedRecords;
use crate::text;
use serde_json::Value;

/// How many records are shown of a stream.
const SHOWN: usize = 3;
/// How much of a record is shown, in bytes.
const EXCERPT: usize = 300;

experiment! {
    /// Records that the suite expects do not come.
    ///
    /// # What it checks
    /// The first read of every stream against the file under `records` of the scenario. By `keys`, each expected record's primary key must
    /// come (with `order: exact`, as the first, in that order); of a stream without one, as many records as are expected. By `content`, a record
    /// that says the same must come: numbers are compared by value, lists whatever their order unless it is `exact`, and what is
    /// under `ignore` is left out. With `extra_records: false`, nothing else may come in these streams; with `extra_fields: true`, records may
    /// have more members. A stream that cannot be read as a whole is not judged.
    ///
    /// # Why it matters
    /// Whoever wrote the records down knows the account that is read. A filter, a page or a field that got lost looks like fewer data to
    /// everybody else.
    ///
    /// # Example
    /// With `{"stream":"orders","data":{"id":7,"total":12}}` in the file:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":8,"total":3},"emitted_at":1717200000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":7,"total":12},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// Where the account has changed, write down anew what it has. Else look for what leaves the record out: page sizes, start dates,
    /// permissions. A field that is another at each read goes under `ignore`.
    ///
    /// # What Airbyte's tests see
    /// The same (`expect_records`): since 3.6 keys and counts, before that whole records. Of an order that is exact, they compared
    /// only as many records as both have.
    run {
        code: "SUITE-004",
        name: "expected-records-missing",
        level: Must,
        commands: [Read],
        authority: SuiteAuthor,
        source: "the suite: `records`; Airbyte connector acceptance tests: expect_records",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let Some(expected) = &lab.scenario.expected.records else {
        return Err(Halt::Cannot("the scenario has no `records`".to_owned()));
    };
    if let (None, Some(reason)) = (&expected.path, &expected.reason) {
        return Err(Halt::Cannot(format!("the suite expects no records: {reason}")));
    }
    let read = lab.first_read()?.complete()?;
    let Some(awaited) = &read.trail()?.awaited else {
        return Err(Halt::Cannot(format!("{} was not held against the expected records", read.id)));
    };
    let mut conclusion = Conclusion::of(STATEMENT, read);
    for (place, stream) in &awaited.streams {
        let own = &read.catalog()?.streams[*place].stream.descriptor;
        conclusion.judged(Some(own));
        let missing = stream.missing();
        if !missing.is_empty() {
            conclusion.found_alone(Some(own), &own.to_string(), lacking(own, read, expected, stream, &missing));
        }
        if !expected.extra_records && stream.others.0 > 0 {
            conclusion.found_alone(Some(own), &own.to_string(), surplus(own, read, stream));
        }
    }
    for stream in &awaited.unread {
        match unread(lab, stream)? {
            Some(reason) => conclusion.inconclusive(Some(stream), reason),
            None => conclusion.found_alone(Some(stream), &stream.to_string(), unknown(stream, read)),
        }
    }
    if awaited.streams.is_empty() && awaited.unread.is_empty() {
        conclusion.inconclusive(None, "the file of expected records is empty");
    }
    Ok(conclusion)
}

/// Why nothing is said of a stream that the first read did not read; none where the connector does not have it.
fn unread(lab: &Lab<'_>, stream: &Descriptor) -> Result<Option<String>, Halt> {
    let skipped = lab.scenario.streams.skip.iter().find(|skipped| is_named(&skipped.stream, stream));
    if let Some(skipped) = skipped {
        return Ok(Some(format!("the suite does not read it: {}", skipped.why())));
    }
    let discovered = match lab.discover() {
        Ok(discover) => discover.summary.catalog.as_ref(),
        Err(Halt::Cannot(reason)) => return Ok(Some(reason)),
        Err(wants) => return Err(wants),
    };
    let count = |catalog: &crate::protocol::Catalog| {
        catalog.streams.iter().filter(|own| is_named(&own.descriptor, stream)).count()
    };
    Ok(match discovered.map(count) {
        None => Some("the streams are not known".to_owned()),
        Some(0) => None,
        Some(1) => Some("it is not among the streams that are read as a whole".to_owned()),
        Some(_) => Some("several streams have the name: the expected records need a `namespace`".to_owned()),
    })
}

fn lacking(
    own: &Descriptor,
    read: &Ran,
    expected: &ExpectedRecords,
    stream: &AwaitedStream,
    missing: &[usize],
) -> Fault {
    let (all, lacks) = (stream.records.len() as u64, missing.len() as u64);
    let came = text::plural(stream.count, "record");
    let order = if expected.is_in_order { " in its place" } else { "" };
    let how = match stream.by {
        By::Count => format!("{} of `{own}` are expected, and {came} came", text::plural(all, "record")),
        By::Key => format!(
            "of {} of `{own}`, the keys of {lacks} did not come{order}; {came} came",
            text::plural(all, "expected record")
        ),
        By::Content => {
            format!("of {} of `{own}`, {lacks} did not come{order}; {came} came", text::plural(all, "expected record"))
        }
    };
    let line = missing.first().map_or(0, |first| expected.records[*first].line);
    let show = |at: &usize| {
        let record = &expected.records[*at];
        let wanted = text::visible(&text::json(&Value::Object(record.data.clone()), EXCERPT));
        let near = stream.records.binary_search(at).ok().and_then(|place| stream.near.get(&place));
        let (line, actual) = match near {
            Some((line, fields)) if !fields.is_empty() => {
                let fields: Vec<String> =
                    fields.iter().map(|field| format!("`{}`", text::shorten(&text::visible(field), 60))).collect();
                (Some(*line), format!("a record with the same key has otherwise: {}", fields.join(", ")))
            }
            _ => (None, format!("it did not come{order}")),
        };
        evidence(&read.id, line, wanted, actual)
    };
    Fault {
        cause: "missing",
        level: Level::Must,
        title: "records that the suite expects did not come".to_owned(),
        message: format!("{how} (the first that is missing: line {line} of the file)"),
        evidence: missing.iter().take(SHOWN).map(show).collect(),
        case: None,
    }
}

fn surplus(own: &Descriptor, read: &Ran, stream: &AwaitedStream) -> Fault {
    let (count, lines) = &stream.others;
    let show = |line: &u64| evidence(&read.id, Some(*line), "no record but the expected ones", "this one came");
    let verb = if *count == 1 { "is" } else { "are" };
    Fault {
        cause: "surplus",
        level: Level::Must,
        title: "records come that the suite does not expect".to_owned(),
        message: format!("{} of `{own}` {verb} not among the expected ones", text::plural(*count, "record")),
        evidence: lines.iter().map(show).collect(),
        case: None,
    }
}

fn unknown(stream: &Descriptor, read: &Ran) -> Fault {
    Fault {
        cause: "unknown stream",
        level: Level::Must,
        title: "records are expected of a stream that the connector does not have".to_owned(),
        message: format!("records of `{stream}` are expected, and discover does not give it"),
        evidence: vec![evidence(&read.id, None, format!("records of `{stream}`"), "no such stream")],
        case: None,
    }
}
