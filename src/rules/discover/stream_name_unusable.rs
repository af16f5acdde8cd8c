use crate::protocol::{Kind, Stream};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream has no name, or one that nobody can use.
    ///
    /// # What it checks
    /// Each stream of the CATALOG is an object with a string `name`; its `namespace`, where there is one, is a string.
    /// A name that is empty, begins or ends with blanks, or has control characters is reported at SHOULD: the protocol
    /// allows it. NUL is LINE-010's, letters that are none are DISC-026's.
    ///
    /// # Why it matters
    /// The platform keys streams by name and namespace: it can't read a catalog in which one is missing. Blanks and
    /// control characters that no screen shows make two streams of what looks like one, and tables that nobody can
    /// write the name of.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":null,"json_schema":{"type":"object","properties":{}},"supported_sync_modes":["full_refresh"]}
    /// good: {"name":"orders","json_schema":{"type":"object","properties":{}},"supported_sync_modes":["full_refresh"]}
    /// ```
    ///
    /// # How to mend it
    /// Give the stream a name. Python CDK: `name` of the stream class; Low-code: `name` of the stream. Where the name
    /// comes from the data (the title of a sheet, a file, a table), trim it, replace control characters, and leave out
    /// or number what has no name.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read the catalog with a typed model, which refuses a missing name and takes any string.
    StreamNameUnusable {
        code: "DISC-005",
        name: "stream-name-unusable",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "protocol: StreamDescriptor; AirbyteStream.name, AirbyteStream.namespace",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct StreamNameUnusable;

impl Observer for StreamNameUnusable {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let Some((what, member, level)) = defect(stream) else { continue };
            let value = stream.raw.get(member).unwrap_or(&stream.raw);
            let describe = || {
                let title = if member.is_empty() { "a stream" } else { "a stream's name" };
                Violation::new(format!("{title} {what}"), format!("stream {at} of the catalog (from 0) {what}"))
                    .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
                    .pointer(format!("/catalog/streams/{at}{}{member}", if member.is_empty() { "" } else { "/" }))
                    .expected("a string that people can read", text::json(value, 80))
                    .level(level)
            };
            if stream.descriptor.name.is_empty() {
                findings.report(what, describe);
            } else {
                findings.report_stream(what, &stream.descriptor, describe);
            }
        }
    }
}

/// What is wrong with a stream's name, the member that shows it, and how much that weighs.
fn defect(stream: &Stream) -> Option<(&'static str, &'static str, Level)> {
    let member = |name: &str| stream.raw.get(name).filter(|value| !value.is_null());
    if !stream.raw.is_object() {
        return Some(("is no object", "", Level::Must));
    }
    let Some(name) = member("name") else { return Some(("has no `name`", "", Level::Must)) };
    let Value::String(name) = name else { return Some(("is no string", "name", Level::Must)) };
    if member("namespace").is_some_and(|namespace| !namespace.is_string()) {
        return Some(("has a `namespace` that is no string", "namespace", Level::Must));
    }
    let is_control = |letter: char| letter.is_control() && letter != '\0';
    if name.trim().is_empty() {
        Some(("is empty", "name", Level::Should))
    } else if name.trim() != name {
        Some(("begins or ends with blanks", "name", Level::Should))
    } else {
        name.chars().any(is_control).then_some(("has control characters", "name", Level::Should))
    }
}
