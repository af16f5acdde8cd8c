use crate::protocol::Message;
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use std::time::Duration;

/// How long nothing at all may come, and how long neither a record nor a state.
const PROGRESS: Duration = Duration::from_secs(5 * 60);
const HEARTBEAT: Duration = Duration::from_secs(3 * 60 * 60);

rule! {
    /// A read is silent for longer than users and the platform wait.
    ///
    /// # What it checks
    /// From the beginning of the launch to its end, something comes at least every five minutes: any line, be it a LOG
    /// or text on stderr. And a RECORD or STATE comes at least every three hours. A launch that was cut short is judged
    /// up to there.
    ///
    /// # Why it matters
    /// The platform ends a source that delivers neither record nor state for its heartbeat time, three hours unless set
    /// otherwise. Long before that, users take a silent sync for a dead one.
    ///
    /// # Example
    /// Times of arrival stand in front:
    /// ```json
    /// bad:  0 s    {"type":"LOG","log":{"level":"INFO","message":"Exporting orders"}}
    /// bad:  1140 s {"type":"LOG","log":{"level":"INFO","message":"The export is ready"}}
    /// good: 0 s    {"type":"LOG","log":{"level":"INFO","message":"Exporting orders"}}
    /// good: 240 s  {"type":"LOG","log":{"level":"INFO","message":"The export is 20 % done"}}
    /// ```
    ///
    /// # How to mend it
    /// Log progress where the connector waits: for a job to be done, a rate limit, a large file. In Python and Low-
    /// code, waiting between attempts is logged by the CDK, a poll of your own is not; in Java, flush stdout after each
    /// message. Deliver records as they come rather than when a slice is complete.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests end a command after its timeout, and do not look at pauses before.
    LongSilence {
        code: "READ-024",
        name: "long-silence",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "best practices: logging; platform: source heartbeat",
        watches: [Watch::EveryLine, Watch::Stderr],
        about: Launch,
    }
}

#[derive(Default)]
struct LongSilence {
    /// When the last line came, and the last record or state.
    line: Duration,
    beat: Duration,
}

impl Observer for LongSilence {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (at, number) = (look.line.at, Some(look.line.number));
        if matches!(look.message(), Some(Message::Record(_) | Message::State(_))) {
            self.beats(at, number, findings);
        }
        self.speaks(at, number, findings);
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if !ending.is_cut_short() {
            self.speaks(ending.exit.duration, None, findings);
            self.beats(ending.exit.duration, None, findings);
        }
    }
}

impl LongSilence {
    fn speaks(&mut self, at: Duration, line: Option<u64>, findings: &mut Findings<'_>) {
        let pause = at.saturating_sub(self.line);
        self.line = self.line.max(at);
        if pause > PROGRESS {
            findings.report("progress", || told("nothing comes", "5 minutes", pause, line));
        }
    }

    fn beats(&mut self, at: Duration, line: Option<u64>, findings: &mut Findings<'_>) {
        let pause = at.saturating_sub(self.beat);
        self.beat = self.beat.max(at);
        if pause > HEARTBEAT {
            findings.report("heartbeat", || told("neither a record nor a state comes", "3 hours", pause, line));
        }
    }
}

fn told(what: &str, most: &str, pause: Duration, line: Option<u64>) -> Violation {
    let before = line.map_or("the end".to_owned(), |line| format!("line {line}"));
    let pause = text::duration(pause);
    let violation =
        Violation::new(format!("{what} for more than {most}"), format!("{what} for {pause} before {before}"))
            .expected(format!("at most {most} of silence"), pause);
    match line {
        Some(line) => violation.at_message(line),
        None => violation,
    }
}
