use crate::protocol::{Kind, Message, TraceBody};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

/// What stands before a token that a connector got while it ran, in lower case.
const BEFORE: [&str; 7] = [
    "bearer ",
    "access_token=",
    "\"access_token\":\"",
    "\"access_token\": \"",
    "'access_token': '",
    "x-amz-signature=",
    "x-goog-signature=",
];

/// A token has so many characters at least.
const SHORTEST: usize = 16;

rule! {
    /// A log or an error shows a token that the connector got while it ran.
    ///
    /// # What it checks
    /// LOG and TRACE messages and lines of stderr are searched for what looks like a token of a session: 16 or more
    /// characters behind `Bearer`, behind `access_token` or behind the signature of a signed address, and JSON web tokens.
    /// Values of the configuration are SEC-001's and SEC-002's; a token that is masked with asterisks is none.
    ///
    /// # Why it matters
    /// Whoever reads the log can use the API as the user for as long as the token lasts. The kit's filter masks the values
    /// of the configuration, and knows nothing of what an API hands out later.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"GET /orders, Authorization: Bearer 8c1d77e20bd64f39a1"}}
    /// good: {"type":"LOG","log":{"level":"INFO","message":"GET /orders, Authorization: Bearer ****"}}
    /// ```
    ///
    /// # How to mend it
    /// Do not log headers, bodies of sign-ins or whole addresses. Python CDK: `add_to_secrets(token)` makes its filter mask
    /// the token from then on.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look for secrets in logs.
    SessionTokenInOutput {
        code: "SEC-003",
        name: "session-token-in-output",
        level: Info,
        commands: [Spec, Check, Discover, Read, Write],
        authority: Inference,
        source: "not written; follows from SEC-001",
        watches: [Watch::Message(Kind::Log), Watch::Message(Kind::Trace), Watch::Stderr],
        about: Launch,
    }
}

#[derive(Default)]
struct SessionTokenInOutput;

impl Observer for SessionTokenInOutput {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let is_text = match look.message() {
            Some(Message::Trace(trace)) => matches!(trace.body, TraceBody::Error(_)),
            _ => true,
        };
        if !is_text || !look.line.leaks.is_empty() || !shows_a_token(look.line.bytes) {
            return;
        }
        findings.report("token", || {
            let message = "what stands there looks like a token that the connector was given while it ran";
            // The line itself is not shown.
            Violation::new("a log or an error shows a token", message)
                .on(look.line)
                .showing("(not shown: it may be a secret)")
        });
    }
}

fn shows_a_token(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line).replace("\\\"", "\"").to_ascii_lowercase();
    let is_token = |rest: &str| {
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-._~+/=".contains(letter));
        let token = &rest[..end.unwrap_or(rest.len())];
        token.len() >= SHORTEST && token.bytes().any(|byte| byte.is_ascii_digit())
    };
    let behind = |mark: &&str| text.match_indices(*mark).any(|(at, mark)| is_token(&text[at + mark.len()..]));
    BEFORE.iter().any(behind) || text.match_indices("eyj").any(|(at, _)| is_web_token(&text[at..]))
}

/// Three parts in base64 with a dot between them.
fn is_web_token(text: &str) -> bool {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-._".contains(letter));
    let parts: Vec<&str> = text[..end.unwrap_or(text.len())].split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| part.len() >= SHORTEST)
}
