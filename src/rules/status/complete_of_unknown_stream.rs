use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A stream is COMPLETE that the configured catalog does not have.
    ///
    /// # What it checks
    /// COMPLETE is emitted for configured streams only. A stream that has records outside the catalog, too, is reported once,
    /// by READ-001. A name that the catalog has, with another namespace, is STATUS-010's.
    ///
    /// # Why it matters
    /// The platform keeps count of the configured streams that are complete. It throws on a stream that it does not know, and
    /// the sync fails after everything was read.
    ///
    /// # Example
    /// With only `orders` in the catalog:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"refunds"},"status":"COMPLETE"}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Emit statuses for the streams of the configured catalog, under the names that stand there, and not for parent streams
    /// that are read only to get at their children. The CDKs do so: look for statuses that are emitted by hand.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests compare the streams that have statuses with the catalog, for certified connectors only.
    CompleteOfUnknownStream {
        code: "STATUS-009",
        name: "complete-of-unconfigured-stream",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: StreamStatusCompletionTracker.track",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct CompleteOfUnknownStream;

impl Observer for CompleteOfUnknownStream {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(status) = look.status().filter(|status| status.status == "COMPLETE") else { return };
        let stream = &status.stream_descriptor;
        if !look.scene.namesakes(&stream.name).is_empty() || look.summary.unknown_streams.contains(stream) {
            return;
        }
        findings.report_stream("unconfigured", stream, || {
            let shown = text::shorten(&stream.name, 80);
            let names = look.scene.streams.iter().map(|stream| stream.descriptor.name.as_str());
            let near = text::nearest(&shown, names).map(|near| format!("; did you mean `{near}`?"));
            let message = format!("the configured catalog has no `{shown}`{}", near.unwrap_or_default());
            Violation::new("COMPLETE of a stream that the configured catalog does not have", message)
                .on(look.line)
                .pointer("/trace/stream_status/stream_descriptor")
                .expected("a configured stream", format!("\"{shown}\""))
        });
    }
}
