use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Scene, Violation, Watch, rule};
use crate::text;

rule! {
    /// A `discover` that can't work does not fail as it should.
    ///
    /// # What it checks
    /// With a configuration that is said to be wrong, a `discover` that fails says so in every way: no CATALOG, an exit
    /// code other than 0, and a TRACE/ERROR whose `failure_type` is `config_error`. One that gives its CATALOG and ends
    /// with 0 did not fail: many know their schemas without asking anybody. A failure without any TRACE/ERROR is
    /// TRACE-001's, one without `failure_type` TRACE-003's.
    ///
    /// # Why it matters
    /// The platform shows the user the trace's message, and treats a `system_error` as the connector's bug: it tries
    /// again, and people are called. A `config_error` tells the user what to mend.
    ///
    /// # Example
    /// With a wrong password:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Something went wrong","failure_type":"system_error"}}}
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"The password is wrong.","failure_type":"config_error"}}}
    /// ```
    ///
    /// # How to mend it
    /// Python CDK: raise `AirbyteTracedException` with `FailureType.config_error` where the API refuses the credentials.
    /// Low-code: a `response_filters` entry with `failure_type: config_error`. Java: `ConfigErrorException`. Do not
    /// print a CATALOG before everything that can fail has worked.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests run `discover` with configurations that work only.
    FailedDiscoverUnclear {
        code: "DISC-023",
        name: "failed-discover-unclear",
        level: Should,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "platform: ConnectorMessageProcessor",
        watches: [Watch::Message(Kind::Trace), Watch::Oddity],
        about: Launch,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    if scene.must_work() { Err("the scenario is expected to work") } else { Ok(()) }
}

#[derive(Default)]
struct FailedDiscoverUnclear {
    /// A CATALOG or a TRACE was meant and can't be read.
    is_lost: bool,
    /// The failure types that were told: whether `config_error` is one, and the first other.
    says_config: bool,
    other: Option<(u64, String)>,
}

impl Observer for FailedDiscoverUnclear {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        self.is_lost |= look.loses(Kind::Catalog) || look.loses(Kind::Trace);
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Error(error) = &trace.body else { return };
        let Some(failure) = error.failure_type.as_deref() else { return };
        self.says_config |= failure == "config_error";
        self.other.get_or_insert_with(|| (look.line.number, failure.to_owned()));
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let (exit, summary) = (ending.exit, ending.summary);
        let catalogs = summary.count(Kind::Catalog) + summary.count(Kind::DestinationCatalog);
        // Hangs and signals are other rules'.
        if exit.ended.is_some() || ending.is_cut_short() || exit.signal.is_some() || exit.out_of_memory || self.is_lost
        {
            return;
        }
        let failed = !exit.succeeded();
        let title = match (failed, catalogs > 0) {
            (true, true) => "discover fails, and gives a CATALOG",
            (false, true) => return,
            (false, false) => "discover gives no CATALOG, and ends with exit code 0",
            (true, false) => return self.judge_reason(findings),
        };
        findings.report(title, || {
            Violation::new(title, format!("{}; {}", exit.describe(), summary.account()))
                .expected("a failing exit code, a TRACE/ERROR and no CATALOG", exit.describe())
        });
    }
}

impl FailedDiscoverUnclear {
    /// Judges the reason that was told.
    fn judge_reason(&self, findings: &mut Findings<'_>) {
        let Some((line, failure)) = self.other.as_ref().filter(|_| !self.says_config) else { return };
        findings.report("reason", || {
            let failure = text::shorten(failure, 60);
            Violation::new(
                "discover fails for a wrong configuration, and calls it something else",
                format!("the configuration is wrong, and the TRACE/ERROR calls it `{failure}`"),
            )
            .at_message(*line)
            .pointer("/trace/error/failure_type")
            .expected("config_error", failure)
        });
    }
}
