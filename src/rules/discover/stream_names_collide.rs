use crate::protocol::Kind;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use std::collections::HashMap;

rule! {
    /// Two streams of a namespace have names that destinations make the same table of.
    ///
    /// # What it checks
    /// Within a namespace, names stay different when letter case is ignored and everything but letters, digits and `_`
    /// becomes `_`, as many destinations write them. Two names that are the same to the letter are DISC-003's.
    ///
    /// # Why it matters
    /// Most warehouses have one table name for `Order Items`, `order_items` and `order-items`. Two streams then share a
    /// table, and each sync overwrites one with the other, or mixes them.
    ///
    /// # Example
    /// Names of the `streams` of a CATALOG:
    /// ```json
    /// bad:  ["order_items","Order-Items"]
    /// good: ["order_items","order_items_archive"]
    /// ```
    ///
    /// # How to mend it
    /// Rename one of them. Where users name the streams (sheets, files, tables), number those that would collide, or put
    /// them into namespaces. A database with tables that differ in letter case only can't do better; say so in its
    /// documentation.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests compare names to the letter only, so that `orders` and `Orders` pass.
    StreamNamesCollide {
        code: "DISC-004",
        name: "stream-names-collide",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "protocol: naming of streams and fields; Avro naming",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct StreamNamesCollide;

impl Observer for StreamNamesCollide {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut seen = HashMap::new();
        for (at, stream) in look.discovered().iter().enumerate() {
            let name = &stream.descriptor.name;
            // A stream without a name is DISC-005's.
            if name.trim().is_empty() {
                continue;
            }
            let namespace = stream.descriptor.namespace.as_deref().unwrap_or_default();
            let first = *seen.entry((namespace, table_of(name))).or_insert(name);
            if first == name {
                continue;
            }
            findings.report_stream("collide", &stream.descriptor, || {
                Violation::new(
                    "streams have names that destinations make one table of",
                    format!("`{name}` and `{first}` differ in letter case and punctuation only"),
                )
                .part(look.line, format!("/catalog/streams/{at}/name"), &stream.raw["name"])
                .expected("another name", table_of(name))
            });
        }
    }
}

/// What destinations make of a name.
fn table_of(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    name.chars().map(plain).flat_map(char::to_lowercase).collect()
}
