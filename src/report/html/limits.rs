//! How much of each list a page shows, and what may be linked to.

use super::facets::{self, Outcome};
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::verdict::{FindingResult, LaunchFacts, Results, Status, Verdict};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// How many entries of each kind the page has room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Findings that are shown as cards, with their evidence.
    pub cards: usize,
    /// Findings that are shown as a row.
    pub rows: usize,
    /// Rows of all checks together.
    pub checks: usize,
    /// Streams in the matrix.
    pub streams: usize,
    /// Launches.
    pub launches: usize,
    /// Lines of the wire, of all launches together.
    pub wire: usize,
    /// Questions about baselines.
    pub questions: usize,
    /// Values of suites.
    pub settings: usize,
    /// Doubts.
    pub doubts: usize,
    /// Names in one folded list.
    pub names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cards: 200,
            rows: 4_000,
            checks: 2_000,
            streams: 1_000,
            launches: 500,
            wire: 3_000,
            settings: 1_000,
            questions: 100,
            doubts: 100,
            names: 100,
        }
    }
}

impl Limits {
    /// Less of everything: half the detail, and half as many findings once there is no detail left.
    pub fn tightened(self) -> Self {
        Limits {
            cards: self.cards / 2,
            rows: if self.cards == 0 { self.rows / 2 } else { self.rows },
            checks: self.checks / 2,
            streams: self.streams / 2,
            launches: if self.cards == 0 { self.launches / 2 } else { self.launches },
            wire: self.wire / 2,
            settings: self.settings / 2,
            questions: self.questions / 2,
            doubts: self.doubts / 2,
            names: self.names / 2,
        }
    }

    /// Whether there is nothing left to leave out.
    pub fn are_exhausted(self) -> bool {
        self.rows == 0
    }
}

/// The results with what is known about the page that is made of them.
pub(super) struct Context<'r> {
    pub results: &'r Results,
    pub limits: Limits,
    /// What became of each launch, by its id.
    pub outcomes: HashMap<&'r str, Outcome<'r>>,
    /// The launches that the page lists.
    listed: HashSet<&'r str>,
}

impl<'r> Context<'r> {
    pub fn new(results: &'r Results, limits: Limits) -> Self {
        let listed = results.launches.iter().take(limits.launches).map(|launch| launch.id.as_str()).collect();
        Context { results, limits, outcomes: facets::outcomes(results), listed }
    }

    /// The findings that the page lists, heaviest first.
    pub fn listed_findings(&self) -> &'r [FindingResult] {
        let findings = &self.results.findings;
        &findings[..findings.len().min(self.limits.cards + self.limits.rows)]
    }

    /// The rules that a launch breaks, as far as they decide the run's exit code.
    pub fn broken_in(&self, launch: &str) -> Vec<&'r str> {
        self.outcomes.get(launch).map_or_else(Vec::new, |outcome| outcome.broken(self.results.run.fail_on))
    }

    /// Whether the experiments that asked for a launch find nothing wrong in its scenario, and so not how it ended.
    pub fn vouches_for(&self, launch: &LaunchFacts) -> bool {
        let asked = |verdict: &&Verdict| launch.asked_by.contains(&verdict.rule) && verdict.status != Status::Off;
        let of_it: HashSet<&str> = self
            .results
            .launches
            .iter()
            .filter(|other| other.connector == launch.connector && other.scenario == launch.scenario)
            .map(|other| other.id.as_str())
            .collect();
        let verdicts = self.results.verdicts.iter().filter(asked).filter(|it| of_it.contains(it.launch.as_str()));
        let statuses: Vec<Status> = verdicts.map(|verdict| verdict.status).collect();
        !statuses.is_empty() && statuses.iter().all(|status| *status == Status::Pass)
    }

    /// A launch's id as a link, where the page lists the launch.
    pub fn launch(&self, id: &'r str) -> Link<'r> {
        let anchor = self.listed.contains(id).then(|| launch_anchor(id));
        Link { text: id, anchor }
    }
}

/// A text that may link to a place on the page.
#[derive(Debug, Serialize)]
pub(super) struct Link<'r> {
    pub text: &'r str,
    pub anchor: Option<String>,
}

/// A list of which the first few are shown, the next can be unfolded, and the rest is only counted.
#[derive(Debug, Serialize)]
pub(super) struct Folded<T> {
    pub shown: Vec<T>,
    pub folded: Vec<T>,
    /// How many are neither.
    pub more: usize,
}

impl<T> Folded<T> {
    pub fn new(mut all: Vec<T>, shown: usize, folded: usize) -> Self {
        let more = all.len().saturating_sub(shown + folded);
        all.truncate(shown + folded);
        let folded = all.split_off(all.len().min(shown));
        Folded { shown: all, folded, more }
    }
}

/// How many names are shown before the list is folded.
pub(super) const NAMES_SHOWN: usize = 5;

/// Streams by name, folded.
pub(super) fn stream_names<'s>(
    streams: impl IntoIterator<Item = &'s Descriptor>,
    context: &Context<'_>,
) -> Folded<String> {
    let names = streams.into_iter().map(ToString::to_string).collect();
    Folded::new(names, NAMES_SHOWN, context.limits.names)
}

/// A word that is safe and short enough as an `id`, whatever was put in.
pub(super) fn anchor(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    word.chars().take(120).map(|letter| if is_plain(letter) { letter } else { '-' }).collect()
}

/// Where a launch stands on the page.
pub(super) fn launch_anchor(id: &str) -> String {
    anchor(&format!("launch-{id}"))
}

/// Where a family's checks stand on the page.
pub(super) fn family_anchor(family: &str) -> String {
    anchor(&format!("checks-{family}"))
}

/// The family of a rule: what stands before the dash of its code.
pub(super) fn family(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

/// The mark that a finding bears: what its verdict is, or a word of its own where it is none that counts.
pub(super) fn mark(finding: &FindingResult) -> &'static str {
    match (finding.waived.is_some(), finding.level) {
        (true, _) => "waived",
        (_, Level::Must) => "fail",
        (_, Level::Should) => "warn",
        (_, Level::Info) => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_shown_folded_and_counted() {
        let folded = Folded::new((0..10).collect(), 2, 5);
        assert_eq!((folded.shown, folded.folded, folded.more), (vec![0, 1], vec![2, 3, 4, 5, 6], 3));
        let short = Folded::new(vec![1], 2, 0);
        assert_eq!((short.shown, short.folded, short.more), (vec![1], vec![], 0));
    }

    #[test]
    fn an_anchor_cannot_leave_its_attribute() {
        assert_eq!(anchor("READ-006-00ff"), "READ-006-00ff");
        assert_eq!(anchor("\"><b>"), "---b-");
    }
}
