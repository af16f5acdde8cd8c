//! `results.json`: the truth about a run, versioned. Every report is made from it.

use super::{Lane, PipeFacts, QuestionFacts, Since, SinceMark, Status, Wire};
use crate::launch::{ExitFacts, Subject};
use crate::protocol::{Command, Descriptor, Expect};
use crate::rules::{Authority, Evidence, Level};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the file's form. Members may be added under the same version; a reader ignores what it does not
/// know. A change that an older reader would misread raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that a run found out.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Results {
    /// The version of this form.
    pub schema_version: u32,
    /// The run as a whole.
    pub run: RunFacts,
    /// What was tested.
    pub connectors: Vec<ConnectorFacts>,
    /// Each launch, in the plan's order, those that did not happen included.
    pub launches: Vec<LaunchFacts>,
    /// Each rule and experiment by launch and, where it is about streams, by stream.
    pub verdicts: Vec<Verdict>,
    /// Each defect, the heaviest first.
    pub findings: Vec<FindingResult>,
    /// What could make a pass meaningless, the most doubtful first.
    pub doubts: Vec<Doubt>,
    /// What waits for an answer about baselines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionFacts>,
    /// What has changed since an earlier run, where it was compared with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// What a source and a destination came to together, where the one was piped into the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipe: Option<PipeFacts>,
}

/// The run as a whole.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RunFacts {
    /// Names the run; containers and files of it bear this id.
    pub id: String,
    /// airproof's version.
    pub airproof: String,
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// How long it took, in seconds, reports not included.
    pub duration: f64,
    /// The operating system and architecture that it ran on.
    pub platform: String,
    /// The suite; where several connectors were tested, what the user named, and a digest over the digests of all.
    pub suite: SuiteFacts,
    /// The level from which on a finding makes the run fail.
    pub fail_on: Level,
    /// What the run comes to: the heaviest status of all verdicts, findings that are not waived alone counted; `error`
    /// where something went wrong around the connector.
    pub status: Status,
    /// The process's exit code.
    pub exit_code: u8,
    /// The number of verdicts of each status.
    pub verdict_counts: BTreeMap<Status, u64>,
    /// What went wrong around the connector: daemon, image, disk, interruption.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// How many questions about baselines wait for an answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreviewed: u64,
    /// How much was to be found out: `quick`, `standard`, `certification`; of several suites the least. None where no suite was
    /// run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<String>,
    /// The options that chose a part of the suite, with their values: `--rule READ-*`. Empty where all of it was run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<String>,
    /// Whether a configuration that works was there. None where no suite was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<Lane>,
    /// The command that made it, without secrets; none where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The part of the suite that alone was run, where it was split: `hash:1/4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The runs that these results are merged of, in the order in which they were named; empty where they are of one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<RunPart>,
}

/// One of several runs whose results were merged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RunPart {
    /// Its id.
    pub id: String,
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// The digest of its suite, the whole suite's where it was a shard.
    pub suite_digest: String,
    /// The part of the suite that it ran, where that was split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Its exit code.
    pub exit_code: u8,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The suite that was run.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SuiteFacts {
    /// Its file as the user named it; none where the command line alone said what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// SHA-256 over the text of its files.
    pub digest: String,
    /// All that it says in the end, with where that is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<SettingFacts>,
}

/// One value of a suite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SettingFacts {
    /// Where it stands: `limits.read`, `scenarios[0].name`.
    pub key: String,
    /// As it is written; `***` where it may be a secret.
    pub value: String,
    /// The file and line, a shipped suite, or an option of the command line.
    pub origin: String,
}

/// A connector under test.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ConnectorFacts {
    /// What it is called in this file: the image or the command line; where several were tested, its name in the suite.
    pub name: String,
    /// What exactly was launched.
    pub subject: Subject,
    /// Its suite, where several connectors were tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<SuiteFacts>,
}

/// Why there is no incremental read where the connector has none to offer, whatever the suite leaves out. A certificate knows by
/// it what does not apply.
pub const NO_INCREMENTAL_STREAM: &str = "the catalog declares no incremental stream";

/// Whether a launch happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum LaunchState {
    /// It did, and this is how it ended.
    Ended {
        /// How.
        exit: ExitFacts,
    },
    /// It did not, since something that it needs was not there.
    Skipped {
        /// What.
        reason: String,
    },
    /// It did not, since the suite leaves it out.
    LeftOut {
        /// Why.
        reason: String,
    },
    /// It could not, through no fault of the connector's.
    Error {
        /// Why.
        reason: String,
    },
}

/// One launch.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LaunchFacts {
    /// Its id; the folder of its transcript bears it.
    pub id: String,
    /// The connector, as in `connectors`.
    pub connector: String,
    /// What was launched, where it was not the connector itself but its previous version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The scenario; none for `spec`, which has no configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What the scenario is to come to.
    pub expect: Expect,
    /// The command.
    pub command: Command,
    /// What it was for, in words: `full refresh`, `from the final state`.
    pub purpose: String,
    /// The launch whose final state it was given, if it was given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<String>,
    /// The experiments that asked for it, by code; empty where every suite makes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_by: Vec<String>,
    /// When it began, in seconds since the run did.
    pub started: f64,
    /// Whether it happened, and how it ended.
    pub outcome: LaunchState,
    /// What it put out.
    pub tally: Tally,
    /// What it put out of each configured stream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<StreamFacts>,
    /// What went over the wire, in parts; none where nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Wire>,
}

/// What a launch put out, in figures.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tally {
    /// Lines on stdout.
    pub lines: u64,
    /// Bytes on stdout.
    pub bytes: u64,
    /// Lines on stderr.
    pub stderr_lines: u64,
    /// Bytes of stderr that were judged and not stored, since they were too many.
    #[serde(default)]
    pub stderr_dropped: u64,
    /// Messages by their type on the wire.
    pub messages: BTreeMap<String, u64>,
    /// Seconds from the launch's beginning to its first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_message: Option<f64>,
    /// Seconds from the launch's beginning to its first record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_record: Option<f64>,
    /// The longest time without a byte on stdout or stderr, in seconds, from the beginning and to the exit; none where no
    /// time is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_silence: Option<f64>,
    /// Records in a second, from the first to the last; none for fewer than two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_per_second: Option<f64>,
}

/// What a launch put out of one stream.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StreamFacts {
    /// The stream.
    #[serde(flatten)]
    pub stream: Descriptor,
    /// How it was read: `full_refresh` or `incremental`.
    pub sync_mode: String,
    /// Records.
    pub records: u64,
    /// States that cover it.
    pub states: u64,
    /// Its last stream status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status: Option<String>,
    /// Why the suite says that it is empty, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_to_be_empty: Option<String>,
}

/// What a rule or experiment says of a launch, or of a stream in it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Verdict {
    /// The rule's code, or the experiment's.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// Its level, as the suite has it.
    pub level: Level,
    /// The launch; an experiment's last one.
    pub launch: String,
    /// The stream, where it is about streams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<Descriptor>,
    /// What it comes to.
    pub status: Status,
    /// Why it is not a plain pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One defect, with all its occurrences in a scenario.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FindingResult {
    /// Names the defect: the same in the next run, as long as its cause is.
    pub id: String,
    /// The rule's code, or the experiment's.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// How much it weighs, as the suite has it.
    pub level: Level,
    /// What the rule stands on.
    pub authority: Authority,
    /// Where that is written.
    pub source: String,
    /// The connector, as in `connectors`.
    pub connector: String,
    /// The scenario; none for `spec`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The streams that it touches.
    pub streams: Vec<Descriptor>,
    /// The launches in which it shows.
    pub launches: Vec<String>,
    /// The defect in a few words.
    pub title: String,
    /// Its first occurrence in a sentence.
    pub message: String,
    /// How many occurrences.
    pub count: u64,
    /// The first of them.
    pub evidence: Vec<Evidence>,
    /// Who suffers, and how: from the rule's page, Markdown.
    pub why: String,
    /// What to change in the connector: from the rule's page, Markdown.
    pub help: String,
    /// How to see it again, where one launch shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduction: Option<Reproduction>,
    /// Why it is accepted, where a waiver says so; else null.
    #[serde(default)]
    pub waived: Option<String>,
    /// Whether it is new since the earlier run, where the results were compared with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceMark>,
}

impl FindingResult {
    /// The launches in which it shows, the first proof's before all others: an experiment is told of its last launch, and what it
    /// concludes may show in another one alone.
    pub fn shown_in(&self) -> Vec<&str> {
        let proof = self.evidence.first().map(|evidence| evidence.launch.as_str()).filter(|launch| !launch.is_empty());
        let launches = self.launches.iter().map(String::as_str);
        match proof {
            None => launches.collect(),
            Some(proof) if self.launches.len() == 1 => vec![proof],
            Some(proof) => [proof].into_iter().chain(launches.filter(|launch| *launch != proof)).collect(),
        }
    }
}

/// How to see a finding again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Reproduction {
    /// The command of ours that makes the launch again, with what it needs, and judges it.
    pub command: String,
    /// The connector's own command line; `config.json` is the scenario's config, which is written nowhere.
    pub launch: String,
    /// The files that it is given, catalog and state, without secrets.
    pub files: Vec<String>,
}

/// Something that could make a pass meaningless.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Doubt {
    /// Its kind, a stable word: `no-records`, `stored-run`, `state-never-moved`, `rules-skipped`, `nothing-judged`, `waiver-expired`.
    pub kind: String,
    /// In a sentence.
    pub message: String,
}
