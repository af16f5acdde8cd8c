use crate::protocol::{Kind, Message};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

/// How many records of each stream, of all streams, and how many logs are compared.
const RECORDS: u64 = 100;
const ALL_RECORDS: usize = 5_000;
const LOGS: usize = 500;
/// How much of a log is looked at and how long a record may be, in bytes; and how short a word.
const LENGTH: usize = 64 * 1024;
const SHORTEST: usize = 3;
/// A record of fewer words, or pieces between blanks, is not told from others: a key may be logged, and a UUID has five words.
const FEWEST: usize = 5;

rule! {
    /// A log shows the data of records.
    ///
    /// # What it checks
    /// The first 500 LOGs of level INFO and above are compared with the first hundred records of each stream: a LOG that
    /// has nine of ten words of a record's values, in whatever form, shows that record. Records of fewer than five
    /// different words, or of fewer than five pieces between blanks, are not compared, nor are LOGs of level DEBUG and TRACE.
    ///
    /// # Why it matters
    /// Logs are kept, shown and sent to support by people who may not see the data. Customers' names and addresses then
    /// stand where nobody deletes them; and a log of every response is as large as the sync.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"read {'id': 17, 'name': 'Ada Lovelace', 'email': 'ada@example.com', 'city': 'London'}"}}
    /// good: {"type":"LOG","log":{"level":"INFO","message":"read 40 customers"}}
    /// ```
    ///
    /// # How to mend it
    /// Log counts, pages and keys, never rows or bodies of responses; those at DEBUG, if at all.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look into logs.
    RecordsInLogs {
        code: "LOG-003",
        name: "records-in-logs",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Airbyte's UX handbook: security",
        watches: [Watch::Message(Kind::Log), Watch::Message(Kind::Record)],
        about: Launch,
    }
}

#[derive(Default)]
struct RecordsInLogs {
    hasher: RandomState,
    records: Vec<HashSet<u64>>,
    logs: Vec<(HashSet<u64>, Violation)>,
}

impl Observer for RecordsInLogs {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        match look.message() {
            Some(Message::Record(_)) => self.remember(look),
            Some(Message::Log(log)) if !matches!(log.level.as_ref(), "DEBUG" | "TRACE") && self.logs.len() < LOGS => {
                let violation = Violation::new("", "").on(look.line).pointer("/log/message");
                self.logs.push((self.words(&log.message), violation));
            }
            _ => {}
        }
    }

    fn conclude(&mut self, _: &Ending<'_>, findings: &mut Findings<'_>) {
        let mut with: HashMap<u64, Vec<usize>> = HashMap::new();
        for (place, record) in self.records.iter().enumerate() {
            record.iter().for_each(|word| with.entry(*word).or_default().push(place));
        }
        for (words, violation) in std::mem::take(&mut self.logs) {
            let mut shared = vec![0; self.records.len()];
            words.iter().filter_map(|word| with.get(word)).flatten().for_each(|place: &usize| shared[*place] += 1);
            let shows = shared.iter().zip(&self.records).any(|(shared, record)| shared * 10 >= record.len() * 9);
            if shows {
                let message = "a LOG has nearly all values of a record that this read delivers";
                findings.report("record", || violation.told("a log shows the data of records", message));
            }
        }
    }
}

impl RecordsInLogs {
    fn remember(&mut self, look: &Look<'_>) {
        let came = look.line.stream.map_or(u64::MAX, |place| look.summary.streams[place].records);
        if came > RECORDS || self.records.len() >= ALL_RECORDS || look.line.bytes.len() > LENGTH {
            return;
        }
        let mut words = HashSet::new();
        if self.collect(look.data().unwrap_or(&Value::Null), &mut words) >= FEWEST && words.len() >= FEWEST {
            self.records.push(words);
        }
    }

    /// Collects the words of all values; how many pieces between blanks they are.
    fn collect(&self, value: &Value, words: &mut HashSet<u64>) -> usize {
        match value {
            Value::Object(members) => members.values().map(|member| self.collect(member, words)).sum(),
            Value::Array(items) => items.iter().map(|item| self.collect(item, words)).sum(),
            Value::Bool(_) | Value::Null => 0,
            single => {
                let text = single.as_str().map_or_else(|| single.to_string(), str::to_owned);
                words.extend(self.words(&text));
                text.split_whitespace().count()
            }
        }
    }

    fn words(&self, text: &str) -> HashSet<u64> {
        let words = text[..text.floor_char_boundary(LENGTH)]
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| word.len() >= SHORTEST);
        words.map(|word| self.hasher.hash_one(word)).collect()
    }
}
