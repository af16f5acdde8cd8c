use crate::protocol::{Kind, Message};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// The CATALOG of a configuration that works has no streams.
    ///
    /// # What it checks
    /// The CATALOG has at least one stream, where the scenario's configuration is said to be good. A `streams` that is
    /// missing or no array is LINE-014's; no CATALOG at all is DISC-001's.
    ///
    /// # Why it matters
    /// The user sees an empty list and can't make a connection, and nothing says why. A database that has no tables
    /// yet rightly gives no streams; more often an account may not see anything, or a filter leaves everything out.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CATALOG","catalog":{"streams":[]}}
    /// good: {"type":"CATALOG","catalog":{"streams":[{"name":"orders","json_schema":{"type":"object","properties":{}},"supported_sync_modes":["full_refresh"]}]}}
    /// ```
    ///
    /// # How to mend it
    /// Point the scenario's configuration at an account with something in it. If there is something, look for what
    /// leaves it out: a schema or a site that the configuration does not name, a right that the user lacks. Then a
    /// `check` that says so would help more than an empty catalog.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests fail on an empty catalog. The standard tests of the Python CDK do not look at it.
    EmptyCatalog {
        code: "DISC-002",
        name: "empty-catalog",
        level: Should,
        commands: [Discover],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_discover",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
        applies: |scene| if scene.must_work() { Ok(()) } else { Err("the scenario is expected to fail") },
    }
}

#[derive(Default)]
struct EmptyCatalog;

impl Observer for EmptyCatalog {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let is_first = matches!(look.message(), Some(Message::Catalog(_))) && look.summary.count(Kind::Catalog) == 1;
        let is_empty = look.summary.catalog.as_ref().is_some_and(|catalog| catalog.streams.is_empty());
        if is_first && is_empty {
            findings.report("empty", || {
                Violation::new("the CATALOG has no streams", "`discover` worked, and found no stream to offer")
                    .part(look.line, "/catalog/streams", &Value::Array(Vec::new()))
                    .expected("at least one stream", "none")
            });
        }
    }
}
