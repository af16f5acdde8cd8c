use crate::capture::{Broken, Decoded};
use crate::protocol::Kind;
use crate::rules::last_words::last_words;
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A command failed and no TRACE/ERROR says why.
    ///
    /// # What it checks
    /// A command that ends by itself with an exit code other than 0 must have put out a TRACE of type ERROR on stdout.
    /// A process that a signal ended could not say anything and is not blamed here, nor is a launch that was ended
    /// from outside. A TRACE that the platform can't read is LINE-014's, and a `check` that crashes CHECK-005's.
    ///
    /// # Why it matters
    /// The TRACE/ERROR is what the user reads, and what tells a wrong password from a bug. Without one the platform can
    /// only show that something went wrong, and the user turns to the connector's maintainers.
    ///
    /// # Example
    /// ```json
    /// bad:  KeyError: 'expires_in'          (on stderr, exit code 1)
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The API refused the token. Sign in again.","failure_type":"config_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Catch everything at the entry point, emit a TRACE/ERROR, flush stdout, and end with a non-zero exit code.
    /// Python CDK: call `airbyte_cdk.entrypoint.launch`, which does so, and import late: an exception while modules are
    /// loaded comes before its handler. Java: run through the CDK's runner instead of a `main` of your own.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want an error trace after a read with an invalid catalog, and of a `check` that is to
    /// end with an exception. In no other failure do they look for one.
    FailureWithoutErrorTrace {
        code: "TRACE-001",
        name: "failure-without-error-trace",
        level: Must,
        commands: [Spec, Discover, Read],
        authority: CdkConvention,
        source: "Airbyte's acceptance tests; Kotlin CDK: AirbyteConnectorRunnable; Python CDK: exception_handler",
        watches: [Watch::Oddity],
        about: Launch,
    }
}

#[derive(Default)]
struct FailureWithoutErrorTrace {
    has_tried: bool,
}

impl Observer for FailureWithoutErrorTrace {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Decoded::Broken(broken) = &look.line.decoded else { return };
        self.has_tried |= match broken {
            Broken::NoPayload { kind } | Broken::Member { kind, .. } => *kind == Kind::Trace,
            Broken::UnknownType { meant, .. } => *meant == Some(Kind::Trace),
        };
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let exit = ending.exit;
        if !exit.failed_by_itself() || ending.summary.error_traces > 0 || self.has_tried {
            return;
        }
        findings.report("missing", || {
            let (how, words) = (exit.describe(), last_words(ending));
            let message = format!("it ended with {how}, and none of its messages is a TRACE/ERROR{words}");
            Violation::new("a failure without a TRACE/ERROR", message).expected("a TRACE/ERROR on stdout", "none")
        });
    }
}
