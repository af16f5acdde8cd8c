//! READ-016.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::same_records::{Demand, Variation, Words, with_each_entry};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::{ConfiguredCatalog, ConfiguredStream};
use crate::rules::Level;
use crate::text;
use serde_json::Value;
use std::collections::BTreeSet;

experiment! {
    /// A read fails or lacks records because not all fields are selected, or emits fields that are not.
    ///
    /// # What it checks
    /// The full refresh read is made with most properties taken out of each `json_schema`: the primary key, the cursor and one more
    /// stay. It must end with exit code 0 and deliver the same records; what it breaks counts only if it does so in a second
    /// attempt too, and the read with all properties still works. Of streams without a primary key, records are counted only.
    /// Where at least half of the fields come that were taken out, that is told at INFO: the protocol's text wants them left out, the Python CDK emits
    /// all, and the platform drops them. Only fields at the top are looked at, in a sample of records.
    ///
    /// # Why it matters
    /// Users select columns to save cost and to keep personal data out. A source that can't do without a column fails
    /// for them; one that emits all reads what nobody wants, and sends it through the platform.
    ///
    /// # Example
    /// With `email` not in the configured schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"customers","data":{"id":1,"email":"ann@example.com"},"emitted_at":1717200000000}}
    /// good: {"type":"RECORD","record":{"stream":"customers","data":{"id":1},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// Take the fields to read from the `json_schema` of the configured stream, not from the discovered one, and add to the request
    /// what the connector itself needs (key, cursor) without emitting it where it is not selected.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests and the CDK's standard tests read with the schema as it was discovered.
    run {
        code: "READ-016",
        name: "field-selection-breaks-read",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: schema mismatches",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.fewer-properties", "with few properties left in each schema"),
            Launches::up_to(0, 1, "read.fewer-properties-again", "the same once more").on_doubt(),
            Launches::up_to(0, 1, "read.afterwards", "full refresh, to see what is still there").on_doubt(),
        ],
    }
}

const WORDS: Words = Words {
    with: "with few properties left in each schema",
    fails: "a read with few fields selected fails",
    lacks: "a read with few fields selected lacks records",
    levels: (Level::Should, Level::Should),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = lab.full_refresh()?.complete()?;
    let configured = base.catalog()?;
    let mut left_out: Vec<BTreeSet<String>> = Vec::new();
    let mut entries = configured.streams.iter();
    let catalog = with_each_entry(configured, |raw| {
        left_out.push(entries.next().map_or_else(BTreeSet::new, |entry| prune(raw, entry)));
    });
    if left_out.iter().all(BTreeSet::is_empty) {
        return Err(Halt::Cannot("inconclusive: no stream has a property that could be left out".to_owned()));
    }
    let ask = lab.read_like(base, "read.fewer-properties", "with few properties left in each schema")?;
    let ask = ask.catalog(catalog).unjudged();
    let variation = Variation { base, base_state: None, ask, demand: Demand::Success, has_other_fields: true };
    let varied = variation.make(lab)?;
    let mut conclusion = Conclusion::of(STATEMENT, varied.read);
    varied.conclude(&mut conclusion, &WORDS, |_| None)?;
    tell_emitted(&mut conclusion, varied.read, configured, &left_out)?;
    Ok(conclusion)
}

/// Takes properties out of a stream's schema, and returns which.
fn prune(raw: &mut Value, entry: &ConfiguredStream) -> BTreeSet<String> {
    let needed = entry.primary_key.iter().chain([&entry.cursor_field]).filter_map(|path| path.first());
    let needed: BTreeSet<String> = needed.cloned().chain(entry.stream.default_cursor().into_iter().next()).collect();
    let Some(schema) = raw.pointer_mut("/stream/json_schema").and_then(Value::as_object_mut) else {
        return BTreeSet::new();
    };
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return BTreeSet::new() };
    let others: Vec<String> = properties.keys().filter(|name| !needed.contains(*name)).cloned().collect();
    let out: BTreeSet<String> = others.into_iter().skip(1).collect();
    properties.retain(|name, _| !out.contains(name));
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name.as_str().is_none_or(|name| !out.contains(name)));
    }
    out
}

fn tell_emitted(
    conclusion: &mut Conclusion,
    read: &Ran,
    configured: &ConfiguredCatalog,
    left_out: &[BTreeSet<String>],
) -> Result<(), Halt> {
    const SHOWN: usize = 5;
    if !read.succeeded() {
        return Ok(());
    }
    for ((entry, stream), out) in configured.streams.iter().zip(&read.trail()?.streams).zip(left_out) {
        let names = stream.sample.names();
        let emitted: Vec<&String> = out.iter().filter(|name| names.contains(name.as_str())).collect();
        // Whoever heeds the selection emits none; a few have another reason to come.
        if emitted.is_empty() || emitted.len() * 2 < out.len() {
            continue;
        }
        let shown: Vec<String> =
            emitted.iter().take(SHOWN).map(|name| format!("`{}`", text::shorten(name, 100))).collect();
        let told = format!("{} of {} such fields came, such as {}", emitted.len(), out.len(), shown.join(", "));
        let fault = Fault {
            cause: "emits all",
            level: Level::Info,
            title: "fields that are not selected are emitted".to_owned(),
            message: format!(
                "of the fields that were taken out of the configured schema of `{}`, {told}",
                entry.stream.descriptor
            ),
            evidence: vec![evidence(&read.id, None, "no field that is not in the configured schema", told)],
            case: None,
        };
        conclusion.found(Some(&entry.stream.descriptor), fault);
    }
    Ok(())
}
