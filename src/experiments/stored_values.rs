//! Whether a stored value is the one that was written, in whatever form a database shows it.

use super::moments::{instant, time_of_day};
use crate::feed::Exact;

/// What a value is, so far as its form may change on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text, arrays, objects: as JSON, or as the text of it.
    Plain,
    /// Anything, in a column of JSON: also as the text of it where it is a text itself.
    Json,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A day.
    Date,
    /// A moment, with a zone or without.
    Moment,
    /// A time of day, with a zone or without.
    Time,
    /// Base64.
    Binary,
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is the same.
    Kept,
    /// It is as near to it as a float, a decimal with some places, or a clock that counts seconds can be.
    Rounded,
    /// It is null, or there is no such field.
    Null,
    /// It is another value.
    Changed,
    /// It has a form that nothing is known of.
    Unknown,
}

/// What became of a value that was not null.
pub(super) fn fate(form: Form, sent: &Exact, stored: Option<&Exact>) -> Fate {
    let Some(stored) = stored.filter(|stored| !stored.is_null()) else { return Fate::Null };
    if sent.is_kept_in(stored) {
        return Fate::Kept;
    }
    match form {
        Form::Plain => Fate::Changed,
        // A database without booleans has 0 and 1.
        Form::Json if matches!(sent.to_string().as_str(), "true" | "false") => {
            boolean(&sent.to_string(), &plain(stored))
        }
        Form::Json => match stored.text().is_some_and(|text| Exact::of(text).is_ok_and(|inner| inner == *sent)) {
            true => Fate::Kept,
            false => Fate::Changed,
        },
        Form::Boolean => boolean(&sent.to_string(), &plain(stored)),
        Form::Integer | Form::Number => number(form, sent, stored),
        Form::Date | Form::Moment => moment(sent, stored),
        Form::Time => time(sent, stored),
        Form::Binary => match stored.text().is_some_and(is_hexadecimal) {
            true => Fate::Unknown,
            false => Fate::Changed,
        },
    }
}

/// A text without its quotes, or the JSON of anything else.
fn plain(value: &Exact) -> String {
    value.text().map_or_else(|| value.to_string(), str::to_owned)
}

fn boolean(sent: &str, stored: &str) -> Fate {
    let is_same = match stored.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "y" | "yes" => sent == "true",
        "false" | "f" | "0" | "n" | "no" => sent == "false",
        _ => false,
    };
    if is_same { Fate::Kept } else { Fate::Changed }
}

/// A decimal of nine places, as many warehouses have, or a float.
fn number(form: Form, sent: &Exact, stored: &Exact) -> Fate {
    const NEAR: f64 = 1e-9;
    // A database may show a number as the text of it.
    let stored = plain(stored);
    if Exact::of(&stored).is_ok_and(|stored| stored == *sent) {
        return Fate::Kept;
    }
    let (Ok(sent), Ok(stored)) = (sent.to_string().parse::<f64>(), stored.parse::<f64>()) else { return Fate::Changed };
    let is_near = (sent - stored).abs() <= NEAR.max(sent.abs() * NEAR);
    match form {
        Form::Number if is_near => Fate::Rounded,
        // Beyond 64 bits a float is what is left.
        _ if is_near && sent.abs() > i64::MAX as f64 => Fate::Rounded,
        _ => Fate::Changed,
    }
}

fn moment(sent: &Exact, stored: &Exact) -> Fate {
    let (Some(sent), Some(found)) = (sent.text().and_then(instant), instant(&plain(stored))) else {
        return Fate::Unknown;
    };
    near(sent, found)
}

fn time(sent: &Exact, stored: &Exact) -> Fate {
    let (Some(sent), Some(found)) = (sent.text().and_then(time_of_day), time_of_day(&plain(stored))) else {
        return Fate::Unknown;
    };
    near(sent, found)
}

/// Of two numbers of nanoseconds: no clock of a database counts more than microseconds, and some count seconds.
fn near(sent: i128, stored: i128) -> Fate {
    match (sent - stored).abs() {
        0..=1_000 => Fate::Kept,
        1_001..1_000_000_000 => Fate::Rounded,
        _ => Fate::Changed,
    }
}

fn is_hexadecimal(text: &str) -> bool {
    let digits = text.trim_start_matches("\\x").trim_start_matches("0x");
    digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate_of(form: Form, sent: &str, stored: &str) -> Fate {
        fate(form, &Exact::of(sent).expect("JSON"), Some(&Exact::of(stored).expect("JSON")))
    }

    #[test]
    fn a_value_is_the_same_in_the_forms_that_databases_have() {
        for (form, sent, stored) in [
            (Form::Plain, r#"{"a":1}"#, r#""{\"a\":1.0}""#),
            (Form::Json, r#""x""#, r#""\"x\"""#),
            (Form::Boolean, "true", "1"),
            (Form::Json, "true", "1"),
            (Form::Boolean, "false", r#""f""#),
            (Form::Integer, "9007199254740993", r#""9007199254740993""#),
            (Form::Number, "1e2", r#""100.000""#),
            (Form::Date, r#""2021-01-23 BC""#, r#""-2020-01-23""#),
            (Form::Moment, r#""2022-11-22T01:23:45.123456+05:00""#, r#""2022-11-21 20:23:45.123456+00""#),
            (Form::Moment, r#""2022-11-22T01:23:45Z""#, "1669080225000"),
            (Form::Time, r#""01:23:45+05:00""#, r#""20:23:45Z""#),
        ] {
            assert_eq!(fate_of(form, sent, stored), Fate::Kept, "{sent} as {stored}");
        }
    }

    #[test]
    fn a_value_that_is_another_is_told_from_one_that_is_near() {
        for (form, sent, stored, fate) in [
            (Form::Number, "0.1234567890123456789", "0.12345678901234568", Fate::Rounded),
            (Form::Number, "123.456", "123.46", Fate::Changed),
            (Form::Integer, "9007199254740993", "9007199254740992", Fate::Changed),
            (Form::Integer, "99999999999999999999", "100000000000000000000", Fate::Rounded),
            (Form::Moment, r#""2022-11-22T01:23:45.5Z""#, r#""2022-11-22T01:23:45Z""#, Fate::Rounded),
            (Form::Moment, r#""2022-11-22T01:23:45+05:00""#, r#""2022-11-22T01:23:45Z""#, Fate::Changed),
            (Form::Moment, r#""2022-11-22T01:23:45Z""#, r#""Tuesday""#, Fate::Unknown),
            (Form::Plain, r#""""#, "null", Fate::Null),
            (Form::Boolean, "false", r#""""#, Fate::Changed),
            (Form::Binary, r#""3q2+7w==""#, r#""\\xdeadbeef""#, Fate::Unknown),
        ] {
            assert_eq!(fate_of(form, sent, stored), fate, "{sent} as {stored}");
        }
    }
}
