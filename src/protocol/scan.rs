//! What is odd within the JSON of a line that can be read all the same: members that stand twice, halves of surrogate
//! pairs, NUL, extreme depth and extreme numbers.
//!
//! One pass over the bytes, without recursion, bounded in memory whatever the line holds. It costs more than decoding
//! does, so whoever asks for it should have a reason, or ask for the first records only.

use super::schema::escaped;
use std::borrow::Cow;
use std::collections::HashSet;

/// How deep arrays and objects may nest: what Jackson, the platform's parser, reads unless told otherwise.
pub const DEEPEST: usize = 1_000;

/// How many characters a number may have: likewise.
pub const LONGEST_NUMBER: usize = 1_000;

/// How deep members are told apart. What is deeper is only counted.
const TRACKED: usize = DEEPEST + 100;

/// How many names are held at a time; those beyond are not compared.
const NAMES: usize = 200_000;

/// Up to so many names of an object are compared one by one.
const FEW: usize = 16;

/// Members whose content the protocol leaves to the connector.
const FREE: [&[u8]; 6] =
    [b"data", b"stream_state", b"shared_state", b"json_schema", b"connectionSpecification", b"config"];

/// A place in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// JSON pointer.
    pub pointer: String,
    /// Where it begins in the line, in bytes.
    pub at: usize,
    /// Whether the name of the member is meant, not its value.
    pub is_name: bool,
    /// Whether it stands in what the protocol leaves to the connector: a record's data, a state, a schema, a config.
    pub is_free: bool,
}

/// What a scan found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Members that stand twice in their object: the first in what the protocol describes, the first in what it leaves
    /// to the connector.
    pub repeated: Vec<Spot>,
    /// The first escape of half a surrogate pair.
    pub unpaired: Option<Spot>,
    /// Escapes of U+0000: the first of each sort of place.
    pub nuls: Vec<Spot>,
    /// How deep arrays and objects nest.
    pub depth: usize,
    /// The first number of more than [`LONGEST_NUMBER`] characters, and how many it has.
    pub number: Option<(Spot, usize)>,
}

impl Scan {
    /// Scans the first JSON value of a line that is known to be valid JSON.
    pub fn of(line: &[u8]) -> Self {
        let start = memchr::memchr(b'{', line).unwrap_or(line.len());
        let mut scanner =
            Scanner { bytes: line, at: start, frames: Vec::new(), beyond: 0, names: 0, found: Scan::default() };
        scanner.run();
        scanner.found
    }

    /// Whether anything is odd.
    pub fn is_odd(&self) -> bool {
        let is_plain = self.repeated.is_empty() && self.nuls.is_empty() && self.unpaired.is_none();
        !is_plain || self.depth > DEEPEST || self.number.is_some()
    }
}

/// Whether a JSON text may hold an escape of U+0000 or of a surrogate: a search that is much cheaper than a scan.
pub fn has_odd_escape(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"\\u").any(|at| match text.get(at + 2..at + 6) {
        Some([b'd' | b'D', second, ..]) => matches!(second, b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F'),
        Some(digits) => digits == b"0000",
        None => false,
    })
}

/// The text with U+FFFD in place of each escape of half a surrogate pair, at its old length; None where it has none.
pub fn with_pairs_only(text: &str) -> Option<String> {
    let (bytes, mut at) = (text.as_bytes(), 0);
    let mut repaired: Option<String> = None;
    while let Some(next) = memchr::memchr(b'\\', bytes.get(at..)?) {
        at += next;
        let (escape, length) = Escape::read(bytes, at);
        if escape == Escape::Unpaired {
            repaired.get_or_insert_with(|| text.to_owned()).replace_range(at..at + length, "\\ufffd");
        }
        at += length;
    }
    repaired
}

/// What an escape in a string stands for, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Nul,
    Unpaired,
    Other,
}

impl Escape {
    /// The escape that begins at `at`, and its length in bytes; a surrogate pair is one.
    fn read(bytes: &[u8], at: usize) -> (Escape, usize) {
        match unit(bytes, at) {
            None => (Escape::Other, 2),
            Some(0) => (Escape::Nul, 6),
            Some(0xD800..=0xDBFF) if matches!(unit(bytes, at + 6), Some(0xDC00..=0xDFFF)) => (Escape::Other, 12),
            Some(0xD800..=0xDFFF) => (Escape::Unpaired, 6),
            Some(_) => (Escape::Other, 6),
        }
    }
}

/// The UTF-16 unit that an escape at `at` stands for.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// An object or array that is open.
struct Frame<'t> {
    is_object: bool,
    is_free: bool,
    /// Whether a member's name comes next.
    wants_name: bool,
    /// The member at hand, as written; empty in an array.
    name: &'t [u8],
    /// The item at hand.
    item: usize,
    few: Vec<Cow<'t, [u8]>>,
    many: HashSet<Cow<'t, [u8]>>,
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    frames: Vec<Frame<'t>>,
    /// Levels below the deepest frame.
    beyond: usize,
    names: usize,
    found: Scan,
}

impl<'t> Scanner<'t> {
    fn run(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'{' | b'[' => self.open(*byte == b'{'),
                b'}' | b']' => self.close(),
                b',' if self.beyond == 0 => self.next(),
                b'"' => {
                    self.string();
                    continue;
                }
                b'-' | b'0'..=b'9' => {
                    self.number();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if self.frames.is_empty() {
                return;
            }
        }
    }

    fn open(&mut self, is_object: bool) {
        self.found.depth = self.found.depth.max(self.frames.len() + self.beyond + 1);
        if self.frames.len() >= TRACKED {
            self.beyond += 1;
            return;
        }
        let is_free = match self.frames.last() {
            Some(parent) => parent.is_free || (self.frames.len() > 1 && FREE.contains(&parent.name)),
            None => false,
        };
        let (name, few, many): (&[u8], _, _) = (&[], Vec::new(), HashSet::new());
        self.frames.push(Frame { is_object, is_free, wants_name: is_object, name, item: 0, few, many });
    }

    fn close(&mut self) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(frame) = self.frames.pop() {
            self.names -= frame.few.len() + frame.many.len();
        }
    }

    fn next(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.item += 1;
            frame.wants_name = frame.is_object;
        }
    }

    fn number(&mut self) {
        let rest = &self.bytes[self.at..];
        let is_part = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        if length > LONGEST_NUMBER && self.found.number.is_none() {
            self.found.number = Some((self.spot(self.at, false), length));
        }
        self.at += length;
    }

    fn string(&mut self) {
        let start = self.at + 1;
        let is_name = self.beyond == 0 && self.frames.last().is_some_and(|frame| frame.wants_name);
        let end = self.end_of(start);
        self.at = end + 1;
        let inside = self.bytes.get(start..end).unwrap_or_default();
        if is_name && let Some(frame) = self.frames.last_mut() {
            frame.wants_name = false;
            frame.name = inside;
        }
        let has_escapes = memchr::memchr(b'\\', inside).is_some();
        if has_escapes {
            self.escapes(start, end, is_name);
        }
        if is_name {
            self.name(inside, has_escapes, start - 1);
        }
    }

    /// Where a string ends that begins at `start`: its closing quote.
    fn end_of(&self, start: usize) -> usize {
        let mut at = start;
        while let Some(next) = self.bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            if self.bytes[at + next] == b'"' {
                return at + next;
            }
            at += next + 2;
        }
        self.bytes.len()
    }

    fn escapes(&mut self, start: usize, end: usize, is_name: bool) {
        let mut at = start;
        while let Some(next) = self.bytes.get(at..end).and_then(|rest| memchr::memchr(b'\\', rest)) {
            let (escape, length) = Escape::read(&self.bytes[..end], at + next);
            match escape {
                Escape::Nul => {
                    let spot = self.spot(at + next, is_name);
                    keep(&mut self.found.nuls, spot);
                }
                Escape::Unpaired if self.found.unpaired.is_none() => {
                    self.found.unpaired = Some(self.spot(at + next, is_name));
                }
                _ => {}
            }
            at += next + length;
        }
    }

    /// Compares a member's name with those before it.
    fn name(&mut self, inside: &'t [u8], has_escapes: bool, at: usize) {
        let name = if has_escapes { unescaped(inside) } else { Cow::Borrowed(inside) };
        let has_room = self.names < NAMES;
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.few.contains(&name) || frame.many.contains(&name) {
            let spot = self.spot(at, true);
            keep(&mut self.found.repeated, spot);
        } else if has_room {
            self.names += 1;
            if frame.few.len() < FEW {
                frame.few.push(name)
            } else {
                let _ = frame.many.insert(name);
            }
        }
    }

    fn spot(&self, at: usize, is_name: bool) -> Spot {
        let pointer = self.frames.iter().fold(String::new(), |pointer, frame| {
            let step = match frame.is_object {
                true => escaped(&String::from_utf8_lossy(&unescaped(frame.name))),
                false => frame.item.to_string(),
            };
            format!("{pointer}/{step}")
        });
        Spot { pointer, at, is_name, is_free: self.frames.last().is_some_and(|frame| frame.is_free) }
    }
}

/// Keeps the first spot of each sort.
fn keep(spots: &mut Vec<Spot>, spot: Spot) {
    if !spots.iter().any(|known| (known.is_name, known.is_free) == (spot.is_name, spot.is_free)) {
        spots.push(spot);
    }
}

/// What a string says that stands between these quotes; as written where no text can hold it.
fn unescaped(inside: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', inside).is_none() {
        return Cow::Borrowed(inside);
    }
    let quoted = [b"\"", inside, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).map_or(Cow::Borrowed(inside), |text| Cow::Owned(text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(spots: &[Spot]) -> Vec<(&str, bool, bool)> {
        spots.iter().map(|spot| (spot.pointer.as_str(), spot.is_name, spot.is_free)).collect()
    }

    #[test]
    fn members_that_stand_twice_are_found_in_each_part() {
        let scan = Scan::of(br#"{"a":1,"record":{"x":[{"y":1,"y":2}],"data":{"b":{"c":1,"\u0063":2},"b":3}},"a":2}"#);
        assert_eq!(pointers(&scan.repeated), [("/record/x/0/y", true, false), ("/record/data/b/\u{63}", true, true)]);
        let fine = Scan::of(br#"{"a":{"a":[{"a":"a"},{"a":"\"a\":"}]},"b":{"a":1}} {"a":1,"a":2}"#);
        assert!(!fine.is_odd(), "{fine:?}");
        let names: Vec<String> = (0..50_000).map(|n| format!("\"k{n}\":{n}")).collect();
        assert!(!Scan::of(format!("{{{}}}", names.join(",")).as_bytes()).is_odd());
        assert!(Scan::of(format!("{{{},\"k40000\":1}}", names.join(",")).as_bytes()).is_odd());
    }

    #[test]
    fn escapes_are_told_apart() {
        let scan = Scan::of(
            br#"{"record":{"stream":"a\u0000","data":{"\u0000":"x","b":["\\u0000","\u0000","\ud83c\udf89"]}}}"#,
        );
        let expected =
            [("/record/stream", false, false), ("/record/data/\0", true, true), ("/record/data/b/1", false, true)];
        assert_eq!(pointers(&scan.nuls), expected);
        assert_eq!(scan.unpaired, None);
        for lone in ["\\ud800", "\\uDC00", "\\ud800\\ud83c\\udf89", "\\ud83cx\\udf89", "\\ud83c\\\\udf89"] {
            let text = format!(r#"{{"a":{{"b":"x{lone}y"}}}}"#);
            assert_eq!(Scan::of(text.as_bytes()).unpaired.map(|spot| spot.pointer).as_deref(), Some("/a/b"), "{lone}");
            assert!(has_odd_escape(text.as_bytes()));
            let repaired = with_pairs_only(&text).expect("there is one");
            assert_eq!(
                (repaired.len(), serde_json::from_str::<serde_json::Value>(&repaired).is_ok()),
                (text.len(), true)
            );
        }
        assert_eq!(with_pairs_only(r#"{"a":"\ud83c\udf89 \\ud800 \u00e9"}"#), None);
        assert!(!has_odd_escape(br#"{"a":"\u00e9 \n"}"#));
    }

    #[test]
    fn extremes_are_measured_and_bounded() {
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(Scan::of(deep(DEEPEST - 1).as_bytes()).depth, DEEPEST);
        assert_eq!(Scan::of(deep(3_000_000).as_bytes()).depth, 3_000_001);
        let number = format!(r#"{{"a":{{"n":[0,-{}.5e7]}}}}"#, "1".repeat(1_200));
        let found = Scan::of(number.as_bytes()).number.expect("a number");
        assert_eq!((found.0.pointer.as_str(), found.1), ("/a/n/1", 1_205));
        for text in ["", "{", r#"{"a"#, r#"{"a":"\"#, r#"{"a":"\u00"#, "}}}", r#"{"a":[}]"#] {
            let _ = Scan::of(text.as_bytes());
        }
    }
}
