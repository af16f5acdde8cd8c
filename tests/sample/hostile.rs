//! A run of a connector that attacks whoever opens the report, and is far too big.

use super::faulty::evidence;
use super::wire::{question, wire};
use super::{faulty, settle};
use airproof::protocol::Descriptor;
use airproof::rules::Level;
use airproof::verdict::{Doubt, Results, Status, StreamFacts, Verdict};

/// Breaks out of text, attributes, style and script; turns the direction of text; clears a terminal; ends a C string.
pub const HOSTILE: &str = "</script></style></title></pre><script>document.title='owned'</script><img src=x \
     onerror=\"document.title='owned'\">'\"><svg onload=alert(1)>{{ 7*7 }}{% raw %}\u{202e}gnp.exe\u{1b}[2J\u{0}\r\n&lt;b&gt;";

/// Hostile text in every place that a connector or a suite can write to; 200 streams, 2,000 findings, a 2 MB excerpt.
pub fn hostile() -> Results {
    let mut results = faulty();
    results.connectors[0].name = HOSTILE.to_owned();
    results.connectors[0].subject.name = HOSTILE.to_owned();
    results.connectors[0].subject.labels.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    results.run.errors = vec![HOSTILE.to_owned()];
    results.run.suite.path = Some(HOSTILE.to_owned());
    results.run.id = HOSTILE.to_owned();
    results.run.command = Some(HOSTILE.to_owned());
    results.doubts.push(Doubt { kind: HOSTILE.to_owned(), message: HOSTILE.to_owned() });
    results.questions = vec![question(HOSTILE, HOSTILE)];
    let streams: Vec<Descriptor> = (0..200).map(|at| Descriptor::named(format!("stream_{at}_{HOSTILE}"))).collect();
    for launch in results.launches.iter_mut().filter(|launch| !launch.streams.is_empty()) {
        launch.purpose = HOSTILE.to_owned();
        launch.scenario = Some(HOSTILE.to_owned());
        launch.streams = streams.iter().map(facts).collect();
        launch.wire = Some(wire(HOSTILE, HOSTILE));
    }
    results.verdicts.extend(streams.iter().enumerate().map(|(at, stream)| verdict(stream, at)));
    let pattern = results.findings[0].clone();
    results.findings.extend((0..2_000).map(|at| {
        let mut finding = pattern.clone();
        finding.id = format!("READ-006-{at:08x}");
        for text in [&mut finding.title, &mut finding.message, &mut finding.why, &mut finding.help, &mut finding.source]
        {
            *text = format!("{HOSTILE} {at}");
        }
        finding.streams = streams.clone();
        finding.evidence = vec![evidence("gone", at, HOSTILE, &HOSTILE.repeat(4), HOSTILE, HOSTILE)];
        finding
    }));
    results.findings[1].evidence[0].excerpt = Some("\"<&>\u{202e}".repeat(2_000_000 / 6));
    results.findings[2].level = Level::Must;
    settle(&mut results);
    results
}

fn facts(stream: &Descriptor) -> StreamFacts {
    StreamFacts {
        stream: stream.clone(),
        sync_mode: HOSTILE.to_owned(),
        records: 17,
        states: 0,
        last_status: Some(HOSTILE.to_owned()),
        said_to_be_empty: Some(HOSTILE.to_owned()),
    }
}

fn verdict(stream: &Descriptor, at: usize) -> Verdict {
    Verdict {
        rule: "READ-006".to_owned(),
        name: HOSTILE.to_owned(),
        level: Level::Must,
        launch: "sandbox.read.full-refresh".to_owned(),
        stream: Some(stream.clone()),
        status: Status::Fail,
        reason: Some(format!("{HOSTILE} {at}")),
    }
}
