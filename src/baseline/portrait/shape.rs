//! The fields of records and states as a baseline has them: by path, one entry for each.

use super::buckets::{Scale, count, extent, share};
use super::field::{Field, Room};
use super::stream::StreamPortrait;
use crate::baseline::normalise::StreamNormaliser;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is told of how far values reach, where they are compared.
pub(super) const REACHES: [&str; 3] = ["lengths", "numbers", "years"];
/// Fields of a state that are told apart.
const FIELDS_OF_STATE: usize = 500;

/// The shape of a stream: how many records, and what their fields are like. A path is written as rules are: names with
/// slashes between them, `*` for the items of a list and for the keys of a map.
pub(super) fn of_records(stream: &StreamPortrait, accepted: Option<&Value>) -> Value {
    let fields = stream.fields.clone().settled(0);
    let cursor: Vec<&str> = stream.entry.cursor_field.iter().map(String::as_str).collect();
    let told = Told {
        normaliser: &stream.normaliser,
        keys: stream.entry.primary_key.iter().map(|path| path.iter().map(String::as_str).collect()).collect(),
        cursor,
        accepted: accepted.and_then(|content| content.get("fields")),
    };
    let mut all = BTreeMap::new();
    told.members(&fields, &mut Vec::new(), &mut all);
    let records = count(stream.records, accepted.and_then(|content| content.get("records")));
    let mut content = json!({ "records": records, "fields": all.into_iter().collect::<Map<_, _>>() });
    if stream.room.is_over {
        content["more_fields"] = json!(true);
    }
    content
}

/// The shape of a state: types and names and forms, and no values.
pub(super) fn of_state(state: &Value) -> Value {
    let (mut root, mut room) = (Field::default(), Room { left: FIELDS_OF_STATE, is_over: false });
    root.absorb(&state.to_string(), 0, &mut room);
    // A state may be a map at its root as well.
    let root = root.settled(1);
    let mut all = BTreeMap::new();
    state_members(&root, &mut Vec::new(), &mut all);
    let mut content = forms_of(&root);
    content.insert("fields".to_owned(), Value::Object(all.into_iter().collect()));
    if room.is_over {
        content.insert("more_fields".to_owned(), json!(true));
    }
    Value::Object(content)
}

fn state_members<'f>(field: &'f Field, path: &mut Vec<&'f str>, all: &mut BTreeMap<String, Value>) {
    let items = field.items.as_deref().map(|items| ("*", items));
    for (name, field) in field.members.iter().map(|(name, field)| (&**name, field)).chain(items) {
        path.push(name);
        all.insert(written(path), Value::Object(forms_of(field)));
        state_members(field, path, all);
        path.pop();
    }
}

/// The types of a field, with null among them, and its forms.
fn forms_of(field: &Field) -> Map<String, Value> {
    let mut types = field.types();
    if field.nulls > 0 {
        types.push("null");
        types.sort_unstable();
    }
    let mut told = Map::from_iter([("types".to_owned(), json!(types))]);
    if !field.forms().is_empty() {
        told.insert("forms".to_owned(), json!(field.forms()));
    }
    told
}

/// How the fields of a stream are told.
struct Told<'s> {
    normaliser: &'s StreamNormaliser,
    keys: Vec<Vec<&'s str>>,
    cursor: Vec<&'s str>,
    /// The fields of the accepted baseline, by path.
    accepted: Option<&'s Value>,
}

impl Told<'_> {
    fn members<'f>(&self, field: &'f Field, path: &mut Vec<&'f str>, all: &mut BTreeMap<String, Value>) {
        let objects = (!field.is_map()).then_some(field.objects);
        let members = field.members.iter().map(|(name, member)| (&**name, member, objects));
        let items = field.items.as_deref().map(|items| ("*", items, None));
        for (name, member, parents) in members.chain(items) {
            path.push(name);
            if !self.normaliser.drops(path) {
                all.insert(written(path), self.entry(member, parents, path));
                self.members(member, path, all);
            }
            path.pop();
        }
    }

    /// One field: its types and forms, how often it is null or absent, and how far its values reach.
    fn entry(&self, field: &Field, parents: Option<u64>, path: &[&str]) -> Value {
        let accepted = self.accepted.and_then(|fields| fields.get(written(path)));
        let before = |name: &str| accepted.and_then(|entry| entry.get(name));
        let mut entry = Map::from_iter([("types".to_owned(), json!(field.types()))]);
        let mut put = |name: &str, value: Value| drop(entry.insert(name.to_owned(), value));
        put("null", share(field.nulls, field.seen, before("null")));
        if let Some(parents) = parents {
            put("absent", share(parents.saturating_sub(field.seen), parents, before("absent")));
        }
        if !field.forms().is_empty() {
            put("forms", json!(field.forms()));
        }
        // How far values reach that are not compared says nothing.
        if self.normaliser.masks(path) {
            return Value::Object(entry);
        }
        let is_ordered = self.cursor == path || self.keys.iter().any(|key| key == path);
        let reaches = [
            (Scale::Lengths, field.lengths),
            (Scale::Magnitudes, field.numbers),
            (Scale::Years, field.years.filter(|_| is_ordered)),
        ];
        for (name, (scale, reach)) in REACHES.into_iter().zip(reaches) {
            if let Some(reach) = reach {
                put(name, extent(scale, reach, before(name)));
            }
        }
        Value::Object(entry)
    }
}

/// A path in text: names with slashes between them.
fn written(path: &[&str]) -> String {
    path.join("/")
}
