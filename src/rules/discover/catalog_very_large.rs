use crate::protocol::{Command, Kind, Message};
use crate::rules::line::message_too_long::TOO_LONG;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// What services take in one message unless they are told otherwise.
const LARGE: u64 = 4 * 1024 * 1024;

rule! {
    /// The CATALOG is larger than 4 MiB.
    ///
    /// # What it checks
    /// The line of a CATALOG is at most 4 MiB long. LINE-011 speaks of those of more than 16 MiB, and remarks on those
    /// of more than 1 MiB.
    ///
    /// # Why it matters
    /// The platform hands the catalog from service to service, stores it with every connection, and shows it to users as
    /// a page. Services take messages of 4 MiB unless somebody raised that: discovery can then fail for users with many
    /// tables, and works for all others.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CATALOG","catalog":{"streams":["… 3,000 streams, with the API's documentation as descriptions"]}}
    /// good: {"type":"CATALOG","catalog":{"streams":["… the same without descriptions"]}}
    /// ```
    ///
    /// # How to mend it
    /// Leave out what describes: `description`, `title`, `examples`. Let the user choose the schemas or projects to look
    /// at (a `schemas` option in database sources), and do not write the same large schema into each stream. In Python
    /// and Low-code look for resolved references.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at the size of catalogs.
    CatalogVeryLarge {
        code: "DISC-024",
        name: "catalog-very-large",
        level: Info,
        commands: [Discover],
        authority: Inference,
        source: "follows from the message limits of the platform's services",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct CatalogVeryLarge;

impl Observer for CatalogVeryLarge {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        if !says(look) {
            return;
        }
        findings.report("large", || {
            let length = text::bytes(look.line.length);
            Violation::new("the CATALOG is very large", format!("the CATALOG is {length} long"))
                .on(look.line)
                .expected(format!("at most {}", text::bytes(LARGE)), length)
        });
    }
}

/// Whether this rule says that the line is long: LINE-011 is silent then.
pub(in crate::rules) fn says(look: &Look<'_>) -> bool {
    let is_catalog = matches!(look.message(), Some(Message::Catalog(_)));
    let is_length = (LARGE + 1..=TOO_LONG).contains(&look.line.length);
    is_catalog && is_length && look.scene.command == Some(Command::Discover)
}
