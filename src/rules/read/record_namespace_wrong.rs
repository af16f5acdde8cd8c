use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How many namespaces of one name are told.
const SHOWN: usize = 4;

rule! {
    /// A record's namespace is not that of its stream.
    ///
    /// # What it checks
    /// A record of a configured stream's name has that stream's `namespace` too: the same text where the catalog has
    /// one, none (absent or null) where it has none. An empty text is not the same as none. Names that the catalog
    /// does not have at all are READ-001's.
    ///
    /// # Why it matters
    /// Streams are found by name and namespace together. The platform takes a record with another namespace for one of
    /// an unknown stream and fails the sync; if it does not, the record counts for no stream, so that the figures of
    /// every state are wrong.
    ///
    /// # Example
    /// With `customers` in the namespace `shop`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"customers","data":{"id":1},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"customers","namespace":"shop","data":{"id":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Copy the namespace from the configured stream into each of its records. Python CDK and Low-code never put a
    /// namespace on a record, whatever the stream says: leave it out of the catalog (make the names unique instead),
    /// or set it on the record messages yourself. Java and Kotlin: pass the stream's descriptor on, not its name alone.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests find streams by name alone: two of one name in different namespaces are one to them,
    /// and a missing namespace is not noticed.
    RecordNamespaceWrong {
        code: "READ-002",
        name: "record-namespace-wrong",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "AirbyteRecordMessage.namespace; platform: BasicAirbyteMessageValidator",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct RecordNamespaceWrong;

impl Observer for RecordNamespaceWrong {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(record) = look.record().filter(|_| look.line.stream.is_none()) else { return };
        let Some((first, others)) = look.scene.namesakes(&record.stream).split_first() else { return };
        let configured = &look.scene.streams[*first].descriptor;
        let found = record.namespace.as_deref();
        let cause = match (&configured.namespace, found) {
            (_, None) => "missing",
            (None, Some(_)) if others.is_empty() => "needless",
            _ => "other",
        };
        findings.report_stream(cause, configured, || {
            let title = match cause {
                "missing" => "records lack the namespace of their stream",
                "needless" => "records have a namespace and their stream has none",
                _ => "records have another namespace than their stream",
            };
            let in_catalog =
                [configured].into_iter().chain(others.iter().map(|at| &look.scene.streams[*at].descriptor));
            let in_catalog: Vec<String> =
                in_catalog.take(SHOWN).map(|stream| told(stream.namespace.as_deref())).collect();
            let in_catalog = in_catalog.join(" or ");
            let name = text::shorten(&record.stream, 80);
            let message = format!("in the catalog `{name}` has {in_catalog}, and the record has {}", told(found));
            Violation::new(title, message).on(look.line).pointer("/record/namespace").expected(in_catalog, told(found))
        });
    }
}

/// A namespace in words.
fn told(namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => format!("the namespace \"{}\"", text::shorten(namespace, 80)),
        None => "no namespace".to_owned(),
    }
}
