use crate::protocol::Kind;
use crate::rules::{Ending, Findings, Look, Observer, Scene, Violation, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream that is said to be of files sends records without files.
    ///
    /// # What it checks
    /// A stream with `"is_file_based": true` that the configured catalog reads with `"include_files": true` has a record
    /// with a `file_reference`, if it has any record and the read worked. Where files are not asked for, there are none.
    ///
    /// # Why it matters
    /// The platform makes room for files that pass through a shared volume and sends the stream to destinations that
    /// take files. The user who chose to copy files gets the rows about them.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"attachments","data":{"id":1},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"attachments","data":{"id":1},"emitted_at":1700000000000,"file_reference":{"staging_file_url":"/staging/files/1.pdf","source_file_relative_path":"1.pdf","file_size_bytes":7}}}
    /// ```
    ///
    /// # How to mend it
    /// Announce `is_file_based` only for streams that send files. Python CDK: the file-based source sets both with
    /// `delivery_method`; Low-code: a stream with a `file_uploader` does. Elsewhere, write the file to the staging
    /// folder before its record and name it in `file_reference`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests do not know file transfer. The standard tests of the Python CDK do not look at references.
    FilesAnnouncedNotSent {
        code: "DISC-019",
        name: "files-announced-not-sent",
        level: Must,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteStream.is_file_based; AirbyteRecordMessage.file_reference",
        watches: [Watch::Message(Kind::Record)],
        about: Stream,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    let places = 0..scene.streams.len();
    if places.into_iter().any(|place| wants_files(scene, place)) {
        Ok(())
    } else {
        Err("no stream is read with its files")
    }
}

/// Whether the stream at that place says that it is of files, and is asked for them.
fn wants_files(scene: &Scene, place: usize) -> bool {
    let Some(entry) = scene.catalog.as_ref().and_then(|catalog| catalog.raw["streams"].get(place)) else {
        return false;
    };
    entry["include_files"] == Value::Bool(true) && entry["stream"]["is_file_based"] == Value::Bool(true)
}

#[derive(Default)]
struct FilesAnnouncedNotSent {
    /// By the stream's place: whether it wants files that have not come.
    open: Option<Vec<bool>>,
}

impl Observer for FilesAnnouncedNotSent {
    fn observe(&mut self, look: &Look<'_>, _: &mut Findings<'_>) {
        let places = 0..look.scene.streams.len();
        let open = self.open.get_or_insert_with(|| places.map(|place| wants_files(look.scene, place)).collect());
        let Some(is_open) = look.line.stream.and_then(|place| open.get_mut(place)) else { return };
        *is_open = *is_open && memchr::memmem::find(look.line.bytes, b"\"file_reference\"").is_none();
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        if !ending.exit.succeeded() {
            return;
        }
        let all = ending.scene.streams.iter().zip(&ending.summary.streams).zip(self.open.iter().flatten());
        for ((stream, tally), _) in all.filter(|((_, tally), is_open)| **is_open && tally.records > 0) {
            findings.report_stream("no files", &stream.descriptor, || {
                Violation::new(
                    "a stream of files sends none",
                    format!("none of {} has a `file_reference`", text::plural(tally.records, "record")),
                )
                .at_message(tally.last_record)
                .expected("a `file_reference` in the records", "none")
            });
        }
    }
}
