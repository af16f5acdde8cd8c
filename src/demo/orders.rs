//! The demo source's data: made from numbers, the same each time, and written straight as bytes, since the bench asks
//! for a million orders.

/// Seconds from the epoch to 2024-01-01.
const BEGINNING: u64 = 1_704_067_200;

/// Seconds between two orders.
const STEP: u64 = 61;

const STATES: [&str; 4] = ["placed", "paid", "shipped", "returned"];

/// Appends the RECORD of order `number`, counted from 1.
pub(super) fn order(out: &mut Vec<u8>, number: u64, emitted_at: &str) {
    out.extend_from_slice(br#"{"type":"RECORD","record":{"stream":"orders","data":{"id":"#);
    decimal(out, number);
    out.extend_from_slice(br#","customer_id":"#);
    decimal(out, number * 7919 % 25 + 1);
    out.extend_from_slice(br#","status":""#);
    out.extend_from_slice(STATES[(number % 4) as usize].as_bytes());
    out.extend_from_slice(br#"","total":"#);
    decimal(out, number * 31 % 900 + 10);
    out.extend_from_slice(br#".25,"note":"#);
    out.extend_from_slice(if number.is_multiple_of(5) { br#""gift""# } else { b"null" });
    out.extend_from_slice(br#","lines":[{"sku":"A-"#);
    decimal(out, number % 97 + 100);
    out.extend_from_slice(br#"","quantity":"#);
    decimal(out, number % 3 + 1);
    out.extend_from_slice(br#"}],"updated_at":""#);
    moment(out, number);
    out.extend_from_slice(br#""},"emitted_at":"#);
    out.extend_from_slice(emitted_at.as_bytes());
    out.extend_from_slice(b"}}\n");
}

/// Appends the RECORD of customer `number`, counted from 1.
pub(super) fn customer(out: &mut Vec<u8>, number: u64, emitted_at: &str) {
    out.extend_from_slice(br#"{"type":"RECORD","record":{"stream":"customers","data":{"id":"#);
    decimal(out, number);
    out.extend_from_slice(",\"name\":\"Müller & Søn № ".as_bytes());
    decimal(out, number);
    out.extend_from_slice(br#"","vip":"#);
    out.extend_from_slice(if number.is_multiple_of(4) { b"true" } else { b"false" });
    out.extend_from_slice(br#"},"emitted_at":"#);
    out.extend_from_slice(emitted_at.as_bytes());
    out.extend_from_slice(b"}}\n");
}

/// Appends the RECORD of event `number`, counted from 1: the source's own journal, with a number for a cursor.
pub(super) fn event(out: &mut Vec<u8>, number: u64, emitted_at: &str) {
    out.extend_from_slice(br#"{"type":"RECORD","record":{"stream":"events","data":{"sequence":"#);
    decimal(out, number);
    out.extend_from_slice(br#","order_id":"#);
    decimal(out, number * 2);
    out.extend_from_slice(br#","kind":"order_changed"},"emitted_at":"#);
    out.extend_from_slice(emitted_at.as_bytes());
    out.extend_from_slice(b"}}\n");
}

/// The cursor of an order: when it was last changed, RFC 3339.
pub(super) fn moment(out: &mut Vec<u8>, number: u64) {
    let seconds = BEGINNING + (number - 1) * STEP;
    let (year, month, day) = civil(seconds / 86_400);
    padded(out, year, 4);
    out.push(b'-');
    padded(out, month, 2);
    out.push(b'-');
    padded(out, day, 2);
    out.push(b'T');
    padded(out, seconds / 3600 % 24, 2);
    out.push(b':');
    padded(out, seconds / 60 % 60, 2);
    out.push(b':');
    padded(out, seconds % 60, 2);
    out.push(b'Z');
}

/// Year, month and day of a day since the epoch (the usual algorithm over 400-year eras).
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

fn padded(out: &mut Vec<u8>, number: u64, width: u32) {
    (0..width).rev().for_each(|place| out.push(b'0' + (number / 10_u64.pow(place) % 10) as u8));
}

fn decimal(out: &mut Vec<u8>, number: u64) {
    padded(out, number, number.max(1).ilog10() + 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_json_and_moments_are_on_the_calendar() {
        for number in [1, 9, 10, 1_000, 86_400, 999_999, 1_000_000] {
            for write in [order, customer, event] {
                let mut out = Vec::new();
                write(&mut out, number, "1700000000000");
                let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
                if let Some(moment) = value.pointer("/record/data/updated_at").and_then(|moment| moment.as_str()) {
                    let expected = jiff::Timestamp::from_second((BEGINNING + (number - 1) * STEP) as i64);
                    assert_eq!(moment, expected.expect("a moment").to_string());
                }
            }
        }
    }
}
