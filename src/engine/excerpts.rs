//! Fetches the lines that experiments cite from the transcripts: while a launch runs, nobody knows yet which will be cited.

use crate::capture::{Lines, StoredTranscript};
use crate::launch::Channel;
use crate::rules::{Evidence, Finding};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Shows the line of each piece of evidence that names one and does not show it, as far as its transcript has it.
pub(super) fn fetch<'f>(findings: impl Iterator<Item = &'f mut Finding>, transcripts: &Path) {
    let mut bare: Vec<&mut Evidence> =
        findings.flat_map(|finding| &mut finding.evidence).filter(|it| is_bare(it)).collect();
    let mut wanted: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for evidence in &bare {
        wanted.entry(evidence.launch.clone()).or_default().extend(evidence.message);
    }
    for (launch, numbers) in wanted {
        let lines = lines_of(&transcripts.join(&launch), &numbers);
        for evidence in bare.iter_mut().filter(|evidence| evidence.launch == launch) {
            if let Some(bytes) = evidence.message.and_then(|number| lines.get(&number)) {
                evidence.show(bytes);
            }
        }
    }
}

fn is_bare(evidence: &Evidence) -> bool {
    evidence.message.is_some() && evidence.excerpt.is_none() && !evidence.stderr
}

/// The beginnings of lines of a stored transcript, by number. A transcript that can't be read has none.
fn lines_of(folder: &Path, numbers: &BTreeSet<u64>) -> BTreeMap<u64, Vec<u8>> {
    /// More of a line than is ever shown, in bytes.
    const HELD: usize = 4096;
    let (mut found, mut number, mut lines) = (BTreeMap::new(), 0, Lines::default());
    let Ok(stored) = StoredTranscript::open(folder) else { return found };
    let mut take = |bytes: &[u8]| {
        number += 1;
        if numbers.contains(&number) {
            found.insert(number, bytes[..bytes.len().min(HELD)].to_vec());
        }
    };
    // What could be read until it broke off is shown.
    let _read = stored.replay(|chunk| {
        if chunk.channel == Channel::Stdout {
            lines.feed(&chunk.bytes, |line| take(line.bytes));
        }
    });
    lines.finish(|line| take(line.bytes));
    found
}
