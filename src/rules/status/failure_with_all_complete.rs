use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// The read fails, and every stream is COMPLETE.
    ///
    /// # What it checks
    /// Where a read ends by itself with a code other than 0, at least one stream is INCOMPLETE or has no terminal status.
    /// Where an error names a stream that is COMPLETE, STATUS-006 says so.
    ///
    /// # Why it matters
    /// The sync is red, and nothing tells which stream is to blame: all of them are retried, and the user looks for the
    /// fault in vain.
    ///
    /// # Example
    /// The only stream's status before exit code 1:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"INCOMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Say INCOMPLETE for the stream that failed. If all of them were really read, what fails afterwards (closing a
    /// connection, removing a file) should be logged, not end the process with an error.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not compare the exit code of a read with its statuses.
    FailureWithAllComplete {
        code: "STATUS-008",
        name: "failure-with-all-streams-complete",
        level: Info,
        commands: [Read],
        authority: Inference,
        source: "follows from AirbyteStreamStatus and the exit codes",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct FailureWithAllComplete {
    /// A status may have been lost, or an error names a stream.
    told: bool,
}

impl Observer for FailureWithAllComplete {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.told |= look.loses(Kind::Trace);
        let Some(Message::Trace(trace)) = look.message() else { return };
        if let TraceBody::Error(error) = &trace.body {
            let named = error.stream_descriptor.as_ref().and_then(|stream| look.scene.place_meant(stream));
            self.told |= named.is_some();
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let exit = ending.exit;
        let failed = exit.code.is_some_and(|code| code != 0)
            && exit.signal.is_none()
            && exit.ended.is_none()
            && !exit.is_cut_short();
        if !failed || self.told || !ending.summary.all_complete() {
            return;
        }
        findings.report("all complete", || {
            let message = format!("it ended with {}, and the last status of every stream is COMPLETE", exit.describe());
            Violation::new("a failed read whose streams are all COMPLETE", message)
                .expected("a stream that is INCOMPLETE, or exit code 0", "COMPLETE everywhere")
        });
    }
}
