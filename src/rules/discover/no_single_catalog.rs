use crate::protocol::{Kind, Message};
use crate::rules::last_words::last_words;
use crate::rules::{Ending, Findings, Look, Observer, Scene, Violation, Watch, rule};

rule! {
    /// `discover` does not end well with exactly one CATALOG.
    ///
    /// # What it checks
    /// With a configuration that works, `discover` prints exactly one CATALOG and ends with exit code 0. A destination
    /// may print a DESTINATION_CATALOG instead. A `discover` that is ended by the time limit before its CATALOG breaks
    /// the rule too. A CATALOG that is there but can't be read is a LINE rule's.
    ///
    /// # Why it matters
    /// Without a catalog the user has no streams to choose from and can't make the connection. The platform takes the
    /// first CATALOG, and none at all after an exit code other than 0.
    ///
    /// # Example
    /// The whole output of `discover`:
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"no such file: schemas/orders.json"}}}
    /// good: {"type":"CATALOG","catalog":{"streams":[{"name":"orders","json_schema":{"type":"object","properties":{}},"supported_sync_modes":["full_refresh"]}]}}
    /// ```
    ///
    /// # How to mend it
    /// Follow the error that is quoted. Python CDK: each stream needs its schema file in the package, or
    /// `get_json_schema`; Low-code: a `schema_loader` in each stream; Java: `discover` returns the catalog, the runner
    /// prints it. Collect all streams into one message rather than one for each.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests want exactly one CATALOG as well.
    NoSingleCatalog {
        code: "DISC-001",
        name: "no-single-catalog",
        level: Must,
        commands: [Discover],
        authority: ProtocolText,
        source: "protocol: Discover; Airbyte acceptance tests: test_discover",
        watches: [Watch::Message(Kind::Catalog), Watch::Message(Kind::DestinationCatalog), Watch::Oddity],
        about: Launch,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    if scene.must_work() { Ok(()) } else { Err("the scenario is expected to fail") }
}

#[derive(Default)]
struct NoSingleCatalog {
    /// A CATALOG was meant and can't be read.
    lost: bool,
    /// Catalogs that came.
    count: u64,
}

impl Observer for NoSingleCatalog {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        self.lost |= look.loses(Kind::Catalog) || look.loses(Kind::DestinationCatalog);
        let Some(Message::Catalog(_) | Message::DestinationCatalog) = look.message() else { return };
        self.count += 1;
        if self.count > 1 {
            findings.report("several", || {
                Violation::new(
                    "more than one CATALOG",
                    "one more CATALOG came after the first; the platform takes the first, so the streams of this one are lost",
                )
                .on(look.line)
                .expected("one CATALOG", format!("CATALOG number {}", self.count))
            });
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let exit = ending.exit;
        if ending.is_cut_short() || (self.count == 0 && self.lost) {
            return;
        }
        let title = match (self.count, exit.ended.is_some()) {
            (0, true) => "discover did not come to a CATALOG",
            (0, false) => "discover prints no CATALOG",
            (_, false) if !exit.succeeded() => "discover fails after its CATALOG",
            _ => return,
        };
        findings.report(title, || {
            let came = if self.count == 0 { "no CATALOG" } else { "a CATALOG" };
            let message =
                format!("{came} came ({}); {}{}", exit.describe(), ending.summary.account(), last_words(ending));
            let found = format!("{came}, {}", exit.describe());
            Violation::new(title, message).expected("one CATALOG, exit code 0", found)
        });
    }
}
