//! What is done with single values, and how many of them are masked.

use crate::baseline::portrait::in_order;
use crate::suite::Normalising;
use serde_json::{Map, Number, Value};
use std::ops::AddAssign;

/// How many values are masked, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Masked {
    /// Values that something else stands for, or that are left out.
    pub masked: u64,
    /// Values.
    pub total: u64,
}

impl AddAssign for Masked {
    fn add_assign(&mut self, other: Masked) {
        self.masked += other.masked;
        self.total += other.total;
    }
}

/// The values of a record: what holds no others.
pub(super) fn leaves_of(record: &Map<String, Value>) -> u64 {
    record.values().map(leaves).sum()
}

fn leaves(value: &Value) -> u64 {
    match value {
        Value::Object(members) if !members.is_empty() => leaves_of(members),
        Value::Array(items) if !items.is_empty() => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

/// Changes a value, and says how many values are masked by that.
pub(super) fn change(value: &mut Value, action: Normalising) -> u64 {
    match action {
        Normalising::Replace => mask(value, "<masked>".to_owned()),
        Normalising::Form(form) if form.holds(value) => mask(value, format!("<{}>", form.as_str())),
        Normalising::Sort => {
            if let Value::Array(items) = value {
                items.sort_by_cached_key(|item| in_order(item).to_string());
            }
            0
        }
        Normalising::Round(digits) => {
            if let Some(rounded) = rounded(value, digits) {
                *value = rounded;
            }
            0
        }
        // What is dropped is taken out of what holds it; what lacks the form is to be seen.
        Normalising::Drop | Normalising::Form(_) => 0,
    }
}

fn mask(value: &mut Value, stands_for_it: String) -> u64 {
    let masked = leaves(value);
    *value = Value::String(stands_for_it);
    masked
}

/// None where there is nothing to round, or where the number has more digits than can be rounded.
pub(in crate::baseline) fn rounded(value: &Value, digits: u8) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = value.as_f64()?;
    let factor = 10_f64.powi(i32::from(digits));
    let rounded = (number * factor).round() / factor;
    if !rounded.is_finite() || rounded.abs() >= EXACT {
        return None;
    }
    let number = match rounded.fract() == 0.0 {
        true => Number::from(rounded as i64),
        false => Number::from_f64(rounded)?,
    };
    Some(Value::Number(number))
}
