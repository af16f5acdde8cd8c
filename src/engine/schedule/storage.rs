//! What a destination has stored: seen through the reader that the suite names, removed by its cleaner.

use super::Schedule;
use crate::capture::Secrets;
use crate::engine::Beginning;
use crate::engine::steps::{step_request, with_variables};
use crate::experiments::Stored;
use crate::feed::{Columns, Row, shared_prefix};
use crate::launch::step::{Printing, StepRequest, carry_out, print};
use crate::launch::{LaunchError, Stop};
use crate::plan::PlannedLaunch;
use crate::protocol::{Command, ConfiguredCatalog, Descriptor};
use crate::suite::{Destination, Namespaces, RowSource, Step, StorageReader};
use crate::text;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::time::Duration;

/// The exit code by which a reader says that there is no such table.
const NO_TABLE: i64 = 3;

/// The most that is read of one stream, in bytes.
const MOST: u64 = 256 << 20;

/// What is written to a destination in a run.
#[derive(Default)]
pub(super) struct Storage {
    /// The namespaces.
    namespaces: BTreeSet<String>,
    /// Why the storage can't be seen or cleaned.
    pub(super) errors: Vec<LaunchError>,
}

/// A stream whose rows are read.
pub(in crate::engine) struct ReadBack {
    stream: Descriptor,
    source: Source,
    columns: Columns,
}

enum Source {
    Printed(StepRequest),
    File(String),
}

impl ReadBack {
    /// What the reader of a suite shows of a stream; `request` makes of its command what is carried out.
    pub(in crate::engine) fn of(
        reader: &StorageReader,
        stream: &Descriptor,
        request: impl Fn(&Step) -> StepRequest,
    ) -> ReadBack {
        let namespace = stream.namespace.clone().unwrap_or_default();
        let table = reader.table.replace("{namespace}", &namespace).replace("{stream}", &stream.name);
        let source = match &reader.source {
            RowSource::Step(step) => Source::Printed(with_variables(
                request(step),
                [
                    ("AIRPROOF_NAMESPACE", namespace),
                    ("AIRPROOF_STREAM", stream.name.clone()),
                    ("AIRPROOF_TABLE", table),
                ],
            )),
            RowSource::Files { path } => {
                let place = |text: &str| text.replace('/', "%2F");
                let path = path.replace("{namespace}", &place(&namespace)).replace("{table}", &place(&table));
                Source::File(path.replace("{stream}", &place(&stream.name)))
            }
        };
        ReadBack { stream: stream.clone(), source, columns: reader.columns.clone() }
    }
}

/// Reads what is stored of streams, one after the other.
pub(super) async fn read_back(reads: &[ReadBack], limit: Duration, stop: &Stop, secrets: &Secrets) -> Vec<Stored> {
    let mut stored = Vec::new();
    for read in reads {
        let mut rows = Vec::new();
        let seen = each_row(read, (limit, MOST), stop, secrets, |row| rows.push(row)).await;
        stored.push(Stored { stream: read.stream.clone(), rows: seen.map(|has_table| has_table.then_some(rows)) });
    }
    stored
}

/// Hands over each row that is stored of a stream, one after the other, and says whether there is a table of it. A reader may take so
/// long, and print so many bytes. Errs where it can't be seen, in a sentence without secrets.
pub(in crate::engine) async fn each_row(
    read: &ReadBack,
    (limit, most): (Duration, u64),
    stop: &Stop,
    secrets: &Secrets,
    each: impl FnMut(Row),
) -> Result<bool, String> {
    let seen = match &read.source {
        Source::Printed(step) => match print(step, limit, stop, most).await {
            Ok(Printing::Done(printed)) => {
                let kept = printed.finish().map_err(|error| format!("what the reader prints can't be kept: {error}"));
                kept.and_then(|(file, is_cut)| match is_cut {
                    true => Err(format!("the reader prints more than {}", text::bytes(most))),
                    false => rows(file, &read.columns, each).map(|()| true),
                })
            }
            Ok(Printing::Code(NO_TABLE, _)) => Ok(false),
            Ok(Printing::Code(_, error)) | Err(error) => Err(error.to_string()),
        },
        Source::File(path) => match File::open(path) {
            Ok(file) => rows(file, &read.columns, each).map(|()| true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(format!("{} can't be read: {error}", text::visible(path))),
        },
    };
    let stream = text::visible(&read.stream.to_string());
    seen.map_err(|why| format!("What is stored of {stream} can't be seen: {}", secrets.redact(&why)))
}

/// Goes through the rows on the lines of a file.
fn rows(file: File, columns: &Columns, mut each: impl FnMut(Row)) -> Result<(), String> {
    for (place, line) in BufReader::new(file).lines().enumerate() {
        let number = place + 1;
        let line = line.map_err(|error: io::Error| format!("line {number} of it: {error}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let row = Row::parse(&line, columns).map_err(|why| {
            let shown = text::shorten(&text::visible(&line), 80);
            format!("line {number} of what the reader prints is no row: {why}: {shown}")
        })?;
        each(row);
    }
    Ok(())
}

impl Schedule<'_> {
    fn destination(&self) -> Option<&Destination> {
        self.suite.destination.as_ref()
    }

    fn storage_step(&self, name: &str, step: &Step) -> StepRequest {
        step_request(name, step, &self.suite.connector, &self.workshop)
    }

    /// What is read of the storage when a launch is over.
    pub(super) fn reads_back(&self, planned: &PlannedLaunch) -> Vec<ReadBack> {
        let reader = self.destination().and_then(|destination| destination.reader.as_ref());
        let streams = planned.ask.iter().flat_map(|ask| &ask.reads_back);
        let Some(reader) = reader else { return Vec::new() };
        streams.map(|stream| ReadBack::of(reader, stream, |step| self.storage_step("reader", step))).collect()
    }

    /// Notes what a launch has written to, and what could not be seen of it.
    pub(super) fn note_storage(
        &mut self,
        planned: &PlannedLaunch,
        catalog: Option<&ConfiguredCatalog>,
        stored: &[Stored],
    ) {
        if planned.purpose.command() != Command::Write {
            return;
        }
        let own = self.namespace_of_run();
        let streams = catalog.iter().flat_map(|catalog| &catalog.streams).map(|entry| &entry.stream.descriptor);
        let namespaces = streams.filter_map(|stream| stream.namespace.clone());
        self.storage.namespaces.extend(namespaces.filter(|namespace| namespace.starts_with(&own)));
        let unseen = stored.iter().find_map(|stored| stored.rows.as_ref().err());
        if let (Some(why), true) = (unseen, self.storage.errors.is_empty()) {
            self.storage.errors.push(LaunchError::Environment(why.clone()));
        }
    }

    /// How the names of all namespaces begin that this run writes to.
    pub(super) fn namespace_of_run(&self) -> String {
        namespace_of_run(self.destination(), &self.run.id, self.run.beginning)
    }

    /// Removes what was written so far, and what earlier runs left behind. Before what the suite tears down: that may be the storage.
    pub(super) async fn clean_storage(&mut self) {
        let mut namespaces = std::mem::take(&mut self.storage.namespaces);
        let Some(destination) = self.destination().filter(|_| !namespaces.is_empty()).cloned() else { return };
        let Some(cleaner) = destination.cleaner.as_ref().map(|step| self.storage_step("cleaner", step)) else { return };
        let mut errors = Vec::new();
        if let Some(step) = destination.namespaces.as_ref().map(|step| self.storage_step("namespaces", step)) {
            match self.left_behind(&step, &destination.namespace_prefix).await {
                Ok(left) => namespaces.extend(left),
                Err(error) => errors.push(error),
            }
        }
        let (limit, stop) = (self.suite.limits.step, &self.interruption.stop);
        errors.extend(clean(&destination, &cleaner, namespaces, limit, stop).await.err());
        let secrets = self.all_secrets();
        let told = errors.into_iter().map(|error| error.told(|text| secrets.redact(&text).into_owned()));
        self.storage.errors.extend(told);
    }

    /// The namespaces of ours that runs of an earlier day left behind. No other is ever touched.
    async fn left_behind(&self, step: &StepRequest, prefix: &str) -> Result<Vec<String>, LaunchError> {
        let printed = match print(step, self.suite.limits.step, &self.interruption.stop, MOST).await? {
            Printing::Done(printed) => printed,
            Printing::Code(_, error) => return Err(error),
        };
        let unread =
            |error: io::Error| LaunchError::Environment(format!("The step `namespaces` can't be read: {error}."));
        let (file, _) = printed.finish().map_err(unread)?;
        let today = self.run.beginning.started_at.strftime("%Y%m%d").to_string();
        let mut left = Vec::new();
        for name in BufReader::new(file).lines() {
            let name = name.map_err(unread)?;
            if is_of_a_run_before(name.trim(), prefix, &today) {
                left.push(name.trim().to_owned());
            }
        }
        Ok(left)
    }
}

/// How the names of all namespaces begin that a run writes to: prefix, day, and its id in letters and digits.
pub(in crate::engine) fn namespace_of_run(destination: Option<&Destination>, id: &str, beginning: Beginning) -> String {
    let prefix = destination.map_or("airproof", |destination| &destination.namespace_prefix);
    let day = beginning.started_at.strftime("%Y%m%d");
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{prefix}_{day}_{id}")
}

/// Has the cleaner remove all that these namespaces hold, also where the run was interrupted. Errs with the first that it can't.
pub(in crate::engine) async fn clean(
    destination: &Destination,
    cleaner: &StepRequest,
    namespaces: impl IntoIterator<Item = String>,
    limit: Duration,
    stop: &Stop,
) -> Result<(), LaunchError> {
    let stop = Stop { interrupt: Default::default(), ..stop.clone() };
    let is_shared = destination.behaviours.namespaces == Namespaces::Ignored;
    for namespace in namespaces {
        let prefix = is_shared.then(|| ("AIRPROOF_PREFIX", shared_prefix(&namespace)));
        let step = with_variables(cleaner.clone(), prefix.into_iter().chain([("AIRPROOF_NAMESPACE", namespace)]));
        carry_out(&step, limit, &stop).await?;
    }
    Ok(())
}

/// Whether a namespace is one that a run of an earlier day wrote to: prefix, day, id, and what for. A storage may fold its letters to
/// upper case.
fn is_of_a_run_before(name: &str, prefix: &str, today: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let Some(rest) = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')) else { return false };
    let mut parts = rest.splitn(3, '_');
    let (day, id, what) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    // What a cleaner is given may become a part of its SQL.
    let is_plain = |what: &str| {
        !what.is_empty() && what.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    is_day && is_id && what.is_some_and(is_plain) && day < today
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_earlier_day_left_is_taken_for_ours() {
        let is_ours = |name: &str| is_of_a_run_before(name, "airproof", "20261128");
        for own in ["airproof_20261127_19a1b2c3d4e_append", "AIRPROOF_20261127_19A1B2C3D4E_OTHER_MESSAGE_1"] {
            assert!(is_ours(own), "{own}");
        }
        for other in [
            "airproof_20261128_19a1b2c3d4e_append",
            "airproof_20261127_19a1b2c3d4e",
            "airproof_20261127_19a1b2c3d4e_",
            "airproof_20261127_19a1b2c3d4e_append\"; drop",
            "airproof_20261127_19a1b2c3d4e_append mine",
            "airproof_2026_19a1b2c3d4e_append",
            "airproof_20261127_my_own_tables",
            "public",
            "airproof",
            "airproofs_20261127_19a1b2c3d4e_append",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
