use crate::capture::Decoded;
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// The last line of the output is cut off.
    ///
    /// # What it checks
    /// A command that ends by itself with exit code 0 must end its output with a complete line. A last line that begins
    /// as a JSON object and breaks off is a violation; a complete message that only lacks the line feed is reported
    /// at INFO. After a failure, or where the launch was ended from outside, a torn line is to be expected.
    ///
    /// # Why it matters
    /// What breaks off is lost: often it is the last state, and the next sync reads everything since the one before
    /// again, or the last record, which no later sync will bring.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descri
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{}}}}
    /// ```
    ///
    /// # How to mend it
    /// Flush stdout before the process ends, and wait for the threads that write to it. Python: no `os._exit`, no
    /// daemon thread that prints. Java: close the output before `Runtime.halt`. Node: `process.exit` does not wait for
    /// a pipe; set `process.exitCode` instead.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests read the output line by line with Pydantic and skip, with a line in their own log, what
    /// is no message; the CDK's standard tests do likewise. A torn last line is skipped so, and the tests pass.
    LastLineCutOff {
        code: "LINE-005",
        name: "last-line-cut-off",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: PlatformBehaviour,
        source: "platform: VersionedAirbyteStreamFactory drops a line that is no JSON",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct LastLineCutOff {
    torn: Option<Violation>,
}

impl Observer for LastLineCutOff {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let line = look.line;
        if line.terminated {
            return;
        }
        self.torn = match &line.decoded {
            Decoded::Fragment { opening: true } => {
                let at = text::count(line.length);
                let message = format!("the output ends in the middle of a JSON object, after {at} bytes of the line");
                Some(Violation::new("the last line is cut off", message).around(line, line.bytes.len()))
            }
            Decoded::Message(_) if line.trailing.is_none() => {
                let message = "the last message is complete; only the line feed after it is missing";
                Some(Violation::new("no line feed after the last message", message).level(Level::Info).on(line))
            }
            _ => None,
        };
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if let Some(torn) = self.torn.take().filter(|_| ending.exit.succeeded()) {
            findings.report("last line", || torn);
        }
    }
}
