//! DISC-025.

use crate::compat::{Change, changes_of_catalog};
use crate::experiments::breaking::{Versions, instead, level, report};
use crate::experiments::control::catalog_of;
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, limit_after};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::{Catalog, Command};

experiment! {
    /// A connection that was set up with the previous version does not fit the streams of this one.
    ///
    /// # What it checks
    /// Where the suite names a `previous` version, `discover` of both, with the same config, is compared by stream. A MUST: a stream (by
    /// name and namespace) or a field that is gone, a field of another type (a wider one, too), format or `airbyte_type`, another
    /// default cursor. A SHOULD: another primary key, a sync mode that is gone, and another format or `airbyte_type` that comes to the
    /// same column. New streams, new fields and null beside a type break nothing, nor do descriptions and other keywords that come and go. Where
    /// this version begins a new major version, by the label `io.airbyte.version` of its image or its `metadata.yaml`, all is
    /// told at INFO. What differs is discovered once more by both versions, and what does not differ again is not told.
    ///
    /// # Why it matters
    /// Connections keep the streams, fields and cursors that they were set up with. What is gone fails or is left empty; a column of another
    /// type has to be made again by the destination, with all its data; with another cursor, a saved state means nothing.
    ///
    /// # Example
    /// A field of a stream, in the previous version `{"id":{"type":"integer"}}`:
    /// ```json
    /// bad:  {"id":{"type":"string"}}
    /// good: {"id":{"type":["null","integer"],"description":"Number of the order."}}
    /// ```
    ///
    /// # How to mend it
    /// Keep old streams and fields beside new ones, and give a field of a new type a new name. Where it has to break, begin a new major
    /// version and say so in `releases.breakingChanges` of `metadata.yaml`, with the streams that it touches. What is known and
    /// accepted: `previous: { unless: "1.0.52", reason: "…" }`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests compare with the image of `latest` (`backward_compatibility_tests_config`) and tell the first difference only;
    /// a `description` that is dropped fails them, too. They look at no namespace, primary key or sync mode, and don't know major versions.
    run {
        code: "DISC-025",
        name: "breaks-former-connections",
        level: Must,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "platform: CatalogDiffHelpers; acceptance tests: test_backward_compatibility",
        depth: Quick,
        launches: [
            Launches::one("discover.previous", "the streams of the previous version").of_previous(),
            Launches::one("discover.previous-again", "and once more").of_previous().on_doubt(),
            Launches::one("discover.again", "the streams once more").of_previous().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let instead = instead(lab, Command::Discover)?;
    let latter = lab.discover()?;
    let after = catalog_of(latter)?;
    let purpose = "the streams of the previous version";
    let ask = Ask::of(Command::Discover, "discover.previous", purpose).instead(instead);
    let former = lab.launch(ask.clone())?;
    let versions = Versions::of(lab, former, latter)?;
    let mut found = changes(catalog_of(former)?, after)?;
    let mut conclusion = Conclusion::of(STATEMENT, latter);
    if !found.is_empty() {
        let again = Ask::of(Command::Discover, "discover.again", "the streams once more");
        let again = again.unjudged().within(limit_after(latter));
        let purpose = format!("{purpose}, once more");
        let former_again = Ask { id: "discover.previous-again".to_owned(), purpose, ..ask }.round(1);
        let rans = lab.launches([former_again, again])?;
        let confirmed = changes(catalog_of(rans[0])?, catalog_of(rans[1])?)?;
        found.retain(|change| confirmed.iter().any(|other| is_same(change, other)));
        if found.is_empty() {
            conclusion.inconclusive(None, "inconclusive: what differed did not differ again");
            return Ok(conclusion);
        }
    }
    report(&mut conclusion, &versions, &found);
    Ok(conclusion)
}

fn is_same(one: &Change, other: &Change) -> bool {
    (&one.stream, one.rule, &one.pointer) == (&other.stream, other.rule, &other.pointer)
}

fn changes(before: &Catalog, after: &Catalog) -> Result<Vec<Change>, Halt> {
    let mut found = changes_of_catalog(before, after).map_err(|error| Halt::Cannot(error.to_string()))?;
    found.retain(|change| level(change).is_some());
    Ok(found)
}
