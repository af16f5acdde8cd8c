//! DEST-018.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::moments::instant;
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::stored_rows::row_of;
use crate::experiments::writing::{EMITTED_AT, HOSTILE, Write, people, person};
use crate::experiments::written::{fault, seen};
use crate::feed::{Row, Target};
use crate::protocol::{Descriptor, DestinationSyncMode};
use crate::rules::Level;
use crate::text;
use serde_json::Value;
use std::collections::HashSet;

experiment! {
    /// What a destination notes beside a record is not what the catalog and the record say.
    ///
    /// # What it checks
    /// Three records are written with a `generation_id` and a `sync_id` that nothing would guess. One comes with a change in its `meta`, by
    /// which the source says that it could not read a field. Their states are GLOBAL ones, and hold what is awkward: the rules look at what
    /// comes back of them.
    ///
    /// What proves a fault: in a row, `_airbyte_generation_id` or the `sync_id` in `_airbyte_meta` is not the catalog's, `_airbyte_extracted_at` is not the moment
    /// of `emitted_at`, two rows have one `_airbyte_raw_id` or it is no UUID, or the source's change is not in `_airbyte_meta.changes`.
    ///
    /// Mind: only what the reader shows is judged: a column that no row has is left out. Columns with names of their own are told in the suite
    /// (`reader.columns`).
    ///
    /// # Why it matters
    /// These columns say where a row is from: they tell refreshed rows from old ones, late ones from new ones, and what a source could not
    /// read from what was empty. Deduplication goes by `_airbyte_extracted_at` where cursors are equal.
    ///
    /// # Example
    /// ```json
    /// sent: {"stream":"orders","emitted_at":1700000001123,"data":{"id":1}}   (generation_id 5)
    /// bad:  {"id":1,"_airbyte_extracted_at":"2026-11-28T12:00:00.000Z","_airbyte_generation_id":0}
    /// good: {"id":1,"_airbyte_extracted_at":"2023-11-14T22:13:21.123Z","_airbyte_generation_id":5}
    /// ```
    ///
    /// # How to mend it
    /// Take both ids from the stream's entry in the catalog; `emitted_at` is in milliseconds. Make a random UUID for each record. Begin
    /// `changes` with those of the record's `meta`, and add your own. The Python CDK's typing library and the bulk CDK do so where
    /// they are given the whole message.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK compares all of these but the form of the id. For other languages there are none.
    run {
        code: "DEST-018",
        name: "metadata-wrong",
        level: Should,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "docs: airbyte metadata fields",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.metadata", "records of a generation and a sync, one with a change of the source's"),
        ],
    }
}

const GENERATION: i64 = 5;
const SYNC: i64 = 4_207;
/// The first record is emitted a second later, and no whole second after 1970.
const BEFORE: i64 = EMITTED_AT + 123;
const REASON: &str = "SOURCE_RETRIEVAL_ERROR";

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    lab.offers(DestinationSyncMode::Append)?;
    is_seen(lab)?;
    let stream = lab.stream("metadata", "noted");
    let change = format!(r#","meta":{{"changes":[{{"field":"name","change":"NULLED","reason":"{REASON}"}}]}}"#);
    let write = Write::to([Target::append(stream.clone(), people()).of(GENERATION, SYNC)])
        .at(BEFORE)
        .record(&stream, person(1, "Ada", 1))
        .state_of_all("")
        .record_with(&stream, r#"{"id":2,"name":null,"updated_at":null}"#, &change)
        .record(&stream, person(3, "Ben", 1));
    let ran = lab
        .launch(write.finish_all(HOSTILE).ask("write.metadata", "records of a generation and a sync"))?
        .complete()?;

    let mut conclusion = Conclusion::of(STATEMENT, ran);
    let Some(rows) = seen(&mut conclusion, ran, &stream) else { return Ok(conclusion) };
    if rows.is_empty() {
        return Err(Halt::Cannot(format!("no row of {} is stored", ran.id)));
    }
    let mut judge = Judge { conclusion: &mut conclusion, ran, stream: &stream };
    judge.number("generation", "_airbyte_generation_id", GENERATION, rows, |row| row.generation_id);
    judge.number("sync", "sync_id in _airbyte_meta", SYNC, rows, Row::sync_id);
    judge.moments(rows);
    judge.ids(rows);
    judge.changes(rows);
    Ok(conclusion)
}

struct Judge<'a> {
    conclusion: &'a mut Conclusion,
    ran: &'a Ran,
    stream: &'a Descriptor,
}

impl Judge<'_> {
    fn left_out(&mut self, column: &str) {
        self.conclusion.inconclusive(Some(self.stream), format!("no row shows {column}"));
    }

    fn found(&mut self, cause: &'static str, title: &str, expected: String, actual: String) {
        let message = format!("after {}: {actual}, and it should be {expected}", self.ran.id);
        let fault = fault(self.ran, (cause, Level::Should), title, message, (expected, actual));
        self.conclusion.found(Some(self.stream), fault);
    }

    fn number(
        &mut self,
        cause: &'static str,
        column: &str,
        wanted: i64,
        rows: &[Row],
        of: impl Fn(&Row) -> Option<i64>,
    ) {
        let found: Vec<Option<i64>> = rows.iter().map(of).collect();
        // A null may be no column at all: a reader prints it alike. But who knows of syncs knows of generations.
        let is_named = |row: &Row| row.meta.as_ref().is_some_and(|meta| meta.get("sync_id").is_some());
        if found.iter().all(Option::is_none) && !rows.iter().any(is_named) {
            return self.left_out(column);
        }
        self.conclusion.judged(Some(self.stream));
        if let Some(other) = found.into_iter().find(|found| *found != Some(wanted)) {
            let other = other.map_or("null".to_owned(), |other| other.to_string());
            let title = format!("{column} is not the one of the catalog");
            self.found(cause, &title, wanted.to_string(), format!("{column} is {other}"));
        }
    }

    fn moments(&mut self, rows: &[Row]) {
        let column = "_airbyte_extracted_at";
        let readable = |id: u64| {
            let shown = plain(row_of(rows, id)?.extracted_at.as_ref()?);
            Some((id, instant(&shown)?, shown))
        };
        let found: Vec<_> = (1..=3).filter_map(readable).collect();
        if found.is_empty() {
            return self.left_out(&format!("{column} in a form that can be read"));
        }
        self.conclusion.judged(Some(self.stream));
        for (id, moment, shown) in found {
            let emitted = BEFORE + id as i64 * 1000;
            if (moment - i128::from(emitted) * 1_000_000).abs() >= 1_000_000 {
                let title = format!("{column} is not the moment at which the record was emitted");
                let shown = text::shorten(&text::visible(&shown), 60);
                let expected = format!("the moment of `emitted_at`, {emitted} milliseconds after 1970");
                self.found("moment", &title, expected, format!("{column} of record {id} is {shown}"));
                return;
            }
        }
    }

    fn ids(&mut self, rows: &[Row]) {
        let column = "_airbyte_raw_id";
        let ids: Vec<&str> = rows.iter().filter_map(|row| row.raw_id.as_deref()).collect();
        if ids.is_empty() {
            return self.left_out(column);
        }
        self.conclusion.judged(Some(self.stream));
        let different = ids.iter().collect::<HashSet<_>>().len();
        if different < ids.len() {
            let actual = format!("{} rows have {different} different values of {column}", ids.len());
            self.found("ids", "several rows have one _airbyte_raw_id", "another one in each row".to_owned(), actual);
        } else if let Some(other) = ids.iter().find(|id| !is_uuid(id)) {
            let actual = format!("{column} is {}", text::shorten(&text::visible(other), 60));
            self.found("form", "_airbyte_raw_id is no UUID", "a UUID".to_owned(), actual);
        }
    }

    fn changes(&mut self, rows: &[Row]) {
        let column = "_airbyte_meta";
        let Some(row) = row_of(rows, 2).filter(|row| row.meta.is_some()) else { return self.left_out(column) };
        self.conclusion.judged(Some(self.stream));
        if row.change_of("name") != Some(("NULLED", REASON)) {
            let found = row.change_of("name").map_or("no change of it".to_owned(), |(change, reason)| {
                text::shorten(&text::visible(&format!("{change} {reason}")), 80)
            });
            let title = "a change that the source told of is not in _airbyte_meta";
            let actual = format!("{column} of record 2 has {found} for the field `name`");
            self.found("changes", title, format!("NULLED {REASON}"), actual);
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_uuid(text: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn a_uuid_is_told_by_its_form() {
        assert!(is_uuid("0b5e3b1a-6c5d-4f0e-9a3e-2f8f3f6f0001"));
        assert!(!is_uuid("1") && !is_uuid("0b5e3b1a-6c5d-4f0e-9a3e-2f8f3f6f000é") && !is_uuid(&"0".repeat(36)));
    }
}
