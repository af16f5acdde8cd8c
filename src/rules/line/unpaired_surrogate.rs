use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A string has an escape of half a surrogate pair.
    ///
    /// # What it checks
    /// Escapes from `\ud800` to `\udfff` come in pairs, a high one and then a low one. The first 1,000 records of each
    /// stream are searched, and all later ones whose schema does not exclude such an escape.
    ///
    /// # Why it matters
    /// Half a pair is no character, and UTF-8 can't encode it. Whoever writes the string on puts a question mark in its
    /// place, or fails: which, depends on the destination.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"note":"\ud83c"},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"note":"\ud83c\udf89"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Cut strings at characters, not at UTF-16 units: in Java and JavaScript, `substring` can cut a pair in two. Python:
    /// decode with `errors="replace"`, not `"surrogateescape"`; the CDK writes half a pair as an escape where its fast
    /// serializer refuses the string.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this: Python holds half a pair in a string.
    UnpairedSurrogate {
        code: "LINE-009",
        name: "unpaired-surrogate",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: CdkConvention,
        source: "Python CDK: airbyte_message_to_string; RFC 8259, section 8.2",
        watches: [Watch::Within],
        about: Launch,
    }
}

#[derive(Default)]
struct UnpairedSurrogate;

impl Observer for UnpairedSurrogate {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(spot) = look.oddities().and_then(|scan| scan.unpaired.as_ref()) else { return };
        let describe = || {
            Violation::new(
                "half a surrogate pair in a string",
                format!("in `{}` an escape stands for half a surrogate pair, which is no character", spot.pointer),
            )
            .around(look.line, spot.at)
            .pointer(spot.pointer.clone())
        };
        match look.stream() {
            Some(stream) => findings.report_stream("unpaired", &stream.descriptor, describe),
            None => findings.report("unpaired", describe),
        }
    }
}
