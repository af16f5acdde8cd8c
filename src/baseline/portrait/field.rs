//! What all values of one field have in common, and of the fields below it: a tree that is filled from raw JSON.

use crate::protocol::types::TextForm;
use crate::protocol::{items, members};
use indexmap::IndexMap;
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// Deeper values are not looked into.
const DEEPEST: usize = 12;
/// An object with more names than this below a record holds what its names are keys of.
const MOST_NAMES: usize = 100;
/// Longer names are cut, in bytes, and told apart by a hash.
const LONGEST_NAME: usize = 200;

/// JSON's types, as bits of [`Field::types`] and in words.
pub(super) const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const ARRAY: usize = 0;
const BOOLEAN: usize = 1;
const INTEGER: usize = 2;
const NUMBER: usize = 3;
const OBJECT: usize = 4;
const STRING: usize = 5;

/// What is known of a field.
#[derive(Debug, Clone, Default)]
pub(super) struct Field {
    /// How often it was there.
    pub seen: u64,
    /// How often it was null.
    pub nulls: u64,
    /// How often it was an object: what the absence of its members is counted by.
    pub objects: u64,
    types: u8,
    forms: u16,
    /// Whether a text had no form.
    pub formless: bool,
    /// The shortest and the longest text, in bytes.
    pub lengths: Option<(f64, f64)>,
    /// The least and the greatest number, also of integers in text.
    pub numbers: Option<(f64, f64)>,
    /// The years of the earliest and the latest day or moment.
    pub years: Option<(f64, f64)>,
    /// By name.
    pub members: IndexMap<Box<str>, Field>,
    /// What the items of lists have in common.
    pub items: Option<Box<Field>>,
    /// Whether its names are keys of a map: what is below them is taken together, under `*`.
    is_map: bool,
}

/// How many more fields are told apart.
#[derive(Debug, Clone)]
pub(super) struct Room {
    /// So many.
    pub left: usize,
    /// Whether there were more.
    pub is_over: bool,
}

impl Room {
    fn take(&mut self) -> bool {
        self.is_over |= self.left == 0;
        self.left = self.left.saturating_sub(1);
        !self.is_over
    }
}

impl Field {
    /// Takes a value into account, as it is written in valid JSON.
    pub fn absorb(&mut self, value: &str, depth: usize, room: &mut Room) {
        self.seen += 1;
        match value.trim_start().as_bytes().first() {
            None | Some(b'n') => self.nulls += 1,
            Some(b't' | b'f') => self.types |= 1 << BOOLEAN,
            Some(b'"') => self.text(&said(value.trim())),
            Some(b'{') => self.object(value, depth, room),
            Some(b'[') => self.array(value, depth, room),
            Some(_) => {
                let is_whole = !value.contains(['.', 'e', 'E']);
                self.types |= 1 << if is_whole { INTEGER } else { NUMBER };
                self.number(value.trim());
            }
        }
    }

    fn object(&mut self, value: &str, depth: usize, room: &mut Room) {
        self.types |= 1 << OBJECT;
        self.objects += 1;
        if depth >= DEEPEST {
            return;
        }
        for (at, (name, value)) in members(value).into_iter().flatten().enumerate() {
            if let Some(field) = self.member(at, &name, depth, room) {
                field.absorb(value, depth + 1, room);
            }
        }
    }

    fn array(&mut self, value: &str, depth: usize, room: &mut Room) {
        self.types |= 1 << ARRAY;
        if depth >= DEEPEST || (self.items.is_none() && !room.take()) {
            return;
        }
        let field = self.items.get_or_insert_default();
        items(value).into_iter().flatten().for_each(|item| field.absorb(item, depth + 1, room));
    }

    /// The member of that name, which most often stands at the same place as last time.
    fn member(&mut self, at: usize, name: &str, depth: usize, room: &mut Room) -> Option<&mut Field> {
        let name = if self.is_map { "*" } else { name };
        let place = match self.members.get_index(at) {
            Some((same, _)) if **same == *name => Some(at),
            _ => self.members.get_index_of(&*bounded(name)),
        };
        let place = match place {
            Some(place) => place,
            None if depth > 0 && !self.is_map && self.members.len() >= MOST_NAMES => {
                self.become_map();
                0
            }
            None if room.take() => self.members.insert_full(bounded(name).into(), Field::default()).0,
            None => return None,
        };
        self.members.get_index_mut(place).map(|(_, field)| field)
    }

    fn become_map(&mut self) {
        let mut all = Field::default();
        self.members.drain(..).for_each(|(_, field)| all.merge(field));
        self.members.insert("*".into(), all);
        self.is_map = true;
    }

    /// The same with what is below keys of a map taken together: where each name looks like a value.
    pub fn settled(mut self, depth: usize) -> Field {
        let is_key = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_digit()) || name.contains(['.', '/', ':', '@', ' '])
        };
        if depth > 0 && !self.members.is_empty() && self.members.keys().all(|name| is_key(name)) {
            self.become_map();
        }
        self.members = self.members.into_iter().map(|(name, field)| (name, field.settled(depth + 1))).collect();
        self.items = self.items.map(|field| Box::new(field.settled(depth + 1)));
        self
    }

    /// Whether what is below it is told apart by no name.
    pub fn is_map(&self) -> bool {
        self.is_map
    }

    fn merge(&mut self, other: Field) {
        self.seen += other.seen;
        self.nulls += other.nulls;
        self.objects += other.objects;
        self.types |= other.types;
        self.forms |= other.forms;
        self.formless |= other.formless;
        for (own, other) in
            [(&mut self.lengths, other.lengths), (&mut self.numbers, other.numbers), (&mut self.years, other.years)]
        {
            other.into_iter().for_each(|(least, greatest)| widen(own, least, greatest));
        }
        if self.is_map != other.is_map && !self.members.is_empty() && !other.members.is_empty() {
            if !self.is_map {
                self.become_map();
            }
            let all = self.members.entry("*".into()).or_default();
            other.members.into_iter().for_each(|(_, field)| all.merge(field));
        } else {
            self.is_map |= other.is_map;
            for (name, field) in other.members {
                self.members.entry(name).or_default().merge(field);
            }
        }
        if let Some(items) = other.items {
            self.items.get_or_insert_default().merge(*items);
        }
    }

    fn text(&mut self, text: &str) {
        self.types |= 1 << STRING;
        widen(&mut self.lengths, text.len() as f64, text.len() as f64);
        let Some(form) = TextForm::of(text) else {
            self.formless = true;
            return;
        };
        self.forms |= 1 << form as usize;
        match form {
            TextForm::Integer => self.number(text),
            TextForm::Date | TextForm::MomentWithZone | TextForm::MomentWithoutZone => {
                let year = text.get(..4).and_then(|year| year.parse::<f64>().ok());
                year.into_iter().for_each(|year| widen(&mut self.years, year, year));
            }
            _ => {}
        }
    }

    fn number(&mut self, written: &str) {
        if let Some(number) = written.parse::<f64>().ok().filter(|number| number.is_finite()) {
            widen(&mut self.numbers, number, number);
        }
    }

    /// The types of its values but for null, in order. A number that is sometimes whole is a number.
    pub fn types(&self) -> Vec<&'static str> {
        let all = match self.types >> NUMBER & 1 {
            1 => self.types & !(1 << INTEGER),
            _ => self.types,
        };
        TYPES.into_iter().enumerate().filter(|(at, _)| all >> at & 1 == 1).map(|(_, name)| name).collect()
    }

    /// The forms of its texts, where each has one: of texts at large, a few always look like something.
    pub fn forms(&self) -> Vec<&'static str> {
        if self.formless {
            return Vec::new();
        }
        let has = |form: TextForm| self.forms >> form as usize & 1 == 1;
        let is_told = |form: &TextForm| has(*form) && !(*form == TextForm::Integer && has(TextForm::Number));
        TextForm::ALL.into_iter().filter(is_told).map(TextForm::describe).collect()
    }
}

/// A name that takes no more room than it may.
fn bounded(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST_NAME {
        return name.into();
    }
    let end = (0..=LONGEST_NAME).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…{:016x}", &name[..end], xxh3_64(name.as_bytes())).into()
}

/// What a string says, as it is written with its quotes.
fn said(written: &str) -> Cow<'_, str> {
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    match memchr::memchr(b'\\', inner.as_bytes()) {
        None => Cow::Borrowed(inner),
        Some(_) => serde_json::from_str::<String>(written).map_or(Cow::Borrowed(inner), Cow::Owned),
    }
}

fn widen(extent: &mut Option<(f64, f64)>, least: f64, greatest: f64) {
    let (from, to) = extent.get_or_insert((least, greatest));
    (*from, *to) = (from.min(least), to.max(greatest));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> (Field, Room) {
        let (mut field, mut room) = (Field::default(), Room { left: 500, is_over: false });
        values.iter().for_each(|value| field.absorb(value, 0, &mut room));
        (field.settled(0), room)
    }

    #[test]
    fn values_are_told_by_type_and_form() {
        let (field, _) = of(&[
            r#"{"id": 1, "at": "2024-01-31", "tags": ["a", null], "n": 1, "text": "x"}"#,
            r#"{"id": 20, "at": "2025-01-31T10:00:00Z", "n": 1.5, "text": "12"}"#,
            r#"{"id": null, "tags": [{"a": 1}]}"#,
        ]);
        let member = |name: &str| &field.members[name];
        assert_eq!(
            (member("id").types(), member("id").nulls, member("id").numbers),
            (vec!["integer"], 1, Some((1.0, 20.0)))
        );
        assert_eq!(member("at").forms(), ["date", "date-time with zone"]);
        assert_eq!(member("at").years, Some((2024.0, 2025.0)));
        assert_eq!(member("n").types(), ["number"]);
        assert!(member("text").forms().is_empty());
        let items = member("tags").items.as_ref().expect("items");
        assert_eq!((items.types(), items.nulls, items.objects), (vec!["object", "string"], 1, 1));
    }

    #[test]
    fn objects_whose_names_are_keys_are_taken_together() {
        let (field, _) = of(&[r#"{"rates": {"2024-01-01": 1, "2024-01-02": 2.5}, "plain": {"a": 1}}"#]);
        assert_eq!(field.members["rates"].members.keys().map(|name| &**name).collect::<Vec<_>>(), ["*"]);
        assert_eq!(field.members["rates"].members["*"].types(), ["number"]);
        assert_eq!(field.members["plain"].members.len(), 1);
        let many: Vec<String> = (0..300).map(|at| format!("\"key_{at}\": 1")).collect();
        let (field, room) = of(&[&format!("{{\"map\": {{{}}}}}", many.join(","))]);
        assert_eq!((field.members["map"].members.len(), field.members["map"].members["*"].seen), (1, 300));
        assert!(!room.is_over);
    }

    #[test]
    fn what_a_hostile_connector_names_takes_bounded_room() {
        let names: Vec<String> = (0..2_000).map(|at| format!("\"{}{at}\": 1", "x".repeat(300))).collect();
        let (field, room) = of(&[&format!("{{{}}}", names.join(","))]);
        assert!(room.is_over && field.members.len() == 500);
        assert!(field.members.keys().all(|name| name.len() < 250));
        let (_, room) = of(&[&format!("{}{}", "[".repeat(5_000), "]".repeat(5_000))]);
        assert_eq!(room.left, 500 - DEEPEST);
    }
}
