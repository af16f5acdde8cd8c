//! DEST-008.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, how, is_silent, judge_failure, seen};
use crate::feed::Target;
use crate::protocol::Descriptor;
use crate::rules::Level;

/// What no message is, each between two records.
const BROKEN: [&str; 7] = [
    "",
    "   \t ",
    "Starting the source, this is a plain text",
    r#"{"type":"RECORD","record":{"stream":}}"#,
    r#"{"type":"RECORD","record":{"stream":"people","emitted_at":1700000000000,"data":{"id":"#,
    "[1, 2",
    "}",
];

/// How a source ends that is killed while it writes a line.
const CUT_OFF: &[u8] = br#"{"type":"RECORD","record":{"str"#;

const BROKEN_LINES: Launches =
    Launches::one("write.broken-lines", "eight records, with lines between them that are no messages");

const OF_OLD: Launches = Launches::one(
    "write.broken-lines-old",
    "the same as an older source sends it, without statuses, and cut off in its last line",
);

experiment! {
    /// Lines on stdin that are no messages cost valid records.
    ///
    /// # What it checks
    /// Eight records are written, and between them blank lines, plain text, JSON with a mistake, and JSON that is cut off.
    /// Then what is stored is read. The same is done to another stream as an older source would, without statuses, and its
    /// last line is cut off: who misses a COMPLETE may fail for that, and who does not know of them shows what became of the
    /// records. A fault is proven thus: it ends with exit code 0 and one of the eight records is not stored. To refuse such
    /// lines is as good as to skip them, if it fails with a TRACE/ERROR: where it fails without one, or hangs, or skips them
    /// and says nothing at all, that is told at SHOULD. What could fool it: a destination that fails at every write: the one
    /// with nothing unusual in it must work first.
    ///
    /// # Why it matters
    /// Libraries print to stdout, and a source that is killed leaves half a line. A destination that stumbles over that and
    /// goes on takes the record behind it for part of it, and reports success.
    ///
    /// # Example
    /// Record 4 stands behind a line that is cut off:
    /// ```json
    /// bad:  {"id":1} {"id":2} {"id":3} {"id":5}   (exit code 0)
    /// good: {"type":"LOG","log":{"level":"WARN","message":"line 8 of stdin is not a message and is skipped"}}
    /// ```
    ///
    /// # How to mend it
    /// Read stdin line by line, and parse each for itself: a line that can't be parsed is skipped with a WARN that has its
    /// number (not its content, which may be secret), or the sync fails. No parser may go on into the next line. The Python
    /// CDK skips and logs, the Java CDK throws.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK ends one sync with a line that can't be parsed. For other languages there are none.
    run {
        code: "DEST-008",
        name: "broken-lines",
        level: Must,
        commands: [Write],
        authority: CdkConvention,
        source: "airbyte-python-cdk: destination.py; airbyte#34567",
        depth: Standard,
        launches: [PLAIN, BROKEN_LINES, OF_OLD],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let streams = ["people_and_noise", "people_without_statuses"].map(|name| lab.stream("broken_lines", name));
    let [usual, old] = &streams;
    let write = |stream: &Descriptor| Write::to([Target::append(stream.clone(), people())]);
    let usual_ask = with_broken_lines(write(usual), usual).finish().ask(BROKEN_LINES.id, BROKEN_LINES.what);
    let old_ask =
        with_broken_lines(write(old).without_statuses(), old).state(old).cut_off(CUT_OFF).ask(OF_OLD.id, OF_OLD.what);
    let launched = lab.launches([usual_ask.unjudged(), old_ask.unjudged()])?;
    let mut conclusion = Conclusion::of(STATEMENT, launched[0]);
    for (ran, stream) in launched.into_iter().zip(&streams) {
        match End::of(ran)? {
            End::Success => judge_success(&mut conclusion, ran, stream)?,
            end => judge_failure(&mut conclusion, ran, end, Some(stream), "lines that are no messages"),
        }
    }
    Ok(conclusion)
}

/// Records with a broken line between each two.
fn with_broken_lines(write: Write, stream: &Descriptor) -> Write {
    let record = |write: Write, id: u64| write.record(stream, person(id, "Ada", 1));
    (2..).zip(BROKEN).fold(record(write, 1), |write, (id, line)| record(write.line(line), id))
}

fn judge_success(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor) -> Result<(), Halt> {
    if is_silent(ran) {
        let message =
            format!("{} was sent lines that are no messages, skipped them, and wrote neither LOG nor stderr", ran.id);
        let title = "lines that are no messages are skipped, and nothing says so";
        let shown = ("a WARN, or a failure with TRACE/ERROR", "exit code 0 and not a word");
        conclusion.found(Some(stream), fault(ran, ("silent", Level::Should), title, message, shown));
    }
    let Some(rows) = seen(conclusion, ran, stream) else { return Ok(()) };
    let last = BROKEN.len() as u64 + 1;
    let lost = missing(rows, 1..=last);
    if lost.is_empty() {
        conclusion.judged(Some(stream));
        return Ok(());
    }
    let found = told(&ids(rows));
    let message = format!(
        "{} ended with {}, and of the records 1 to {last}, between which lines stood that are no messages, {} are not stored; it \
         holds {found}",
        ran.id,
        how(ran),
        told(&lost)
    );
    let title = "records are lost beside a line that is no message";
    conclusion.found(
        Some(stream),
        fault(ran, ("lost", Level::Must), title, message, (format!("the ids 1 to {last}"), found)),
    );
    Ok(())
}
