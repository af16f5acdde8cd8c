use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;

/// As many digits in a row are no version and no count, but an id or a moment.
const DIGITS: usize = 9;

rule! {
    /// An analytics event has a name that says nothing, or that is never the same, or a value that is no string.
    ///
    /// # What it checks
    /// In a TRACE of type ANALYTICS, `type` is not blank, and `value`, where there is one, is a string. A `type` with a
    /// UUID or nine digits in a row is reported at SHOULD. A `type` that is missing is LINE-014's.
    ///
    /// # Why it matters
    /// Events are counted by `type`, so one that changes from run to run is as good as none. A value that is no string
    /// makes the platform refuse the message.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ANALYTICS","emitted_at":1700000000000,"analytics":{"type":"job-1700000000-started","value":4}}}
    /// good: {"type":"TRACE","trace":{"type":"ANALYTICS","emitted_at":1700000000000,"analytics":{"type":"job-started","value":"4"}}}
    /// ```
    ///
    /// # How to mend it
    /// Choose a fixed name, put what varies into `value`, and write numbers there as text.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at analytics.
    AnalyticsMisshapen {
        code: "TRACE-012",
        name: "analytics-misshapen",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolSchema,
        source: "AirbyteAnalyticsTraceMessage",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct AnalyticsMisshapen;

impl Observer for AnalyticsMisshapen {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Analytics(analytics) = &trace.body else { return };
        let event = analytics.event.as_ref();
        if event.trim().is_empty() {
            findings.report("blank", || {
                let message = "`analytics.type` is blank, so that the event counts as nothing";
                Violation::new("an analytics event without a name", message)
                    .on(look.line)
                    .pointer("/trace/analytics/type")
            });
        } else if varies(event) {
            findings.report("varies", || {
                let message =
                    format!("`{}` has an id or a moment in it: the next run's is another", text::shorten(event, 120));
                Violation::new("an analytics event whose name varies", message)
                    .on(look.line)
                    .pointer("/trace/analytics/type")
                    .level(Level::Should)
            });
        }
        let Some(value) = analytics.value.filter(|value| !value.get().starts_with('"')) else { return };
        findings.report("value", || {
            let value = text::shorten(value.get(), 60);
            Violation::new("the value of an analytics event is no string", format!("`analytics.value` is {value}"))
                .on(look.line)
                .pointer("/trace/analytics/value")
                .expected("a string", value)
        });
    }
}

fn varies(event: &str) -> bool {
    let mut digits = event.split(|letter: char| !letter.is_ascii_digit());
    let groups: Vec<&str> = event.split(|letter: char| !letter.is_ascii_hexdigit()).collect();
    let is_uuid = |five: &[&str]| five.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
    digits.any(|digits| digits.len() >= DIGITS) || groups.windows(5).any(is_uuid)
}
