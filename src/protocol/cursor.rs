//! Cursor values that can be put in order, in records and in states.

use super::schema::escaped;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use memchr::memmem;
use serde_json::Value;
use std::cmp::Ordering;
use std::time::Duration;

/// A cursor value, as far as its order is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Cursor {
    /// A whole number, of any JSON spelling that is one: also a string of digits only.
    Integer(i128),
    /// Any other number.
    Number(f64),
    /// A moment: a timestamp, or a day's beginning.
    Moment(Timestamp),
    /// Text whose order is not known.
    Opaque(String),
}

impl Cursor {
    /// Reads a JSON scalar as it is written. None for null, objects and arrays.
    pub fn read(json: &str) -> Option<Self> {
        match serde_json::from_str::<Value>(json).ok()? {
            Value::Number(number) => Some(Self::of_number(json.trim(), number.as_f64()?)),
            Value::String(text) => Some(Self::of_text(text)),
            _ => None,
        }
    }

    fn of_number(written: &str, number: f64) -> Self {
        written.parse().map_or(Cursor::Number(number), Cursor::Integer)
    }

    fn of_text(text: String) -> Self {
        if !text.is_empty() && text.len() < 30 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map_or(Cursor::Opaque(text), Cursor::Integer);
        }
        let moment = text.parse::<Timestamp>().ok().or_else(|| {
            let civil = text
                .parse::<DateTime>()
                .ok()
                .or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())));
            Some(civil?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        });
        moment.map_or(Cursor::Opaque(text), Cursor::Moment)
    }

    /// In words, for people.
    pub fn describe(&self) -> String {
        match self {
            Cursor::Integer(number) => number.to_string(),
            Cursor::Number(number) => number.to_string(),
            Cursor::Moment(moment) => moment.to_string(),
            Cursor::Opaque(text) => text.clone(),
        }
    }

    /// Whether the order of such values is known.
    pub fn is_ordered(&self) -> bool {
        !matches!(self, Cursor::Opaque(_))
    }

    /// The moment so many days after another, which is given as epoch milliseconds and the time since. None past the
    /// end of the calendar.
    pub fn days_after(start: i64, since: Duration, days: i64) -> Option<Self> {
        let since = i64::try_from(since.as_millis()).ok()?.checked_add(days.checked_mul(24 * 60 * 60 * 1_000)?)?;
        Timestamp::from_millisecond(start.checked_add(since)?).ok().map(Cursor::Moment)
    }

    /// The days from `earlier` to this moment; None where they are no moments.
    pub fn days_since(&self, earlier: &Cursor) -> Option<i64> {
        match (self, earlier) {
            (Cursor::Moment(later), Cursor::Moment(earlier)) => {
                Some((later.as_second() - earlier.as_second()) / (24 * 60 * 60))
            }
            _ => None,
        }
    }
}

impl PartialOrd for Cursor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Cursor::Integer(one), Cursor::Integer(other)) => Some(one.cmp(other)),
            (Cursor::Number(one), Cursor::Number(other)) => one.partial_cmp(other),
            (Cursor::Integer(one), Cursor::Number(other)) => (*one as f64).partial_cmp(other),
            (Cursor::Number(one), Cursor::Integer(other)) => one.partial_cmp(&(*other as f64)),
            (Cursor::Moment(one), Cursor::Moment(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}

/// Tells whether a field of a record holds a date from some day on, without parsing the record.
#[derive(Debug)]
pub struct FieldDates {
    name: memmem::Finder<'static>,
    day: String,
}

impl FieldDates {
    /// Looks for dates after the day of that moment, in a field of that name at whatever depth.
    pub fn from(moment: Option<Cursor>, name: &str) -> Self {
        let day = match moment {
            Some(Cursor::Moment(moment)) => moment.strftime("%Y-%m-%d").to_string(),
            _ => String::new(),
        };
        FieldDates { name: memmem::Finder::new(&format!("\"{name}\"")).into_owned(), day }
    }

    /// Whether there is one in a record's data. May say so where there is none, never the other way around for dates
    /// that begin with the year.
    pub fn any_in(&self, data: &str) -> bool {
        let value = |at: usize| data[at + self.name.needle().len()..].trim_ascii_start().strip_prefix(':');
        self.name.find_iter(data.as_bytes()).filter_map(value).any(|value| {
            let text = value.trim_ascii_start().strip_prefix('"').unwrap_or_default();
            text.as_bytes().get(..self.day.len()).is_some_and(|begins| begins >= self.day.as_bytes())
        })
    }
}

/// The one scalar that a state keeps under the name of the cursor. None where there is none, or several: a state of
/// many partitions has a cursor for each.
pub fn cursor_in_state(state: &Value, cursor_field: &[String]) -> Option<Cursor> {
    let name = cursor_field.last()?;
    let mut found = Vec::new();
    collect(state, name, 0, &mut found);
    match found.as_slice() {
        [one] => Cursor::read(&one.to_string()),
        _ => None,
    }
}

/// Where that scalar stands in a state, as a JSON pointer.
pub fn cursor_place(state: &Value, cursor_field: &[String]) -> Option<String> {
    let name = cursor_field.last()?;
    let mut found = Vec::new();
    collect(state, name, 0, &mut found);
    let [one] = found.as_slice() else { return None };
    pointer_to(state, one)
}

/// Where a part of a value stands in it.
fn pointer_to(value: &Value, part: &Value) -> Option<String> {
    if std::ptr::eq(value, part) {
        return Some(String::new());
    }
    match value {
        Value::Object(members) => {
            members.iter().find_map(|(name, value)| Some(format!("/{}{}", escaped(name), pointer_to(value, part)?)))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| Some(format!("/{at}{}", pointer_to(item, part)?)))
        }
        _ => None,
    }
}

fn collect<'s>(state: &'s Value, name: &str, depth: usize, found: &mut Vec<&'s Value>) {
    match state {
        Value::Object(members) if depth < 8 => {
            for (key, value) in members {
                if key == name && !value.is_object() && !value.is_array() && !value.is_null() {
                    found.push(value);
                } else {
                    collect(value, name, depth + 1, found);
                }
            }
        }
        Value::Array(items) if depth < 8 => items.iter().for_each(|item| collect(item, name, depth + 1, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cursor_has_a_place_where_there_is_one_only() {
        let field = ["updated/at".to_owned()];
        let state = json!({"stream": {"states": [{"id": 1}, {"cursor": {"updated/at": "2024-06-09"}}]}});
        assert_eq!(cursor_place(&state, &field).as_deref(), Some("/stream/states/1/cursor/updated~1at"));
        assert_eq!(cursor_place(&json!([{"updated/at": 1}, {"updated/at": 2}]), &field), None);
    }

    #[test]
    fn values_of_one_kind_are_ordered_and_others_are_not() {
        let read = |json: &str| Cursor::read(json).expect("a scalar");
        assert!(read("9") < read("10"));
        assert!(read("\"9\"") < read("\"10\""));
        assert!(read("\"2024-01-01\"") < read("\"2024-01-01T00:00:01Z\""));
        assert!(read("\"2024-01-01T01:00:00+02:00\"") < read("\"2024-01-01T00:00:00\""));
        assert_eq!(read("\"abc\"").partial_cmp(&read("\"abd\"")), None);
        assert_eq!(Cursor::read("null"), None);
    }

    #[test]
    fn dates_from_some_day_on_are_found_without_parsing() {
        let dates = FieldDates::from(Cursor::days_after(1_700_000_000_000, Duration::ZERO, 2), "at");
        for (data, is_one) in [
            (r#"{"at":"2023-11-15T00:00:00Z"}"#, false),
            (r#"{"x":{"at" : "2024-01-01"}}"#, true),
            (r#"{"at":"2023-01-01","y":{"at":"2099-01-01"}}"#, true),
            (r#"{"at":null,"b":"at"}"#, false),
            (r#"{"at":"é"}"#, false),
            (r#"{"at":"#, false),
        ] {
            assert_eq!(dates.any_in(data), is_one, "{data}");
        }
    }

    #[test]
    fn only_a_state_with_one_cursor_has_a_cursor() {
        let path = ["updated_at".to_owned()];
        assert_eq!(cursor_in_state(&json!({"updated_at": 5, "other": 7}), &path), Some(Cursor::Integer(5)));
        assert_eq!(
            cursor_in_state(&json!({"states": [{"cursor": {"updated_at": 5}}, {"cursor": {"updated_at": 6}}]}), &path),
            None
        );
        assert_eq!(cursor_in_state(&json!({"page": 5}), &path), None);
    }
}
