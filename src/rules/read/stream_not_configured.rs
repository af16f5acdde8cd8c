use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// A record is of a stream that the configured catalog does not have.
    ///
    /// # What it checks
    /// Each record's `stream` is the name of a stream of the configured catalog. Where the name is there and only the
    /// namespace differs, READ-002 says so.
    ///
    /// # Why it matters
    /// The protocol lets a destination ignore such a record; the platform does not: it ends the sync as a failure of
    /// the source. A user who deselects a stream must not get it.
    ///
    /// # Example
    /// With `orders` alone in the catalog:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"order_lines","data":{"id":1},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Go through the streams of the configured catalog and read those, rather than everything that the source has.
    /// Use the name that `discover` gave, letter for letter. Child records that come with their parent are emitted
    /// only if the child stream is configured. Python CDK and Low-code choose the configured streams by themselves:
    /// look for a record message that is built by hand, and for a name that `discover` and `read` spell differently.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests log a line for a record of an unknown stream, and pass.
    StreamNotConfigured {
        code: "READ-001",
        name: "record-of-unconfigured-stream",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "protocol: Read; platform: BasicAirbyteMessageValidator",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct StreamNotConfigured;

impl Observer for StreamNotConfigured {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(record) = look.record().filter(|_| look.line.stream.is_none()) else { return };
        if !look.scene.namesakes(&record.stream).is_empty() {
            return;
        }
        findings.report_stream("unconfigured", &record.descriptor(), || {
            let names: Vec<&str> = look.scene.streams.iter().map(|stream| stream.descriptor.name.as_str()).collect();
            let shown = text::shorten(&record.stream, 80);
            let near = text::nearest(&shown, names.iter().copied());
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Violation::new(
                "records of a stream that the configured catalog does not have",
                format!("the record is of `{shown}`, which the configured catalog does not have{hint}"),
            )
            .on(look.line)
            .pointer("/record/stream")
            .expected(listed(&names), format!("\"{shown}\""))
        });
    }
}

/// The names as an enumeration, the first few of them.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let quoted: Vec<String> = names.iter().take(SHOWN).map(|name| format!("\"{}\"", text::shorten(name, 60))).collect();
    match (names.len(), names.len().saturating_sub(SHOWN)) {
        (0, _) => "no record: no stream is configured".to_owned(),
        (_, 0) => quoted.join(" or "),
        (_, more) => format!("{} or {more} others", quoted.join(", ")),
    }
}
