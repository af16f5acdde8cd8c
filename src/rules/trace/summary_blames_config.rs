use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// The last error sums up the others, and says that the configuration is wrong where they do not.
    ///
    /// # What it checks
    /// Where a read fails with several TRACEs of type ERROR: if the last is a `config_error` without a stream, some of
    /// those before it is a `config_error`, too. Several errors are fine by themselves.
    ///
    /// # Why it matters
    /// Whoever looks at the last error alone asks the user to mend a configuration that is right, and a failure that
    /// passes by itself is not tried again.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"503 from the API.","failure_type":"transient_error","stream_descriptor":{"name":"orders"}}}}
    ///       {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000001,"error":{"message":"These streams failed: orders","failure_type":"config_error"}}}
    /// good: the first of the two alone
    /// ```
    ///
    /// # How to mend it
    /// Python CDK: its `AbstractSource.read` does so at the end of every read in which a stream failed, and a connector
    /// can't change that; its first errors are the ones to read. In a connector of your own, leave the summary out.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for a TRACE/ERROR and do not compare several.
    SummaryBlamesConfig {
        code: "TRACE-007",
        name: "summary-blames-the-config",
        level: Info,
        commands: [Read],
        authority: CdkConvention,
        source: "Python CDK: AbstractSource.read",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

/// How the Python CDK's summary begins.
const PYTHON: &str = "During the sync, the following streams did not sync successfully";

#[derive(Default)]
struct SummaryBlamesConfig {
    errors: u64,
    blames: bool,
    last: Option<Violation>,
}

impl Observer for SummaryBlamesConfig {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Error(error) = &trace.body else { return };
        let blames = error.failure_type.as_deref() == Some("config_error");
        let sums_up = blames && error.stream_descriptor.is_none() && self.errors > 0 && !self.blames;
        self.errors += 1;
        self.blames |= blames;
        self.last = sums_up.then(|| {
            let violation = Violation::new(
                "the last error says that the configuration is wrong, and none before it does",
                "this error is a `config_error` of no stream; those before it are of another type",
            );
            let violation = violation.on(look.line).pointer("/trace/error/failure_type");
            let is_of_python = error.message.as_ref().is_some_and(|message| message.starts_with(PYTHON));
            if is_of_python { violation.known_of("the Python CDK") } else { violation }
        });
    }

    fn conclude(&mut self, _: &Ending<'_>, findings: &mut Findings<'_>) {
        if let Some(last) = self.last.take() {
            findings.report("summary", || last);
        }
    }
}
