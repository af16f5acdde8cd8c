use crate::protocol::{Kind, Stream, json_path};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream's `source_defined_primary_key` is misshapen, or leads to no field of its schema.
    ///
    /// # What it checks
    /// Where `source_defined_primary_key` is there and not empty, it is an array of paths, each an array of at least one
    /// string; `json_schema` declares the field at each path, and no path stands twice. Nested properties, `oneOf`,
    /// `anyOf`, `allOf` and local references are followed.
    ///
    /// # Why it matters
    /// Destinations remove duplicates by these columns. A key that is no column fails the sync or lets duplicates
    /// through; `["id"]` instead of `[["id"]]` keeps the platform from reading the catalog.
    ///
    /// # Example
    /// ```json
    /// bad:  {"name":"orders","source_defined_primary_key":["id"]}
    /// good: {"name":"orders","source_defined_primary_key":[["id"]]}
    /// ```
    ///
    /// # How to mend it
    /// Write one path for each part of the key: `[["shop_id"],["id"]]`; a nested field is one path of several names:
    /// `[["order","id"]]`. Declare the fields in the schema. The CDKs build the paths from the stream's `primary_key`:
    /// mend the names there.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for the key with a path in which `/` and `*` mean something.
    PrimaryKeyNotInSchema {
        code: "DISC-013",
        name: "primary-key-not-in-schema",
        level: Must,
        commands: [Discover],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_primary_keys_exist_in_schema; AirbyteStream.source_defined_primary_key",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct PrimaryKeyNotInSchema;

impl Observer for PrimaryKeyNotInSchema {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            let key = stream.raw.get("source_defined_primary_key").filter(|key| !key.is_null());
            let Some((what, part)) = key.and_then(|key| defect(stream, key)) else { continue };
            findings.report_stream(what, &stream.descriptor, || {
                let (name, shown) = (&stream.descriptor, text::json(part, 80));
                Violation::new(
                    format!("`source_defined_primary_key` {what}"),
                    format!("`source_defined_primary_key` of `{name}` {what}: {shown}"),
                )
                .part(look.line, format!("/catalog/streams/{at}/source_defined_primary_key"), key.unwrap_or(part))
                .expected("an array of paths of fields in `json_schema`", shown)
            });
        }
    }
}

/// What is wrong with a key, and the part of it that shows it.
fn defect<'k>(stream: &Stream, key: &'k Value) -> Option<(&'static str, &'k Value)> {
    let Some(parts) = key.as_array() else { return Some(("is no array of paths", key)) };
    let mut seen = std::collections::HashSet::new();
    for part in parts {
        let Some(path) = json_path(part) else { return Some(("is no array of paths", key)) };
        if path.is_empty() {
            return Some(("has an empty path", key));
        }
        if !stream.declares(&path) {
            return Some(("names a field that the schema does not declare", part));
        }
        if !seen.insert(path) {
            return Some(("names a field twice", part));
        }
    }
    None
}
