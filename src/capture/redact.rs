//! Cutting secrets out: by value and in the forms that logs show them in. What only its name tells is cut out of what is shown (`named`),
//! not of transcripts.

mod forms;
mod named;

use super::Leak;
use crate::protocol::{SecretValue, is_distinctive};
use aho_corasick::{AhoCorasick, MatchKind};
use forms::Form;
pub use named::{hide_credentials, is_credential};
use std::borrow::Cow;
use std::io::{self, Write};

/// What stands in a secret's place.
pub const REDACTED: &str = "***";

/// A value shorter than this is not cut out: it would shred every text.
const SHORTEST: usize = 4;

/// How many leaks of one line are told apart.
const LEAKS: usize = 4;

/// The secrets of a launch, ready to be found.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    automaton: Option<AhoCorasick>,
    needles: Vec<Needle>,
    longest: usize,
}

#[derive(Debug, Clone)]
struct Needle {
    bytes: Vec<u8>,
    /// The value itself, as is or as a JSON string has it.
    plain: bool,
    /// Finding it is a leak: the specification marks it secret, and it is no everyday word.
    telling: bool,
}

impl Secrets {
    /// Prepares the given values and all forms of them.
    pub fn new(values: &[SecretValue]) -> Self {
        let mut secrets = Secrets::default();
        for secret in values {
            if secret.value.chars().count() < SHORTEST || ["true", "false", "null"].contains(&secret.value.as_str()) {
                continue;
            }
            let telling = secret.marked && is_distinctive(&secret.value);
            for Form { bytes, plain, telling: tells } in forms::of(&secret.value) {
                secrets.needles.push(Needle { bytes, plain, telling: telling && tells });
            }
            for (text, is_secret) in forms::inner(&secret.value) {
                let needles = forms::of(&text).into_iter().map(|form| {
                    let telling = telling && is_secret && form.telling;
                    Needle { bytes: form.bytes, plain: false, telling }
                });
                secrets.needles.extend(needles);
            }
        }
        secrets.ready()
    }

    /// These and more, which are cut out but are no leak where they appear: nobody knew them before.
    pub fn and(&self, values: &[SecretValue]) -> Self {
        if values.is_empty() {
            return self.clone();
        }
        let mut secrets = self.clone();
        let unmarked = values.iter().map(|secret| SecretValue { marked: false, ..secret.clone() }).collect::<Vec<_>>();
        secrets.needles.extend(Secrets::new(&unmarked).needles);
        secrets.ready()
    }

    /// Makes the needles findable, each once.
    fn ready(self) -> Self {
        let mut secrets = self;
        let rank = |needle: &Needle| (!needle.plain, !needle.telling);
        secrets.needles.sort_by(|one, other| (&one.bytes, rank(one)).cmp(&(&other.bytes, rank(other))));
        secrets.needles.dedup_by(|later, first| later.bytes == first.bytes);
        secrets.longest = secrets.needles.iter().map(|needle| needle.bytes.len()).max().unwrap_or(0);
        let patterns = secrets.needles.iter().map(|needle| &needle.bytes);
        secrets.automaton = (!secrets.needles.is_empty())
            .then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok())
            .flatten();
        secrets
    }

    /// The text with every secret replaced by [`REDACTED`].
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.automaton {
            Some(automaton) if automaton.is_match(text) => {
                Cow::Owned(automaton.replace_all(text, &vec![REDACTED; self.needles.len()]))
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// A text with every secret replaced, those too that were cut in two where it has an ellipsis.
    pub fn redact_excerpt(&self, excerpt: &str) -> String {
        let shown = self.redact(excerpt);
        let pieces: Vec<&str> = shown.split('…').collect();
        let last = pieces.len() - 1;
        let whole = pieces.iter().enumerate().map(|(at, piece)| self.redact_ends(piece, at > 0, at < last));
        whole.collect::<Vec<_>>().join("…")
    }

    /// A piece of text without the part of a secret that it begins or ends with, where it was cut off there.
    fn redact_ends(&self, piece: &str, cut_before: bool, cut_after: bool) -> String {
        let longest_part = |is_part: &dyn Fn(&[u8], usize) -> bool| {
            let needles = self.needles.iter().map(|needle| &needle.bytes);
            needles.filter_map(|needle| (SHORTEST..needle.len()).rev().find(|size| is_part(needle, *size))).max()
        };
        let inner = piece.as_bytes();
        let ends = cut_after.then(|| longest_part(&|needle, size| inner.ends_with(&needle[..size]))).flatten();
        let inner = &inner[..inner.len() - ends.unwrap_or(0)];
        let begins =
            cut_before.then(|| longest_part(&|needle, size| inner.starts_with(&needle[needle.len() - size..])));
        let begins = begins.flatten();
        let mark = |part: Option<usize>| if part.is_some() { REDACTED } else { "" };
        let inner = String::from_utf8_lossy(&inner[begins.unwrap_or(0)..]);
        format!("{}{inner}{}", mark(begins), mark(ends))
    }

    /// Whether there is a secret whose appearance is a leak: marked as one, and no everyday word.
    pub fn can_leak(&self) -> bool {
        self.needles.iter().any(|needle| needle.telling)
    }

    /// Whether a text shows a secret: one that is no everyday word anywhere in it, any other one as the whole of it.
    pub fn is_in(&self, text: &str) -> bool {
        !self.leaks(text.as_bytes()).is_empty() || (text != REDACTED && self.redact(text) == REDACTED)
    }

    /// The JSON with every secret in its texts replaced.
    pub fn redact_json(&self, value: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::String(text) => Value::String(self.redact(text).into_owned()),
            Value::Number(number) if self.redact(&number.to_string()) == REDACTED => Value::String(REDACTED.into()),
            Value::Array(items) => items.iter().map(|item| self.redact_json(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (self.redact(name).into_owned(), self.redact_json(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// The leaks that a line shows.
    pub(super) fn leaks(&self, line: &[u8]) -> Vec<Leak> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        automaton
            .find_iter(line)
            .filter(|found| self.needles[found.pattern().as_usize()].telling)
            .take(LEAKS)
            .map(|found| Leak { at: found.start(), plain: self.needles[found.pattern().as_usize()].plain })
            .collect()
    }

    /// A filter for a stream of bytes.
    pub(super) fn filter(&self) -> Redactor {
        Redactor { secrets: self.clone(), held: Vec::new() }
    }
}

/// Cuts secrets out of a stream of bytes, also where one is cut in two by the pieces.
#[derive(Debug)]
pub(super) struct Redactor {
    secrets: Secrets,
    held: Vec<u8>,
}

impl Redactor {
    /// Takes the next bytes and writes all that can't be the beginning of a secret.
    pub fn push(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.secrets.automaton.is_none() {
            return out.write_all(bytes);
        }
        let (keep, before) = (self.secrets.longest - 1, self.held.len());
        if bytes.len() < 2 * keep {
            self.held.extend_from_slice(bytes);
            let done = self.write(&self.held, self.held.len().saturating_sub(keep), out)?;
            self.held.drain(..done);
            return Ok(());
        }
        // Only where they meet is what was held put together with the new bytes: a copy of all would cost more than
        // the search.
        self.held.extend_from_slice(&bytes[..keep]);
        let begin = self.write(&self.held, before, out)? - before;
        let rest = &bytes[begin..];
        let done = self.write(rest, rest.len() - keep, out)?;
        self.held.clear();
        self.held.extend_from_slice(&rest[done..]);
        Ok(())
    }

    /// Cuts out more from here on.
    pub fn learn(&mut self, values: &[SecretValue]) {
        self.secrets = self.secrets.and(values);
    }

    /// Writes what is still held.
    pub fn finish(self, out: &mut impl Write) -> io::Result<()> {
        self.write(&self.held, self.held.len(), out).map(drop)
    }

    /// Writes a text up to `safe`; a secret that starts before that is replaced whole. Returns how far it came.
    fn write(&self, text: &[u8], safe: usize, out: &mut impl Write) -> io::Result<usize> {
        let Some(automaton) = &self.secrets.automaton else { return Ok(0) };
        let mut done = 0;
        for found in automaton.find_iter(text).take_while(|found| found.start() < safe) {
            out.write_all(&text[done..found.start()])?;
            out.write_all(REDACTED.as_bytes())?;
            done = found.end();
        }
        if done < safe {
            out.write_all(&text[done..safe])?;
            done = safe;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    fn secrets(value: &str) -> Secrets {
        Secrets::new(&[SecretValue { value: value.to_owned(), marked: true }])
    }

    #[test]
    fn every_form_is_cut_out() {
        let secrets = secrets("p\"ss/wörd-93jf8");
        let encoded = STANDARD_NO_PAD.encode("user:p\"ss/wörd-93jf8");
        for text in [
            r#"plain p"ss/wörd-93jf8 here"#,
            r#"{"m":"p\"ss/wörd-93jf8"}"#,
            r#"{"m":"p\"ss/w\u00f6rd-93jf8"}"#,
            "https://x/?key=p%22ss%2Fw%C3%B6rd-93jf8",
            &format!("Authorization: Basic {encoded}"),
            "https://x/?key=p%22ss/w%c3%b6rd-93jf8",
            "https://x/?key=p%2522ss%252Fw%25C3%25B6rd-93jf8",
            "<td>p&quot;ss/wörd-93jf8</td>",
            r#"{"m":"p\"ss\/w\u00f6rd-93jf8"}"#,
            r#"{"m":"{\"p\": \"p\\\"ss/w\\u00f6rd-93jf8\"}"}"#,
        ] {
            let shown = secrets.redact(text);
            assert!(shown.contains(REDACTED) && !shown.contains("93jf8"), "{shown}");
        }
    }

    #[test]
    fn a_key_file_is_cut_out_whole_and_in_its_parts() {
        let file = r#"{"type": "x", "private_key": "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n"}"#;
        let secrets = secrets(file);
        let in_a_dict = format!("{{'key_file': '{}'}}", file.replace('\\', "\\\\"));
        for text in [in_a_dict.as_str(), "got -----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n", file] {
            let shown = secrets.redact(text);
            assert!(!shown.contains("MIIEvQ"), "{shown}");
            let in_a_log = serde_json::json!({"message": text}).to_string();
            assert!(!secrets.redact(&in_a_log).contains("MIIEvQ"), "{in_a_log}");
        }
    }

    #[test]
    fn a_secret_cut_in_two_by_the_pieces_is_still_found() {
        let secrets = secrets("hunter2-hunter2");
        let text = b"a hunter2-hunter2 b hunter2-hunter";
        for size in 1..=text.len() {
            let (mut filter, mut out) = (secrets.filter(), Vec::new());
            text.chunks(size).for_each(|piece| filter.push(piece, &mut out).expect("memory"));
            filter.finish(&mut out).expect("memory");
            assert_eq!(String::from_utf8_lossy(&out), "a *** b hunter2-hunter", "pieces of {size}");
        }
    }

    #[test]
    fn pieces_large_and_small_come_out_whole() {
        let secrets = secrets("hunter2-hunter2");
        let text = "hunter2-hunter2 and hunter2-hunter2hunter2-hunter2, then nothing but hunter2 ".repeat(5);
        for size in (1..text.len()).chain([text.len()]) {
            let (mut filter, mut out) = (secrets.filter(), Vec::new());
            for (number, piece) in text.as_bytes().chunks(size).enumerate() {
                let (one, other) = piece.split_at(piece.len() * (number % 3) / 3);
                [one, other].into_iter().for_each(|piece| filter.push(piece, &mut out).expect("memory"));
            }
            filter.finish(&mut out).expect("memory");
            assert_eq!(String::from_utf8_lossy(&out), secrets.redact(&text), "pieces of {size}");
        }
    }

    #[test]
    fn a_secret_cut_in_two_by_an_excerpt_is_not_shown() {
        let secrets = secrets("hunter2-hunter3");
        assert_eq!(secrets.redact_excerpt("…er2-hunter3, then hunter2-h…"), "…***, then ***…");
        assert_eq!(secrets.redact_excerpt("…a hunter2-hunter3…"), "…a ***…");
        assert_eq!(secrets.redact_excerpt("er3 stays, and so does hunter2"), "er3 stays, and so does hunter2");
        assert_eq!(secrets.redact_excerpt("it says `hunter2-hun…`; see…"), "it says `***…`; see…");
    }

    #[test]
    fn everyday_words_and_short_values_are_no_leak() {
        assert!(secrets("postgres").leaks(b"connecting to postgres").is_empty());
        assert_eq!(secrets("abc").redact("abc"), "abc");
        assert_eq!(secrets("tok-9f8e7d6c").leaks(b"using tok-9f8e7d6c").len(), 1);
    }

    #[test]
    fn of_a_text_of_several_lines_only_what_no_other_text_has_is_a_leak() {
        let key = secrets(
            "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-256\nMIIEvQIBADANBg8f\n-----END RSA PRIVATE KEY-----",
        );
        assert!(key.leaks(b"expected -----BEGIN RSA PRIVATE KEY----- and DEK-Info: AES-256").is_empty());
        assert_eq!(key.leaks(b"cannot parse MIIEvQIBADANBg8f"), [Leak { at: 13, plain: false }]);
        let file = secrets("{\n\"type\": \"service_account\",\n\"key\":\"9f8e7d6c5b4a3210\"\n}");
        assert!(file.leaks(br#"{"msg": {"type": "service_account", "x": 1}}"#).is_empty());
        let file = secrets(r#"{"auth_uri": "https://accounts.example.com/o", "private_key": "MIIEvQIBADANBg8f9e7d"}"#);
        assert!(file.leaks(b"POST https://accounts.example.com/o").is_empty());
        assert_eq!(file.leaks(b"key MIIEvQIBADANBg8f9e7d"), [Leak { at: 4, plain: false }]);
    }

    #[test]
    fn quotes_the_other_way_round_are_a_leak_in_disguise() {
        let dict =
            secrets(r#"{"user": "me", "key": "9f8e7d6c5b4a"}"#).leaks(b"got {'user': 'me', 'key': '9f8e7d6c5b4a'}");
        assert_eq!(dict, [Leak { at: 4, plain: false }]);
    }
}
