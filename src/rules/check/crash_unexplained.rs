use crate::protocol::Kind;
use crate::rules::last_words::last_words;
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// `check` crashes, and no TRACE/ERROR says why.
    ///
    /// # What it checks
    /// A `check` that ends by itself with an exit code other than 0 has put out a TRACE of type ERROR. That it has a
    /// message is TRACE-002's, and a TRACE that the platform can't read is LINE-014's. A process that a signal ended could
    /// not say anything and is not blamed.
    ///
    /// # Why it matters
    /// FAILED and exit code 0 say that the configuration is wrong. A crash says that the connector is, or the API, and the
    /// TRACE/ERROR is the only way to tell the user which. Without it the form says that something went wrong.
    ///
    /// # Example
    /// The whole output of `check`, with exit code 1:
    /// ```json
    /// bad:  Traceback (most recent call last): … KeyError: 'shop'          (on stderr)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The API has answered with 500 for a minute.","failure_type":"transient_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Catch everything at the entry point and emit a TRACE/ERROR before the process ends. Python CDK: start through
    /// `airbyte_cdk.entrypoint.launch`, and import late. Java: run through the CDK's runner.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want exactly one TRACE/ERROR of a `check` that their configuration expects to end with an
    /// exception, and look at no other.
    CrashUnexplained {
        code: "CHECK-005",
        name: "crash-unexplained",
        level: Must,
        commands: [Check],
        authority: ProtocolText,
        source: "protocol: Check",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct CrashUnexplained {
    has_tried: bool,
}

impl Observer for CrashUnexplained {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.has_tried |= look.loses(Kind::Trace);
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let exit = ending.exit;
        if !exit.failed_by_itself() || ending.summary.error_traces > 0 || self.has_tried {
            return;
        }
        findings.report("missing", || {
            let account = ending.summary.account();
            let (how, words) = (exit.describe(), last_words(ending));
            let message = format!("check ended with {how}, and no TRACE/ERROR says why; {account}{words}");
            Violation::new("check crashes without a TRACE/ERROR", message).expected("a TRACE/ERROR on stdout", "none")
        });
    }
}
