//! Some records of a stream, chosen by their keys: the same ones whatever order they come in.

use crate::feed::{Exact, Row};
use crate::protocol::pick;
use std::collections::BTreeMap;

/// How many keys are looked at.
const KEYS: usize = 100;
/// How many records of one key are kept, the last ones.
const OF_A_KEY: usize = 8;
/// The longest record that is kept, in bytes.
const LONGEST: usize = 64 * 1024;
/// The most that is kept of all streams together, in bytes.
pub(super) const ROOM: usize = 32 << 20;
/// The longest name of a field that is looked for among columns: destinations cut longer ones off.
const LONGEST_NAME: usize = 60;

/// Records of the keys with the smallest digests.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// The last records of each key; empty where one of them is too long to be kept.
    keys: BTreeMap<u128, Vec<String>>,
    /// How many records of each key came.
    came: BTreeMap<u128, usize>,
}

impl Sample {
    /// Takes a record's data into account, where there is room for it: `room` is what is left of it, in bytes.
    pub fn add(&mut self, key: u128, data: &str, room: &mut usize) {
        let is_one = self.keys.len() < KEYS || self.keys.last_key_value().is_some_and(|(last, _)| key <= *last);
        if !is_one {
            return;
        }
        let kept = self.keys.entry(key).or_default();
        let has_room = data.len() <= LONGEST.min(*room);
        *room -= if has_room { data.len() } else { 0 };
        kept.push(if has_room { data.to_owned() } else { String::new() });
        if kept.len() > OF_A_KEY {
            *room += kept.remove(0).len();
        }
        *self.came.entry(key).or_insert(0) += 1;
        if self.keys.len() > KEYS
            && let Some((last, records)) = self.keys.pop_last()
        {
            *room += records.iter().map(String::len).sum::<usize>();
            self.came.remove(&last);
        }
    }

    /// How much it keeps, in bytes.
    pub fn size(&self) -> usize {
        self.keys.values().flatten().map(String::len).sum()
    }

    /// What of a row is in no record of its key: the field, what came last and what is stored. None where a record says the same, and
    /// where not all of them are known.
    ///
    /// Where there is a cursor and it is a whole number in all of them, those with the greatest are the records.
    pub fn difference(
        &self,
        key: u128,
        row: &Row,
        fields: &[String],
        cursor: Option<&[String]>,
    ) -> Option<(String, String, String)> {
        let records = self.keys.get(&key)?;
        let is_known = self.came.get(&key) == Some(&records.len()) && records.iter().all(|record| !record.is_empty());
        if !is_known {
            return None;
        }
        let greatest = cursor.and_then(|cursor| greatest(records, cursor));
        let records = greatest.unwrap_or_else(|| records.iter().collect());
        let differences: Vec<_> = records.into_iter().map(|record| differs(record, row, fields)).collect();
        differences.iter().all(Option::is_some).then(|| differences.into_iter().next_back())??
    }
}

/// The records with the greatest cursor: of those that are equal, when they were emitted decides. None where one is no whole number.
fn greatest<'r>(records: &'r [String], cursor: &[String]) -> Option<Vec<&'r String>> {
    let number = |record: &String| pick(record, cursor)?.parse::<i128>().ok();
    let numbers: Vec<i128> = records.iter().map(number).collect::<Option<_>>()?;
    let most = numbers.iter().copied().max()?;
    Some(numbers.into_iter().zip(records).filter(|(number, _)| *number == most).map(|(_, record)| record).collect())
}

fn differs(record: &str, row: &Row, fields: &[String]) -> Option<(String, String, String)> {
    fields.iter().filter(|field| field.len() <= LONGEST_NAME && row.change_of(field).is_none()).find_map(|field| {
        let came = match pick(record, std::slice::from_ref(field)).map(Exact::of) {
            // Half a surrogate pair, for one: what a destination makes of it is its own.
            Some(Err(_)) => return None,
            came => came.and_then(Result::ok),
        };
        let stored = row.get(field);
        let is_kept = match (&came, stored) {
            (None, None) => true,
            (Some(came), None) => came.is_null(),
            (None, Some(stored)) => stored.is_null(),
            (Some(came), Some(stored)) => came.is_kept_in(stored) || is_same_plainly(came, stored),
        };
        let told = |value: Option<&Exact>| value.map_or_else(|| "nothing".to_owned(), Exact::to_string);
        (!is_kept).then(|| (field.clone(), told(came.as_ref()), told(stored)))
    })
}

/// Whether a boolean is stored as the number that a database without booleans has for it.
fn is_same_plainly(came: &Exact, stored: &Exact) -> bool {
    matches!((came.to_string().as_str(), stored.to_string().as_str()), ("true", "1") | ("false", "0"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Columns;

    #[test]
    fn a_row_is_held_against_all_records_of_its_key() {
        let (mut sample, mut room) = (Sample::default(), 20_000);
        for key in 0..500_u128 {
            sample.add(key, &format!(r#"{{"id":{key},"name":"old"}}"#), &mut room);
            sample.add(key, &format!(r#"{{"id":{key},"name":"new"}}"#), &mut room);
        }
        let fields = ["id".to_owned(), "name".to_owned()];
        let row = |name: &str| Row::parse(&format!(r#"{{"id":7,"name":{name}}}"#), &Columns::default()).expect("a row");
        assert_eq!(sample.difference(7, &row("\"old\""), &fields, None), None);
        assert_eq!(sample.difference(7, &row("\"new\""), &fields, None), None);
        let told = sample.difference(7, &row("\"n?w\""), &fields, None).expect("a difference");
        assert_eq!(told, ("name".to_owned(), "\"new\"".to_owned(), "\"n?w\"".to_owned()));
        assert!(sample.difference(7, &row("null"), &fields, None).is_some());
        assert!(sample.difference(400, &row("null"), &fields, None).is_none());
        assert_eq!(sample.size() + room, 20_000);
        // With a cursor it is one of them.
        let (mut sample, mut room, cursor) = (Sample::default(), 20_000, ["at".to_owned()]);
        for (at, name) in [(5, "new"), (5, "newer"), (2, "old")] {
            sample.add(7, &format!(r#"{{"id":7,"at":{at},"name":"{name}"}}"#), &mut room);
        }
        let told = |name: &str| sample.difference(7, &row(name), &fields, Some(&cursor)).is_some();
        assert_eq!([told("\"old\""), told("\"new\""), told("\"newer\"")], [true, false, false]);
        // What there is no room for is not known.
        let mut none = 0;
        sample.add(7, "{}", &mut none);
        assert!(sample.difference(7, &row("null"), &fields, None).is_none());
    }
}
