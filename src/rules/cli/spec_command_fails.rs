use crate::protocol::Kind;
use crate::rules::last_words::last_words;
use crate::rules::{Ending, Findings, Observer, Violation, rule};

rule! {
    /// The `spec` command does not end with exit code 0.
    ///
    /// # What it checks
    /// `spec` is run with no other argument, no configuration, no network and nothing on stdin. It must end by itself,
    /// within the time and memory limits, with exit code 0. That it puts out exactly one SPEC is SPEC-001's.
    ///
    /// # Why it matters
    /// The platform runs `spec` before anything else exists: no user has entered a configuration, and the container
    /// may have no way out. A connector whose `spec` fails can't be added to a workspace at all.
    ///
    /// # Example
    /// ```json
    /// bad:  KeyError: 'ORDERS_API_URL'          (on stderr, exit code 1)
    /// good: {"type":"SPEC","spec":{"connectionSpecification":{"type":"object","properties":{}}}}
    /// ```
    ///
    /// # How to mend it
    /// Read environment variables, files and remote schemas where a command needs them, not while modules are loaded.
    /// Python CDK: keep work out of `__init__` of the source and out of module scope. Low-code: the manifest alone must
    /// be enough for `spec`. Java: beans that connect must not be created eagerly.
    ///
    /// # What Airbyte's tests see
    /// Both Airbyte's acceptance tests and the CDK's standard tests run `spec`, with the network that is there.
    SpecCommandFails {
        code: "CLI-001",
        name: "spec-command-fails",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "airbyte-protocol: Spec; airbyte-protocol-docker: commands",
        watches: [],
        about: Launch,
    }
}

#[derive(Default)]
struct SpecCommandFails;

impl Observer for SpecCommandFails {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if ending.exit.succeeded() || ending.is_cut_short() {
            return;
        }
        findings.report("fails", || {
            let how = ending.exit.describe();
            let spec = match ending.summary.count(Kind::Spec) {
                0 => "without a SPEC",
                _ => "after its SPEC",
            };
            let told = ending.summary.describe_error().map_or(String::new(), |told| format!("; {told}"));
            let title = match ending.exit.ended {
                Some(_) => "`spec` does not end by itself",
                None => "`spec` fails",
            };
            Violation::new(title, format!("`spec` ended {spec}: {how}{told}{}", last_words(ending)))
                .expected("exit code 0", how)
        });
    }
}
