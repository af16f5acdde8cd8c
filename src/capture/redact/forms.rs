//! The forms in which a secret shows: as it is, and as the ways of quoting and encoding leave it that connectors and
//! their libraries log with.

use crate::protocol::{is_distinctive, is_secret_name};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// An encoded form shorter than this stands in texts by chance.
const SHORTEST_ENCODED: usize = 8;

/// A text inside a secret that is itself JSON, a key file for instance, is taken for a secret from this length on.
const SHORTEST_INNER: usize = 16;

/// What stays as it is when a text is percent-encoded, besides letters, digits and `-._~`: nothing, paths, the two of
/// JavaScript, user and password in an address.
const KEPT: [&str; 5] = ["", "/", "!'()*", "!'()*;,/?:@&=+$#", "!$&'()*+,;="];

/// One form of a value.
pub(super) struct Form {
    pub bytes: Vec<u8>,
    /// The value itself: as is, or as a JSON string has it.
    pub plain: bool,
    /// Whether no other text has it: the lines around a key are the same for every key.
    pub telling: bool,
}

/// The forms of a value.
pub(super) fn of(value: &str) -> Vec<Form> {
    let form = |text: String, plain, telling| Form { bytes: text.into_bytes(), plain, telling };
    let is_json = value.trim_start().starts_with(['{', '[']);
    let is_own = |line: &str| !is_json && is_distinctive(line) && !line.contains(' ') && !line.starts_with("--");
    let mut forms = vec![form(value.to_owned(), true, true)];
    forms.extend(json_forms(value).into_iter().map(|text| form(text, true, true)));
    let lines = value.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_ENCODED);
    forms.extend(lines.map(|line| form(line.to_owned(), false, is_own(line))));
    let mut encoded = percent_forms(value);
    encoded.extend([hex(value), hex(value).to_uppercase(), unicode(value)]);
    encoded.extend((0..3).flat_map(|skipped| base64_inside(value, skipped)));
    for quoted in quoted_forms(value) {
        encoded.extend(json_forms(&quoted));
        encoded.push(quoted);
    }
    encoded.retain(|text| text.len() >= SHORTEST_ENCODED);
    forms.extend(encoded.into_iter().map(|text| form(text, false, true)));
    forms
}

/// The texts inside a secret that is itself JSON: whoever reads a key file logs them alone. Each with whether its name
/// says that it is a secret; the others are addresses and the like.
pub(super) fn inner(value: &str) -> Vec<(String, bool)> {
    fn texts(value: Value, is_secret: bool, found: &mut Vec<(String, bool)>) {
        match value {
            Value::String(text) if text.len() >= SHORTEST_INNER => found.push((text, is_secret)),
            Value::Array(items) => items.into_iter().for_each(|item| texts(item, is_secret, found)),
            Value::Object(members) => {
                members.into_iter().for_each(|(name, member)| texts(member, is_secret || is_secret_name(&name), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if value.trim_start().starts_with(['{', '[']) {
        texts(serde_json::from_str(value).unwrap_or_default(), false, &mut found);
    }
    found
}

/// As a JSON string's inside: with the escapes that must be, with escaped slashes, with everything beyond ASCII
/// escaped; and all once more escaped, as JSON within a log message has them.
fn json_forms(value: &str) -> Vec<String> {
    let once = inside_json(value);
    let slashed = once.replace('/', "\\/");
    let forms = [ascii(&once), ascii(&slashed), once, slashed];
    let twice: Vec<String> = forms.iter().map(|once| inside_json(once)).collect();
    twice.iter().map(|twice| ascii(twice)).chain(twice.iter().cloned()).chain(forms).collect()
}

fn inside_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// With everything beyond ASCII as `\uXXXX`.
fn ascii(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter.is_ascii() {
            true => out.push(letter),
            false => out.push_str(&unicode(letter.encode_utf8(&mut [0; 4]))),
        }
        out
    })
}

/// Every letter as `\uXXXX`.
fn unicode(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// As Python's `repr` and `str` of a container, HTML and a shell quote it.
fn quoted_forms(value: &str) -> Vec<String> {
    let escaped = value.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quotes = html.replace('"', "&quot;");
    vec![
        escaped.replace('\'', "\\'"),
        escaped,
        quotes.replace('\'', "&#x27;"),
        quotes.replace('\'', "&#39;"),
        quotes,
        html,
        value.replace('\'', "'\"'\"'"),
        value.replace('\'', "'\\''"),
        quotes_reversed(value),
    ]
}

/// With each kind of quote in place of the other, as Python shows what was JSON.
fn quotes_reversed(value: &str) -> String {
    let reversed = |letter| match letter {
        '"' => '\'',
        '\'' => '"',
        other => other,
    };
    value.chars().map(reversed).collect()
}

fn percent_forms(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for kept in KEPT {
        let upper = percent_encoded(value, kept);
        forms.extend([upper.replace("%20", "+"), upper.replace('%', "%25"), lower_hex(&upper), upper]);
    }
    forms
}

fn percent_encoded(value: &str, kept: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            other if kept.as_bytes().contains(&other) => out.push(other.into()),
            other => out.push_str(&format!("%{other:02X}")),
        }
        out
    })
}

/// The two digits behind each percent sign in lower case.
fn lower_hex(encoded: &str) -> String {
    let mut digits = 0;
    encoded.chars().fold(String::new(), |mut out, letter| {
        out.push(if digits > 0 { letter.to_ascii_lowercase() } else { letter });
        digits = if letter == '%' { 2 } else { usize::saturating_sub(digits, 1) };
        out
    })
}

fn hex(value: &str) -> String {
    value.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The part of a base64 text that a value alone decides when `skipped` bytes stand before it in its group of three,
/// as in `base64("user:" + value)`; in both alphabets.
fn base64_inside(value: &str, skipped: usize) -> Vec<String> {
    let padded: Vec<u8> = std::iter::repeat_n(0, skipped).chain(value.bytes()).collect();
    let whole = padded.len() / 3 * 4;
    let from = if skipped == 0 { 0 } else { 4 };
    [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)]
        .into_iter()
        .filter_map(|text| text.get(from..whole.max(from)).map(str::to_owned))
        .collect()
}
