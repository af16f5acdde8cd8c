use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

/// A quota that is reset later than this is no quota that one waits for: days, in milliseconds.
const LONGEST: i64 = 35 * 24 * 60 * 60 * 1_000;

rule! {
    /// The reasons of a stream status are not those of the protocol.
    ///
    /// # What it checks
    /// `reasons` stands with RUNNING only, and is an array of objects whose `type` is RATE_LIMITED. `quota_reset`, where it
    /// is given in `rate_limited`, is a whole number of milliseconds since 1970; one that is over or more than 35 days ahead
    /// is told at SHOULD. An empty array is as good as none.
    ///
    /// # Why it matters
    /// The platform shows that a stream waits for its quota, and until when. What it can't read it drops, with the status: the
    /// stream then looks as if it hung. Seconds in place of milliseconds are a moment in 1970.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"RUNNING","reasons":[{"type":"RATE_LIMITED","rate_limited":{"quota_reset":1700000060}}]}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"RUNNING","reasons":[{"type":"RATE_LIMITED","rate_limited":{"quota_reset":1700000060000}}]}}}
    /// ```
    ///
    /// # How to mend it
    /// Multiply seconds by 1,000, and leave `quota_reset` out where the API does not say when. Python CDK and Low-code emit
    /// the reason by themselves when an error handler backs off with RATE_LIMITED.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the standard tests of the Python CDK look at reasons.
    ReasonsMisshapen {
        code: "STATUS-012",
        name: "status-reasons-misshapen",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStreamStatusReason; platform: RateLimitedMessageHelper",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct ReasonsMisshapen;

impl Observer for ReasonsMisshapen {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(status) = look.status().filter(|status| !status.reasons.is_null()) else { return };
        let now =
            look.scene.started_at.and_then(|start| start.checked_add(i64::try_from(look.line.at.as_millis()).ok()?));
        let Some((cause, level, pointer, expected)) = wrong(&status.reasons, &status.status, now) else { return };
        findings.report(cause, || {
            let message = format!("the reasons of a status are wrong: {cause}");
            Violation::new("the reasons of a stream status are misshapen", message)
                .on(look.line)
                .pointer(format!("/trace/stream_status/reasons{pointer}"))
                .expected(expected, text::json(&status.reasons, 100))
                .level(level)
        });
    }
}

type Wrong = (&'static str, Level, String, &'static str);

/// What is wrong first: cause, level, where below `reasons`, what was expected.
fn wrong(reasons: &Value, status: &str, now: Option<i64>) -> Option<Wrong> {
    let Some(reasons) = reasons.as_array() else {
        return Some(("`reasons` is no array", Level::Must, String::new(), "an array of reasons"));
    };
    if status != "RUNNING" && !reasons.is_empty() {
        return Some(("they stand with another status than RUNNING", Level::Must, String::new(), "no reasons"));
    }
    reasons.iter().enumerate().find_map(|(at, reason)| {
        if reason.get("type").and_then(Value::as_str) != Some("RATE_LIMITED") {
            return Some(("the type is not RATE_LIMITED", Level::Must, format!("/{at}/type"), "RATE_LIMITED"));
        }
        let reset = reason.pointer("/rate_limited/quota_reset").filter(|reset| !reset.is_null())?;
        let (cause, level, expected) = match (whole(reset), now) {
            (None, _) => ("`quota_reset` is no whole number", Level::Must, "milliseconds since 1970"),
            (Some(0..100_000_000_000), _) => {
                ("`quota_reset` is not in milliseconds", Level::Must, "milliseconds since 1970")
            }
            (Some(reset), Some(now)) if reset < now.saturating_sub(60_000) => {
                ("`quota_reset` is over", Level::Should, "a moment ahead")
            }
            (Some(reset), Some(now)) if reset > now.saturating_add(LONGEST) => {
                ("`quota_reset` is far ahead", Level::Should, "a moment that is near")
            }
            _ => return None,
        };
        Some((cause, level, format!("/{at}/rate_limited/quota_reset"), expected))
    })
}

/// A whole number, also where it is written with a fraction of nothing.
fn whole(value: &Value) -> Option<i64> {
    let of_float = || value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
    value.as_i64().or_else(|| of_float().map(|number| number as i64))
}
