//! Two catalogs: what a destination has columns for, what connections were set up with, and what of it is otherwise.

use super::change::Change;
use super::rules::{self, Rule};
use super::schema::{self, Of, TooLarge};
use crate::protocol::schema::{canonical, escaped};
use crate::protocol::{Catalog, Descriptor, Stream, SyncMode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a stream says that something is made of; all else is unknown to the protocol.
const KNOWN: [&str; 9] = [
    "name",
    "namespace",
    "json_schema",
    "supported_sync_modes",
    "source_defined_cursor",
    "default_cursor_field",
    "source_defined_primary_key",
    "is_resumable",
    "is_file_based",
];

/// Every difference between two catalogs, stream by stream, in the order of the former one and then of the new one. Of streams
/// that a catalog names twice, the first counts.
///
/// # Errs
/// Where they are too large to be compared.
pub fn changes_of_catalog(before: &Catalog, after: &Catalog) -> Result<Vec<Change>, TooLarge> {
    let [one, other] = [before, after].map(by_descriptor);
    let mut found = Vec::new();
    let gone = only_in(before, &one, &other);
    let new = only_in(after, &other, &one);
    let moved = moved(&gone, &new);
    for stream in firsts(before, &one) {
        if let Some(now) = other.get(&stream.descriptor) {
            found.extend(of_stream(stream, now)?);
        } else if let Some(now) = moved.iter().find(|(former, _)| std::ptr::eq(*former, stream)).map(|(_, now)| *now) {
            let is_renamed = now.descriptor.name != stream.descriptor.name;
            let (rule, member) =
                if is_renamed { (rules::STREAM_RENAMED, "name") } else { (rules::NAMESPACE_CHANGED, "namespace") };
            let values = [stream, now].map(|stream| stream.raw.get(member));
            found.push(of(stream, rule, format!("/{member}"), values));
            found.extend(of_stream(stream, now)?);
        } else {
            found.push(of(stream, rules::STREAM_REMOVED, String::new(), [Some(&json!(stream.descriptor.name)), None]));
        }
    }
    for stream in new {
        if !moved.iter().any(|(_, now)| std::ptr::eq(*now, stream)) {
            found.push(of(stream, rules::STREAM_ADDED, String::new(), [None, Some(&json!(stream.descriptor.name))]));
        }
    }
    Ok(found)
}

type Streams<'c> = BTreeMap<Descriptor, &'c Stream>;

fn by_descriptor(catalog: &Catalog) -> Streams<'_> {
    // The first of a name comes last, and stays.
    catalog.streams.iter().rev().map(|stream| (stream.descriptor.clone(), stream)).collect()
}

/// The streams of a catalog, each once.
fn firsts<'c>(catalog: &'c Catalog, known: &Streams<'c>) -> Vec<&'c Stream> {
    let is_first = |stream: &&Stream| known.get(&stream.descriptor).is_some_and(|first| std::ptr::eq(*first, *stream));
    catalog.streams.iter().filter(is_first).collect()
}

fn only_in<'c>(catalog: &'c Catalog, own: &Streams<'c>, others: &Streams<'_>) -> Vec<&'c Stream> {
    firsts(catalog, own).into_iter().filter(|stream| !others.contains_key(&stream.descriptor)).collect()
}

/// Streams that are the same under another namespace, or another name: as far as that is beyond doubt.
fn moved<'c>(gone: &[&'c Stream], new: &[&'c Stream]) -> Vec<(&'c Stream, &'c Stream)> {
    let named = |streams: &[&'c Stream]| {
        let mut all: BTreeMap<&'c str, Vec<&'c Stream>> = BTreeMap::new();
        streams.iter().for_each(|stream| all.entry(&stream.descriptor.name).or_default().push(stream));
        all
    };
    let (former, latter) = (named(gone), named(new));
    let mut found: Vec<(&Stream, &Stream)> = Vec::new();
    for (name, streams) in &former {
        if let ([one], Some([other])) = (streams.as_slice(), latter.get(name).map(Vec::as_slice)) {
            found.push((one, other));
        }
    }
    let has_fields = |stream: &Stream| {
        let fields = stream.json_schema().get("properties").and_then(Value::as_object);
        fields.is_some_and(|fields| fields.len() > 1)
    };
    if let ([one], [other]) = (gone, new)
        && found.is_empty()
        && has_fields(one)
        && one.json_schema() == other.json_schema()
        && one.descriptor.namespace == other.descriptor.namespace
    {
        found.push((one, other));
    }
    found
}

fn of(stream: &Stream, rule: &'static Rule, pointer: String, values: [Option<&Value>; 2]) -> Change {
    Change { stream: Some(stream.descriptor.clone()), ..Change::new(rule, pointer, values) }
}

fn of_stream(before: &Stream, after: &Stream) -> Result<Vec<Change>, TooLarge> {
    let mut found = Vec::new();
    settings(before, after, &mut |rule, member, values| {
        found.push(of(before, rule, format!("/{}", escaped(member)), values));
    });
    let schemas = schema::changes([before.json_schema(), after.json_schema()], Of::Records, "/json_schema")?;
    found.extend(schemas.into_iter().map(|change| Change { stream: Some(before.descriptor.clone()), ..change }));
    Ok(found)
}

/// Takes a change: its rule, the member that it is of, and both values.
type Push<'p> = &'p mut dyn FnMut(&'static Rule, &str, [Option<&Value>; 2]);

/// What a stream says besides its schema.
fn settings(before: &Stream, after: &Stream, push: Push<'_>) {
    let values = |member: &str| [before.raw.get(member), after.raw.get(member)];
    let cursors = [before, after].map(Stream::default_cursor);
    // Without the mode nothing goes on from a cursor: that the mode is gone says all.
    let goes_on = !before.supports(SyncMode::Incremental) || after.supports(SyncMode::Incremental);
    if cursors[0] != cursors[1] && goes_on {
        let rule = if cursors[0].is_empty() { rules::CURSOR_SET } else { rules::CURSOR_MOVED };
        push(rule, "default_cursor_field", values("default_cursor_field"));
    }
    let keys = [before, after].map(|stream| BTreeSet::from_iter(stream.primary_key()));
    if keys[0] != keys[1] {
        let rule = match [keys[0].is_empty(), keys[1].is_empty()] {
            [true, _] => rules::KEY_SET,
            [_, true] => rules::KEY_REMOVED,
            _ => rules::KEY_CHANGED,
        };
        push(rule, "source_defined_primary_key", values("source_defined_primary_key"));
    }
    modes(before, after, push);
    match [before, after].map(Stream::source_defined_cursor) {
        _ if !goes_on => {}
        [true, false] if cursors[1].is_empty() => {
            push(rules::CURSOR_BECAME_USERS, "source_defined_cursor", values("source_defined_cursor"));
        }
        [one, other] if one != other => {
            push(rules::SOURCE_CURSOR_CHANGED, "source_defined_cursor", values("source_defined_cursor"));
        }
        _ => {}
    }
    let is_true = |member: &str| values(member).map(|value| value == Some(&Value::Bool(true)));
    match is_true("is_resumable") {
        [true, false] if goes_on => push(rules::NOT_RESUMABLE, "is_resumable", values("is_resumable")),
        [false, true] => push(rules::RESUMABLE, "is_resumable", values("is_resumable")),
        _ => {}
    }
    if is_true("is_file_based")[0] != is_true("is_file_based")[1] {
        push(rules::FILE_BASED, "is_file_based", values("is_file_based"));
    }
    let names: BTreeSet<&String> =
        [before, after].into_iter().filter_map(|stream| stream.raw.as_object()).flat_map(|raw| raw.keys()).collect();
    for name in names.into_iter().filter(|name| !KNOWN.contains(&name.as_str())) {
        if values(name).map(|value| value.map(canonical))[0] != values(name).map(|value| value.map(canonical))[1] {
            push(rules::STREAM_MEMBER, name, values(name));
        }
    }
}

fn modes(before: &Stream, after: &Stream, push: Push<'_>) {
    const MODES: &str = "supported_sync_modes";
    let [one, other] = [before, after].map(|stream| -> BTreeSet<&str> {
        let modes = stream.raw.get(MODES).and_then(Value::as_array);
        modes.into_iter().flatten().filter_map(Value::as_str).collect()
    });
    for gone in one.difference(&other) {
        push(rules::SYNC_MODE_REMOVED, MODES, [Some(&json!(gone)), None]);
    }
    for new in other.difference(&one) {
        push(rules::SYNC_MODE_ADDED, MODES, [None, Some(&json!(new))]);
    }
}
