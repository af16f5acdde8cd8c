//! DEST-030.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{row_of, shown};
use crate::experiments::writing::{EMITTED_AT, Write};
use crate::experiments::written::{fails_cleanly, failure_of, fault, seen};
use crate::feed::{Exact, LongRecord, Row, Target};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::Depth;
use crate::text;
use serde_json::json;

experiment! {
    /// A large record kills the destination, or is lost or cut without a word.
    ///
    /// # What it checks
    /// Between two small records, one is written with a text of a MiB; in a certification, others with 8, 16 and 20 MiB as well, each in a
    /// sync of its own. Only what a plain write has shown to work is tried so.
    ///
    /// What proves a fault: the destination is killed, runs out of memory, or fails without an error that says why. Or it succeeds, and a record is not
    /// stored, or the text is another one or null and `_airbyte_meta.changes` does not say so. A failure that says why is no fault.
    ///
    /// What could fool it: a reader that cuts long texts. What is nulled is not judged where no row shows `_airbyte_meta`.
    ///
    /// # Why it matters
    /// Some record is always large: a document, an attachment, a log in one field. A destination that runs out of memory with it runs out
    /// of memory in each attempt, and one that drops it says that it was stored.
    ///
    /// # Example
    /// ```json
    /// bad:  (exit code 137: killed for want of memory)
    /// good: {"id":2,"text":null,"_airbyte_meta":{"changes":[{"field":"text","change":"NULLED","reason":"DESTINATION_RECORD_SIZE_LIMITATION"}]}}
    /// ```
    ///
    /// # How to mend it
    /// Bound what is buffered by bytes and not by records, and flush before a record that does not fit. Keep no second copy of a line. What
    /// the storage can't hold is nulled or cut with a change and `DESTINATION_RECORD_SIZE_LIMITATION` as reason. JVM: raise `-XX:MaxRAMPercentage`,
    /// not the number of records a batch.
    ///
    /// # What Airbyte's tests see
    /// None writes a record of more than a few KiB.
    run {
        code: "DEST-030",
        name: "large-record",
        level: Should,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "airbyte#38763; docs: DESTINATION_RECORD_SIZE_LIMITATION",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::up_to(1, 4, "write.large", "a record of some MiB between two small ones"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let sizes: &[u64] = if lab.depth == Depth::Certification { &[1, 8, 16, 20] } else { &[1] };
    let mut ran = Vec::new();
    for size in sizes {
        let stream = lab.stream("large", &format!("mib_{size}"));
        let schema = json!({"type": "object", "properties": {
            "id": {"type": ["null", "integer"]},
            "text": {"type": ["null", "string"]},
        }});
        let write = Write::to([Target::append(stream.clone(), schema)])
            .record(&stream, r#"{"id":1,"text":"small"}"#)
            .long_record(&stream, 2, size << 20)
            .record(&stream, r#"{"id":3,"text":"small"}"#);
        let purpose = format!("a record of {size} MiB between two small ones");
        let ask = write.finish().ask(&format!("write.large-{size}"), &purpose).unjudged();
        // One after another: two of them at once may be more than the machine has.
        ran.push((lab.launch(ask)?, stream, size << 20));
    }
    let Some((last, ..)) = ran.last() else { return Err(Halt::Cannot("no size is tried".to_owned())) };
    let mut conclusion = Conclusion::of(STATEMENT, last);
    for (ran, stream, bytes) in &ran {
        judge(&mut conclusion, ran, stream, *bytes)?;
    }
    Ok(conclusion)
}

fn judge(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, bytes: u64) -> Result<(), Halt> {
    let size = text::bytes(bytes);
    let how = failure_of(ran)?;
    conclusion.judged(None);
    match how {
        Some(_) if fails_cleanly(ran) => return Ok(()),
        Some(how) => {
            let message = format!("{} wrote a record of {size}, and ended so: {how}", ran.id);
            let title = "a large record brings the destination down";
            let expected = "the record is stored, or an exit code that is not 0 and a TRACE/ERROR that says why";
            let fault = fault(ran, ("fails", Level::Should), title, message, (expected, how));
            conclusion.found(Some(stream), fault);
            return Ok(());
        }
        None => {}
    }
    let Some(rows) = seen(conclusion, ran, stream) else { return Ok(()) };
    conclusion.judged(Some(stream));
    let missing: Vec<&str> = [(1, "1"), (2, "2"), (3, "3")]
        .into_iter()
        .filter(|(id, _)| row_of(rows, *id).is_none())
        .map(|(_, name)| name)
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(" ");
        let message = format!("record 2 of {} has {size}; it succeeded, and the ids {missing} are not stored", ran.id);
        let title = "a large record is lost, or others with it";
        let fault =
            fault(ran, ("rows", Level::Should), title, message, ("the ids 1 2 3", format!("without {missing}")));
        conclusion.found(Some(stream), fault);
    } else if let Some(row) = row_of(rows, 2) {
        judge_text(conclusion, ran, stream, (row, bytes));
    }
    Ok(())
}

fn judge_text(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, (row, bytes): (&Row, u64)) {
    let sent = LongRecord { stream: stream.clone(), id: 2, bytes, emitted_at: EMITTED_AT };
    let stored = row.get("text");
    let is_whole = stored.and_then(Exact::text).is_some_and(|text| sent.is_text(text));
    if is_whole || row.change_of("text").is_some() {
        return;
    }
    if row.meta.is_none() && stored.is_none_or(Exact::is_null) {
        return conclusion
            .inconclusive(Some(stream), "the row does not show `_airbyte_meta`, which is to say why the text is null");
    }
    let is_cut = stored.and_then(Exact::text).is_some_and(|text| sent.begins_with(text));
    let what = if is_cut { "cut: " } else { "" };
    let found = format!("{what}{}", shown(stored));
    let message = format!(
        "the text of record 2 of {} has {}; stored is {found}, and the row does not say so",
        ran.id,
        text::bytes(bytes)
    );
    let title = "a large text is cut, nulled or changed without a word";
    let fault = fault(ran, ("text", Level::Should), title, message, (text::bytes(bytes), found));
    conclusion.found(Some(stream), fault);
}
