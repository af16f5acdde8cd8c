use crate::capture::{REDACTED, is_credential};
use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A credential stands in a state.
    ///
    /// # What it checks
    /// No STATE holds a value of the configuration that the specification marks `airbyte_secret`, as it is or encoded. A
    /// text under a name such as `access_token`, `refresh_token`, `client_secret`, `password` or `api_key` is told at SHOULD:
    /// it may have been obtained during the read. Tokens of pages and of synchronisation are no credentials.
    ///
    /// # Why it matters
    /// States are stored in plain text, shown in the user interface, exported, and handed to the destination. A credential
    /// in one has to be changed.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2,"access_token":"eyJhbGciOi"}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"id":2}}}}
    /// ```
    ///
    /// # How to mend it
    /// Keep in the state only where the read is. A refreshed token goes into a CONTROL message, which replaces the
    /// configuration: Python CDK and Low-code do so with `SingleUseRefreshTokenOauth2Authenticator` and
    /// `refresh_token_updater`. Take care not to copy the configuration, or a URL that carries a key, into the state.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests have a test for secrets in the output whose body is empty. The standard tests of the
    /// Python CDK do not look for them.
    SecretInState {
        code: "STATE-029",
        name: "secret-in-state",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "UX handbook: security",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
    }
}

#[derive(Default)]
struct SecretInState;

impl Observer for SecretInState {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(state) = look.state() else { return };
        let (cause, violation) = if let Some(leak) = look.line.leaks.first() {
            let how = if leak.plain { "" } else { ", encoded," };
            let message =
                format!("a value that is marked `airbyte_secret` stands{how} at byte {} of the line", leak.at);
            let violation = Violation::new("a secret of the configuration in a state", message);
            let violation = violation.around(look.line, leak.at).expected("no secret of the configuration", REDACTED);
            ("configuration".to_owned(), violation)
        } else if let Some((name, pointer)) = named(&state.payload) {
            let message = format!("`{}` holds a text, and by its name that is a credential", text::shorten(name, 60));
            let violation = Violation::new("a credential in a state, by its name", message).level(Level::Should);
            // The value is in no part of the excerpt: unlike those of the configuration, nothing cuts it out.
            let member = format!("{}:\"(not shown)\"", text::json(&Value::from(name), 60));
            let violation = violation.pointer(format!("/state{pointer}")).at_message(look.line.number);
            (name.to_owned(), violation.showing(format!("{{{member}}}")).expected("no credential", member))
        } else {
            return;
        };
        match look.stream() {
            Some(stream) => findings.report_stream(&cause, &stream.descriptor, || violation),
            None => findings.report(&cause, || violation),
        }
    }
}

/// The first text under the name of a credential, and where it stands. A parsed message nests 128 levels at most.
fn named(value: &Value) -> Option<(&str, String)> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::String(text) if is_credential(name, text) => Some((name.as_str(), format!("/{name}"))),
            Value::Object(_) | Value::Array(_) => named(value).map(|(found, rest)| (found, format!("/{name}{rest}"))),
            _ => None,
        }),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(at, item)| named(item).map(|(found, rest)| (found, format!("/{at}{rest}"))))
        }
        _ => None,
    }
}
