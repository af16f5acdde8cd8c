//! What differs between two versions of the same records, field by field.

use super::in_order;
use crate::suite::ValueForm;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// More fields are not told apart.
const MOST_FIELDS: usize = 2_000;

/// What is known of all pairs of records, by the path of a field.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub fields: IndexMap<Vec<String>, Compared>,
    /// Pairs of records.
    pub count: usize,
}

/// What is known of one field.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Pairs in which it was, in one record at least.
    pub present: u64,
    /// Pairs in which it differed.
    pub differed: u64,
    /// Pairs in which one record lacked it.
    pub absent: u64,
    /// Pairs in which a list had the same items in another order.
    pub reordered: u64,
    /// The form that all values that differed have; None within where they have no common one.
    pub form: Option<Option<ValueForm>>,
    /// The numbers that differed; None where something else did.
    pub numbers: Option<Vec<(Value, Value)>>,
    /// Hashes of all values, of either read.
    pub values: (HashSet<u64>, HashSet<u64>),
    last_present: usize,
    last_differed: usize,
}

impl Pairs {
    /// Takes two versions of one record into account.
    pub fn add(&mut self, one: &Value, other: &Value) {
        self.count += 1;
        self.walk(Some(one), Some(other), &mut Vec::new());
    }

    fn walk(&mut self, one: Option<&Value>, other: Option<&Value>, path: &mut Vec<String>) {
        match (one, other) {
            (Some(Value::Object(first)), Some(Value::Object(second))) => {
                let added = second.keys().filter(|name| !first.contains_key(*name));
                for name in first.keys().chain(added) {
                    path.push(name.clone());
                    self.walk(first.get(name), second.get(name), path);
                    path.pop();
                }
            }
            (Some(Value::Array(first)), Some(Value::Array(second)))
                if first.len() == second.len() && !first.is_empty() && !same_items(first, second) =>
            {
                path.push("*".to_owned());
                first.iter().zip(second).for_each(|(one, other)| self.walk(Some(one), Some(other), path));
                path.pop();
            }
            _ => self.compare(one, other, path),
        }
    }

    fn compare(&mut self, one: Option<&Value>, other: Option<&Value>, path: &[String]) {
        let (count, has_room) = (self.count, self.fields.len() < MOST_FIELDS);
        if !has_room && !self.fields.contains_key(path) {
            return;
        }
        let field = self.fields.entry(path.to_vec()).or_default();
        if field.last_present != count {
            (field.last_present, field.present) = (count, field.present + 1);
        }
        let hash = |value: &Value| xxh3_64(value.to_string().as_bytes());
        field.values.0.extend(one.map(hash));
        field.values.1.extend(other.map(hash));
        if one == other {
            return;
        }
        if field.last_differed == count {
            // Another item of a list in the same record.
        } else {
            (field.last_differed, field.differed) = (count, field.differed + 1);
            field.absent += u64::from(one.is_none() || other.is_none());
            let lists = (one.and_then(Value::as_array), other.and_then(Value::as_array));
            field.reordered += u64::from(matches!(lists, (Some(one), Some(other)) if same_items(one, other)));
        }
        let (Some(one), Some(other)) = (one, other) else { return };
        field.note(one, other);
    }
}

impl Compared {
    fn note(&mut self, one: &Value, other: &Value) {
        let form = ValueForm::of(one).zip(ValueForm::of(other)).and_then(|(one, other)| common(one, other));
        let before = self.form.unwrap_or(form);
        self.form = Some(before.zip(form).and_then(|(one, other)| common(one, other)));
        let is_first = self.numbers.is_none() && self.differed == 1;
        if one.is_number() && other.is_number() && (is_first || self.numbers.is_some()) {
            self.numbers.get_or_insert_default().push((one.clone(), other.clone()));
        } else {
            self.numbers = None;
        }
    }

    /// Whether values of one read are also those of the other, by more than chance.
    pub fn shares_values(&self) -> bool {
        let shared = self.values.0.intersection(&self.values.1).count();
        shared * 10 > self.values.0.len().min(self.values.1.len())
    }
}

fn common(one: ValueForm, other: ValueForm) -> Option<ValueForm> {
    match (one, other) {
        _ if one == other => Some(one),
        (ValueForm::Integer, ValueForm::Number) | (ValueForm::Number, ValueForm::Integer) => Some(ValueForm::Number),
        _ => None,
    }
}

/// Whether two lists have the same items, in whatever order.
fn same_items(one: &[Value], other: &[Value]) -> bool {
    let sorted = |items: &[Value]| {
        let mut items: Vec<String> = items.iter().map(|item| in_order(item).to_string()).collect();
        items.sort_unstable();
        items
    };
    one.len() == other.len() && (one == other || sorted(one) == sorted(other))
}
