//! The file of expected records: one JSON object on each line, a record or a whole RECORD message.

use super::keys::by_stream;
use super::{Compare, ExpectedRecord, ExpectedRecords, FieldPath};
use crate::protocol::Descriptor;
use crate::suite::Lack;
use crate::suite::diagnose::{Mistake, Place, Span, quoted_path, reason, shown};
use crate::suite::fields::{Reader, kind_of};
use crate::suite::yaml::Node;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The keys of expected records.
pub(in crate::suite) const KEYS: [&str; 7] =
    ["path", "compare", "order", "extra_fields", "extra_records", "ignore", "reason"];
/// Larger files are refused, in bytes: what they hold is kept in memory while a read goes on.
const MAX_BYTES: u64 = 64 << 20;
/// How many broken lines are told of one file.
const TOLD: usize = 10;

impl Reader<'_> {
    /// The records that must come.
    pub(super) fn expected_records(&mut self, node: &Node, lacks: &mut Vec<Lack>) -> Option<ExpectedRecords> {
        const WHAT: &str = "`records`";
        if !self.keys(node, WHAT, &KEYS) {
            return None;
        }
        let compare = node
            .get("compare")
            .and_then(|node| self.word(node, "`compare`", &[("keys", Compare::Keys), ("content", Compare::Content)]));
        let order = node.get("order").and_then(|node| self.word(node, "`order`", &[("any", false), ("exact", true)]));
        let mut expected = ExpectedRecords {
            compare: compare.unwrap_or_default(),
            is_in_order: order.unwrap_or_default(),
            extra_fields: node.get("extra_fields").is_some_and(|node| self.flag(node, "`extra_fields`")),
            extra_records: node.get("extra_records").is_none_or(|node| self.flag(node, "`extra_records`")),
            ignore: node
                .get("ignore")
                .map(|node| by_stream(self, node, "`ignore`", Self::field_path))
                .unwrap_or_default(),
            reason: node.get("reason").and_then(|node| self.text(node, "`reason`")).map(str::to_owned),
            ..ExpectedRecords::default()
        };
        if expected.compare == Compare::Keys {
            self.refuse_content_keys(node);
        }
        match node.get("path") {
            Some(named) => {
                let text = self.text(named, "`path`")?;
                let path = self.path(named.span, text);
                if self.is_there(&path, "file of expected records", named.span, lacks) {
                    expected.records = self.record_file(&path, named.span).into();
                }
                expected.path = Some(path);
            }
            None if expected.reason.is_none() => {
                let mistake =
                    Mistake::at(node.span, "`records` says neither which records are expected nor why none are");
                self.mistakes.push(mistake.help("add `path: FILE`, or `reason: …`"));
            }
            None => {}
        }
        Some(expected)
    }

    /// Of keys alone, no field is compared.
    fn refuse_content_keys(&mut self, node: &Node) {
        for key in ["extra_fields", "ignore"] {
            if let Some(entry) = node.entries().and_then(|entries| entries.get(key)) {
                let message = format!("`{key}` does nothing where keys alone are compared");
                let mistake = Mistake::at(entry.key, message).help("add `compare: content`, or remove the key");
                self.mistakes.push(mistake);
            }
        }
    }

    /// A path of fields, by itself or under `name`.
    fn field_path(&mut self, node: &Node) -> Option<FieldPath> {
        let text = self.text(node, "a path of fields")?;
        FieldPath::parse(text).map_err(|why| self.mistakes.push(Mistake::at(node.span, why))).ok()
    }

    fn record_file(&mut self, path: &Path, named: Span) -> Vec<ExpectedRecord> {
        let text = match bounded(path) {
            Ok(text) => text,
            Err(error) => {
                let message =
                    format!("the file of expected records {} cannot be read: {}", quoted_path(path), reason(&error));
                let help = format!("it must be UTF-8 text of at most {} MiB", MAX_BYTES >> 20);
                self.mistakes.push(Mistake::at(named, message).help(help));
                return Vec::new();
            }
        };
        let (mut records, mut broken) = (Vec::new(), 0);
        let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).split('\n').enumerate();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            match record(line, at + 1) {
                Ok(record) => records.push(record),
                Err((why, column)) => {
                    broken += 1;
                    if broken <= TOLD {
                        let place = Place::File { path: shown(path), at: Some((at + 1, column)) };
                        let mistake = Mistake::new(place, format!("this line is no expected record: {why}"));
                        let help = "each line is an object: {\"stream\": \"orders\", \"data\": {\"id\": 7}}";
                        self.mistakes.push(mistake.also(Some(named), "named here").help(help));
                    }
                }
            }
        }
        records
    }
}

/// The text of a file that is not larger than what is held.
fn bounded(path: &Path) -> io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        // To open a pipe would be to wait for who writes into it.
        return Err(io::Error::other("it is no file"));
    }
    let mut text = String::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is too large"));
    }
    Ok(text)
}

/// The record on a line. Errs with what is wrong, and the column.
fn record(text: &str, line: usize) -> Result<ExpectedRecord, (String, usize)> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| {
        let whole = error.to_string();
        (whole.split(" at line ").next().unwrap_or(&whole).to_owned(), error.column().max(1))
    })?;
    let wrong = |why: String| (why, 1);
    if !value.is_object() {
        return Err(wrong(format!("it is {}", kind_of(&value))));
    }
    if value.get("type").is_some_and(|kind| kind == "RECORD")
        && let Some(record) = value.get_mut("record")
    {
        value = record.take();
    }
    let text_of = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let name = text_of("stream").ok_or_else(|| wrong("it has no text `stream`".to_owned()))?;
    let stream = Descriptor { name, namespace: text_of("namespace") };
    match value.get_mut("data").map(Value::take) {
        Some(Value::Object(data)) => Ok(ExpectedRecord { stream, data, line }),
        Some(other) => Err(wrong(format!("its `data` is {}", kind_of(&other)))),
        None => Err(wrong("it has no `data`".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_is_a_record_or_a_whole_message() {
        let of = |text: &str| record(text, 3).map(|record| (record.stream, Value::Object(record.data)));
        let orders = Descriptor::named("orders");
        let expected = Ok((orders.clone(), json!({"id": 7})));
        assert_eq!(of(r#"{"stream":"orders","data":{"id":7},"emitted_at":1}"#), expected);
        assert_eq!(of(r#"{"type":"RECORD","record":{"stream":"orders","data":{"id":7}}}"#), expected);
        let shop = Descriptor { namespace: Some("shop".to_owned()), ..orders };
        assert_eq!(of(r#"{"stream":"orders","namespace":"shop","data":{}}"#), Ok((shop, json!({}))));
    }

    #[test]
    fn what_is_none_says_why() {
        for (text, why, column) in [
            ("{\"stream\":\"a\",\"data\":{}", "EOF while parsing an object", 23),
            ("[]", "it is a list", 1),
            (r#"{"data":{}}"#, "it has no text `stream`", 1),
            (r#"{"stream":"a"}"#, "it has no `data`", 1),
            (r#"{"stream":"a","data":[]}"#, "its `data` is a list", 1),
        ] {
            assert_eq!(record(text, 1), Err((why.to_owned(), column)), "{text}");
        }
    }
}
