//! SUITE-008.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::future_read::is_named;
use crate::experiments::lab::{Halt, Lab};
use crate::rules::Level;
use crate::suite::CatalogSource;
use crate::text;

experiment! {
    /// The suite's catalog names a stream that the connector does not have.
    ///
    /// # What it checks
    /// Each stream of the file under `catalog` of the scenario is one that `discover` gives, by name (and by namespace, where the file
    /// gives one).
    ///
    /// # Why it matters
    /// Either the connector has lost a stream that somebody syncs, or the file is out of date and tests less than it says.
    ///
    /// # Example
    /// With `refunds` in the file:
    /// ```json
    /// bad:  {"type":"CATALOG","catalog":{"streams":[{"name":"orders","json_schema":{}}]}}
    /// good: {"type":"CATALOG","catalog":{"streams":[{"name":"orders","json_schema":{}},{"name":"refunds","json_schema":{}}]}}
    /// ```
    ///
    /// # How to mend it
    /// Bring the stream back; if it is meant to be gone, take it out of the file.
    ///
    /// # What Airbyte's tests see
    /// The same (`configured_catalog_path`), by name alone: all tests that read fail with an error of Python.
    run {
        code: "SUITE-008",
        name: "suite-catalog-names-unknown-stream",
        level: Must,
        commands: [Discover],
        authority: SuiteAuthor,
        source: "the suite: `catalog`; Airbyte connector acceptance tests: configured_catalog_path",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let CatalogSource::File { path, catalog, .. } = &lab.scenario.catalog else {
        return Err(Halt::Cannot("the scenario has no catalog of its own".to_owned()));
    };
    let discover = lab.discover()?.complete()?;
    let Some(found) = &discover.summary.catalog else {
        return Err(Halt::Cannot(format!("{} gave no catalog", discover.id)));
    };
    let mut conclusion = Conclusion::of(STATEMENT, discover);
    for entry in &catalog.streams {
        let own = &entry.stream.descriptor;
        if found.streams.iter().any(|stream| is_named(&stream.descriptor, own)) {
            conclusion.judged(Some(own));
            continue;
        }
        let fault = Fault {
            cause: "unknown",
            level: Level::Must,
            title: "the suite's catalog names a stream that the connector does not have".to_owned(),
            message: format!(
                "`{own}` is in {}, and discover does not give it",
                text::visible(&path.display().to_string())
            ),
            evidence: vec![evidence(&discover.id, None, format!("the stream `{own}`"), "no such stream")],
            case: None,
        };
        conclusion.found(Some(own), fault);
    }
    Ok(conclusion)
}
