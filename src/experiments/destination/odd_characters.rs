//! DEST-031.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, row_of, shown, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{failure_of, fault, seen};
use crate::feed::{Exact, Row, Target};
use crate::protocol::Descriptor;
use crate::rules::Level;

experiment! {
    /// A character that databases do not take fails the sync, or costs records.
    ///
    /// # What it checks
    /// Between two plain records, one has `\u0000` in a text and another half a surrogate pair (`\ud800`): both are JSON, and both
    /// come from real databases. Only what a plain write has shown to work is tried so.
    ///
    /// What proves a fault: the write fails, or not each of the four records is stored. At INFO: the text has changed, and `_airbyte_meta.changes` does not
    /// say so.
    ///
    /// What could fool it: a reader that prints half a surrogate pair prints no JSON: what it shows then is not judged.
    ///
    /// # Why it matters
    /// Such texts are in real data, from broken forms and binary fields. One of them stops the sync at the same record in each attempt, and
    /// whoever finds out why can't mend the source.
    ///
    /// # Example
    /// ```json
    /// sent: {"id":2,"name":"before\u0000behind"}
    /// bad:  (exit code 1: invalid byte sequence for encoding "UTF8": 0x00)
    /// good: {"id":2,"name":"beforebehind"}
    /// ```
    ///
    /// # How to mend it
    /// Take `\u0000` out of texts, also within objects and names, before they go to a database that ends a text there
    /// (Postgres: `invalid byte sequence for encoding "UTF8": 0x00`), and replace lone surrogates by U+FFFD; note a change. Python:
    /// `text.encode("utf-8", "replace")`; orjson refuses lone surrogates, so catch that.
    ///
    /// # What Airbyte's tests see
    /// None writes such a text.
    run {
        code: "DEST-031",
        name: "odd-characters",
        level: Should,
        commands: [Write],
        authority: PlatformBehaviour,
        source: "airbyte#3476",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.odd-characters", "texts with a null character and with half a surrogate pair"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let stream = lab.stream("characters", "letters");
    let write = Write::to([Target::append(stream.clone(), people())])
        .record(&stream, person(1, "plain", 1))
        .record(&stream, r#"{"id":2,"name":"before\u0000behind","updated_at":null}"#)
        .record(&stream, r#"{"id":3,"name":"before\ud800behind","updated_at":null}"#)
        .record(&stream, person(4, "plain", 1));
    let ask = write.finish().ask("write.odd-characters", "a null character, and half a surrogate pair").unjudged();
    let ran = lab.launch(ask)?;

    let mut conclusion = Conclusion::of(STATEMENT, ran);
    conclusion.judged(None);
    if let Some(how) = failure_of(ran)? {
        let message = format!("{} wrote a text with `\\u0000` and one with `\\ud800`, and fails: {how}", ran.id);
        let title = "a character that databases do not take fails the sync";
        conclusion.found(Some(&stream), fault(ran, ("fails", Level::Should), title, message, ("exit code 0", how)));
        return Ok(conclusion);
    }
    let Some(rows) = seen(&mut conclusion, ran, &stream) else { return Ok(conclusion) };
    conclusion.judged(Some(&stream));
    let found = ids(rows);
    if found.join(" ") != "1 2 3 4" {
        let message = format!(
            "record 2 of {} has `\\u0000` in a text, and record 3 `\\ud800`; the stream holds {}",
            ran.id,
            told(&found)
        );
        let title = "a character that databases do not take costs records";
        let fault = fault(ran, ("rows", Level::Should), title, message, ("the ids 1 2 3 4", told(&found)));
        conclusion.found(Some(&stream), fault);
    }
    judge_texts(&mut conclusion, ran, &stream, rows);
    Ok(conclusion)
}

fn judge_texts(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, rows: &[Row]) {
    for (id, character, kept) in [(2, r"\u0000", "before\0behind"), (3, r"\ud800", "")] {
        let Some(row) = row_of(rows, id) else { continue };
        let stored = row.get("name");
        if stored.and_then(Exact::text) == Some(kept) || row.change_of("name").is_some() || row.meta.is_none() {
            continue;
        }
        let found = shown(stored);
        let message = format!(
            "the text of record {id} of {} has `{character}`; stored is {found}, and the row does not say so",
            ran.id
        );
        let title = "a text with a character that databases do not take is changed without a word";
        let expected = "a change of `name` in `_airbyte_meta.changes`";
        let fault = fault(ran, ("texts", Level::Info), title, message, (expected, found));
        conclusion.found(Some(stream), fault);
    }
}
