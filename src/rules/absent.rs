//! Which of a stream's fields its records leave out, although the schema does not say that they may.

use super::read::undeclared_field::is_foreign;
use super::{Look, Scene};
use crate::protocol::schema::vocabulary::is_json_column;
use crate::protocol::schema::{escaped, kinds};
use crate::protocol::{members, pick};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;

/// How many top-level fields a glance at a record sees.
const GLANCED: usize = 64;

/// How many fields of a stream are looked at.
const FIELDS: usize = 1_000;

/// Of how many records of a stream the fields beyond a glance are looked at.
const SAMPLE: u64 = 10_000;

/// Non-null in the records that tell of a deletion, which may hold no more than the key.
const DELETED: &str = "_ab_cdc_deleted_at";

/// The fields of one stream that all its records are to have.
#[derive(Debug)]
pub(super) struct Absences {
    fields: Vec<Absence>,
    /// Of those that a glance sees, one bit each, by place in the schema.
    glanced: u64,
    /// Those of them that were there.
    present: u64,
    /// The place of the column that tells of a deletion.
    deleted: Option<usize>,
    /// Records that were looked at.
    pub(super) records: u64,
}

/// A field that was left out.
#[derive(Debug)]
pub(super) struct Absence {
    pub(super) name: String,
    /// Its place among the schema's properties.
    place: usize,
    /// How often it was left out, and in which message first.
    pub(super) count: u64,
    pub(super) first: u64,
    is_present: bool,
}

impl Absences {
    /// Of the configured stream at that place. Fields whose absence others tell are left out: `required` ones, and the
    /// primary key; and so are columns of change data capture, where absence means something.
    pub(super) fn of(scene: &Scene, place: usize) -> Self {
        let entry = scene.catalog.as_ref().and_then(|catalog| catalog.streams.get(place));
        let schema = entry.map_or(&Value::Null, |entry| entry.stream.json_schema());
        let required = schema.get("required").and_then(Value::as_array);
        let key = entry.into_iter().flat_map(|entry| &entry.primary_key).filter_map(|part| part.first());
        let names = required.into_iter().flatten().filter_map(Value::as_str);
        let others: HashSet<&str> = names.chain(key.map(String::as_str)).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        let is_expected = |name: &str, field: &Value| {
            let is_free = others.contains(name) || name.starts_with("_ab_cdc_") || is_json_column(field);
            !is_free && kinds(schema, field).is_some_and(|kinds| !kinds.is_empty() && !kinds.contains(&"null"))
        };
        let expected =
            properties.into_iter().flatten().enumerate().filter(|(_, (name, field))| is_expected(name, field));
        let fields: Vec<Absence> = expected
            .take(FIELDS)
            .map(|(place, (name, _))| Absence { name: name.clone(), place, count: 0, first: 0, is_present: false })
            .collect();
        let glanced = fields.iter().filter_map(|field| bit(field.place)).fold(0, |bits, bit| bits | bit);
        let deleted = properties.into_iter().flatten().position(|(name, _)| name == DELETED);
        Absences { fields, glanced, present: 0, deleted, records: 0 }
    }

    /// Looks at a record of the stream. Costs a few bits where a glance saw that it conforms.
    pub(super) fn note(&mut self, look: &Look<'_>) {
        if self.fields.is_empty() || self.is_deletion(look) {
            return;
        }
        let glimpse = look.glimpse();
        if !glimpse.conforms {
            return self.note_in_full(look);
        }
        self.records += 1;
        // A field that does not admit null and conforms is there if it is filled.
        self.present |= glimpse.filled;
        let mut missing = self.glanced & !glimpse.filled;
        while missing != 0 {
            let place = missing.trailing_zeros() as usize;
            missing &= missing - 1;
            if let Ok(at) = self.fields.binary_search_by_key(&place, |field| field.place) {
                self.fields[at].miss(look.line.number);
            }
        }
        let beyond = self.beyond();
        let Some(record) = look.record().filter(|_| beyond < self.fields.len() && self.records <= SAMPLE) else {
            return;
        };
        let names: HashSet<Cow<'_, str>> =
            members(record.data.get()).into_iter().flatten().map(|(name, _)| name).collect();
        for field in &mut self.fields[beyond..] {
            field.note(names.contains(field.name.as_str()), look.line.number);
        }
    }

    fn note_in_full(&mut self, look: &Look<'_>) {
        // Others tell of a record that is empty, or has fields of another level only.
        let data = look.data().and_then(Value::as_object).filter(|data| !data.is_empty() && !is_foreign(look));
        let Some(data) = data else { return };
        self.records += 1;
        let looked_at = if self.records <= SAMPLE { self.fields.len() } else { self.beyond() };
        for field in self.fields.iter_mut().take(looked_at) {
            field.note(data.contains_key(&field.name), look.line.number);
        }
    }

    /// Where the fields begin that a glance does not see.
    fn beyond(&self) -> usize {
        self.fields.partition_point(|field| field.place < GLANCED)
    }

    fn is_deletion(&self, look: &Look<'_>) -> bool {
        let Some(place) = self.deleted else { return false };
        let glimpse = look.glimpse();
        match bit(place).filter(|_| glimpse.conforms) {
            Some(bit) => glimpse.filled & bit != 0,
            None => look
                .record()
                .and_then(|record| pick(record.data.get(), &[DELETED.to_owned()]))
                .is_some_and(|value| value != "null"),
        }
    }

    /// The fields that some records have and others have not, in the order of the schema. What no record has is
    /// READ-010's.
    pub(super) fn found(&self) -> Vec<&Absence> {
        let is_present =
            |field: &Absence| field.is_present || bit(field.place).is_some_and(|bit| self.present & bit != 0);
        self.fields.iter().filter(|field| field.count > 0 && is_present(field)).collect()
    }
}

impl Absence {
    /// JSON pointer into the message.
    pub(super) fn pointer(&self) -> String {
        format!("/record/data/{}", escaped(&self.name))
    }

    fn note(&mut self, is_there: bool, line: u64) {
        match is_there {
            true => self.is_present = true,
            false => self.miss(line),
        }
    }

    fn miss(&mut self, line: u64) {
        self.first = if self.count == 0 { line } else { self.first };
        self.count += 1;
    }
}

/// The bit of a place that a glance sees.
fn bit(place: usize) -> Option<u64> {
    (place < GLANCED).then(|| 1 << place)
}
