//! Moments in the forms that databases show them in, as numbers that can be compared. Lenient: whether a form is the
//! protocol's is for rules to say.

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// Nanoseconds since 1970, in UTC where there is a zone: of a day, of a moment, or of a number of seconds, milliseconds,
/// microseconds or nanoseconds. None where it is none of these.
pub(super) fn instant(text: &str) -> Option<i128> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i128>() {
        return Some(number * unit_of(number));
    }
    let (text, is_before_christ) = match text.strip_suffix("BC") {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (year, rest) = digits.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    let at = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, clock) = rest.split_at(at);
    let (year, month, day) = (number(year)? * sign, number(month)?, number(day)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if is_before_christ { 1 - year } else { year };
    let clock = clock.trim_start_matches(['T', 't', ' ']);
    let clock = if clock.is_empty() { 0 } else { nanoseconds(clock)? };
    Some(days_since_1970(year, month, day) * DAY + clock)
}

/// Nanoseconds since midnight, in UTC where there is a zone.
pub(super) fn time_of_day(text: &str) -> Option<i128> {
    nanoseconds(text.trim()).map(|time| time.rem_euclid(DAY))
}

/// What a number of that size counts, in nanoseconds, if it is a moment of our days.
fn unit_of(number: i128) -> i128 {
    match number.abs() {
        0..100_000_000_000 => SECOND,
        100_000_000_000..100_000_000_000_000 => SECOND / 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => SECOND / 1_000_000,
        _ => 1,
    }
}

/// Of a clock with or without fraction and zone.
fn nanoseconds(clock: &str) -> Option<i128> {
    let at = clock.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let second = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let fraction = number(&format!("{:0<9.9}", fraction))?;
    Some((hour * 3600 + minute * 60 + second - offset(zone.trim())?) * SECOND + fraction)
}

/// Seconds, of `Z`, `+05:30`, `+0530`, `+05`; none where there is no zone.
fn offset(zone: &str) -> Option<i128> {
    let (sign, digits) = match zone.as_bytes().first() {
        None => return Some(0),
        Some(b'+') => (1, &zone[1..]),
        Some(b'-') => (-1, &zone[1..]),
        Some(_) => return matches!(zone, "Z" | "z" | "UTC" | "GMT").then_some(0),
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let is_offset = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let hours = digits.len().min(if digits.len() == 3 { 1 } else { 2 });
    let part = |from: usize| digits.get(from..from + 2).map_or(Some(0), number);
    is_offset.then_some(())?;
    Some(sign * (number(&digits[..hours])? * 3600 + part(hours)? * 60 + part(hours + 2)?))
}

fn number(digits: &str) -> Option<i128> {
    let is_number = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// In the Gregorian calendar, also before there was one. Years are counted from March, so that a leap day ends one.
fn days_since_1970(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_same_in_all_their_forms() {
        for (one, other) in [
            ("1970-01-01", "0"),
            ("1970-01-01T05:30:00+05:30", "1970-01-01 00:00:00 UTC"),
            ("1970-01-01T00:00:00.5-0100", "1970-01-01T01:00:00.500000Z"),
            ("2023-11-14T22:13:20.123Z", "1700000000123"),
            ("2023-11-14T22:13:20Z", "1700000000"),
            ("0001-01-01T00:00:00Z BC", "0000-01-01 00:00:00+00"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ] {
            assert!(instant(one).is_some(), "{one}");
            assert_eq!(instant(one), instant(other), "{one} {other}");
        }
        assert_eq!(time_of_day("01:00:00+05:00"), time_of_day("20:00"));
        for none in ["", "yesterday", "2021-13-01", "2021-01-01T99:00:00Z", "2021-01-01T00:00:00 Mars", "é-1-1", "01-é"]
        {
            assert_eq!(instant(none), None, "{none}");
        }
    }
}
