//! States that no read emits: a cursor far ahead, far behind, of another type, gone, or of another stream.

use super::trail::{CursorKind, key_of};
use crate::protocol::{Cursor, cursor_in_state};
use serde_json::{Value, json};

/// A stream's state whose cursor is recognised.
pub struct Recognised {
    /// What the state says.
    pub blob: Value,
    /// The path of the cursor; the last part is its name in the state.
    pub field: Vec<String>,
    /// Its kind.
    pub kind: CursorKind,
    /// Its value, as a number that sorts as cursors of its kind do.
    pub key: i64,
}

impl Recognised {
    /// The cursor in a stream's state, where there is exactly one of a known order.
    pub fn of(blob: &Value, field: &[String]) -> Option<Recognised> {
        let (kind, key) = key_of(&cursor_in_state(blob, field)?)?;
        Some(Recognised { blob: blob.clone(), field: field.to_vec(), kind, key })
    }

    /// The state with another value for its cursor.
    fn with(&self, value: &Value) -> Value {
        let mut blob = self.blob.clone();
        if let Some(name) = self.field.last() {
            put(&mut blob, name, &mut |_| Some(value.clone()));
        }
        blob
    }

    /// The cursor as it is written.
    fn written(&self) -> Option<Value> {
        let mut found = None;
        let name = self.field.last()?;
        put(&mut self.blob.clone(), name, &mut |value| {
            found = Some(value.clone());
            Some(value.clone())
        });
        found
    }

    /// The state at a cursor far beyond all, in the same form. None where the form is not known well enough.
    pub fn far_ahead(&self) -> Option<Value> {
        self.at_year("2099").or_else(|| self.at_number(|number| number.checked_add(number_ahead(number)?)))
    }

    /// The state at a cursor far before all, in the same form.
    pub fn far_behind(&self) -> Option<Value> {
        self.at_year("2000").or_else(|| {
            self.at_number(|number| match number {
                ..0 => None,
                0..1_000_000_000 => Some(0),
                // A moment, in seconds or parts of one: the beginning of the year 2000.
                _ => Some(946_684_800 * unit(number)?),
            })
        })
    }

    /// The state with a word in place of the cursor.
    pub fn of_another_type(&self) -> Value {
        self.with(&json!("no cursor"))
    }

    /// The state with an empty text for its cursor.
    pub fn empty_text(&self) -> Value {
        self.with(&json!(""))
    }

    /// The state without its cursor.
    pub fn without_cursor(&self) -> Value {
        let mut blob = self.blob.clone();
        if let Some(name) = self.field.last() {
            put(&mut blob, name, &mut |_| None);
        }
        blob
    }

    /// The state with one more member.
    pub fn with_more(&self) -> Value {
        let mut blob = self.blob.clone();
        blob["airproof_unknown_member"] = json!({"a": [1, null]});
        blob
    }

    fn at_year(&self, year: &str) -> Option<Value> {
        let Some(Value::String(text)) = self.written() else { return None };
        let rest = text.get(4..).filter(|rest| rest.starts_with('-') && self.kind == CursorKind::Moment)?;
        // The last of February is not in every year.
        let rest = if rest.starts_with("-02-29") { rest.replacen("-02-29", "-02-28", 1) } else { rest.to_owned() };
        let moved = json!(format!("{year}{rest}"));
        matches!(Cursor::read(&moved.to_string()), Some(Cursor::Moment(_))).then(|| self.with(&moved))
    }

    fn at_number(&self, change: impl Fn(i64) -> Option<i64>) -> Option<Value> {
        if self.kind != CursorKind::Integer {
            return None;
        }
        let number = change(self.key)?;
        match self.written()? {
            Value::String(_) => Some(self.with(&json!(number.to_string()))),
            _ => Some(self.with(&json!(number))),
        }
    }
}

/// Parts of a second in which a moment is written, by its size; None where it is no moment.
fn unit(number: i64) -> Option<i64> {
    match number {
        1_000_000_000..10_000_000_000 => Some(1),
        1_000_000_000_000..10_000_000_000_000 => Some(1_000),
        1_000_000_000_000_000..10_000_000_000_000_000 => Some(1_000_000),
        _ => None,
    }
}

/// What is added to reach far ahead: fifty years to a moment, much to any other number, within 32 bits.
fn number_ahead(number: i64) -> Option<i64> {
    match number {
        0..1_000_000_000 => Some(1_000_000_000),
        _ => Some(1_577_880_000 * unit(number)?),
    }
}

/// Changes or takes out the scalar members of that name.
fn put(value: &mut Value, name: &str, change: &mut dyn FnMut(&Value) -> Option<Value>) {
    match value {
        Value::Object(members) => {
            if let Some(own) = members.get_mut(name).filter(|own| !own.is_object() && !own.is_array() && !own.is_null())
            {
                match change(own) {
                    Some(changed) => *own = changed,
                    None => drop(members.shift_remove(name)),
                }
                return;
            }
            members.values_mut().for_each(|value| put(value, name, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, name, change)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(cursor: Value) -> Recognised {
        Recognised::of(&json!({"page": 3, "inner": {"at": cursor}}), &["at".to_owned()]).expect("a cursor")
    }

    fn cursor(blob: Option<Value>) -> Value {
        blob.map_or(Value::Null, |blob| blob["inner"]["at"].clone())
    }

    #[test]
    fn a_cursor_is_moved_in_its_own_form() {
        for (now, ahead, behind) in [
            (json!("2024-02-29"), json!("2099-02-28"), json!("2000-02-28")),
            (
                json!("2024-06-01T10:00:00.250+05:30"),
                json!("2099-06-01T10:00:00.250+05:30"),
                json!("2000-06-01T10:00:00.250+05:30"),
            ),
            (json!(129), json!(1_000_000_129), json!(0)),
            (json!("129"), json!("1000000129"), json!("0")),
            (json!(1_717_200_000), json!(3_295_080_000_i64), json!(946_684_800)),
            (json!(1_717_200_000_000_i64), json!(3_295_080_000_000_i64), json!(946_684_800_000_i64)),
            (json!(1.5), Value::Null, Value::Null),
        ] {
            let state = state(now);
            assert_eq!((cursor(state.far_ahead()), cursor(state.far_behind())), (ahead, behind));
        }
    }

    #[test]
    fn the_rest_of_the_state_stays() {
        let state = state(json!(5));
        assert_eq!(state.without_cursor(), json!({"page": 3, "inner": {}}));
        assert_eq!(state.of_another_type(), json!({"page": 3, "inner": {"at": "no cursor"}}));
        assert!(Recognised::of(&json!({"page": 3}), &["at".to_owned()]).is_none());
    }
}
