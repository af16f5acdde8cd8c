use super::undeclared_field::is_foreign;
use crate::protocol::{Kind, pick};
use crate::rules::keys::{Paths, bits, keys};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How much of the key's parts is told.
const SHOWN: usize = 80;

rule! {
    /// A record's primary key is null, missing, or no scalar.
    ///
    /// # What it checks
    /// For streams with a primary key, the user's or the source's, of one part or several, nested or not: no record
    /// lacks all parts (MUST in incremental reads, else SHOULD), no part is an object or an array (MUST), and no part
    /// is null (SHOULD). Parts that the schema does not declare are DISC-013's.
    ///
    /// # Why it matters
    /// In incremental syncs with deduplication the platform fails on the first record without a key. A destination
    /// deduplicates by the parts: all rows that lack one are one row to it, or none is equal to any.
    ///
    /// # Example
    /// With the primary key `[["id"]]`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":null,"total":9.5},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1,"total":9.5},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Choose a key that each row has (Python CDK: `primary_key`; Low-code: `primary_key` of the stream; Java: the
    /// table's key columns), or emit no row that lacks one. A key that is an object has a scalar inside that is meant:
    /// `[["id", "value"]]`. Without a key, declare none.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for the same in full refresh reads: a part that is an object or array, and rows
    /// in which all parts are null. A nested path that holds a `/` or `*` misleads them.
    PrimaryKeyEmpty {
        code: "READ-011",
        name: "primary-key-value-empty",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: BasicAirbyteMessageValidator; acceptance tests: primary keys",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct PrimaryKeyEmpty {
    /// By place in the catalog.
    keys: Vec<Paths>,
    bits: Vec<Option<u64>>,
}

impl Observer for PrimaryKeyEmpty {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if self.keys.is_empty() {
            (self.keys, self.bits) = (keys(look.scene), bits(look.scene));
        }
        let (Some(record), Some(place)) = (look.record(), look.line.stream) else { return };
        let glimpse = look.glimpse();
        if glimpse.conforms && self.bits[place].is_some_and(|bits| glimpse.filled & bits == bits) {
            return;
        }
        let (mut empty, mut structure) = (0, None);
        for part in &self.keys[place] {
            match pick(record.data.get(), part) {
                None | Some("null") => empty += 1,
                Some(value) if value.starts_with(['{', '[']) => structure = Some((part, value)),
                Some(_) => {}
            }
        }
        let all = self.keys[place].len();
        if (empty == 0 && structure.is_none()) || !record.is_counted() || is_foreign(look) {
            return;
        }
        let is_incremental = look.scene.is_incremental(place);
        let (title, level) = match (structure, empty) {
            (Some(_), _) => ("a part of the primary key is an object or an array", Level::Must),
            (_, empty) if empty < all => ("a part of the primary key is null", Level::Should),
            _ if is_incremental => ("the primary key is null", Level::Must),
            _ => ("the primary key is null in a full refresh", Level::Should),
        };
        let stream = &look.scene.streams[place].descriptor;
        findings.report_stream(title, stream, || {
            let parts: Vec<String> = self.keys[place].iter().map(|part| part.join(".")).collect();
            let values: Vec<&str> =
                self.keys[place].iter().map(|part| pick(record.data.get(), part).unwrap_or("missing")).collect();
            let (parts, values) = (text::shorten(&parts.join(", "), SHOWN), text::shorten(&values.join(", "), SHOWN));
            Violation::new(title, format!("the primary key of `{stream}`, {parts}, is {values}"))
                .on(look.line)
                .pointer("/record/data")
                .expected(format!("scalars in {parts}"), values)
                .level(level)
        });
    }
}
