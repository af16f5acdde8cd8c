use crate::feed::Sent;
use crate::protocol::Kind;
use crate::rules::last_words::last_words;
use crate::rules::{Ending, Findings, Observer, Scene, Violation, rule};
use crate::text;

rule! {
    /// A destination does not take all that it is sent, or does not end with success when it has.
    ///
    /// # What it checks
    /// `write` must read stdin until it ends, store everything, and end by itself with exit code 0. It is judged where nothing
    /// of what is sent is wrong and nothing disturbs the launch. A TRACE/ERROR before exit code 0 is told as well: the platform fails such
    /// a sync. To fail where a source broke off, so that a stream has begun and is not complete, is no fault.
    ///
    /// # Why it matters
    /// The end of stdin is how the platform says that there is no more, and exit code 0 is how it learns that all is stored.
    /// A destination that ends before drops what is on its way; one that fails has the whole sync repeated; one that hangs
    /// holds the job's resources for hours.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"KeyError: 'id'"}}}   (exit code 1)
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"n":2}}}}   (exit code 0)
    /// ```
    ///
    /// # How to mend it
    /// The TRACE/ERROR or the end of stderr says why it fails. Read stdin in a loop that only the end of the stream ends, flush
    /// what is left then, and let no thread or connection pool outlive that. Python CDK: `write` is a generator; what stands behind
    /// its last `yield` runs only when the messages are used up.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations fail on a sync that does not succeed. For other languages there are none.
    WriteFails {
        code: "DEST-001",
        name: "write-fails",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: write",
        watches: [],
        about: Launch,
        applies: is_meant_to_work,
    }
}

#[derive(Default)]
struct WriteFails;

fn is_meant_to_work(scene: &Scene) -> Result<(), &'static str> {
    match &scene.sent {
        _ if !scene.must_work() => Err("the scenario is expected to fail"),
        None => Err("nothing is known of what was sent"),
        Some(sent) if sent.unusual || !sent.closed => Err("what was sent is not what a source sends to its end"),
        Some(_) => Ok(()),
    }
}

/// Whether what was sent breaks off before a stream is complete: to fail then is as right as to go on.
fn is_broken_off(sent: &Sent) -> bool {
    sent.streams.iter().any(|stream| stream.status.as_deref().is_some_and(|word| word != "COMPLETE"))
}

impl Observer for WriteFails {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let exit = ending.exit;
        if ending.is_cut_short() {
            return;
        }
        let how = exit.describe();
        let states = text::plural(ending.summary.count(Kind::State), "state");
        let told = ending.summary.describe_error().map_or(String::new(), |told| format!("; {told}"));
        let message = format!("{how}, after {states} had come back{told}{}", last_words(ending));
        if exit.ended.is_some() {
            findings.report("hangs", || {
                Violation::new("`write` does not end by itself", message)
                    .expected("ends by itself when stdin has ended, with exit code 0", how)
            });
        } else if !exit.succeeded() {
            if exit.failed_by_itself() && ending.scene.sent.as_deref().is_some_and(is_broken_off) {
                return;
            }
            findings.report("fails", || Violation::new("`write` fails", message).expected("exit code 0", how));
        } else if ending.summary.first_error.is_some() && !ending.scene.sent.as_deref().is_some_and(is_broken_off) {
            findings.report("error", || {
                Violation::new("`write` tells of an error and looks like success", message)
                    .expected("no TRACE/ERROR, or another exit code", how)
            });
        } else if exit.fed.is_some_and(|fed| !fed.whole) {
            let taken = text::bytes(exit.fed.map_or(0, |fed| fed.bytes));
            findings.report("stops", || {
                let message = format!("it ended with {how} when it had taken {taken}, and there was more");
                Violation::new("`write` stops before stdin has ended", message)
                    .expected("reads until stdin ends", format!("ended after {taken}"))
            });
        }
    }
}
