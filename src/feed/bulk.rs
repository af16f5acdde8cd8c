//! Many records of one stream, made while they are sent.

use super::{record, state_of_stream};
use crate::protocol::Descriptor;
use bytes::Bytes;

/// Records of a stream with the fields `id` (whole numbers from one on), `name` and `updated_at`, and a state after each
/// so many of them: `{"airproof": n}` with the number of the last record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// The stream.
    pub stream: Descriptor,
    /// How many records.
    pub records: u64,
    /// A state comes after each so many, and at the end; never where this is 0.
    pub records_a_state: u64,
    /// When they were emitted, in epoch milliseconds.
    pub emitted_at: i64,
    /// What the names follow from.
    pub seed: u64,
}

impl Bulk {
    /// The lines, some thousands at a time.
    pub fn pieces(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        /// In records.
        const PIECE: u64 = 1024;
        let bulk = self.clone();
        let mut next = 1;
        std::iter::from_fn(move || {
            if next > bulk.records {
                return None;
            }
            let last = (next + PIECE - 1).min(bulk.records);
            let mut text = String::with_capacity(200 * 1024);
            (next..=last).for_each(|id| bulk.line(id, &mut text));
            next = last + 1;
            Some(text.into())
        })
    }

    /// How many states there are.
    pub fn states(&self) -> u64 {
        if self.records_a_state == 0 { 0 } else { self.records.div_ceil(self.records_a_state) }
    }

    fn line(&self, id: u64, text: &mut String) {
        let name = (id ^ self.seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let second = id % 86_400;
        let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        let data = format!(r#"{{"id":{id},"name":"name {name:016x}","updated_at":"2024-01-01T{time}Z"}}"#);
        text.push_str(&record(&self.stream, data, self.emitted_at));
        text.push('\n');
        if self.records_a_state > 0 && (id.is_multiple_of(self.records_a_state) || id == self.records) {
            text.push_str(&self.state(id));
            text.push('\n');
        }
    }

    /// The state after that record.
    pub(super) fn state(&self, id: u64) -> String {
        let since = match id % self.records_a_state {
            0 => self.records_a_state,
            rest => rest,
        };
        state_of_stream(&self.stream, format_args!(r#"{{"airproof":{id}}}"#), since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_message_and_states_come_where_they_are_due() {
        let stream = Descriptor { name: "a \"b\"".to_owned(), namespace: Some("n".to_owned()) };
        let bulk = Bulk { stream, records: 2_500, records_a_state: 1000, emitted_at: 7, seed: 1 };
        let bytes: Vec<u8> = bulk.pieces().flatten().collect();
        let lines: Vec<serde_json::Value> =
            bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        let is_state = |line: &&serde_json::Value| line["type"] == "STATE";
        assert_eq!((lines.len(), lines.iter().filter(is_state).count() as u64), (2_503, bulk.states()));
        let counts = lines.iter().filter(is_state).map(|line| line["state"]["sourceStats"]["recordCount"].as_f64());
        assert_eq!(counts.collect::<Vec<_>>(), [Some(1000.0), Some(1000.0), Some(500.0)]);
        assert_eq!(lines[0]["record"]["stream"], "a \"b\"");
    }
}
