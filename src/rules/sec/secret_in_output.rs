use crate::protocol::Kind;
use crate::rules::leaks::{has_secrets, place_of};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A secret of the configuration stands in the output.
    ///
    /// # What it checks
    /// Each value of the configuration that the specification marks `airbyte_secret` is looked for in every LOG, TRACE,
    /// CONNECTION_STATUS, CATALOG and SPEC, in text on stdout and on stderr, as it is and as JSON escapes it. Values that
    /// are short, or an everyday word, are not looked for: `canaries: true` in a scenario that is expected to fail puts
    /// ones in their place that are. Encoded forms are SEC-002's, records SEC-005's, states STATE-029's; CONTROL may
    /// carry secrets.
    ///
    /// # Why it matters
    /// Logs, catalogs and error messages are stored, shown to every member of a workspace, sent to support and pasted
    /// into issues. A secret in one of them has to be changed.
    ///
    /// # Example
    /// With `"api_key": "sk-9f8e7d6c5b4a"` in the configuration:
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"GET /orders?api_key=sk-9f8e7d6c5b4a"}}
    /// good: {"type":"LOG","log":{"level":"INFO","message":"GET /orders?api_key=****"}}
    /// ```
    ///
    /// # How to mend it
    /// Do not log configurations, headers or URLs with credentials, and send keys in headers, not in URLs: HTTP
    /// libraries put the URL into their exceptions. Python CDK and Low-code: mark the property `airbyte_secret` and log
    /// through the CDK's logger, which masks it; what a library prints is not masked. Java: keep secrets out of
    /// `toString`.
    ///
    /// # What Airbyte's tests see
    /// Nothing. The acceptance tests have a test that secrets are never in the output, and its body is empty: it always
    /// passes.
    SecretInOutput {
        code: "SEC-001",
        name: "secret-in-output",
        level: Must,
        commands: [Spec, Check, Discover, Read, Write],
        authority: CdkConvention,
        source: "UX handbook: security; Python CDK: airbyte_secrets_utils",
        watches: [Watch::Leak],
        about: Launch,
        applies: has_secrets,
    }
}

#[derive(Default)]
struct SecretInOutput;

impl Observer for SecretInOutput {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(leak) = look.line.leaks.iter().find(|leak| leak.plain) else { return };
        let place = place_of(look);
        if matches!(place.kind, Some(Kind::Record | Kind::State | Kind::Control)) {
            return;
        }
        findings.report(place.cause, || {
            Violation::new(
                format!("a secret of the configuration in {}", place.words),
                format!("a value that is marked `airbyte_secret` stands at byte {} of the line", leak.at),
            )
            .around(look.line, leak.at)
        });
    }
}
