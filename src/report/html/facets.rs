//! What each part of the page can be filtered by. The template prints facets as `data-` attributes; the head of
//! `reports/report.js` says what they mean.

use super::limits::{Context, NAMES_SHOWN, mark};
use crate::protocol::{Command, Descriptor};
use crate::rules::Level;
use crate::text::{shorten, visible};
use crate::verdict::{FindingResult, LaunchFacts, Results, Status, Verdict};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// How many names of streams and of launches a finding has room for that is shown as a row, and how many bytes of them.
pub(super) const ROOM_IN_ROW: Room = Room { names: 8, bytes: 200 };
const MOST_BYTES: usize = 3_000;

/// The longest name that is put into a filter whole, in characters.
const LONGEST_NAME: usize = 200;

/// How much of a list is put into an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    names: usize,
    /// Of all names together.
    bytes: usize,
}

impl Room {
    /// For what the page shows in full: as many names as it lists.
    pub fn in_full(context: &Context<'_>) -> Self {
        Room { names: NAMES_SHOWN + context.limits.names, bytes: MOST_BYTES }
    }

    /// What fits of a list, and whether that is all.
    fn fit<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> (Vec<N>, bool) {
        let (mut fitting, mut left) = (Vec::new(), self.bytes);
        for name in names {
            let Some(rest) = left.checked_sub(name.as_ref().len()).filter(|_| fitting.len() < self.names) else {
                return (fitting, false);
            };
            left = rest;
            fitting.push(name);
        }
        (fitting, true)
    }
}

/// The facets of a finding, a check or a launch; those that it does not have are empty.
#[derive(Debug, Default, Serialize)]
pub(super) struct Facets<'r> {
    statuses: Vec<&'static str>,
    levels: BTreeSet<Level>,
    /// Codes and names of rules.
    rules: BTreeSet<&'r str>,
    streams: Vec<String>,
    commands: BTreeSet<Command>,
    launches: Vec<&'r str>,
    /// The attributes whose lists had no room for all.
    cut: Vec<&'static str>,
}

impl<'r> Facets<'r> {
    /// Of a finding, with as many streams and launches as there is room for.
    pub fn of_finding(finding: &'r FindingResult, room: Room, context: &Context<'r>) -> Self {
        Facets {
            statuses: vec![mark(finding)],
            levels: [finding.level].into(),
            rules: [finding.rule.as_str(), finding.name.as_str()].into(),
            ..Facets::default()
        }
        .on(finding.launches.iter().map(String::as_str), room, context)
        .about(finding.streams.iter(), room)
    }

    /// Of checks of one rule that came to the same. The rule's own facets stand around them.
    pub fn of_checks(group: &[&'r Verdict], context: &Context<'r>) -> Self {
        let room = Room::in_full(context);
        let launches: BTreeSet<&str> = group.iter().map(|verdict| verdict.launch.as_str()).collect();
        let streams: BTreeSet<&Descriptor> = group.iter().filter_map(|verdict| verdict.stream.as_ref()).collect();
        Facets { statuses: vec![group[0].status.as_str()], ..Facets::default() }
            .on(launches, room, context)
            .about(streams, room)
    }

    /// Of a launch: its own, and those of what was found in it.
    pub fn of_launch(launch: &'r LaunchFacts, mark: Option<&'static str>, context: &Context<'r>) -> Self {
        let outcome = context.outcomes.get(launch.id.as_str());
        let found = outcome.map(|outcome| &outcome.found[..]).unwrap_or_default();
        let judged = outcome.and_then(|outcome| outcome.worst).map(Status::as_str);
        Facets {
            statuses: mark.or(judged).into_iter().collect(),
            levels: found.iter().map(|finding| finding.level).collect(),
            rules: found.iter().flat_map(|finding| [finding.rule.as_str(), finding.name.as_str()]).collect(),
            commands: [launch.command].into(),
            launches: vec![&launch.id],
            ..Facets::default()
        }
        .about(launch.streams.iter().map(|facts| &facts.stream), Room::in_full(context))
    }

    /// In these launches.
    fn on(mut self, launches: impl IntoIterator<Item = &'r str>, room: Room, context: &Context<'r>) -> Self {
        let (launches, are_all) = room.fit(launches);
        self.commands = launches.iter().filter_map(|id| context.outcomes.get(id)?.command).collect();
        self.launches = launches;
        if !are_all {
            self.cut.extend(["cmd", "launch"]);
        }
        self
    }

    /// Touching these streams.
    fn about<'s>(mut self, streams: impl IntoIterator<Item = &'s Descriptor>, room: Room) -> Self {
        let (streams, are_all) = room.fit(streams.into_iter().map(ToString::to_string));
        self.streams = streams;
        if !are_all {
            self.cut.push("stream");
        }
        self
    }
}

/// What became of a launch.
#[derive(Default)]
pub(super) struct Outcome<'r> {
    command: Option<Command>,
    worst: Option<Status>,
    /// The first finding of each rule that shows in it.
    found: Vec<&'r FindingResult>,
}

impl<'r> Outcome<'r> {
    /// The rules that are broken in it at this level or above, but for waived findings.
    pub fn broken(&self, from: Level) -> Vec<&'r str> {
        let counts = |finding: &&&FindingResult| finding.level >= from && finding.waived.is_none();
        self.found.iter().filter(counts).map(|finding| finding.rule.as_str()).collect()
    }
}

/// What became of each launch, by its id.
pub(super) fn outcomes(results: &Results) -> HashMap<&str, Outcome<'_>> {
    let mut outcomes: HashMap<&str, Outcome<'_>> = HashMap::new();
    for launch in &results.launches {
        outcomes.entry(&launch.id).or_default().command = Some(launch.command);
    }
    for verdict in &results.verdicts {
        let worst = &mut outcomes.entry(&verdict.launch).or_default().worst;
        *worst = (*worst).max(Some(verdict.status));
    }
    let mut met: BTreeSet<(&str, &str)> = BTreeSet::new();
    for finding in &results.findings {
        for launch in finding.launches.iter().filter(|launch| met.insert((launch.as_str(), &finding.rule))) {
            outcomes.entry(launch).or_default().found.push(finding);
        }
    }
    outcomes
}

/// A name as the value of a filter: in quotes, with `?` for letters that a pattern or the quotes would take for theirs.
pub(super) fn quoted(name: &str) -> String {
    let shown = visible(name);
    let cut = shorten(&shown, LONGEST_NAME);
    let is_whole = cut.len() == shown.len();
    let plain =
        cut.trim_end_matches(|letter| letter == '…' && !is_whole).replace(['"', '*', '[', ']', '{', '}', '\\'], "?");
    format!("\"{plain}{}\"", if is_whole { "" } else { "*" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_filter_means_itself() {
        assert_eq!(quoted("orders"), "\"orders\"");
        assert_eq!(quoted("a \"b\" [c]*"), "\"a ?b? ?c??\"");
        assert_eq!(quoted(&"é".repeat(300)), format!("\"{}*\"", "é".repeat(200)));
        assert_eq!(quoted("a…"), "\"a…\"");
    }

    #[test]
    fn a_list_without_room_for_all_says_so() {
        let streams = ["a", "b", "c"].map(Descriptor::named);
        let of = |names, bytes| Facets::default().about(&streams, Room { names, bytes });
        let facets = of(2, 100);
        assert_eq!((facets.streams, facets.cut), (vec!["a".to_owned(), "b".to_owned()], vec!["stream"]));
        assert_eq!(of(3, 100).cut, Vec::<&str>::new());
        assert_eq!(of(3, 2).streams, ["a", "b"]);
    }
}
