use crate::protocol::{Kind, Message};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// `spec` does not print exactly one SPEC message.
    ///
    /// # What it checks
    /// A `spec` that ends with exit code 0 has printed one SPEC. A second one is a violation, the same or not. A `spec`
    /// that fails is CLI-001's, and a SPEC that is there but can't be read is a LINE rule's.
    ///
    /// # Why it matters
    /// Without a SPEC nobody can set the connector up: the platform has no form to show. Of two it takes the first, and
    /// the connector's author may have meant the other.
    ///
    /// # Example
    /// The whole output of `spec`:
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"printing the specification"}}
    /// good: {"type":"LOG","log":{"level":"INFO","message":"printing the specification"}}
    ///       {"type":"SPEC","spec":{"connectionSpecification":{"type":"object","properties":{}}}}
    /// ```
    ///
    /// # How to mend it
    /// All CDKs print the SPEC by themselves. The Python CDK takes it from `spec.json` or `spec.yaml` in the connector's
    /// package or from the `spec` section of a Low-code manifest: make sure that the file is part of the image. In a
    /// connector of your own, print the message once, as one line on stdout.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests want exactly one SPEC as well.
    NoSingleSpec {
        code: "SPEC-001",
        name: "no-single-spec",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "protocol: Spec; Python CDK: source_base.test_spec",
        watches: [Watch::Message(Kind::Spec), Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct NoSingleSpec {
    /// A SPEC was meant and can't be read.
    lost: bool,
}

impl Observer for NoSingleSpec {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        self.lost |= look.loses(Kind::Spec);
        if matches!(look.message(), Some(Message::Spec(_))) && look.summary.count(Kind::Spec) > 1 {
            findings.report("several", || {
                Violation::new(
                    "more than one SPEC",
                    "one more SPEC came after the first; the platform takes the first and ignores the rest",
                )
                .on(look.line)
                .expected("one SPEC", format!("SPEC number {}", look.summary.count(Kind::Spec)))
            });
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if !ending.exit.succeeded() || self.lost || ending.summary.count(Kind::Spec) > 0 {
            return;
        }
        findings.report("none", || {
            let account = ending.summary.account();
            Violation::new("spec prints no SPEC", format!("spec ended with exit code 0 and printed no SPEC; {account}"))
                .expected("one SPEC", "none")
        });
    }
}
