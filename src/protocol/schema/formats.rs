//! The temporal formats that the protocol gives a meaning to: `date`, `time` and `date-time`.
//!
//! The grammar is that of the protocol's well-known types: an optional ` BC`, offsets of one or two hour digits, any
//! number of fractional digits. With or without a zone both pass here, since a schema's `format` does not say which is
//! meant; `airbyte_type` does.

/// How a value stands to a format's grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// As the protocol writes it.
    Strict,
    /// Not so, but in a form that Airbyte's own acceptance tests and most destinations take: a space for the `T`, an
    /// offset without colon, lower-case letters.
    Lenient,
    /// Not a value of the format.
    No,
}

/// Says whether a text is a value of a format.
pub(super) type Check = fn(&str) -> bool;

/// The formats that are asserted, each with its check.
pub(super) const ALL: [(&str, Check); 3] = [("date", is_date), ("time", is_time), ("date-time", is_date_time)];

/// Formats that the validator would assert by itself, and that Airbyte treats as annotations.
pub(super) const ANNOTATIONS: [&str; 14] = [
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// The check of a format, None for one that is not asserted.
pub(super) fn check_of(format: &str) -> Option<Check> {
    ALL.iter().find(|(name, _)| *name == format).map(|(_, check)| *check)
}

/// How a text stands to the grammar of `date`, `time` or `date-time`; any text is strict for another format.
pub fn grammar_of(format: &str, text: &str) -> Grammar {
    match check_of(format) {
        None => Grammar::Strict,
        Some(check) if check(text) => Grammar::Strict,
        Some(check) if check(&tidied(format, text)) => Grammar::Lenient,
        Some(_) => Grammar::No,
    }
}

/// The text with the known lenient spellings put right.
fn tidied(format: &str, text: &str) -> String {
    let mut text = text.trim().to_ascii_uppercase();
    if format == "date-time" {
        if text.as_bytes().get(10) == Some(&b' ') {
            text.replace_range(10..11, "T");
        }
        if is_date(&text) {
            text.push_str("T00:00:00");
        }
    }
    if let Some(short) = text.strip_suffix(" UTC") {
        text = format!("{short}Z");
    }
    let sign = text.len().checked_sub(5).filter(|at| matches!(text.as_bytes()[*at], b'+' | b'-'));
    if let Some(at) = sign.filter(|at| *at > 8 && text.as_bytes()[at + 1..].iter().all(u8::is_ascii_digit)) {
        text.insert(at + 3, ':');
    }
    text
}

fn is_date(text: &str) -> bool {
    let text = text.strip_suffix(" BC").unwrap_or(text).as_bytes();
    text.len() == 10 && date(text)
}

fn is_time(text: &str) -> bool {
    time(text.as_bytes())
}

fn is_date_time(text: &str) -> bool {
    let text = text.strip_suffix(" BC").unwrap_or(text).as_bytes();
    text.len() > 11 && date(&text[..10]) && text[10] == b'T' && time(&text[11..])
}

/// `YYYY-MM-DD`, a day that the calendar has.
fn date(text: &[u8]) -> bool {
    if text[4] != b'-' || text[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (digits(&text[..4]), digits(&text[5..7]), digits(&text[8..10])) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day)
}

/// `HH:MM:SS`, a fraction, a zone: the last two optional. Second 60 is a leap second.
fn time(text: &[u8]) -> bool {
    if text.len() < 8 || text[2] != b':' || text[5] != b':' {
        return false;
    }
    let (Some(hour), Some(minute), Some(second)) = (digits(&text[..2]), digits(&text[3..5]), digits(&text[6..8]))
    else {
        return false;
    };
    let mut rest = &text[8..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    hour < 24 && minute < 60 && second <= 60 && zone(rest)
}

/// Nothing, `Z`, or an offset of at most 23:59.
fn zone(text: &[u8]) -> bool {
    match text {
        [] | [b'Z'] => true,
        [b'+' | b'-', hours @ .., b':', tens, ones] if matches!(hours.len(), 1 | 2) => {
            let (hours, minutes) = (digits(hours), digits(&[*tens, *ones]));
            hours.is_some_and(|hours| hours < 24) && minutes.is_some_and(|minutes| minutes < 60)
        }
        _ => false,
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_protocol() {
        for good in ["2021-01-23", "0001-01-01", "2024-02-29", "2021-01-23 BC"] {
            assert_eq!(grammar_of("date", good), Grammar::Strict, "{good}");
        }
        for bad in ["2021-1-23", "2023-02-29", "2021-02-30", "2021/01/23", "0000-00-00", "2021-01-23T00:00:00Z", ""] {
            assert_eq!(grammar_of("date", bad), Grammar::No, "{bad}");
        }
        for good in [
            "2022-11-22T01:23:45Z",
            "2022-11-22T01:23:45.123456789-11:30",
            "2022-11-22T01:23:45+5:00",
            "2022-11-22T01:23:45Z BC",
            "2016-12-31T23:59:60Z",
            "2022-11-22T01:23:45",
        ] {
            assert_eq!(grammar_of("date-time", good), Grammar::Strict, "{good}");
        }
        for lenient in [
            "2022-11-22 01:23:45Z",
            "2022-11-22T01:23:45+0500",
            "2022-11-22t01:23:45z",
            "2022-11-22 01:23:45 UTC",
            "2022-11-22",
        ] {
            assert_eq!(grammar_of("date-time", lenient), Grammar::Lenient, "{lenient}");
        }
        for bad in
            ["2022-11-22T25:00:00Z", "2022-11-22T01:23:45+25:00", "1669080225", "", "yesterday", "2022-11-22T01:23Z"]
        {
            assert_eq!(grammar_of("date-time", bad), Grammar::No, "{bad}");
        }
        for bad in ["1:23:45Z", "24:00:00Z", "01:23"] {
            assert_eq!(grammar_of("time", bad), Grammar::No, "{bad}");
        }
        assert_eq!(grammar_of("time", "23:59:59.999999-11:30"), Grammar::Strict);
        assert_eq!(grammar_of("email", "not an address"), Grammar::Strict);
    }
}
