use crate::protocol::Kind;
use crate::rules::leaks::{has_secrets, place_of};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A secret of the configuration stands in the output in an encoded form.
    ///
    /// # What it checks
    /// Where SEC-001 looks for a secret as it is, this rule looks for what can be turned back into it: percent-encoded
    /// (also twice), with other escapes than a JSON string has, in HTML, with quotes reversed or escaped as Python and
    /// shells do, in hex, in base64 alone or behind something else as in `user:secret`, and each line of a secret that
    /// has several, or the key inside a key file. Forms of fewer than 8 bytes are not looked for, nor are lines that are
    /// alike in every key file. A line that shows the secret plainly as well is SEC-001's alone.
    ///
    /// # Why it matters
    /// Masking replaces the secret's own text. The URL of a request, an `Authorization: Basic` header or the `repr` of
    /// a configuration has it in another spelling, passes every mask, and is as good as the secret to whoever reads it.
    ///
    /// # Example
    /// With `"password": "p/w-93jf8c&x"` in the configuration:
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"ERROR","message":"GET https://shop.example/?password=p%2Fw-93jf8c%26x failed"}}
    /// good: {"type":"LOG","log":{"level":"ERROR","message":"GET https://shop.example/ failed"}}
    /// ```
    ///
    /// # How to mend it
    /// Take credentials out of what is logged instead of masking them: the query of URLs, the headers of requests, whole
    /// configurations. Python CDK: `airbyte_secrets_utils` masks the literal value only, so add the encoded form with
    /// `add_to_secrets`, or send the key in a header. Java: set the HTTP client's log level above DEBUG.
    ///
    /// # What Airbyte's tests see
    /// Nothing: no test of Airbyte's looks for secrets in the output, in whatever form.
    EncodedSecretInOutput {
        code: "SEC-002",
        name: "encoded-secret-in-output",
        level: Should,
        commands: [Check, Discover, Read, Write],
        authority: CdkConvention,
        source: "Python CDK: airbyte_secrets_utils; airbyte-python-cdk issue 774",
        watches: [Watch::Leak],
        about: Launch,
        applies: has_secrets,
    }
}

#[derive(Default)]
struct EncodedSecretInOutput;

impl Observer for EncodedSecretInOutput {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let leaks = &look.line.leaks;
        let Some(leak) = leaks.first().filter(|_| leaks.iter().all(|leak| !leak.plain)) else { return };
        let place = place_of(look);
        if matches!(place.kind, Some(Kind::Record | Kind::State | Kind::Control)) {
            return;
        }
        findings.report(place.cause, || {
            Violation::new(
                format!("a secret of the configuration, encoded, in {}", place.words),
                format!("a value that is marked `airbyte_secret` stands encoded at byte {} of the line", leak.at),
            )
            .around(look.line, leak.at)
        });
    }
}
