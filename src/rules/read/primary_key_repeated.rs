use crate::protocol::{Descriptor, Kind};
use crate::rules::keys::{KeyLog, Paths, unversioned};
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A full refresh delivers several records with the same primary key.
    ///
    /// # What it checks
    /// In one full refresh read of a stream with a primary key, each key comes once. Records that repeat one word for
    /// word are worth knowing (INFO); records of one key that differ are a SHOULD. Keys of all records are compared, by
    /// hash, on disk if need be. Incremental reads and CDC deliver versions of a row, and are not judged, nor are
    /// records that lack a part of their key.
    ///
    /// # Why it matters
    /// Pages that overlap, or rows that move from page to page while they are read, make such records; where some come
    /// twice, others are often left out. Without deduplication the table has the row twice.
    ///
    /// # Example
    /// With the primary key `[["id"]]`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"total":9.5},"emitted_at":1700000000000}}
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"total":7},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"total":9.5},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":2,"total":7},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Ask for a stable order, and page by key or cursor rather than by offset (Low-code: `CursorPagination`; Python
    /// CDK: `next_page_token`; Java: keyset pagination). Slices must not overlap. If rows of several parents share ids,
    /// add the parent's to the key.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at this: keys are compared between two reads as sets, in which what
    /// repeats is one.
    PrimaryKeyRepeated {
        code: "READ-012",
        name: "primary-key-repeated",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "a primary key names one row",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct PrimaryKeyRepeated {
    /// By place in the catalog: the keys that are compared.
    keys: Vec<Paths>,
    seen: KeyLog,
    unjudged: Option<String>,
}

impl Observer for PrimaryKeyRepeated {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let (Some(record), Some(place)) = (look.record(), look.line.stream) else { return };
        if self.keys.is_empty() {
            self.keys = unversioned(look.scene);
        }
        self.seen.add(place, look.line.number, &self.keys[place], record.data.get());
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let repeated = match std::mem::take(&mut self.seen).repeats() {
            Ok(repeated) => repeated,
            Err(error) => {
                self.unjudged = Some(format!("the keys could not be kept on disk: {error}"));
                return;
            }
        };
        for ((place, is_same), repeats) in repeated {
            let Some(stream) = ending.scene.streams.get(place).map(|stream| &stream.descriptor) else { continue };
            for at in 0..repeats.count {
                findings.report_stream(if is_same { "same" } else { "other" }, stream, || {
                    let at = usize::try_from(at).unwrap_or(usize::MAX).min(repeats.pairs.len() - 1);
                    describe(stream, repeats.count, is_same, repeats.pairs[at])
                });
            }
        }
    }

    fn unjudged(&self) -> Option<String> {
        self.unjudged.clone()
    }
}

fn describe(stream: &Descriptor, count: u64, is_same: bool, (other, first): (u64, u64)) -> Violation {
    let (title, what, level) = match is_same {
        true => ("records repeat word for word", "is the same as", Level::Info),
        false => ("records of one primary key differ", "has the key of, and differs from,", Level::Should),
    };
    let records = text::plural(count, "record");
    Violation::new(title, format!("{records} of `{stream}`: message {other} {what} message {first}"))
        .at_message(other)
        .expected("each key once", format!("the key of message {first} again"))
        .level(level)
}
