//! Durations and sizes as people write them: `10s`, `4GiB`.

use std::time::Duration;

const DURATIONS: [(&str, f64); 5] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("min", 60.0), ("h", 3600.0)];
const SIZES: [(&str, u64); 9] = [
    ("B", 1),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];
/// No launch is waited for longer than a year.
const MAX_SECONDS: f64 = 366.0 * 86_400.0;
/// More than any machine has, and exact as a float.
const MAX_BYTES: f64 = (1_u64 << 50) as f64;

/// A positive duration with its unit.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let (_, seconds) = DURATIONS.into_iter().find(|(name, _)| *name == unit)?;
    let seconds = number * seconds;
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    (seconds <= MAX_SECONDS && !duration.is_zero()).then_some(duration)
}

/// A positive size in bytes; without unit the number is bytes. Units may be written in any case.
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let unit = if unit.is_empty() { "B" } else { unit };
    let (_, bytes) = SIZES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let bytes = number * bytes as f64;
    (1.0..=MAX_BYTES).contains(&bytes).then_some(bytes as u64)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_with_their_units() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("1.5 h"), Some(Duration::from_secs(5400)));
        assert_eq!(["10", "0s", "s", "-1s", "1d", "1e9s", "999999999h", ""].map(duration), [None; 8]);
        assert_eq!(size("4GiB"), Some(4 << 30));
        assert_eq!(size("1.5kb"), Some(1500));
        assert_eq!(size("640"), Some(640));
        assert_eq!(["0", "4G", "-1", "99999999TB", "GiB", ""].map(size), [None; 6]);
    }
}
