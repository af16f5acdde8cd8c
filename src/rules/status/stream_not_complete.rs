use crate::protocol::Kind;
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};

rule! {
    /// The read succeeded, and a stream did not end with COMPLETE.
    ///
    /// # What it checks
    /// Where a read ends with exit code 0 and emits stream statuses, each configured stream ends with COMPLETE. One
    /// that ends INCOMPLETE or does not end is a MUST. One whose only status is INCOMPLETE, or that has no status while
    /// others have, is a SHOULD: so the Python CDK tells of a stream that the source does not have. Statuses without
    /// the namespace of their stream are not counted against it.
    ///
    /// # Why it matters
    /// After exit code 0 the platform tells the destination that every stream is complete. A destination that
    /// overwrites then replaces the whole table with the part that was read, and the sync is green.
    ///
    /// # Example
    /// Before exit code 0:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"INCOMPLETE"}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Let the process end with a code other than 0, after a TRACE of type ERROR, when a stream could not be read to
    /// its end, and emit COMPLETE for each that was. Python CDK and Low-code: do not swallow the exception of a
    /// stream; for a stream that the source does not have, have `raise_exception_on_missing_stream` return true. Java
    /// and Kotlin: let exceptions reach the CDK's runner.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at the exit code of a read. A last status other than COMPLETE fails them for
    /// certified connectors only.
    StreamNotComplete {
        code: "STATUS-007",
        name: "success-with-incomplete-stream",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: StreamStatusCompletionTracker",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Stream,
        applies: |scene| scene.must_work().then_some(()).ok_or("the scenario is expected to fail"),
    }
}

#[derive(Default)]
struct StreamNotComplete {
    /// By place in the catalog.
    streams: Vec<Told>,
}

/// What the statuses of a stream told.
#[derive(Clone, Default)]
struct Told {
    /// The line of the last one; 0 where there is none.
    last: u64,
    is_complete: bool,
    is_incomplete: bool,
    /// A status of it may have been missed, or can't be read. Other rules say so.
    unsure: bool,
}

impl Observer for StreamNotComplete {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.streams.resize(look.scene.streams.len(), Told::default());
        if look.line.loses("\"STREAM_STATUS\"") {
            self.streams.iter_mut().for_each(|stream| stream.unsure = true);
        }
        let Some(status) = look.status() else { return };
        let Some(stream) = look.line.stream.map(|place| &mut self.streams[place]) else {
            let namesakes = look.scene.namesakes(&status.stream_descriptor.name);
            namesakes.iter().for_each(|place| self.streams[*place].unsure = true);
            return;
        };
        stream.last = look.line.number;
        match status.status.as_str() {
            "COMPLETE" => stream.is_complete = true,
            "INCOMPLETE" => stream.is_incomplete = true,
            "STARTED" | "RUNNING" => {}
            _ => stream.unsure = true,
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if !ending.exit.succeeded() || !ending.summary.uses_statuses() {
            return;
        }
        for ((stream, told), tally) in ending.scene.streams.iter().zip(&self.streams).zip(&ending.summary.streams) {
            if told.is_complete || told.unsure {
                continue;
            }
            let (actual, level) = match (told.is_incomplete, tally.statuses) {
                (true, 1) => ("has INCOMPLETE as its only status", Level::Should),
                (true, _) => ("ended INCOMPLETE", Level::Must),
                (false, 0) => ("has no status at all", Level::Should),
                (false, _) => ("has no terminal status", Level::Must),
            };
            findings.report_stream(actual, &stream.descriptor, || {
                let title = format!("exit code 0, and a stream {actual}");
                let message = format!("the read ended with exit code 0, and `{}` {actual}", stream.descriptor);
                let violation = Violation::new(title, message)
                    .level(level)
                    .expected("a stream that ends with COMPLETE", format!("it {actual}"));
                if told.last > 0 { violation.at_message(told.last) } else { violation }
            });
        }
    }
}
