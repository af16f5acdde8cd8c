//! Streams that are deduplicated: what is written to them, and which of the records is to be left.

use super::lab::Lab;
use super::writing::Write;
use crate::feed::Target;
use crate::protocol::Descriptor;
use crate::suite::CdcDelete;
use serde_json::{Value, json};

/// A stream that is deduplicated. Each of its records has a text of its own in the field `label`.
pub(super) struct Deduplicated {
    /// The stream.
    pub target: Target,
    /// The records of a first sync, as JSON.
    pub first: Vec<String>,
    /// The records of a second.
    pub later: Vec<String>,
    /// The labels that are to be left after each, in order.
    pub left: [Vec<&'static str>; 2],
    /// What decides, for people.
    pub why: &'static str,
}

impl Deduplicated {
    fn of(target: Target, why: &'static str) -> Deduplicated {
        Deduplicated { target, first: Vec::new(), later: Vec::new(), left: [Vec::new(), Vec::new()], why }
    }

    fn first(mut self, members: &str, label: &str) -> Deduplicated {
        self.first.push(labelled(members, label));
        self
    }

    fn later(mut self, members: &str, label: &str) -> Deduplicated {
        self.later.push(labelled(members, label));
        self
    }

    fn leaving(self, first: &[&'static str], later: &[&'static str]) -> Deduplicated {
        let ordered = |labels: &[&'static str]| {
            let mut labels = labels.to_vec();
            labels.sort_unstable();
            labels
        };
        Deduplicated { left: [ordered(first), ordered(later)], ..self }
    }

    /// The stream's name and namespace.
    pub fn stream(&self) -> &Descriptor {
        &self.target.stream
    }
}

fn labelled(members: &str, label: &str) -> String {
    format!(r#"{{{members},"label":"{label}"}}"#)
}

/// The streams whose keys are fields of the top level.
pub(super) fn plain_keys(lab: &Lab<'_>) -> Vec<Deduplicated> {
    vec![by_cursor(lab), by_number(lab), composite(lab), texts(lab), without_cursor(lab)]
}

fn target(lab: &Lab<'_>, name: &str, fields: &Value) -> Target {
    let mut properties = fields.clone();
    properties["label"] = json!({"type": ["null", "string"]});
    Target::append(lab.stream("dedup", name), json!({"type": "object", "properties": properties}))
}

fn by_cursor(lab: &Lab<'_>) -> Deduplicated {
    let moment = json!({"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"});
    let target = target(lab, "by_time", &json!({"id": {"type": ["null", "integer"]}, "updated_at": moment}));
    let record = |id: u64, day: u32| format!(r#""id":{id},"updated_at":"2024-01-{day:02}T00:00:00Z""#);
    Deduplicated::of(
        target.deduplicated(&[&["id"]], &["updated_at"]),
        "the greatest cursor decides, and of two that are equal the later `emitted_at`",
    )
    .first(&record(1, 1), "1 of day 1")
    .first(&record(1, 3), "1 of day 3")
    .first(&record(1, 2), "1 of day 2")
    .first(&record(2, 5), "2 of day 5")
    .first(&record(2, 5), "2 of day 5, emitted later")
    .first(&record(3, 1), "3 of day 1")
    .later(&record(1, 2), "1 of day 2, in the later sync")
    .later(&record(3, 9), "3 of day 9")
    .leaving(
        &["1 of day 3", "2 of day 5, emitted later", "3 of day 1"],
        &["1 of day 3", "2 of day 5, emitted later", "3 of day 9"],
    )
}

fn by_number(lab: &Lab<'_>) -> Deduplicated {
    let number = json!({"type": ["null", "integer"]});
    let target = target(lab, "by_number", &json!({"id": number, "version": number}));
    Deduplicated::of(
        target.deduplicated(&[&["id"]], &["version"]),
        "the greatest number decides, not the greatest text",
    )
    .first(r#""id":1,"version":9"#, "1 of version 9")
    .first(r#""id":1,"version":10"#, "1 of version 10")
    .first(r#""id":1,"version":2"#, "1 of version 2")
    .later(r#""id":1,"version":3"#, "1 of version 3")
    .leaving(&["1 of version 10"], &["1 of version 10"])
}

fn composite(lab: &Lab<'_>) -> Deduplicated {
    let number = json!({"type": ["null", "integer"]});
    let target = target(lab, "two_parts", &json!({"a": number, "b": number, "version": number}));
    Deduplicated::of(target.deduplicated(&[&["a"], &["b"]], &["version"]), "both parts make the key")
        .first(r#""a":1,"b":1,"version":1"#, "1 and 1")
        .first(r#""a":1,"b":2,"version":1"#, "1 and 2")
        .first(r#""a":2,"b":1,"version":1"#, "2 and 1")
        .first(r#""a":1,"b":2,"version":2"#, "1 and 2, changed")
        .later(r#""a":2,"b":1,"version":2"#, "2 and 1, changed")
        .leaving(&["1 and 1", "1 and 2, changed", "2 and 1"], &["1 and 1", "1 and 2, changed", "2 and 1, changed"])
}

fn texts(lab: &Lab<'_>) -> Deduplicated {
    let text = json!({"type": ["null", "string"]});
    let target = target(lab, "text_key", &json!({"key": text, "version": {"type": ["null", "integer"]}}));
    Deduplicated::of(target.deduplicated(&[&["key"]], &["version"]), "the key is a text")
        .first(r#""key":"10","version":1"#, "ten")
        .first(r#""key":"010","version":1"#, "ten with a zero")
        .first(r#""key":"b c","version":1"#, "with a space")
        .first(r#""key":"B c","version":1"#, "with a capital")
        .first(r#""key":"日本","version":1"#, "not ASCII")
        .first(r#""key":"b c","version":2"#, "with a space, changed")
        .later(r#""key":"日本","version":2"#, "not ASCII, changed")
        .leaving(
            &["ten", "ten with a zero", "with a capital", "with a space, changed", "not ASCII"],
            &["ten", "ten with a zero", "with a capital", "with a space, changed", "not ASCII, changed"],
        )
}

fn without_cursor(lab: &Lab<'_>) -> Deduplicated {
    let target = target(lab, "no_cursor", &json!({"id": {"type": ["null", "integer"]}}));
    Deduplicated::of(target.deduplicated(&[&["id"]], &[]), "without a cursor the later `emitted_at` decides")
        .first(r#""id":1"#, "1 at first")
        .first(r#""id":1"#, "1 after that")
        .first(r#""id":2"#, "2 at first")
        .later(r#""id":2"#, "2 in the later sync")
        .leaving(&["1 after that", "2 at first"], &["1 after that", "2 in the later sync"])
}

/// The stream whose key lies within an object.
pub(super) fn nested_key(lab: &Lab<'_>) -> Deduplicated {
    let owner = json!({"type": ["null", "object"], "properties": {"id": {"type": ["null", "string"]}}});
    let target = target(lab, "nested_key", &json!({"owner": owner, "version": {"type": ["null", "integer"]}}));
    Deduplicated::of(target.deduplicated(&[&["owner", "id"]], &["version"]), "the key is `owner.id`")
        .first(r#""owner":{"id":"x"},"version":1"#, "x")
        .first(r#""owner":{"id":"y"},"version":1"#, "y")
        .first(r#""owner":{"id":"x"},"version":2"#, "x, changed")
        .leaving(&["x, changed", "y"], &[])
}

/// The label of a change that is older than the deletion of its row, and arrives after it. No database sends it so, and a
/// destination that has forgotten what it removed can't know.
pub(super) const LATE: &str = "5 changed before its deletion, and sent after it";

/// The stream of a database's changes. What is deleted goes, or stays with the time.
pub(super) fn changes(lab: &Lab<'_>) -> Deduplicated {
    let moment = json!({"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"});
    let number = json!({"type": ["null", "integer"]});
    let fields =
        json!({"id": number, "_ab_cdc_lsn": number, "_ab_cdc_updated_at": moment, "_ab_cdc_deleted_at": moment});
    let change = |id: u64, lsn: u64, is_deletion: bool| {
        let at = format!("\"2024-01-01T00:00:{lsn:02}Z\"");
        let deleted = if is_deletion { at.as_str() } else { "null" };
        format!(r#""id":{id},"_ab_cdc_lsn":{lsn},"_ab_cdc_updated_at":{at},"_ab_cdc_deleted_at":{deleted}"#)
    };
    let target = target(lab, "changes", &fields).deduplicated(&[&["id"]], &["_ab_cdc_lsn"]);
    let stream = Deduplicated::of(target, "a record with `_ab_cdc_deleted_at` deletes the row of its key")
        .first(&change(1, 1, false), "1 inserted")
        .first(&change(2, 2, false), "2 inserted")
        .first(&change(3, 3, false), "3 inserted")
        .first(&change(2, 4, true), "2 deleted")
        .first(&change(9, 5, true), "9 deleted, and never inserted")
        .first(&change(5, 11, false), "5 inserted")
        .first(&change(5, 13, true), "5 deleted")
        .first(&change(5, 12, false), LATE)
        .later(&change(3, 14, true), "3 deleted")
        .later(&change(4, 15, false), "4 inserted");
    match lab.behaviours().cdc_delete {
        CdcDelete::Hard => stream.leaving(&["1 inserted", "3 inserted"], &["1 inserted", "4 inserted"]),
        CdcDelete::Soft => stream.leaving(
            &["1 inserted", "3 inserted", "2 deleted", "5 deleted", "9 deleted, and never inserted"],
            &["1 inserted", "4 inserted", "2 deleted", "3 deleted", "5 deleted", "9 deleted, and never inserted"],
        ),
    }
}

/// One sync of streams: the first, or a later one an hour after it.
pub(super) fn sync(streams: &[&Deduplicated], is_later: bool) -> Write {
    const HOUR: i64 = 3_600_000;
    let number = if is_later { 2 } else { 1 };
    let targets: Vec<Target> = streams.iter().map(|stream| stream.target.clone().of(1, number)).collect();
    let write = Write::to(targets);
    let write = if is_later { write.at(super::writing::EMITTED_AT + HOUR) } else { write };
    let write = streams.iter().fold(write, |write, stream| {
        write.records(stream.stream(), if is_later { &stream.later } else { &stream.first })
    });
    write.finish()
}
