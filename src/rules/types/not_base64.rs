use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A field of bytes holds a string that is no base64.
    ///
    /// # What it checks
    /// Where the schema declares a string with `contentEncoding: base64`, the value decodes by the standard alphabet,
    /// padded, without line breaks. The URL-safe alphabet is another encoding.
    ///
    /// # Why it matters
    /// Whoever decodes the column later fails, or gets other bytes than the source had.
    ///
    /// # Example
    /// With `"photo": {"type": "string", "contentEncoding": "base64"}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"users","data":{"photo":"3q2-7w"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"users","data":{"photo":"3q2+7w=="},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// `base64.b64encode(value).decode()` in Python (not `encodebytes`, which breaks lines, nor `urlsafe_b64encode`),
    /// `Base64.getEncoder()` in Java (not the URL or MIME one).
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests do not look at this: the Python library takes `contentEncoding` for an annotation.
    NotBase64 {
        code: "TYPE-012",
        name: "bytes-are-no-base64",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "well-known types: BinaryData",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct NotBase64;

impl Observer for NotBase64 {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Encoding, "holds no base64", look, findings);
    }
}
