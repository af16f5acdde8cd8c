//! DEST-016.

use crate::experiments::deduplicated::{Deduplicated, LATE, changes, nested_key, plain_keys, sync};
use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::stored_rows::{quoted, texts};
use crate::experiments::written::{fault, seen};
use crate::feed::{Exact, Row};
use crate::protocol::DestinationSyncMode;
use crate::rules::Level;
use crate::suite::CdcDelete;

experiment! {
    /// In mode `append_dedup`, a key has several rows, none, or not that of its latest record.
    ///
    /// # What it checks
    /// Two syncs write to streams in mode `append_dedup`: with a time, a number and nothing as cursor; with keys of one part, of two, of
    /// text. Records of one key come in the wrong order, with equal cursors, and, in the later sync, with a cursor that is older
    /// than what is stored. A stream of a database's changes has rows that are deleted in the sync that inserted them, in a later one, and
    /// without ever having been there. In a launch of its own a key lies within an object.
    ///
    /// What proves a fault: what is left of a stream is not one row for each key, that of the greatest cursor; of equal cursors, that of the latest
    /// `emitted_at`. Or a row that the source says was deleted is there, or not there, against what the suite declares
    /// (`behaviours.cdc_delete`). At SHOULD: a row is back after its deletion because an older change of it was sent last.
    ///
    /// What could fool it: a reader that shows the raw records beside the deduplicated ones. A destination that refuses a key within an object, and says so,
    /// is not judged by it. Whether the deletion of a row that never was leaves a mark makes no difference where deletions do.
    ///
    /// # Why it matters
    /// One row for each key, the latest, is what makes a table of the log that a source sends. Where an older version wins, the table
    /// goes back in time, and nothing else of the sync shows it.
    ///
    /// # Example
    /// The key is `id`, the cursor `version`:
    /// ```json
    /// sent: {"id":1,"version":9} {"id":1,"version":10} {"id":1,"version":2}
    /// bad:  {"id":1,"version":9}
    /// good: {"id":1,"version":10}
    /// ```
    ///
    /// # How to mend it
    /// Compare by all parts of `primary_key`, each a path, and let `cursor` and then `_airbyte_extracted_at` decide, both by their types
    /// and not as text. Merge with what is stored, not only within the sync: `row_number() over (partition by key order by cursor desc nulls
    /// last, extracted_at desc) = 1`. Bulk CDK: the `TableOperationsClient.upsertTable` of your dialect.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK deduplicates with composite and text keys, without cursor, and with deletions. For other languages
    /// there are none.
    run {
        code: "DEST-016",
        name: "dedup-wrong",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: destination sync modes",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.dedup", "records of equal keys, to streams in mode append_dedup"),
            Launches::one("write.dedup-later", "newer and older records of the same keys"),
            Launches::one("write.dedup-nested", "records whose key lies within an object"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    lab.offers(DestinationSyncMode::AppendDedup)?;
    is_seen(lab)?;
    let (plain, changes, nested) = (plain_keys(lab), changes(lab), nested_key(lab));
    let all: Vec<&Deduplicated> = plain.iter().chain([&changes]).collect();
    let first = lab.launch(sync(&all, false).ask("write.dedup", "records of equal keys, out of order"))?.complete()?;
    let later = sync(&all, true).ask("write.dedup-later", "newer and older records of the same keys");
    let later = lab.launch(later)?.complete()?;
    let inner = sync(&[&nested], false).ask("write.dedup-nested", "records whose key lies within an object");
    // Which keys a destination takes, it may say by refusing others.
    let inner = lab.launch(inner.unjudged())?;

    let mut conclusion = Conclusion::of(STATEMENT, inner);
    for stream in all {
        let is_wrong = !judge(lab, &mut conclusion, first, stream, 0);
        // What is wrong from the beginning need not be told twice.
        if !is_wrong {
            judge(lab, &mut conclusion, later, stream, 1);
        }
    }
    match inner.complete() {
        Ok(inner) => drop(judge(lab, &mut conclusion, inner, &nested, 0)),
        Err(Halt::Cannot(why)) => conclusion.inconclusive(Some(nested.stream()), why),
        Err(wants) => return Err(wants),
    }
    Ok(conclusion)
}

/// Whether nothing wrong is seen of a stream after that sync.
fn judge(lab: &Lab<'_>, conclusion: &mut Conclusion, ran: &Ran, stream: &Deduplicated, sync: usize) -> bool {
    let Some(rows) = seen(conclusion, ran, stream.stream()) else { return true };
    conclusion.judged(Some(stream.stream()));
    let is_soft = lab.behaviours().cdc_delete == CdcDelete::Soft;
    let (mut wanted, mut found) = (stream.left[sync].clone(), texts(rows, "label"));
    if is_soft {
        // Of what never was, a destination need not keep a mark; and of what was, the mark may be all that it keeps.
        let without = |label: &str| label.contains("never inserted");
        wanted.retain(|label| !without(label));
        found.retain(|label| !without(label));
        if let Some(unmarked) = unmarked(rows) {
            tell_unmarked(conclusion, ran, stream, unmarked);
            return false;
        }
    }
    if found == wanted {
        return true;
    }
    let is_late_alone = found.iter().filter(|label| *label != LATE).eq(wanted.iter());
    let level = if is_late_alone { Level::Should } else { Level::Must };
    let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
    let message = format!(
        "{}; after {} the stream holds the rows {}, and {} should be left",
        stream.why,
        ran.id,
        quoted(&found),
        quoted(&wanted)
    );
    let title = "`append_dedup` does not leave the latest record of each key";
    let fault = fault(ran, ("rows", level), title, message, (quoted(&wanted), quoted(&found)));
    conclusion.found_alone(Some(stream.stream()), &stream.stream().name, fault);
    false
}

/// A row of a record that says that it was deleted, and that does not show the time.
fn unmarked(rows: &[Row]) -> Option<&str> {
    let label = |row: &&Row| row.get("label").and_then(Exact::text).is_some_and(|label| label.contains("deleted"));
    let row = rows.iter().filter(label).find(|row| row.get("_ab_cdc_deleted_at").is_none_or(Exact::is_null))?;
    row.get("label").and_then(Exact::text)
}

fn tell_unmarked(conclusion: &mut Conclusion, ran: &Ran, stream: &Deduplicated, label: &str) {
    let label = quoted(&[label.to_owned()]);
    let message = format!(
        "after {} the row {label} is there without `_ab_cdc_deleted_at`: nobody sees that it was deleted",
        ran.id
    );
    let title = "a deleted row stays without the time of its deletion";
    let fault = fault(
        ran,
        ("unmarked", Level::Must),
        title,
        message,
        ("`_ab_cdc_deleted_at` with the time of the deletion", "null"),
    );
    conclusion.found(Some(stream.stream()), fault);
}
