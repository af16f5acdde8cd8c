//! The protocol's grammar of days, times and moments (its well-known types): an optional ` BC`, any number of
//! fractional digits, offsets of at most 23:59. The calendar is the proleptic Gregorian one, and has no year 0.

/// Whether a text is a day.
pub(super) fn is_date(text: &str) -> bool {
    let text = era(text);
    text.len() == 10 && date(text)
}

/// Whether a text is a time, and if so, whether it has a zone.
pub(super) fn time_zone(text: &str) -> Option<bool> {
    time(text.as_bytes())
}

/// Whether a text is a moment, and if so, whether it has a zone.
pub(super) fn moment_zone(text: &str) -> Option<bool> {
    let text = era(text);
    if text.len() > 11 && text[10] == b'T' && date(&text[..10]) { time(&text[11..]) } else { None }
}

fn era(text: &str) -> &[u8] {
    text.strip_suffix(" BC").unwrap_or(text).as_bytes()
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

/// `HH:MM:SS`, a fraction, a zone: the last two optional. Whether there is a zone.
fn time(text: &[u8]) -> Option<bool> {
    if text.len() < 8 || text[2] != b':' || text[5] != b':' {
        return None;
    }
    let (hour, minute, second) = (digits(&text[..2])?, digits(&text[3..5])?, digits(&text[6..8])?);
    let mut rest = &text[8..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        rest = &fraction[length..];
    }
    if hour < 24 && minute < 60 && second < 60 { zone(rest) } else { None }
}

/// Nothing, `Z`, or an offset: whether it is a zone.
fn zone(text: &[u8]) -> Option<bool> {
    match text {
        [] => Some(false),
        [b'Z'] => Some(true),
        [b'+' | b'-', hours @ .., b':', tens, ones] if hours.len() == 2 => {
            (digits(hours)? < 24 && digits(&[*tens, *ones])? < 60).then_some(true)
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

/// A form that is not the protocol's and that Airbyte's acceptance tests or its grammar take, put right: what is
/// unusual about it, each a few words.
#[derive(Debug)]
pub(super) struct Tidied {
    /// In the protocol's form, if it can be brought there.
    pub text: String,
    /// What was put right.
    pub slips: Vec<&'static str>,
}

impl Tidied {
    /// Of a day: only a year of five digits.
    pub(super) fn date(text: &str) -> Self {
        let mut tidied = Tidied { text: text.to_owned(), slips: Vec::new() };
        tidied.year();
        tidied
    }

    /// Of a time.
    pub(super) fn time(text: &str) -> Self {
        let mut tidied = Tidied { text: text.to_owned(), slips: Vec::new() };
        tidied.set("lower-case letters", text.to_ascii_uppercase());
        if tidied.text == "24:00:00" {
            tidied.set("24:00:00 for the end of the day", "23:59:59".to_owned());
        }
        tidied.clock(0);
        tidied
    }

    /// Of a moment.
    pub(super) fn moment(text: &str) -> Self {
        let mut tidied = Tidied { text: text.to_owned(), slips: Vec::new() };
        tidied.set("spaces around it", text.trim().to_owned());
        tidied.set("lower-case letters", tidied.text.to_ascii_uppercase());
        tidied.year();
        tidied.set("single digits", padded(&tidied.text));
        if is_date(&tidied.text) {
            tidied.set("a day without a time", format!("{}T00:00:00", tidied.text));
        }
        if tidied.text.as_bytes().get(10) == Some(&b' ') {
            tidied.set("a space for the `T`", replaced(&tidied.text, 10, "T"));
        }
        tidied.clock(11);
        tidied
    }

    fn set(&mut self, slip: &'static str, text: String) {
        if text != self.text {
            self.slips.push(slip);
            self.text = text;
        }
    }

    fn year(&mut self) {
        let digits = self.text.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 5 && self.text.as_bytes().get(5) == Some(&b'-') {
            let text = self.text[1..].to_owned();
            let text = if text.starts_with("0000") { replaced(&text, 3, "1") } else { text };
            self.set("a year of five digits", text);
        }
    }

    /// The seconds and the zone of a time that begins at `from`.
    fn clock(&mut self, from: usize) {
        if self.text.get(from + 6..from + 8) == Some("60") {
            self.set("a leap second", replaced(&replaced(&self.text, from + 6, "5"), from + 7, "9"));
        }
        let (text, suffix) = match self.text.strip_suffix(" BC") {
            Some(text) => (text.to_owned(), " BC"),
            None => (self.text.clone(), ""),
        };
        if let Some(short) = text.strip_suffix(" UTC") {
            self.set("`UTC` for `Z`", format!("{short}Z{suffix}"));
        }
        let Some(at) = text.get(from..).and_then(|time| time.rfind(['+', '-'])).map(|at| from + at + 1) else { return };
        let offset = &text[at..];
        let (slip, offset) = match offset.as_bytes() {
            [b'0'..=b'9', b':', ..] => ("an hour of one digit in the offset", format!("0{offset}")),
            [_, _] => ("an offset without minutes", format!("{offset}:00")),
            [_, _, _, _] if offset.is_ascii() => {
                ("an offset without colon", format!("{}:{}", &offset[..2], &offset[2..]))
            }
            _ => return,
        };
        self.set(slip, format!("{}{offset}{suffix}", &text[..at]));
    }
}

/// The text with one byte, of ASCII, replaced; itself where no letter stands there alone.
fn replaced(text: &str, at: usize, with: &str) -> String {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at + 1..)) else { return text.to_owned() };
    format!("{before}{with}{after}")
}

/// A moment with a zero before each of month, day, hour, minute and second that has one digit only.
fn padded(text: &str) -> String {
    let (mut out, mut runs, mut run) = (String::with_capacity(text.len() + 5), 0, 0);
    let letters: Vec<char> = text.chars().take(64).collect();
    for (at, letter) in letters.iter().enumerate() {
        let is_digit = letter.is_ascii_digit();
        let is_alone = is_digit && run == 0 && !letters.get(at + 1).is_some_and(char::is_ascii_digit);
        if is_alone && (1..=5).contains(&runs) {
            out.push('0');
        }
        run = if is_digit { run + 1 } else { 0 };
        runs += usize::from(is_digit && run == 1);
        out.push(*letter);
    }
    if letters.len() < 64 { out } else { text.to_owned() }
}
