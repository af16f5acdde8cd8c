use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

rule! {
    /// A record has a file that nobody asked for.
    ///
    /// # What it checks
    /// A RECORD has a `file_reference` only where its stream's entry in the configured catalog has `include_files: true`.
    ///
    /// # Why it matters
    /// The platform has no place for the file: nobody takes it out of the staging folder, which fills up, and the sync takes
    /// the time of a copy of everything.
    ///
    /// # Example
    /// For `{"stream": {"name": "documents", "is_file_based": true}, "sync_mode": "full_refresh"}` in the catalog:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"documents","data":{"id":1},"emitted_at":1700000000000,"file_reference":{"staging_file_url":"/staging/files/a.pdf","source_file_relative_path":"a.pdf","file_size_bytes":9}}}
    /// good: {"type":"RECORD","record":{"stream":"documents","data":{"id":1},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Look at `include_files` of the configured stream before a file is fetched. Python CDK: `file_based` streams do so;
    /// in a stream of your own, compare the configured catalog that `read` is given.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests ask for files where they look for files, and never look whether some come unasked.
    FileNotAskedFor {
        code: "READ-029",
        name: "file-not-asked-for",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "ConfiguredAirbyteStream.include_files; AirbyteRecordMessage.file_reference",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
        applies: |scene| scene.catalog.as_ref().map(drop).ok_or("no configured catalog was given"),
    }
}

#[derive(Default)]
struct FileNotAskedFor;

impl Observer for FileNotAskedFor {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let has_file = look.record().is_some_and(|record| record.file_reference.is_some());
        let (true, Some(place), Some(stream)) = (has_file, look.line.stream, look.stream()) else { return };
        let entry = look.scene.catalog.as_ref().and_then(|catalog| catalog.raw["streams"].get(place));
        if entry.is_some_and(|entry| entry["include_files"] == Value::Bool(true)) {
            return;
        }
        findings.report_stream("file", &stream.descriptor, || {
            let message = format!("a record of `{}` has a file, and the catalog asks for none", stream.descriptor);
            Violation::new("records have files that nobody asked for", message)
                .on(look.line)
                .pointer("/record/file_reference")
                .expected("none, without `include_files`", "a file")
        });
    }
}
