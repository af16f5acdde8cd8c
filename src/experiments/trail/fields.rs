//! A sample of records, field by field: to learn which fields differ between two reads of the same data.

use super::{NULL, hash_of_field};
use crate::protocol::members;
use std::collections::{BTreeMap, BTreeSet};

/// How many records are sampled of a stream, and how many fields are looked at of each.
const RECORDS: usize = 128;
const FIELDS: usize = 512;

/// The records with the smallest identities: the same choice in every read that has them.
#[derive(Debug, Default)]
pub struct FieldSample {
    records: BTreeMap<u64, Vec<(Box<str>, u64)>>,
}

impl FieldSample {
    /// Looks at a record. Of one that comes several times, the last counts.
    pub fn add(&mut self, identity: u64, data: &str) {
        let greatest = self.records.last_key_value().map(|(greatest, _)| *greatest);
        if self.records.len() >= RECORDS && greatest.is_some_and(|greatest| greatest < identity) {
            return;
        }
        let fields = members(data).into_iter().flatten().take(FIELDS);
        let fields = fields.map(|(name, value)| (name.as_ref().into(), hash_of_field(&name, value)));
        self.records.insert(identity, fields.collect());
        if self.records.len() > RECORDS {
            self.records.pop_last();
        }
    }

    /// The names of all fields in it.
    pub fn names(&self) -> BTreeSet<&str> {
        self.records.values().flatten().map(|(name, _)| name.as_ref()).collect()
    }

    /// The fields that differ between the two in records that both have, and in how many of how many. A null is as good as no field.
    pub fn differing(&self, other: &FieldSample) -> (BTreeMap<String, usize>, usize) {
        let (mut differing, mut both) = (BTreeMap::new(), 0);
        for (identity, fields) in &self.records {
            let Some(others) = other.records.get(identity) else { continue };
            both += 1;
            let is_null = |(name, hash): &&(Box<str>, u64)| *hash == hash_of_field(name, NULL);
            let of = |fields: &[(Box<str>, u64)]| {
                fields.iter().filter(|field| !is_null(field)).cloned().collect::<BTreeSet<(Box<str>, u64)>>()
            };
            let (one, two) = (of(fields), of(others));
            let names: BTreeSet<&str> = one.symmetric_difference(&two).map(|(name, _)| name.as_ref()).collect();
            names.into_iter().for_each(|name| *differing.entry(name.to_owned()).or_default() += 1);
        }
        (differing, both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_that_differ_are_learned_from_the_records_that_both_have() {
        let sample = |seen: u64, numbers: std::ops::Range<u64>| {
            let mut sample = FieldSample::default();
            numbers.for_each(|number| sample.add(number, &format!(r#"{{"id":{number},"seen":{seen},"a":"b"}}"#)));
            sample
        };
        let (fields, both) = sample(1, 0..1000).differing(&sample(2, 100..1000));
        assert_eq!((fields.into_iter().collect::<Vec<_>>(), both), (vec![("seen".to_owned(), 28)], 28));
        let (fields, both) = sample(1, 0..5).differing(&sample(1, 0..5));
        assert_eq!((fields.len(), both), (0, 5));
    }

    #[test]
    fn a_null_is_as_good_as_no_field() {
        let sample = |data: &str| {
            let mut sample = FieldSample::default();
            sample.add(1, data);
            sample
        };
        let differing =
            |one: &str, other: &str| sample(one).differing(&sample(other)).0.into_keys().collect::<Vec<_>>();
        assert_eq!(differing(r#"{"id":1,"a":null}"#, r#"{"id":1}"#), Vec::<String>::new());
        assert_eq!(differing(r#"{"id":1,"a":null}"#, r#"{"id":1,"a":2}"#), ["a"]);
    }
}
