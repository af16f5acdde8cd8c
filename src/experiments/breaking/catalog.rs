//! Two catalogs: what a destination has columns for, and connections were set up with, and that is not so any more.

use super::{BUDGET, Change, DEPTH, branches, targets};
use crate::protocol::schema::{canonical, declares, escaped, kinds};
use crate::protocol::types::AirbyteType;
use crate::protocol::{Catalog, Stream};
use crate::rules::Level;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const STREAM: &str = "a stream is gone";
const FIELD: &str = "a field of a stream is gone";
const TYPE: &str = "a field of a stream has another type than before";
const FORMAT: &str = "a field of a stream has another format than before";
const AIRBYTE_TYPE: &str = "a field of a stream has another airbyte_type than before";
const CURSOR: &str = "a stream has another default cursor than before";
const KEY: &str = "a stream has another primary key than before";
const MODE: &str = "a stream can no longer be read in a mode";

/// What the catalog of a new version changes about that of the former. None where they are too large to be compared.
pub(in crate::experiments) fn changes(before: &Catalog, after: &Catalog) -> Option<Vec<Change>> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for stream in before.streams.iter().filter(|stream| seen.insert(&stream.descriptor)) {
        let mut own = Vec::new();
        match after.streams.iter().find(|other| other.descriptor == stream.descriptor) {
            None => {
                own.push(Change::at(String::new(), STREAM, Level::Must, [Some(&json!(stream.descriptor.name)), None]))
            }
            Some(now) => {
                settings(stream, now, &mut own);
                let roots = [stream.json_schema(), now.json_schema()];
                Walk { roots, budget: BUDGET }.fields(roots, "/json_schema", 0, &mut own)?;
            }
        }
        let named = own.into_iter().map(|change| Change { stream: Some(stream.descriptor.clone()), ..change });
        found.extend(named);
    }
    Some(found)
}

/// What a stream says besides its schema.
fn settings(before: &Stream, after: &Stream, found: &mut Vec<Change>) {
    let values = |member: &str| [before.raw.get(member), after.raw.get(member)];
    let mut change = |member: &str, what: &'static str, level: Level| {
        found.push(Change::at(format!("/{member}"), what, level, values(member)));
    };
    let cursor = before.default_cursor();
    // Where there was none, each connection has chosen its own.
    if !cursor.is_empty() && after.default_cursor() != cursor {
        change("default_cursor_field", CURSOR, Level::Must);
    }
    let [known, now] = [before, after].map(|stream| BTreeSet::from_iter(stream.primary_key()));
    if !known.is_empty() && known != now {
        change("source_defined_primary_key", KEY, Level::Should);
    }
    let modes = |stream: &Stream| -> BTreeSet<String> {
        let modes = stream.raw.get("supported_sync_modes").and_then(Value::as_array);
        modes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    if !modes(before).is_subset(&modes(after)) {
        change("supported_sync_modes", MODE, Level::Should);
    }
}

struct Walk<'s> {
    roots: [&'s Value; 2],
    budget: usize,
}

impl<'s> Walk<'s> {
    /// Compares what is inside of two schemas. None where the budget is used up.
    fn fields(&mut self, pair: [&'s Value; 2], pointer: &str, depth: usize, found: &mut Vec<Change>) -> Option<()> {
        let [before, after] = targets(self.roots, pair, &mut self.budget)?;
        if depth > DEPTH {
            return Some(());
        }
        let known = before.get("properties").and_then(Value::as_object).into_iter().flatten();
        for (name, schema) in known {
            let pointer = format!("{pointer}/properties/{}", escaped(name));
            match after.get("properties").and_then(|properties| properties.get(name)) {
                Some(now) => self.field([schema, now], &pointer, depth + 1, found)?,
                None if declares(self.roots[1], after, std::slice::from_ref(name)) => {}
                None => found.push(Change::at(pointer, FIELD, Level::Must, [Some(schema), None])),
            }
        }
        if let [Some(one @ Value::Object(_)), Some(other @ Value::Object(_))] =
            [before, after].map(|it| it.get("items"))
        {
            self.field([one, other], &format!("{pointer}/items"), depth + 1, found)?;
        }
        if let [Some((_, one)), Some((keyword, other))] = [before, after].map(branches)
            && one.len() == other.len()
            && in_any_order(one) != in_any_order(other)
        {
            for (place, pair) in one.iter().zip(other).enumerate() {
                self.field([pair.0, pair.1], &format!("{pointer}/{keyword}/{place}"), depth + 1, found)?;
            }
        }
        Some(())
    }

    fn field(&mut self, pair: [&'s Value; 2], pointer: &str, depth: usize, found: &mut Vec<Change>) -> Option<()> {
        let [before, after] = targets(self.roots, pair, &mut self.budget)?;
        let level = level_of(before, after);
        let types = |root: &Value, schema: &Value| -> Option<BTreeSet<&'static str>> {
            Some(kinds(root, schema)?.into_iter().filter(|kind| *kind != "null").collect())
        };
        if types(self.roots[0], before) != types(self.roots[1], after) {
            let values = [before, after].map(|schema| schema.get("type"));
            found.push(Change::at(format!("{pointer}/type"), TYPE, level, values));
            return Some(());
        }
        for (keyword, what) in [("format", FORMAT), ("airbyte_type", AIRBYTE_TYPE)] {
            let values = [before, after].map(|schema| schema.get(keyword));
            if values[0] != values[1] {
                found.push(Change::at(format!("{pointer}/{keyword}"), what, level, values));
            }
        }
        self.fields([before, after], pointer, depth, found)
    }
}

/// What destinations make a column of, they make again where it is another; where it comes to the same column, only who
/// compares word by word sees it.
fn level_of(before: &Value, after: &Value) -> Level {
    let [one, other] = [before, after].map(AirbyteType::of);
    let is_certain = !matches!(one, AirbyteType::Union | AirbyteType::Unknown | AirbyteType::Null);
    if is_certain && one == other { Level::Should } else { Level::Must }
}

fn in_any_order(branches: &[Value]) -> BTreeSet<String> {
    branches.iter().map(canonical).collect()
}
