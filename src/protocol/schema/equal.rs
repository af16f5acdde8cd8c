//! When two JSON values are the same to a schema.

use serde_json::{Number, Value};

/// A text that is the same for values that JSON Schema takes for equal and no others: `1` and `1.0`, objects whatever
/// the order of their members.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => text.push_str(&digits(number)),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                text.push_str(&format!("{}:", Value::from(name.as_str())));
                write(value, text);
                text.push(',');
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn digits(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() && value == 0.0 => "0".to_owned(),
        // All digits of a whole number, without a point, as integers are written.
        Some(value) if number.is_f64() && value.fract() == 0.0 => format!("{value:.0}"),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_values_have_the_same_text() {
        let same = [
            (json!(1), json!(1.0)),
            (json!(0), json!(-0.0)),
            (json!(100), json!(1e2)),
            (json!({"a": 1, "b": [2]}), json!({"b": [2.0], "a": 1})),
        ];
        same.iter().for_each(|(one, other)| assert_eq!(canonical(one), canonical(other)));
        let different = [
            (json!(1), json!("1")),
            (json!(1), json!(true)),
            (json!(1), json!(1.5)),
            (json!("a"), json!("A")),
            (json!(null), json!("null")),
            (json!([1, [2]]), json!([[1], 2])),
            (json!({"a": 1}), json!({"a": 1, "b": null})),
            (json!(["a\",\"b"]), json!(["a", "b"])),
        ];
        different.iter().for_each(|(one, other)| assert_ne!(canonical(one), canonical(other)));
    }
}
