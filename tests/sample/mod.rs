//! Results as runs leave them, for the tests of reports.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

mod big;
mod faulty;
mod hostile;
mod rules;
mod several;
mod wire;

pub use big::big;
pub use faulty::faulty;
#[allow(unused_imports, reason = "each test file takes what it needs")]
pub use hostile::{HOSTILE, hostile};
pub use several::several;

use airproof::launch::{ExitFacts, ImageFacts, Subject};
use airproof::protocol::{Command, Descriptor, Expect};
use airproof::rules::Level;
use airproof::verdict::{
    ConnectorFacts, LaunchFacts, LaunchState, Results, RunFacts, SCHEMA_VERSION, SettingFacts, Status, StreamFacts,
    SuiteFacts, Tally, Verdict,
};
use rules::RULES;
use std::collections::BTreeMap;
use std::time::Duration;

pub const CONNECTOR: &str = "airbyte/source-orders:dev";

/// The streams of the connector with their records.
pub const STREAMS: [(&str, u64); 7] = [
    ("orders", 12_480),
    ("order_lines", 40_211),
    ("customers", 3_172),
    ("refunds", 0),
    ("products", 846),
    ("inventory_levels", 2_538),
    ("events", 96_004),
];

/// A run in which all is well: nothing found, nothing doubtful.
pub fn healthy() -> Results {
    let launches = launches();
    let verdicts = verdicts(&launches);
    let mut results = Results {
        schema_version: SCHEMA_VERSION,
        run: RunFacts {
            id: "20260314-091241-7f3a".to_owned(),
            airproof: "0.1.0".to_owned(),
            started_at: "2026-03-14T09:12:41Z".to_owned(),
            duration: 94.218,
            platform: "linux x86_64".to_owned(),
            suite: SuiteFacts {
                path: Some("source-orders/airproof.yml".to_owned()),
                digest: "9d1c4c3f5f0a6a1d0f8a7f2cbb1e0a83b0f6a4f8a0a3b5d6c7e8f90112233445".to_owned(),
                settings: vec![SettingFacts {
                    key: "limits.read".to_owned(),
                    value: "10m".to_owned(),
                    origin: "standard (shipped)".to_owned(),
                }],
            },
            fail_on: Level::Must,
            status: Status::Pass,
            exit_code: 0,
            verdict_counts: BTreeMap::new(),
            errors: Vec::new(),
            unreviewed: 0,
            depth: None,
            chosen: Vec::new(),
            lane: None,
            command: Some("airproof test source-orders".to_owned()),
            shard: None,
            parts: Vec::new(),
        },
        connectors: vec![connector()],
        launches,
        verdicts,
        findings: Vec::new(),
        doubts: Vec::new(),
        questions: Vec::new(),
        since: None,
        pipe: None,
    };
    settle(&mut results);
    results
}

/// The healthy run, judged again from its transcripts.
pub fn replay() -> Results {
    let mut results = healthy();
    let subject = &mut results.connectors[0].subject;
    subject.launcher = "replay".to_owned();
    subject.name = "reports/20260314-091241-7f3a".to_owned();
    results
}

/// Fills in what follows from the verdicts.
pub fn settle(results: &mut Results) {
    let run = &mut results.run;
    run.verdict_counts.clear();
    for verdict in &results.verdicts {
        *run.verdict_counts.entry(verdict.status).or_default() += 1;
    }
    run.status = run.verdict_counts.keys().max().copied().unwrap_or(Status::Skip);
    run.exit_code = if run.status == Status::Fail { 1 } else { 0 };
}

fn connector() -> ConnectorFacts {
    let labels = [("name", "airbyte/source-orders"), ("version", "1.4.2")];
    let subject = Subject {
        launcher: "docker".to_owned(),
        name: CONNECTOR.to_owned(),
        image_id: Some("sha256:4be0c1f0a9f9d2c9b6f7f5a4d81f4c0a7c5b3e21d0998877665544332211ffee".to_owned()),
        labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        image: Some(ImageFacts {
            entrypoint: vec!["/airbyte/main".to_owned()],
            airbyte_entrypoint: Some("/airbyte/main".to_owned()),
            user: "airbyte".to_owned(),
            platform: "linux/amd64".to_owned(),
            ..ImageFacts::default()
        }),
        ..Subject::default()
    };
    ConnectorFacts { name: CONNECTOR.to_owned(), subject, suite: None }
}

pub fn exit(code: i64, seconds: f64) -> ExitFacts {
    ExitFacts {
        duration: Duration::from_secs_f64(seconds),
        lingered: Duration::from_millis(40),
        ..ExitFacts::by_itself(code)
    }
}

/// A launch of a scenario; none for `spec`.
fn launch(id: &str, command: Command, purpose: &str, started: f64, seconds: f64) -> LaunchFacts {
    let scenario = id.split_once('.').map(|(scenario, _)| scenario.to_owned());
    let expect = if scenario.as_deref() == Some("wrong-key") { Expect::Failed } else { Expect::Succeeded };
    let message = match command {
        Command::Spec => "SPEC",
        Command::Check => "CONNECTION_STATUS",
        Command::Discover => "CATALOG",
        Command::Read | Command::Write => "LOG",
    };
    let messages = [(message.to_owned(), 1)].into();
    let tally = Tally {
        lines: 3,
        bytes: 2_212,
        stderr_lines: 1,
        stderr_dropped: 0,
        messages,
        first_message: Some(0.9),
        first_record: None,
        longest_silence: Some(0.9),
        records_per_second: None,
    };
    LaunchFacts {
        id: id.to_owned(),
        connector: CONNECTOR.to_owned(),
        subject: None,
        scenario,
        expect,
        command,
        purpose: purpose.to_owned(),
        asked_by: Vec::new(),
        resumes: purpose.contains("state").then(|| "sandbox.read.incremental".to_owned()),
        started,
        outcome: LaunchState::Ended { exit: exit(0, seconds) },
        tally,
        streams: Vec::new(),
        wire: None,
    }
}

fn read(id: &str, purpose: &str, sync_mode: &str, started: f64, seconds: f64) -> LaunchFacts {
    let from_state = purpose.contains("state");
    let stream = |(name, records): (&str, u64)| StreamFacts {
        stream: Descriptor::named(name),
        sync_mode: sync_mode.to_owned(),
        records: if from_state { records.min(12) } else { records },
        states: if sync_mode == "incremental" { 1 + records / 10_000 } else { 1 },
        last_status: Some("COMPLETE".to_owned()),
        said_to_be_empty: (name == "refunds").then(|| "the sandbox has none".to_owned()),
    };
    let streams: Vec<StreamFacts> = STREAMS.into_iter().map(stream).collect();
    let mut launch = launch(id, Command::Read, purpose, started, seconds);
    let records = streams.iter().map(|stream| stream.records).sum();
    let states = streams.iter().map(|stream| stream.states).sum();
    launch.tally.messages = [("RECORD", records), ("STATE", states), ("TRACE", 21), ("LOG", 64)]
        .map(|(kind, n)| (kind.to_owned(), n))
        .into();
    launch.tally.lines = launch.tally.messages.values().sum();
    launch.tally.bytes = records * 242;
    launch.tally.first_record = Some(2.31);
    launch.streams = streams;
    launch
}

fn launches() -> Vec<LaunchFacts> {
    vec![
        launch("spec", Command::Spec, "specification", 0.0, 1.21),
        launch("sandbox.check", Command::Check, "connection check", 1.3, 1.84),
        launch("wrong-key.check", Command::Check, "connection check", 3.2, 1.62),
        launch("sandbox.discover", Command::Discover, "catalog", 4.9, 2.11),
        read("sandbox.read.full-refresh", "full refresh", "full_refresh", 7.1, 21.4),
        read("sandbox.read.full-refresh-2", "full refresh, once more", "full_refresh", 28.6, 20.9),
        read("sandbox.read.incremental", "incremental", "incremental", 49.6, 24.02),
        read("sandbox.read.final-state", "from the final state", "incremental", 73.7, 4.18),
    ]
}

/// A pass of each rule on each launch and stream that it judges.
fn verdicts(launches: &[LaunchFacts]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for rule in RULES {
        for launch in launches.iter().filter(|launch| rule.commands.contains(&launch.command)) {
            let streams: Vec<Option<Descriptor>> = match rule.by_stream {
                true => launch.streams.iter().map(|facts| Some(facts.stream.clone())).collect(),
                false => vec![None],
            };
            verdicts.extend(streams.into_iter().map(|stream| Verdict {
                rule: rule.code.to_owned(),
                name: rule.name.to_owned(),
                level: rule.level,
                launch: launch.id.clone(),
                stream,
                status: Status::Pass,
                reason: None,
            }));
        }
    }
    verdicts
}
