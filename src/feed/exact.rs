//! JSON compared digit by digit: no number goes through a float.

use serde_json::Value;
use std::fmt;

/// Stands before the digits of a number, so that no text of a connector's is taken for one.
const MARK: &str = "\u{0}#";

/// A JSON value of which numbers keep all their digits. Equal where the JSON means the same: `1`, `1.0` and `1e0` are one
/// number, and the order of members makes no difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact(Value);

impl Exact {
    /// The value that a JSON text stands for. Errs where it is none.
    pub fn of(json: &str) -> Result<Exact, serde_json::Error> {
        // A tree of the same form, with texts in place of numbers.
        serde_json::from_str(&without_numbers(json)).map(Exact)
    }

    /// The member at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<Exact> {
        self.0.pointer(pointer).cloned().map(Exact)
    }

    /// The same without a member of the top level.
    pub fn without(mut self, member: &str) -> Exact {
        if let Value::Object(members) = &mut self.0 {
            members.shift_remove(member);
        }
        self
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        self.0.as_str().filter(|text| !text.starts_with(MARK))
    }

    /// The double that is closest to it, where it is a number.
    pub fn float(&self) -> Option<f64> {
        self.0.as_str()?.strip_prefix(MARK)?.parse().ok()
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.0.is_null()
    }

    /// The pointers of the first differences of another value from this one.
    pub fn differences(&self, other: &Exact) -> Vec<String> {
        /// How many are looked for.
        const TOLD: usize = 50;
        let mut found = Vec::new();
        compare(&self.0, &other.0, &mut String::new(), &mut found);
        found.truncate(TOLD);
        found
    }

    /// Whether a destination that stored that value kept this one: as JSON, or as the text of it.
    pub fn is_kept_in(&self, stored: &Exact) -> bool {
        let is_text_of_it = || match (self.text(), stored.text()) {
            (None, Some(text)) => Exact::of(text).is_ok_and(|inner| inner == *self),
            _ => false,
        };
        self == stored || is_text_of_it()
    }
}

impl fmt::Display for Exact {
    /// As JSON; numbers as plainly as they can be written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::String(text) => match text.strip_prefix(MARK) {
                Some(number) => f.write_str(&written(number)),
                None => write!(f, "{}", self.0),
            },
            Value::Array(items) => {
                f.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    let comma = if place > 0 { "," } else { "" };
                    write!(f, "{comma}{}", Exact(item.clone()))?;
                }
                f.write_str("]")
            }
            Value::Object(members) => {
                f.write_str("{")?;
                for (place, (name, member)) in members.iter().enumerate() {
                    let comma = if place > 0 { "," } else { "" };
                    write!(f, "{comma}{}:{}", Value::from(name.as_str()), Exact(member.clone()))?;
                }
                f.write_str("}")
            }
            plain => write!(f, "{plain}"),
        }
    }
}

/// A number in one form, written out where it is not too long.
fn written(number: &str) -> String {
    let Some((digits, power)) = number.split_once('e') else { return number.to_owned() };
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    match power.parse::<i64>() {
        Ok(power @ 0..=40) => format!("{sign}{digits}{}", "0".repeat(power as usize)),
        Ok(power @ -40..0) => {
            let places = power.unsigned_abs() as usize;
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            format!("{sign}{whole}.{fraction}")
        }
        _ => number.to_owned(),
    }
}

fn compare(one: &Value, other: &Value, at: &mut String, found: &mut Vec<String>) {
    let length = at.len();
    let mut step = |name: &str, one: Option<&Value>, other: Option<&Value>, found: &mut Vec<String>| {
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        match (one, other) {
            (Some(one), Some(other)) => compare(one, other, at, found),
            _ => found.push(at.clone()),
        }
        at.truncate(length);
    };
    match (one, other) {
        (Value::Object(members), Value::Object(others)) => {
            let new = others.keys().filter(|name| !members.contains_key(*name));
            for name in members.keys().chain(new) {
                step(name, members.get(name), others.get(name), found);
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            for place in 0..items.len().max(others.len()) {
                step(&place.to_string(), items.get(place), others.get(place), found);
            }
        }
        _ if one == other => {}
        _ => found.push(at.clone()),
    }
}

/// The text with each number written as a text of its value.
fn without_numbers(json: &str) -> String {
    let mut written = String::with_capacity(json.len() + 64);
    let mut rest = json;
    let (mut is_within_text, mut is_escaped) = (false, false);
    while let Some(next) = rest.chars().next() {
        if !is_within_text && (next == '-' || next.is_ascii_digit()) {
            let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
            written.push_str(&Value::from(format!("{MARK}{}", plain(&rest[..end]))).to_string());
            rest = &rest[end..];
            continue;
        }
        match next {
            _ if is_escaped => is_escaped = false,
            '\\' if is_within_text => is_escaped = true,
            '"' => is_within_text = !is_within_text,
            _ => {}
        }
        written.push(next);
        rest = &rest[next.len_utf8()..];
    }
    written
}

/// A number in one form: its digits without zeros at either end, and the power of ten of the last.
fn plain(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_end_matches('0');
    let zeros = all.len() - significant.len();
    let significant = significant.trim_start_matches('0');
    let Ok(exponent) = exponent.parse::<i64>() else { return number.to_owned() };
    if significant.is_empty() {
        return "0".to_owned();
    }
    let power = exponent.saturating_add(zeros as i64).saturating_sub(fraction.len() as i64);
    format!("{sign}{significant}e{power}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(one: &str, other: &str) -> bool {
        Exact::of(one).expect("JSON") == Exact::of(other).expect("JSON")
    }

    #[test]
    fn numbers_are_the_same_where_their_values_are_and_no_digit_is_lost() {
        for (one, other) in [("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0.10", "1e-1"), ("-12.50", "-1.25E+1")] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [("9007199254740993", "9007199254740992"), ("1", "-1"), ("1", "\"1\""), ("0.1", "0.11")] {
            assert!(!is_same(one, other), "{one} {other}");
        }
        let nines = "9".repeat(39);
        assert!(is_same(&nines, &nines) && !is_same(&nines, "1e39"));
    }

    #[test]
    fn a_value_is_written_plainly() {
        for json in ["12", "-0.05", "1200", "[1,{\"a\":null}]", "\"12\"", "1e99", "1.5", "0", "9007199254740993"] {
            assert_eq!(Exact::of(json).expect("JSON").to_string(), json);
        }
    }

    #[test]
    fn members_have_no_order_items_have_and_texts_stay_texts() {
        assert!(is_same(r#"{"a":1,"b":"x\"1"}"#, r#"{ "b" : "x\"1", "a" : 1.0 }"#));
        assert!(!is_same("[1,2]", "[2,1]") && !is_same(r#"{"a":null}"#, "{}"));
        let text = Exact::of(r#""12""#).expect("JSON");
        assert_eq!((text.text(), Exact::of("12").expect("JSON").text()), (Some("12"), None));
    }

    #[test]
    fn differences_are_told_by_their_places() {
        let one = Exact::of(r#"{"a":{"b/c":[1,2]},"d":1}"#).expect("JSON");
        let other = Exact::of(r#"{"a":{"b/c":[1,3]},"e":1}"#).expect("JSON");
        assert_eq!(one.differences(&other), ["/a/b~1c/1", "/d", "/e"]);
    }

    #[test]
    fn a_value_is_kept_as_json_or_as_its_text() {
        let exact = |json: &str| Exact::of(json).expect("JSON");
        assert!(exact("9007199254740993").is_kept_in(&exact(r#""9007199254740993""#)));
        assert!(exact(r#"{"a":[1]}"#).is_kept_in(&exact(r#""{\"a\": [1.0]}""#)));
        assert!(!exact(r#""1""#).is_kept_in(&exact("1")) && exact(r#""1""#).is_kept_in(&exact(r#""1""#)));
    }
}
