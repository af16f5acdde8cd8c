use crate::protocol::{Kind, SyncMode};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A stream can't be read in full refresh.
    ///
    /// # What it checks
    /// Each stream of the CATALOG has `full_refresh` among its `supported_sync_modes`.
    ///
    /// # Why it matters
    /// Users fall back on full refresh when an incremental sync went wrong, and they can't choose it for this stream.
    ///
    /// # Example
    /// A stream of the CATALOG, names and modes only:
    /// ```json
    /// bad:  {"name":"orders","supported_sync_modes":["incremental"]}
    /// good: {"name":"orders","supported_sync_modes":["full_refresh","incremental"]}
    /// ```
    ///
    /// # How to mend it
    /// Add the mode, and let a read without state deliver everything. The Python CDK and Low-code offer it for every
    /// stream; in Java it stands in `withSupportedSyncModes`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests want at least one sync mode, whichever it is.
    FullRefreshNotOffered {
        code: "DISC-008",
        name: "full-refresh-not-offered",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "AirbyteStream.supported_sync_modes",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct FullRefreshNotOffered;

impl Observer for FullRefreshNotOffered {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for (at, stream) in look.discovered().iter().enumerate() {
            // Streams without this mode or the other are DISC-007's.
            if !stream.supports(SyncMode::Incremental) || stream.supports(SyncMode::FullRefresh) {
                continue;
            }
            findings.report_stream("not offered", &stream.descriptor, || {
                Violation::new(
                    "full refresh is not offered",
                    format!("`{}` offers incremental reads only", stream.descriptor),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
            });
        }
    }
}
