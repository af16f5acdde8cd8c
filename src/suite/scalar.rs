//! What a plain YAML scalar means: the core schema of YAML 1.2, as JSON.
//!
//! Unlike in YAML 1.1, `yes`, `no`, `on`, `off` and dates are text.

use super::yaml::{Kind, Node};
use serde_json::{Number, Value};

/// The value of a plain scalar. Errs with why JSON cannot hold it.
pub(super) fn resolve(text: &str) -> Result<Value, &'static str> {
    match text {
        _ if is_null(text) => Ok(Value::Null),
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => Err("JSON has no such number"),
        _ => match number(text) {
            Some(number) => number.map(Value::Number),
            None => Ok(Value::String(text.to_owned())),
        },
    }
}

/// A tree as JSON, as it is written. None where JSON can't hold a part of it.
pub(super) fn plain(node: &Node) -> Option<Value> {
    match &node.kind {
        Kind::Scalar { text, plain: true } => resolve(text).ok(),
        Kind::Scalar { text, plain: false } => Some(Value::String(text.clone())),
        Kind::Sequence(items) => items.iter().map(plain).collect(),
        Kind::Mapping(entries) => {
            entries.iter().map(|(key, entry)| Some((key.clone(), plain(&entry.value)?))).collect()
        }
    }
}

/// Whether a plain scalar stands for nothing.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn number(text: &str) -> Option<Result<Number, &'static str>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if is_digits(unsigned, 10) {
        let signed = text.strip_prefix('+').unwrap_or(text);
        let number = signed.parse::<u64>().map(Number::from).or_else(|_| signed.parse::<i64>().map(Number::from));
        return Some(number.map_err(|_| "the number has more digits than can be kept"));
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix).filter(|digits| is_digits(digits, radix)) {
            let number = u64::from_str_radix(digits, radix).map(Number::from);
            return Some(number.map_err(|_| "the number has more digits than can be kept"));
        }
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Err("JSON has no such number"));
    }
    is_float(unsigned).then(|| {
        let number = text.parse().ok().and_then(Number::from_f64);
        number.ok_or("the number is too large")
    })
}

fn is_digits(text: &str, radix: u32) -> bool {
    !text.is_empty() && text.chars().all(|digit| digit.is_digit(radix))
}

fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.is_empty() || is_digits(part, 10);
    // `1.` is a number in the core schema, `.` is not.
    is_digits(exponent, 10) && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("True", json!(true)),
            ("off", json!("off")),
            ("yes", json!("yes")),
            ("-12", json!(-12)),
            ("+7", json!(7)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("1.5e3", json!(1500.0)),
            (".5", json!(0.5)),
            ("1.", json!(1.0)),
            (".", json!(".")),
            ("1e", json!("1e")),
            ("1.2.3", json!("1.2.3")),
            ("2024-01-01", json!("2024-01-01")),
            ("nan", json!("nan")),
            ("e5", json!("e5")),
        ] {
            assert_eq!(resolve(text), Ok(value), "{text}");
        }
        for text in [".inf", "-.INF", ".nan", "18446744073709551616", "1e999"] {
            assert!(resolve(text).is_err(), "{text}");
        }
    }
}
