use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};

rule! {
    /// A name, a state or a value has the character NUL.
    ///
    /// # What it checks
    /// No string has the escape `\u0000`. In the names of members, in a STATE, a CATALOG, a SPEC, and in what names a stream
    /// it is reported at SHOULD; in the values of records and in text for people at INFO.
    ///
    /// # Why it matters
    /// PostgreSQL can't store it in text. The platform keeps states and catalogs in PostgreSQL, and destinations of that
    /// family refuse the record or drop the character.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"no\u0000te":"x"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"note":"x"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Remove the character where the value enters the connector: Python `value.replace("\0", "")`, Java
    /// `value.replace("\0", "")`, Low-code a `replace` in an `AddFields` transformation. Columns of fixed width are often
    /// padded with it: trim them.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this.
    NulCharacter {
        code: "LINE-010",
        name: "nul-character",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: PlatformBehaviour,
        source: "platform: states and catalogs are stored in PostgreSQL; airbyte issues 3476, 5336, 13854",
        watches: [Watch::Within],
        about: Launch,
    }
}

#[derive(Default)]
struct NulCharacter;

impl Observer for NulCharacter {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let kind = look.message().map(|message| message.kind());
        for spot in look.oddities().iter().flat_map(|scan| &scan.nuls) {
            let is_text = matches!(kind, Some(Kind::Log | Kind::Trace | Kind::ConnectionStatus));
            let is_value = is_text || (kind == Some(Kind::Record) && spot.is_free);
            let (cause, level, what) = match (spot.is_name, is_value) {
                (true, _) => ("name", Level::Should, "the name of a member"),
                (false, true) => ("value", Level::Info, "a value"),
                (false, false) => ("stored", Level::Should, "what the platform stores or looks streams up by"),
            };
            let describe = || {
                Violation::new(format!("NUL in {what}"), format!("`{}` has the escape of NUL", spot.pointer))
                    .level(level)
                    .around(look.line, spot.at)
                    .pointer(spot.pointer.clone())
            };
            match look.stream() {
                Some(stream) => findings.report_stream(cause, &stream.descriptor, describe),
                None => findings.report(cause, describe),
            }
        }
    }
}
