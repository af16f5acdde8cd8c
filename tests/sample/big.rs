//! A run with more findings than anybody reads.

use super::faulty;
use airproof::protocol::Descriptor;
use airproof::rules::Level;
use airproof::verdict::{Results, StreamFacts};

/// 200 streams, each with 50 findings, in launches that read all of them.
pub fn big() -> Results {
    let mut results = faulty();
    let streams: Vec<Descriptor> = (0..200).map(|at| Descriptor::named(format!("stream_{at:03}"))).collect();
    for launch in results.launches.iter_mut().filter(|launch| !launch.streams.is_empty()) {
        let pattern = launch.streams[0].clone();
        launch.streams =
            streams.iter().map(|stream| StreamFacts { stream: stream.clone(), ..pattern.clone() }).collect();
    }
    let patterns: Vec<_> = results.findings.iter().filter(|finding| finding.level == Level::Must).cloned().collect();
    results.findings = (0..10_000)
        .map(|at| {
            let mut finding = patterns[at % patterns.len()].clone();
            finding.id = format!("{}-{at:08x}", finding.rule);
            finding.title = format!("{}, field_{}", finding.title, at % 50);
            finding.streams = vec![streams[at / 50].clone()];
            finding
        })
        .collect();
    results
}
