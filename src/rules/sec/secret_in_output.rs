use crate::capture::{Broken, Decoded, Line, Secrets};
use crate::launch::Channel;
use crate::protocol::{Kind, secret_values};
use crate::rules::{Findings, Level, Look, Observer, Scene, Violation, Watch, rule};

rule! {
    /// A secret of the configuration stands in the output.
    ///
    /// # What it checks
    /// Each value of the configuration that the specification marks `airbyte_secret` is looked for in every line of
    /// stdout and stderr, as it is and as JSON escapes it. Values that are short, or an everyday word, are not looked
    /// for. CONTROL may carry secrets; in a RECORD it is reported at INFO, for the source may hold the same value.
    ///
    /// # Why it matters
    /// Logs, states, catalogs and error messages are stored, shown to every member of a workspace, sent to support and
    /// pasted into issues. A secret in one of them has to be changed.
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
    SecretInOutput {
        code: "SEC-001",
        name: "secret-in-output",
        level: Must,
        commands: [Spec, Check, Discover, Read],
        authority: CdkConvention,
        source: "UX handbook: security; Python CDK: airbyte_secrets_utils",
        watches: [Watch::Leak],
        about: Launch,
        applies: has_secrets,
    }
}

#[derive(Default)]
struct SecretInOutput;

fn has_secrets(scene: &Scene) -> Result<(), &'static str> {
    let Some(config) = &scene.config else { return Err("no configuration was given") };
    let Some(specification) = &scene.specification else {
        return Err("no specification says which values of the configuration are secret");
    };
    let values = secret_values(config, specification.get("connectionSpecification"));
    if Secrets::new(&values).can_leak() {
        Ok(())
    } else {
        Err("the configuration has no value that is marked as secret and distinctive enough to look for")
    }
}

impl Observer for SecretInOutput {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(leak) = look.line.leaks.iter().find(|leak| leak.plain) else { return };
        let kind = kind_of(look.line);
        let level = match kind {
            Some(Kind::Control) => return,
            Some(Kind::Record) => Level::Info,
            _ => Level::Must,
        };
        let (cause, place) = match kind {
            _ if look.line.channel == Channel::Stderr => ("stderr", "a line of stderr".to_owned()),
            Some(kind) => (kind.as_str(), format!("a {}", kind.as_str())),
            None => ("text", "a line of stdout that is no message".to_owned()),
        };
        let describe = || {
            Violation::new(
                format!("a secret of the configuration in {place}"),
                format!("a value that is marked `airbyte_secret` stands at byte {} of the line", leak.at),
            )
            .level(level)
            .around(look.line, leak.at)
        };
        match look.stream() {
            Some(stream) => findings.report_stream(cause, &stream.descriptor, describe),
            None => findings.report(cause, describe),
        }
    }
}

/// What kind of message the line is, or means to be.
fn kind_of(line: &Line<'_>) -> Option<Kind> {
    match &line.decoded {
        Decoded::Message(message) => Some(message.kind()),
        Decoded::Broken(Broken::NoPayload { kind } | Broken::Member { kind, .. }) => Some(*kind),
        Decoded::Broken(Broken::UnknownType { meant, .. }) => *meant,
        _ => None,
    }
}
