use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

/// From this size on a state is worth a word: the Python CDK's cap on partitions keeps states below it.
const LARGE: u64 = 1024 * 1024;

/// From this size on databases and destinations have trouble with it.
const TOO_LARGE: u64 = 5 * 1024 * 1024;

rule! {
    /// A state is very large.
    ///
    /// # What it checks
    /// The STATE message is at most 5 MiB long. From 1 MiB on it is told at INFO.
    ///
    /// # Why it matters
    /// A state is copied at each checkpoint, held in memory by source, platform and destination, and written to a database
    /// column. One that remembers each record grows with the data until some sync can't store it any more.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"seen":["1","2","3","…a million more"]}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"updated_at":"2024-01-01T00:00:00Z"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Keep a cursor in place of a list of what was read. Where each partition has a cursor, keep those that differ from a
    /// common one: Low-code does so with `global_substream_cursor`, and the Python CDK drops partitions past a limit.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the standard tests of the Python CDK look at the size of a state.
    StateTooLarge {
        code: "STATE-026",
        name: "state-very-large",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Python CDK: ConcurrentPerPartitionCursor limits its partitions",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct StateTooLarge;

impl Observer for StateTooLarge {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let length = look.line.length;
        let (cause, level, most) = match length {
            TOO_LARGE.. => ("too large", Level::Should, TOO_LARGE),
            LARGE.. => ("large", Level::Info, LARGE),
            _ => return,
        };
        let describe = || {
            Violation::new(format!("a state is {cause}"), format!("the state's line is {} long", text::bytes(length)))
                .on(look.line)
                .pointer("/state")
                .expected(format!("less than {}", text::bytes(most)), text::bytes(length))
                .level(level)
        };
        match look.stream() {
            Some(stream) => findings.report_stream(cause, &stream.descriptor, describe),
            None => findings.report(cause, describe),
        }
    }
}
