use crate::protocol::{Kind, Stream};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use serde_json::Value;
use std::collections::HashMap;

rule! {
    /// Two streams of the catalog have the same name and namespace.
    ///
    /// # What it checks
    /// Each pair of `name` and `namespace` stands once in the CATALOG. An absent `namespace` and `null` are the same.
    /// The same name in two namespaces is fine. Two streams that differ only in that one has an empty namespace and the
    /// other none are reported at SHOULD.
    ///
    /// # Why it matters
    /// The platform keys streams by that pair. Of two it keeps one, and records, states and statuses of the other are
    /// taken for the first's.
    ///
    /// # Example
    /// The `streams` of a CATALOG, names only:
    /// ```json
    /// bad:  [{"name":"orders","namespace":"shop"},{"name":"orders","namespace":"shop"}]
    /// good: [{"name":"orders","namespace":"shop"},{"name":"orders","namespace":"archive"}]
    /// ```
    ///
    /// # How to mend it
    /// Give each stream a name of its own, or tell them apart by `namespace`. In a Python CDK or Low-code connector,
    /// which has no namespaces, two stream classes or manifest streams share a `name`. In a database source, put the
    /// schema's name into `namespace`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests find equal pairs of name and namespace too (names only, before 3.8.5), but do not see
    /// that an empty namespace collides with a missing one.
    DuplicateStream {
        code: "DISC-003",
        name: "duplicate-stream",
        level: Must,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "StreamDescriptor; platform: CatalogDiffHelpers, StreamStatusMap",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct DuplicateStream;

impl Observer for DuplicateStream {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut exact = HashMap::new();
        let mut loose = HashMap::new();
        for (at, stream) in look.discovered().iter().enumerate().filter(|(_, stream)| is_named(stream)) {
            let descriptor = &stream.descriptor;
            if let Some(first) = exact.insert(descriptor, at) {
                exact.insert(descriptor, first);
                findings.report_stream("same", descriptor, || {
                    Violation::new(
                        "two streams have the same name and namespace",
                        format!("streams {first} and {at} of the catalog (from 0) are both `{descriptor}`"),
                    )
                    .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                });
                continue;
            }
            let namespace = descriptor.namespace.as_deref().unwrap_or_default();
            if let Some(first) = loose.insert((&descriptor.name, namespace), at) {
                findings.report_stream("empty namespace", descriptor, || {
                    Violation::new(
                        "two streams differ only in an empty and an absent namespace",
                        format!("streams {first} and {at} of the catalog (from 0) are both `{}`, one with an empty namespace and one with none", descriptor.name),
                    )
                    .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                    .level(Level::Should)
                });
            }
        }
    }
}

/// Whether a stream's name and namespace are what they should be.
fn is_named(stream: &Stream) -> bool {
    let namespace = stream.raw.get("namespace").unwrap_or(&Value::Null);
    stream.raw.get("name").is_some_and(Value::is_string) && (namespace.is_null() || namespace.is_string())
}
