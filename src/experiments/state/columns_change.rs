//! EXP-23.

use crate::experiments::altered::{AFTERWARDS, Due, FROM_FINAL, Measure, UNALTERED, probe};
use crate::experiments::altered_verdict::{Kind, Verdicts, asked_for};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::ConfiguredStream;
use crate::rules::Level;
use serde_json::{Map, Value, json};

experiment! {
    /// A read does not go on from its state when a column has been added or taken out.
    ///
    /// # What it checks
    /// Reads go on from a state in the middle of the incremental read, with a catalog in which each stream's schema lacks one
    /// field (the last one that is neither key nor cursor), and with one in which each has a field that the source does not
    /// have. Each must succeed and deliver every record that comes with the catalog as it was. Streams without a
    /// primary key are not looked at, since their records can't be told from one another then. A fault must show twice while
    /// the catalog as it was still works, and the records must still be there.
    ///
    /// # Why it matters
    /// Users deselect columns, and sources gain and lose them between two syncs. A connector that fails then stops a
    /// connection that ran for months; one that silently delivers less is worse.
    ///
    /// # Example
    /// The catalog's schema of `orders`, which once had `note`:
    /// ```json
    /// bad:  {"properties":{"id":{"type":"integer"}}}   (and the read fails: column "note" is not in the schema)
    /// good: (the same schema, and all new orders come)
    /// ```
    ///
    /// # How to mend it
    /// Read the columns that both the catalog and the source have. Don't look a field of the source up in the catalog without
    /// saying what happens if it is not there.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read with the schemas that were discovered, and change none.
    run {
        code: "EXP-23",
        name: "column-change-stops-read",
        level: Should,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "Airbyte platform: column selection, schema changes",
        depth: Certification,
        launches: [
            FROM_FINAL,
            Launches::up_to(0, 1, "read.checkpoint", "incremental, from a state in the middle"),
            Launches::up_to(0, 2, "read.column", "the same with a catalog that has one column more, or one less"),
            Launches::up_to(0, 2, "read.column", "the same once more").on_doubt(),
            AFTERWARDS,
            UNALTERED,
        ],
    }
}

const fn kind(id: &'static str, given: &'static str) -> Kind {
    Kind { id, given, lost: Level::Should, over: Level::Should, refused: Some(Level::Should) }
}

const KINDS: [Kind; 2] = [
    kind("read.column-gone", "a catalog that lacks a column"),
    kind("read.column-new", "a catalog with a column that the source does not have"),
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_any_state(lab)?;
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let streams = &by.whole.catalog()?.streams;
    for (place, entry) in streams.iter().enumerate() {
        if entry.primary_key.is_empty() {
            verdicts.note(place, Err("inconclusive: it has no primary key".to_owned()));
        }
    }
    for kind in asked_for(lab, &KINDS) {
        let mut catalog = by.whole.catalog()?.raw.clone();
        let mut changed = vec![false; streams.len()];
        for (place, entry) in streams.iter().enumerate() {
            let pointer = format!("/streams/{place}/stream/json_schema/properties");
            let fields = catalog.pointer_mut(&pointer).and_then(Value::as_object_mut);
            changed[place] = fields.is_some_and(|fields| match kind.id == KINDS[0].id {
                true => take_out(fields, entry),
                false => {
                    fields.insert("airproof_new_column".to_owned(), json!({"type": ["null", "string"]}));
                    true
                }
            });
        }
        if !changed.contains(&true) {
            continue;
        }
        let purpose = format!("incremental, from a state, with {}", kind.given);
        let ask = by.ask(lab, kind.id, &purpose)?.state(by.state.clone()).catalog(catalog);
        let due = |place: usize| {
            let is_told_apart = !streams[place].primary_key.is_empty();
            (changed[place] && is_told_apart).then_some(Due::Rest)
        };
        verdicts.judge(kind, &by, &due, &probe(lab, &by, &due, ask)?)?;
    }
    verdicts.conclude(&by)
}

/// Takes the last field out that is neither key nor cursor, and of which the schema does not say that it is required.
fn take_out(fields: &mut Map<String, Value>, entry: &ConfiguredStream) -> bool {
    let required = entry.stream.json_schema().get("required").and_then(Value::as_array);
    let is_needed = |name: &str| {
        let is_first = |path: &Vec<String>| path.first().is_some_and(|first| first == name);
        is_first(&entry.cursor_field)
            || entry.primary_key.iter().any(is_first)
            || required.is_some_and(|required| required.iter().any(|word| word == name))
            // What the kits themselves add is not the user's to deselect.
            || name.starts_with("_ab")
    };
    let Some(name) = fields.keys().rev().find(|name| !is_needed(name)).cloned() else { return false };
    fields.shift_remove(&name).is_some()
}
