//! Numbers in words: counts, byte sizes, durations.

use std::time::Duration;

/// A time in RFC 3339 for people, to the minute; as it was written where it is none.
pub fn date(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(at) => at.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        Err(_) => time.to_owned(),
    }
}

/// A number with its digits in groups of three: `1,042`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count and its noun: `1 record`, `1,042 records`, `2 launches`. Takes the singular and adds the s.
pub fn plural(number: u64, noun: &str) -> String {
    let ending = match number {
        1 => "",
        _ if ["s", "x", "ch", "sh"].iter().any(|hiss| noun.ends_with(hiss)) => "es",
        _ => "s",
    };
    format!("{} {noun}{ending}", count(number))
}

/// What stands for so many things in a sentence: `it` or `them`.
pub fn them(number: u64) -> &'static str {
    if number == 1 { "it" } else { "them" }
}

/// A size in binary units: `640 B`, `1.5 MiB`.
pub fn bytes(size: u64) -> String {
    let mut value = size as f64;
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or("B");
    for larger in units {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = larger;
    }
    if unit == "B" { format!("{size} B") } else { format!("{value:.1} {unit}") }
}

/// A duration as people say it: `320 ms`, `2.4 s`, `3 min 5 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{} ms", duration.as_millis())
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = duration.as_secs();
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

/// Bytes in hex, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seconds in words, as [`duration`] has them. What is no duration is none.
pub fn seconds(seconds: f64) -> String {
    duration(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((count(7).as_str(), count(1_042).as_str(), count(1_000_000).as_str()), ("7", "1,042", "1,000,000"));
        assert_eq!((plural(1, "record").as_str(), plural(2, "record").as_str()), ("1 record", "2 records"));
        assert_eq!((bytes(640).as_str(), bytes(1_572_864).as_str()), ("640 B", "1.5 MiB"));
        assert_eq!(duration(Duration::from_millis(320)), "320 ms");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 5 s");
    }
}
