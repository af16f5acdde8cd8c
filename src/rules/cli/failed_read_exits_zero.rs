use crate::capture::Decoded;
use crate::launch::Channel;
use crate::protocol::Expect;
use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};

/// How an exception that nobody caught begins, in the languages that connectors are written in.
const UNCAUGHT: [&str; 4] =
    ["Traceback (most recent call last)", "Exception in thread ", "panic: ", "thread 'main' panicked"];

rule! {
    /// A read failed, and its exit code is 0.
    ///
    /// # What it checks
    /// A `read` that ends with exit code 0 must not have failed by its own words: with a TRACE/ERROR while not every
    /// stream is COMPLETE, or with an exception that nobody caught as the last thing said, nothing delivered. Where the
    /// scenario is expected to fail, a read without record and without error is reported at SHOULD. Its neighbours: a
    /// TRACE/ERROR although all streams are COMPLETE is TRACE-006's, an unfinished stream without TRACE/ERROR
    /// STATUS-007's.
    ///
    /// # Why it matters
    /// On exit code 0 the platform tells the destination that every stream is complete. With what arrived until the
    /// failure, an overwrite replaces the whole table.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Token expired."}}}  (exit code 0)
    /// good: the same, then INCOMPLETE for the stream, exit code 1
    /// ```
    ///
    /// # How to mend it
    /// Let the exception reach the entry point, or remember the failure, go on with the other streams, and end with
    /// exit code 1. Python CDK: raise from `read_records`; do not catch and yield a TRACE yourself. An entry point
    /// script must hand on the connector's exit code: `exec` does.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want an error trace for a bad catalog. No exit code of a connector ever fails one of
    /// them.
    FailedReadExitsZero {
        code: "CLI-007",
        name: "failed-read-exits-zero",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "airbyte-protocol: exit codes; platform: StreamStatusCompletionTracker; Python CDK abstract_source.py",
        watches: [Watch::EveryLine, Watch::Stderr],
        about: Launch,
    }
}

#[derive(Default)]
struct FailedReadExitsZero {
    /// The first TRACE/ERROR.
    error: Option<Violation>,
    /// An exception that nobody caught, unless a message came after it.
    uncaught: Option<Violation>,
}

impl Observer for FailedReadExitsZero {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        if let Some(message) = look.message() {
            self.uncaught = None;
            let is_error = matches!(message, Message::Trace(trace) if matches!(trace.body, TraceBody::Error(_)));
            if is_error && self.error.is_none() {
                let message = "a TRACE/ERROR came, not every stream is COMPLETE, and the exit code is 0";
                self.error =
                    Some(Violation::new("the read says that it failed, and exits with 0", message).on(look.line));
            }
        } else if self.uncaught.is_none() && is_uncaught(look) {
            let message = "no message follows an exception that nobody caught, nothing was delivered, and the exit code \
                           is 0";
            self.uncaught = Some(Violation::new("the read crashed, and exits with 0", message).on(look.line));
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let summary = ending.summary;
        if !ending.exit.succeeded() {
            return;
        }
        if let Some(error) = self.error.take() {
            if !summary.all_complete() {
                findings.report("error", || error.expected("a non-zero exit code", "exit code 0"));
            }
            return;
        }
        let is_empty = summary.count(Kind::Record) + summary.count(Kind::State) == 0;
        match self.uncaught.take().filter(|_| is_empty && !summary.uses_statuses()) {
            Some(crash) => findings.report("crash", || crash.expected("a non-zero exit code", "exit code 0")),
            None if is_empty && ending.scene.expect != Expect::Succeeded && may_judge(ending) => {
                findings.report("expected", || {
                    let message = "the scenario is expected to fail, and the read ended with exit code 0, no record \
                                   and no TRACE/ERROR";
                    Violation::new("a read that can't work looks like one of an empty source", message)
                        .level(Level::Should)
                        .expected("a TRACE/ERROR and a non-zero exit code", "exit code 0")
                });
            }
            None => {}
        }
    }
}

/// Whether STATUS-007 has nothing to say of this read.
fn may_judge(ending: &Ending<'_>) -> bool {
    !ending.summary.uses_statuses() || ending.summary.all_complete()
}

fn is_uncaught(look: &Look<'_>) -> bool {
    let is_text = look.line.channel == Channel::Stderr || matches!(look.line.decoded, Decoded::Text { .. });
    is_text && UNCAUGHT.iter().any(|beginning| look.line.bytes.starts_with(beginning.as_bytes()))
}
