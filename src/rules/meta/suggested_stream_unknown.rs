use crate::protocol::Kind;
use crate::rules::metadata::in_metadata;
use crate::rules::{Findings, Level, Look, Observer, Watch, rule};
use serde_json::Value;

rule! {
    /// A suggested stream is not among those of `discover`.
    ///
    /// # What it checks
    /// Each name in `suggestedStreams.streams` is that of a stream in the CATALOG, letter by letter. A name that only differs
    /// in case is a SHOULD. One that is not there at all is told at INFO: the account may not have it.
    ///
    /// # Why it matters
    /// The platform looks for suggested streams by name. What it does not find it leaves out without a word, and the
    /// stream that users want most is one among many.
    ///
    /// # Example
    /// With a stream `orders` in the CATALOG:
    /// ```yaml
    /// bad:  suggestedStreams: {streams: [Orders]}
    /// good: suggestedStreams: {streams: [orders]}
    /// ```
    ///
    /// # How to mend it
    /// Copy the name from the CATALOG. A stream that was renamed has to be renamed here, too.
    ///
    /// # What Airbyte's tests see
    /// Nothing: the acceptance tests look whether the list has entries, not whether there are such streams.
    SuggestedStreamUnknown {
        code: "META-010",
        name: "suggested-stream-unknown",
        level: Should,
        commands: [Discover],
        authority: Inference,
        source: "follows from SuggestedStreams of Airbyte's registry",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
        applies: |scene| {
            scene.has_metadata()?;
            if scene.must_work() { Ok(()) } else { Err("the scenario is expected to fail") }
        },
    }
}

#[derive(Default)]
struct SuggestedStreamUnknown;

impl Observer for SuggestedStreamUnknown {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let (Some(metadata), streams) = (&look.scene.metadata, look.discovered()) else { return };
        // An empty catalog is DISC-002's.
        let suggested = metadata.get("/suggestedStreams/streams").and_then(Value::as_array);
        let Some(suggested) = suggested.filter(|_| !streams.is_empty()) else { return };
        let is_there = |name: &str| streams.iter().any(|stream| stream.descriptor.name == name);
        for stream in suggested.iter().filter(|stream| !stream.as_str().is_some_and(is_there)) {
            let Some(name) = stream.as_str() else { continue };
            let alike = streams.iter().find(|stream| stream.descriptor.name.to_lowercase() == name.to_lowercase());
            let (cause, level, title, expected) = match alike {
                Some(alike) => {
                    let title = "a suggested stream is written otherwise in the CATALOG";
                    ("case", Level::Should, title, format!("`{}`", alike.descriptor.name))
                }
                None => {
                    let title = "a suggested stream is not in the CATALOG";
                    ("unknown", Level::Info, title, "the name of a stream in the CATALOG".to_owned())
                }
            };
            findings.report(cause, || {
                let message = "names a stream that `discover` does not have";
                in_metadata("suggestedStreams.streams", title, message, &expected, Some(stream)).level(level)
            });
        }
    }
}
