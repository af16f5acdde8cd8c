use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};

rule! {
    /// A record or state of a stream comes after the stream has ended.
    ///
    /// # What it checks
    /// After COMPLETE or INCOMPLETE no RECORD of that stream follows. A STREAM state of it that follows is reported at
    /// SHOULD. GLOBAL and LEGACY states belong to no single stream and may come at any time; a stream that is STARTED
    /// anew is STATUS-002's.
    ///
    /// # Why it matters
    /// The terminal status tells the destination that it may finish the stream: flush it, swap its table. Destinations
    /// of the Kotlin CDK fail on a record that comes later. A state that comes later may be stored too late for the
    /// platform to mark the stream as complete.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    ///       {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    ///       {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit the terminal status when the last record and the last state of the stream are out, and flush before what
    /// buffers or threads still hold. Low-code and Python CDK 7 emit the last state of some full refresh streams
    /// after COMPLETE: that is the CDK's order, and nothing in the connector can change it; waive it, or upgrade the
    /// CDK.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look at the statuses of each stream by themselves, not at records and states between or
    /// behind them. The standard tests of the Python CDK do not look at either.
    OutputAfterTerminalStatus {
        code: "STATUS-004",
        name: "output-after-terminal-status",
        level: Must,
        commands: [Read],
        authority: CdkConvention,
        source: "Kotlin CDK (destinations): StreamManager; AirbyteStreamStatus",
        watches: [Watch::Message(Kind::Record), Watch::Message(Kind::State), Watch::Message(Kind::Trace)],
        about: Stream,
    }
}

#[derive(Default)]
struct OutputAfterTerminalStatus {
    /// By place in the catalog: the line of the terminal status; 0 while there is none.
    ended: Vec<u64>,
}

impl Observer for OutputAfterTerminalStatus {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(place) = look.line.stream else { return };
        if self.ended.is_empty() {
            self.ended.resize(look.scene.streams.len(), 0);
        }
        if let Some(status) = look.status() {
            let is_terminal = matches!(status.status.as_str(), "COMPLETE" | "INCOMPLETE");
            self.ended[place] = if is_terminal { look.line.number } else { 0 };
            return;
        }
        let ended = self.ended[place];
        let (what, level) = match look.message() {
            Some(Message::Record(_)) => ("record", Level::Must),
            Some(Message::State(_)) => ("state", Level::Should),
            _ => return,
        };
        if ended == 0 {
            return;
        }
        let stream = &look.scene.streams[place].descriptor;
        findings.report_stream(what, stream, || {
            let message = format!("a {what} of `{stream}` comes after its terminal status on line {ended}");
            Violation::new(format!("a {what} comes after the terminal status of its stream"), message)
                .on(look.line)
                .expected("the terminal status last", format!("a {what} after it"))
                .level(level)
        });
    }
}
