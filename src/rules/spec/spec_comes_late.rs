use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How many lines the platform looks through for the SPEC.
const LINES: u64 = 10;

/// How many characters it can go back by once it has.
const CHARACTERS: u64 = 2 * 1024 * 1024;

rule! {
    /// The SPEC stands behind too much other output.
    ///
    /// # What it checks
    /// The SPEC is among the first ten lines of stdout, whatever the others hold: reported at SHOULD. The lines up to and
    /// with it, of the first ten, have at most 2,097,152 characters: reported at MUST.
    ///
    /// # Why it matters
    /// The platform looks through the first ten lines for the SPEC, to learn its `protocol_version`, and then goes back
    /// to the beginning. It can't go back by more than 2 MiB: fetching the specification fails, and the connector can't
    /// be added. Where only the ten lines are over, it takes version 0.2.0 for granted.
    ///
    /// # Example
    /// The whole output of `spec`:
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"loading plugin 1 of 12"}}
    ///       … eleven more like this
    ///       {"type":"SPEC","spec":{"protocol_version":"0.2.0","connectionSpecification":{"type":"object","properties":{}}}}
    /// good: {"type":"SPEC","spec":{"protocol_version":"0.2.0","connectionSpecification":{"type":"object","properties":{}}}}
    /// ```
    ///
    /// # How to mend it
    /// Print the SPEC before anything else is loaded, and log less on the way, or at DEBUG and not printed. Java: most
    /// such lines are a framework's at start-up; raise its log level. A SPEC that is itself too long most often embeds
    /// lists (of regions, time zones, currencies) that a `pattern` could stand for.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at where the SPEC stands.
    SpecComesLate {
        code: "SPEC-002",
        name: "spec-comes-late",
        level: Must,
        commands: [Spec],
        authority: PlatformBehaviour,
        source: "platform: VersionedAirbyteStreamFactory, detection of the protocol version",
        watches: [Watch::EveryLine],
        about: Launch,
    }
}

#[derive(Default)]
struct SpecComesLate {
    /// Those of the first lines.
    characters: u64,
}

impl Observer for SpecComesLate {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let line = look.line;
        if line.number <= LINES && look.summary.count(Kind::Spec) <= 1 {
            let held = String::from_utf8_lossy(line.bytes);
            let unheld = line.length - line.bytes.len() as u64;
            self.characters += held.encode_utf16().count() as u64 + unheld + u64::from(line.terminated);
        }
        let is_spec = matches!(look.message(), Some(Message::Spec(_)));
        if !is_spec || look.summary.count(Kind::Spec) > 1 {
            return;
        }
        let characters = text::count(self.characters);
        let (title, message, expected, found, level) = if self.characters > CHARACTERS {
            (
                "the SPEC is out of the platform's reach",
                format!("up to the end of the SPEC, or of the first {LINES} lines, stdout has {characters} characters"),
                format!("at most {} characters", text::count(CHARACTERS)),
                characters,
                Level::Must,
            )
        } else if line.number > LINES {
            (
                "the SPEC comes after the first ten lines",
                format!("the SPEC is line {} of stdout; the platform looks through the first {LINES}", line.number),
                format!("the SPEC among the first {LINES} lines"),
                format!("line {}", line.number),
                Level::Should,
            )
        } else {
            return;
        };
        findings.report(title, || Violation::new(title, message).on(line).expected(expected, found).level(level));
    }
}
