//! Measures in buckets, so that data which move a little make no change.
//!
//! A bucket by itself has sharp edges: of a thousand streams, some always lie beside one, and a single new record would move
//! them across. So each bucket of the accepted baseline holds on to a measure that is near: what is accepted stays as it is
//! until the measure is clearly elsewhere. Without an accepted baseline, the bucket is the plain one.
//!
//! - **Counts** are written with two significant digits. The accepted count stays while there are at least seven tenths and at
//!   most one and a half times as many, or two more or less; none and some are never the same. So a few more rows make no
//!   change, and half of them missing does, wherever the count lies. Of so few records that two more or less hide a
//!   half, the baseline of records has all.
//! - **Shares** are never, some (less than half), most, always. The accepted one of some and most stays between two and
//!   three fifths; never and always stay by no means, since one more null says something.
//! - **Extents** (lengths by powers of two, magnitudes by powers of ten, years) stay while an end is at most one bucket away.

use serde_json::{Value, json};

/// How many records there are.
pub(super) fn count(exact: u64, accepted: Option<&Value>) -> Value {
    if let Some(then) = accepted.and_then(Value::as_u64) {
        let (low, high) = (then as f64 * 0.7, then as f64 * 1.5);
        let is_near = (low..=high).contains(&(exact as f64)) || exact.abs_diff(then) <= 2;
        if is_near && (exact == 0) == (then == 0) {
            return json!(then);
        }
    }
    let unit = 10_u64.pow(exact.checked_ilog10().unwrap_or(0).saturating_sub(1));
    json!(exact / unit * unit)
}

/// How often something is so, of how many times.
pub(super) fn share(part: u64, whole: u64, accepted: Option<&Value>) -> Value {
    let share = part as f64 / whole.max(1) as f64;
    let is_between = part > 0 && part < whole;
    if let Some(then @ ("some" | "most")) = accepted.and_then(Value::as_str)
        && is_between
        && (0.4..=0.6).contains(&share)
    {
        return json!(then);
    }
    json!(match () {
        () if part == 0 => "never",
        () if !is_between => "always",
        () if share < 0.5 => "some",
        () => "most",
    })
}

/// What kind of buckets an extent has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scale {
    /// Powers of two.
    Lengths,
    /// Powers of ten, on both sides of zero. Below one is zero.
    Magnitudes,
    /// Single years.
    Years,
}

impl Scale {
    /// The bucket of a measure.
    fn bucket(self, measure: f64) -> i64 {
        match self {
            Scale::Years => measure as i64,
            _ if measure.abs() < 1.0 => 0,
            Scale::Lengths => measure.log2().floor() as i64 + 1,
            // A thousand has a logarithm just below three.
            Scale::Magnitudes => (((measure.abs().log10() + 1e-9).floor() as i64) + 1) * measure.signum() as i64,
        }
    }

    /// What is written for a bucket: its end that is nearer to zero.
    fn written(self, bucket: i64) -> Value {
        match self {
            Scale::Years => json!(bucket),
            _ if bucket == 0 => json!(0),
            Scale::Lengths => json!(1_u64 << (bucket - 1).min(63)),
            Scale::Magnitudes => match bucket.abs() {
                small @ ..=18 => json!(10_i64.pow(small as u32 - 1) * bucket.signum()),
                large => json!(10_f64.powi(large as i32 - 1) * bucket.signum() as f64),
            },
        }
    }
}

/// From the least to the greatest measure, each as its bucket.
pub(super) fn extent(scale: Scale, (least, greatest): (f64, f64), accepted: Option<&Value>) -> Value {
    let end = |name: &str, measure: f64| {
        let now = scale.bucket(measure);
        let then = accepted.and_then(|extent| extent.get(name));
        let stays = then.and_then(Value::as_f64).is_some_and(|then| scale.bucket(then).abs_diff(now) <= 1);
        then.filter(|_| stays).cloned().unwrap_or_else(|| scale.written(now))
    };
    json!({ "least": end("least", least), "greatest": end("greatest", greatest) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_more_records_make_no_change_and_half_of_them_missing_does() {
        for exact in [5, 9, 10, 99, 100, 1_000, 1_023, 1_024, 99_999, 100_000, 3_456_789] {
            let accepted = count(exact, None);
            for more in [0, 1, exact / 20, exact / 4] {
                assert_eq!(count(exact + more, Some(&accepted)), accepted, "{more} more than {exact}");
            }
            assert_eq!(count(exact - exact / 10, Some(&accepted)), accepted);
            assert_ne!(count(exact / 2, Some(&accepted)), accepted, "half of {exact}");
            assert_ne!(count(exact * 2, Some(&accepted)), accepted, "twice {exact}");
            assert_ne!(count(0, Some(&accepted)), accepted);
        }
        assert_eq!(count(1, Some(&json!(0))), json!(1));
        assert_eq!((count(0, None), count(12_345, None)), (json!(0), json!(12_000)));
    }

    #[test]
    fn shares_hold_near_a_half_alone() {
        assert_eq!(share(0, 10, Some(&json!("some"))), json!("never"));
        assert_eq!(share(1, 1_000, Some(&json!("never"))), json!("some"));
        assert_eq!(share(10, 10, Some(&json!("most"))), json!("always"));
        assert_eq!((share(49, 100, None), share(51, 100, None)), (json!("some"), json!("most")));
        assert_eq!(share(51, 100, Some(&json!("some"))), json!("some"));
        assert_eq!(share(70, 100, Some(&json!("some"))), json!("most"));
    }

    #[test]
    fn extents_move_by_more_than_one_bucket() {
        let lengths = |least, greatest, then: Option<&Value>| extent(Scale::Lengths, (least, greatest), then);
        let then = lengths(3.0, 40.0, None);
        assert_eq!(then, json!({"least": 2, "greatest": 32}));
        assert_eq!(lengths(4.0, 70.0, Some(&then)), then);
        assert_eq!(lengths(3.0, 200.0, Some(&then)), json!({"least": 2, "greatest": 128}));
        let numbers = |least, greatest| extent(Scale::Magnitudes, (least, greatest), None);
        assert_eq!(numbers(-250.0, 1_000.0), json!({"least": -100, "greatest": 1000}));
        assert_eq!(numbers(0.0, 1e30)["greatest"], json!(1e30));
        assert_eq!(
            extent(Scale::Years, (2023.0, 2026.0), Some(&json!({"least": 2023, "greatest": 2025})))["greatest"],
            2025
        );
    }
}
