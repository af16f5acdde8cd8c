use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};

rule! {
    /// What the statuses say of a failed stream and what the errors say do not agree.
    ///
    /// # What it checks
    /// In a read that fails: a stream that a TRACE/ERROR names does not end COMPLETE (told at SHOULD where the error comes
    /// after COMPLETE). And where a scenario is expected to fail and the read ends with code 0, a stream that was started
    /// and ends INCOMPLETE comes with a TRACE/ERROR (at SHOULD). Other codes without TRACE/ERROR are TRACE-001's, reads that succeed
    /// STATUS-007's and TRACE-006's.
    ///
    /// # Why it matters
    /// The platform takes COMPLETE at its word, and may keep what is half a stream. INCOMPLETE without an error tells the
    /// user that something failed, and nobody what.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Page 3 is broken.","failure_type":"system_error","stream_descriptor":{"name":"orders"}}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Page 3 is broken.","failure_type":"system_error","stream_descriptor":{"name":"orders"}}}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"INCOMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Decide both in one place: where the stream's error is caught, emit the TRACE/ERROR with its descriptor, then
    /// INCOMPLETE. The CDKs do so with an exception that reaches them; log what is not fatal, do not emit it as an error.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for a TRACE/ERROR after a read that fails, and not at the statuses beside it.
    FailedStreamNotTold {
        code: "STATUS-006",
        name: "failed-stream-not-incomplete",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStreamStatus: INCOMPLETE; Python CDK: stream errors",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Stream,
    }
}

#[derive(Default)]
struct FailedStreamNotTold {
    /// By place in the catalog: the first error that names the stream, and its last terminal status; 0 while there is none.
    streams: Vec<(u64, u64)>,
    /// A trace may have been lost, which a LINE rule says.
    unsure: bool,
}

impl Observer for FailedStreamNotTold {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.streams.resize(look.scene.streams.len(), (0, 0));
        self.unsure |= look.loses(Kind::Trace);
        let Some(Message::Trace(trace)) = look.message() else { return };
        match (&trace.body, look.line.stream) {
            (TraceBody::StreamStatus(status), Some(place)) if status.status.ends_with("COMPLETE") => {
                self.streams[place].1 = look.line.number;
            }
            (TraceBody::Error(error), _) => {
                let named = error.stream_descriptor.as_ref().and_then(|stream| look.scene.place_meant(stream));
                let first = named.map(|place| &mut self.streams[place].0).filter(|line| **line == 0);
                first.into_iter().for_each(|line| *line = look.line.number);
            }
            _ => {}
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let (exit, summary) = (ending.exit, ending.summary);
        let has_failed = exit.code.is_some_and(|code| code != 0) && exit.ended.is_none() && !exit.is_cut_short();
        let is_silent = exit.succeeded() && !ending.scene.must_work() && summary.error_traces == 0;
        for ((stream, (error, end)), tally) in ending.scene.streams.iter().zip(&self.streams).zip(&summary.streams) {
            let stream = &stream.descriptor;
            let (cause, level, message) = match tally.last_status.as_deref() {
                Some("COMPLETE") if has_failed && *error > 0 && error < end => (
                    "complete",
                    Level::Must,
                    format!("an error on line {error} names `{stream}`, which is then COMPLETE"),
                ),
                Some("COMPLETE") if has_failed && *error > 0 => (
                    "complete before",
                    Level::Should,
                    format!("`{stream}` is COMPLETE, and an error on line {error} names it"),
                ),
                Some("INCOMPLETE") if is_silent && tally.statuses > 1 => {
                    ("incomplete", Level::Should, format!("`{stream}` is INCOMPLETE, and no TRACE/ERROR says why"))
                }
                _ => continue,
            };
            if !self.unsure {
                let title = "the status of a stream and the errors do not agree";
                let describe = || Violation::new(title, message).at_message(*end).level(level);
                findings.report_stream(cause, stream, describe);
            }
        }
    }
}
