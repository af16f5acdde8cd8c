//! Facts about a launch, as the results state them.

use crate::capture::Summary;
use crate::launch::ExitFacts;
use crate::plan::PlannedLaunch;
use crate::protocol::{ConfiguredCatalog, Expect, Kind};
use crate::suite::{Setting, StreamException, Suite};
use crate::verdict::{LaunchFacts, LaunchState, SettingFacts, StreamFacts, Tally};

/// The facts of a launch that has not happened yet, or will not.
pub(super) fn of_launch(
    planned: &PlannedLaunch,
    scenario: Option<(&str, Expect)>,
    connector: &str,
    started: f64,
    outcome: LaunchState,
) -> LaunchFacts {
    LaunchFacts {
        id: planned.id.clone(),
        connector: connector.to_owned(),
        subject: None,
        scenario: scenario.map(|(name, _)| name.to_owned()),
        expect: match (&planned.ask, scenario) {
            (Some(ask), _) => ask.expect,
            (None, Some((_, expect))) => expect,
            (None, None) => Expect::Succeeded,
        },
        command: planned.purpose.command(),
        purpose: planned.describe().to_owned(),
        resumes: planned.ask.as_ref().and_then(|ask| ask.resumes.clone()),
        asked_by: planned.asked_by.iter().map(|code| (*code).to_owned()).collect(),
        started: round(started),
        outcome,
        tally: Tally::default(),
        streams: Vec::new(),
        wire: None,
    }
}

/// A launch's output in figures.
pub(super) fn tally(summary: &Summary, exit: &ExitFacts, stderr_dropped: u64) -> Tally {
    let counts = Kind::ALL.into_iter().map(|kind| (kind, summary.count(kind))).filter(|(_, count)| *count > 0);
    let silence = summary.longest_silence(exit.duration);
    Tally {
        lines: summary.lines,
        bytes: summary.bytes,
        stderr_lines: summary.stderr_lines,
        stderr_dropped,
        messages: counts.map(|(kind, count)| (kind.as_str().to_owned(), count)).collect(),
        first_message: summary.first_message_at.map(|at| round(at.as_secs_f64())),
        first_record: summary.first_record_at.map(|at| round(at.as_secs_f64())),
        longest_silence: (!silence.is_zero()).then(|| round(silence.as_secs_f64())),
        records_per_second: summary.records_per_second().map(round),
    }
}

/// What came of each configured stream; `said` are those that the suite says are empty.
pub(super) fn streams(summary: &Summary, catalog: &ConfiguredCatalog, said: &[StreamException]) -> Vec<StreamFacts> {
    let entries = catalog.streams.iter().zip(&summary.streams);
    entries
        .map(|(entry, tally)| {
            let descriptor = &entry.stream.descriptor;
            let empty = said.iter().find(|exception| exception.stream == *descriptor);
            StreamFacts {
                stream: descriptor.clone(),
                sync_mode: entry.sync_mode.as_str().to_owned(),
                records: tally.records,
                states: tally.states,
                last_status: tally.last_status.clone(),
                said_to_be_empty: empty.map(|exception| exception.why().to_owned()),
            }
        })
        .collect()
}

/// What a suite says, for the results.
pub(super) fn settings(suite: &Suite) -> Vec<SettingFacts> {
    let told = |setting: &Setting| SettingFacts {
        key: setting.key.clone(),
        value: setting.value.clone(),
        origin: setting.origin.clone(),
    };
    suite.settings.iter().map(told).collect()
}

/// To the millisecond.
pub(super) fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
