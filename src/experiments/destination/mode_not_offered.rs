//! DEST-020.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, judge_failure};
use crate::feed::Target;
use crate::protocol::DestinationSyncMode;
use crate::rules::Level;
use crate::text;
use serde_json::Value;
use std::sync::Arc;

/// The modes of the protocol that a platform asks for.
const USUAL: [&str; 3] = ["append_dedup", "overwrite", "append"];

/// Those of later versions of it.
const LATER: [&str; 2] = ["update", "soft_delete"];

const REFUSED: Launches =
    Launches::one("write.mode-not-offered", "two records in a mode that the specification does not offer");

experiment! {
    /// A mode that the specification does not offer is taken.
    ///
    /// # What it checks
    /// Two records are written in a `destination_sync_mode` that is not in the specification's
    /// `supported_destination_sync_modes`: one of the three usual ones, or where it offers them all, one of those that only
    /// later versions of the protocol have. Then what is stored is read. A fault is proven thus: the write ends with exit
    /// code 0. It is told at SHOULD where the mode is of a later version, where the write fails without a TRACE/ERROR, and
    /// where it fails and has stored something all the same. What could fool it: a specification that offers less than the
    /// destination can do: then correct the specification.
    ///
    /// # Why it matters
    /// Who takes `append_dedup` for `append` fills a table with duplicates, and who takes it for `overwrite` removes what was
    /// there; either way the sync is green and the table is not what the user chose.
    ///
    /// # Example
    /// The specification offers `append` alone, and the catalog says `append_dedup`:
    /// ```json
    /// bad:  (exit code 0)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Stream people: append_dedup is not supported.","failure_type":"config_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Look at the catalog before anything is written, and fail with a TRACE/ERROR (`config_error`) that names stream and
    /// mode. Let no `else` take what is not known for `append`.
    ///
    /// # What Airbyte's tests see
    /// Nothing: all suites write in the modes that are offered.
    run {
        code: "DEST-020",
        name: "mode-not-offered",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: destination sync modes",
        depth: Standard,
        launches: [PLAIN, REFUSED],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let specification = lab.spec()?.summary.specification.as_ref();
    let offered = specification.and_then(|spec| spec.get("supported_destination_sync_modes")?.as_array());
    let offered = offered.filter(|modes| !modes.is_empty()).ok_or_else(|| {
        Halt::Cannot("its specification offers no modes (`supported_destination_sync_modes`)".to_owned())
    })?;
    let is_offered = |word: &&str| offered.iter().any(|mode| mode == *word);
    let word = USUAL.into_iter().chain(LATER).find(|word| !is_offered(word));
    let word = word.ok_or_else(|| Halt::Cannot("its specification offers every mode of the protocol".to_owned()))?;

    // One that fails in any mode does not refuse this one.
    if is_offered(&DestinationSyncMode::Append.as_str()) {
        works_plainly(lab)?;
    }
    let stream = lab.stream("mode_not_offered", "people_refused");
    let target = Target::append(stream.clone(), people()).deduplicated(&[&["id"]], &["updated_at"]);
    let write = Write::to([target.mode(DestinationSyncMode::Append)]);
    let write = write.records(&stream, (1..=2).map(|id| person(id, "Ada", 1)));
    let mut ask =
        write.finish().ask(REFUSED.id, &format!("two records in the mode {word}, which is not offered")).unjudged();
    let mode =
        ask.catalog.as_mut().map(Arc::make_mut).and_then(|it| it.pointer_mut("/streams/0/destination_sync_mode"));
    mode.into_iter().for_each(|mode| *mode = Value::from(word));
    let ran = lab.launch(ask)?;

    let end = End::of(ran)?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    if end == End::Success {
        let level = if USUAL.contains(&word) { Level::Must } else { Level::Should };
        let asked = format!("{} was asked for the mode `{word}`, which its specification does not offer", ran.id);
        let (message, title) = match ran.summary.describe_error() {
            None => (format!("{asked}, and succeeded"), "a mode that is not offered is taken"),
            Some(told) => (
                format!(
                    "{asked}; it told of an error ({}), and ended with exit code 0 all the same",
                    text::shorten(&text::visible(&told), 200)
                ),
                "a mode that is not offered is refused with exit code 0",
            ),
        };
        let shown = ("a failure with TRACE/ERROR", "exit code 0");
        conclusion.found(Some(&stream), fault(ran, ("taken", level), title, message, shown));
        return Ok(conclusion);
    }
    judge_failure(&mut conclusion, ran, end, Some(&stream), "a mode that is not offered");
    // That it refused is judged; without a reader nothing more is to be seen.
    let found = ran.rows(&stream).map(ids).unwrap_or_default();
    if !found.is_empty() {
        let message = format!("{} refuses the mode `{word}`, but has stored {}", ran.id, told(&found));
        let title = "a mode that is not offered is refused too late";
        let shown = ("nothing is written", told(&found));
        conclusion.found(Some(&stream), fault(ran, ("written", Level::Should), title, message, shown));
    }
    Ok(conclusion)
}
