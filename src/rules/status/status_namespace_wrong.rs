use crate::protocol::{Descriptor, Kind};
use crate::rules::{Ending, Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use std::collections::BTreeMap;

rule! {
    /// Statuses have another namespace than their stream.
    ///
    /// # What it checks
    /// The descriptor of each stream status has the name and the namespace of a configured stream. An empty namespace in
    /// place of none, and the other way around, is told at SHOULD. A stream whose records have the wrong namespace, too, is
    /// reported once, by READ-002; a name that the catalog does not have is STATUS-009's.
    ///
    /// # Why it matters
    /// The platform looks a stream up by both. A COMPLETE under another namespace is of a stream that it does not know: it
    /// throws, and the sync fails after everything was read.
    ///
    /// # Example
    /// With `customers` in the namespace `shop`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"customers"},"status":"COMPLETE"}}}
    /// good: {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1700000000000,"stream_status":{"stream_descriptor":{"name":"customers","namespace":"shop"},"status":"COMPLETE"}}}
    /// ```
    ///
    /// # How to mend it
    /// Copy the descriptor from the configured stream. Python CDK and Low-code take it from the stream's `namespace`: set
    /// that where `discover` sets one. Java: pass an `AirbyteStreamNameNamespacePair` with both.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests compare names and namespaces of statuses with the catalog, for certified connectors only.
    StatusNamespaceWrong {
        code: "STATUS-010",
        name: "status-namespace-wrong",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "platform: StreamStatusCompletionTracker, StreamStatusMap",
        watches: [Watch::Message(Kind::Trace)],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct StatusNamespaceWrong {
    /// The first status of each stream that is wrong in some way. Whether its records are wrong, too, shows later.
    found: BTreeMap<(usize, &'static str), (Descriptor, Violation)>,
}

impl Observer for StatusNamespaceWrong {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let Some(status) = look.status().filter(|_| look.line.stream.is_none()) else { return };
        let found = &status.stream_descriptor;
        let Some((first, others)) = look.scene.namesakes(&found.name).split_first() else { return };
        let near = look.scene.place_but_for_emptiness(found);
        let (cause, level) = match (near, &found.namespace) {
            (Some(_), _) => ("emptiness", Level::Should),
            (None, None) => ("missing", Level::Must),
            (None, Some(_)) => ("other", Level::Must),
        };
        let place = near.unwrap_or(*first);
        self.found.entry((place, cause)).or_insert_with(|| {
            let configured = &look.scene.streams[place].descriptor;
            let (expected, told) = (described(configured), described(found));
            let more = if others.is_empty() { "" } else { ", among others" };
            let name = text::shorten(&configured.name, 80);
            let message =
                format!("the status is of `{name}` with {told}, and the catalog has it with {expected}{more}");
            let violation = Violation::new("statuses have another namespace than their stream", message)
                .on(look.line)
                .pointer("/trace/stream_status/stream_descriptor")
                .expected(expected, told)
                .level(level);
            (found.clone(), violation)
        });
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        for ((place, cause), (found, violation)) in std::mem::take(&mut self.found) {
            if !ending.summary.unknown_streams.contains(&found) {
                findings.report_stream(cause, &ending.scene.streams[place].descriptor, || violation);
            }
        }
    }
}

/// A stream's namespace in words.
fn described(stream: &Descriptor) -> String {
    match &stream.namespace {
        Some(namespace) => format!("the namespace \"{}\"", text::shorten(namespace, 80)),
        None => "no namespace".to_owned(),
    }
}
