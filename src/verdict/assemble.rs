//! Putting the results of a run together.

use super::{
    ConnectorFacts, Doubt, FindingResult, LaunchFacts, LaunchState, Reproduction, Results, RunFacts, SCHEMA_VERSION,
    Status, Verdict, gravity, waivers,
};
use crate::protocol::{Command, Expect};
use crate::rules::{Finding, Judged, Level, Outcome, Page, Statement};
use crate::suite::{LevelSetting, Waiver};
use crate::text;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A launch with what was judged of it.
#[derive(Debug)]
pub struct LaunchJudgement {
    /// The launch.
    pub facts: LaunchFacts,
    /// What rules and experiments found.
    pub findings: Vec<Finding>,
    /// What they could judge.
    pub outcomes: Vec<Outcome>,
    /// How to see a finding again, by the launch that shows it.
    pub reproductions: Vec<(String, Reproduction)>,
    /// Rules and experiments that would have judged it, had it happened.
    pub unjudged: Vec<Statement>,
}

/// The level of a rule, by its code, in a scenario, by its name.
pub type LevelOf<'p> = dyn Fn(&str, Option<&str>) -> Option<LevelSetting> + 'p;

/// What the suite says about levels and waivers.
pub struct Policy<'p> {
    /// The level of a rule (by code) in a scenario (by name), where a suite sets one.
    pub level: &'p LevelOf<'p>,
    /// Accepted violations.
    pub waivers: &'p [Waiver],
    /// The day on which waivers expire or not.
    pub today: Date,
    /// Knows every rule and experiment by its code.
    pub find: fn(&str) -> Option<Statement>,
}

/// Makes the results. `run` comes with its status and counts still to be filled in, which happens here.
pub fn assemble(
    mut run: RunFacts,
    connectors: Vec<ConnectorFacts>,
    judgements: Vec<LaunchJudgement>,
    policy: &Policy<'_>,
) -> Results {
    let mut findings: Vec<FindingResult> = Vec::new();
    for judgement in &judgements {
        for finding in &judgement.findings {
            let again =
                finding.case.as_ref().and_then(|case| judgement.reproductions.iter().find(|(id, _)| id == case));
            merge(&mut findings, finding, (&judgement.facts, again.map(|(_, again)| again)), policy);
        }
    }
    let outcomes: Vec<&Outcome> = judgements.iter().flat_map(|judgement| &judgement.outcomes).collect();
    let was_judged = |rule: &str| outcomes.iter().any(|it| it.rule == rule && matches!(it.judged, Judged::Yes));
    let mut doubts = waivers::apply(&mut findings, policy.waivers, policy.today, was_judged);
    let verdicts: Vec<Verdict> =
        judgements.iter().flat_map(|judgement| verdicts_of(judgement, &findings, policy)).collect();
    let launches: Vec<LaunchFacts> = judgements.into_iter().map(|judgement| judgement.facts).collect();
    findings.sort_by_key(gravity);
    doubts.splice(0..0, doubts_of(&launches, &verdicts));
    let heaviest = verdicts.iter().map(|verdict| verdict.status).max().unwrap_or(Status::Skip);
    run.status = if run.errors.is_empty() { heaviest } else { Status::Error };
    run.verdict_counts = verdicts.iter().fold(BTreeMap::new(), |mut counts, verdict| {
        *counts.entry(verdict.status).or_insert(0) += 1;
        counts
    });
    Results {
        schema_version: SCHEMA_VERSION,
        run,
        connectors,
        launches,
        verdicts,
        findings,
        doubts,
        questions: Vec::new(),
        since: None,
        pipe: None,
    }
}

/// Adds a finding to the one of the same cause in the same scenario, or begins one.
fn merge(
    all: &mut Vec<FindingResult>,
    finding: &Finding,
    (launch, again): (&LaunchFacts, Option<&Reproduction>),
    policy: &Policy<'_>,
) {
    let Some(statement) = (policy.find)(&finding.rule) else { return };
    let Some(level) = weigh(finding.level, statement, launch, policy) else { return };
    let id = finding_id(finding, launch);
    if let Some(known) = all.iter_mut().find(|known| known.id == id) {
        known.count += finding.count;
        known.launches.push(launch.id.clone());
        known.evidence.extend(finding.evidence.iter().take(1).cloned());
        for stream in &finding.streams {
            if !known.streams.contains(stream) {
                known.streams.push(stream.clone());
            }
        }
        return;
    }
    let page = Page::parse(statement.page);
    all.push(FindingResult {
        id,
        rule: finding.rule.clone(),
        name: finding.name.clone(),
        level,
        authority: finding.authority,
        source: statement.source.to_owned(),
        connector: launch.connector.clone(),
        scenario: launch.scenario.clone(),
        streams: finding.streams.clone(),
        launches: vec![launch.id.clone()],
        title: finding.title.clone(),
        message: finding.message.clone(),
        count: finding.count,
        evidence: finding.evidence.clone(),
        why: page.why,
        help: page.mend,
        reproduction: again.cloned(),
        waived: None,
        since: None,
    });
}

/// The level that the suite gives a violation; None where its rule is off. A violation that a rule grades lower than
/// itself stays lower.
fn weigh(own: Level, statement: Statement, launch: &LaunchFacts, policy: &Policy<'_>) -> Option<Level> {
    let setting = match (policy.level)(statement.code, launch.scenario.as_deref()) {
        None => return Some(own),
        Some(LevelSetting::Off) => return None,
        Some(LevelSetting::Must) => Level::Must,
        Some(LevelSetting::Should) => Level::Should,
        Some(LevelSetting::Info) => Level::Info,
    };
    Some(if own < statement.level { own.min(setting) } else { setting })
}

/// The same for the same defect in every run: it depends on the rule, the cause and the scenario.
fn finding_id(finding: &Finding, launch: &LaunchFacts) -> String {
    let mut hash = Sha256::new();
    for part in [&launch.connector, launch.scenario.as_deref().unwrap_or(""), &finding.rule, &finding.cause] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("{}-{}", finding.rule, text::hex(&hash.finalize()[..4]))
}

fn verdicts_of(judgement: &LaunchJudgement, findings: &[FindingResult], policy: &Policy<'_>) -> Vec<Verdict> {
    let launch = &judgement.facts;
    let verdict = |statement: Statement, stream, status, reason| Verdict {
        rule: statement.code.to_owned(),
        name: statement.name.to_owned(),
        level: weigh(statement.level, statement, launch, policy).unwrap_or(statement.level),
        launch: launch.id.clone(),
        stream,
        status,
        reason,
    };
    let is_off =
        |statement: Statement| (policy.level)(statement.code, launch.scenario.as_deref()) == Some(LevelSetting::Off);
    let off = |statement| verdict(statement, None, Status::Off, Some("switched off by the suite".to_owned()));
    let unjudged = judgement.unjudged.iter().map(|statement| {
        if is_off(*statement) {
            return off(*statement);
        }
        let (status, reason) = match &launch.outcome {
            LaunchState::LeftOut { reason } => (Status::Off, reason.clone()),
            LaunchState::Skipped { reason } => (Status::Skip, reason.clone()),
            LaunchState::Error { reason } => (Status::Error, reason.clone()),
            LaunchState::Ended { .. } => (Status::Skip, "the launch was not judged".to_owned()),
        };
        verdict(*statement, None, status, Some(reason))
    });
    let judged = judgement.outcomes.iter().filter_map(|outcome| {
        let statement = (policy.find)(outcome.rule)?;
        if is_off(statement) {
            return Some(off(statement));
        }
        let (status, reason) = match &outcome.judged {
            Judged::No(reason) => (Status::Skip, Some(reason.clone())),
            Judged::Yes => status_of(outcome, launch, findings),
        };
        Some(verdict(statement, outcome.stream.clone(), status, reason))
    });
    unjudged.chain(judged).collect()
}

/// The heaviest finding of the rule that shows in the launch and, where the outcome is about one, touches its stream.
fn status_of(outcome: &Outcome, launch: &LaunchFacts, findings: &[FindingResult]) -> (Status, Option<String>) {
    let own = findings.iter().filter(|finding| {
        finding.rule == outcome.rule
            && finding.launches.contains(&launch.id)
            && outcome.stream.as_ref().is_none_or(|stream| finding.streams.contains(stream))
    });
    let (waived, open): (Vec<_>, Vec<_>) = own.partition(|finding| finding.waived.is_some());
    match (open.iter().max_by_key(|finding| finding.level), waived.first()) {
        (Some(heaviest), _) => {
            let status = match heaviest.level {
                Level::Must => Status::Fail,
                Level::Should => Status::Warn,
                Level::Info => Status::Pass,
            };
            (status, Some(heaviest.title.clone()))
        }
        (None, Some(waived)) => (Status::Pass, waived.waived.as_ref().map(|reason| format!("waived: {reason}"))),
        (None, None) => (Status::Pass, None),
    }
}

/// The kinds of doubt that follow from launches and verdicts alone.
pub(super) const DERIVED: [&str; 9] = [
    "launch-skipped",
    "left-out",
    "launch-cut-short",
    "launch-error",
    "stderr-not-kept",
    "no-records",
    "no-state",
    "nothing-read",
    "rules-skipped",
];

/// What could make a pass meaningless.
pub(super) fn doubts_of(launches: &[LaunchFacts], verdicts: &[Verdict]) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut doubt = |kind: &str, message: String| doubts.push(Doubt { kind: kind.to_owned(), message });
    for launch in launches {
        let (kind, reason) = match &launch.outcome {
            LaunchState::Skipped { reason } => ("launch-skipped", reason),
            LaunchState::LeftOut { reason } => ("left-out", reason),
            LaunchState::Ended { .. } | LaunchState::Error { .. } => continue,
        };
        doubt(kind, format!("{} was not launched: {}.", launch.id, reason.trim_end_matches('.')));
    }
    let is_cut_short = |launch: &&LaunchFacts| match &launch.outcome {
        // What an experiment did is what was to be seen.
        LaunchState::Ended { exit } => exit.is_cut_short() && !exit.is_disturbed(),
        _ => false,
    };
    for launch in launches.iter().filter(is_cut_short) {
        let message = format!("{} was cut short by us; only what it put out until then was judged.", launch.id);
        doubt("launch-cut-short", message);
    }
    let failed = launches.iter().filter(|launch| matches!(launch.outcome, LaunchState::Error { .. })).count();
    if failed > 0 {
        doubt(
            "launch-error",
            format!("{failed} of {} launches could not be made; the errors say why.", launches.len()),
        );
    }
    for launch in launches.iter().filter(|launch| launch.tally.stderr_dropped > 0) {
        let dropped = text::bytes(launch.tally.stderr_dropped);
        doubt("stderr-not-kept", format!("{dropped} of what {} wrote on stderr were judged and not kept.", launch.id));
    }
    let reads: Vec<&LaunchFacts> = launches
        .iter()
        .filter(|launch| launch.command == Command::Read && !launch.streams.is_empty() && launch.asked_by.is_empty())
        .collect();
    for read in &reads {
        let empty: Vec<String> = read
            .streams
            .iter()
            .filter(|stream| stream.records == 0 && stream.said_to_be_empty.is_none())
            .map(|stream| stream.stream.to_string())
            .collect();
        if !empty.is_empty() {
            doubt(
                "no-records",
                format!("{} delivered no record of {}: nothing was judged about their data.", read.id, list(&empty)),
            );
        }
        let stateless = read.streams.iter().filter(|stream| stream.sync_mode == "incremental" && stream.states == 0);
        let stateless: Vec<String> = stateless.map(|stream| stream.stream.to_string()).collect();
        if !stateless.is_empty() {
            doubt("no-state", format!("{} gave no state for {}, read incrementally.", read.id, list(&stateless)));
        }
    }
    let has_written = launches.iter().any(|launch| launch.command == Command::Write);
    let is_good = |launch: &LaunchFacts| launch.expect == Expect::Succeeded && launch.scenario.is_some();
    if reads.is_empty() && !has_written && launches.iter().any(is_good) {
        doubt("nothing-read", "Nothing was read: no rule judged a record or a state.".to_owned());
    }
    let skipped = verdicts.iter().filter(|verdict| verdict.status == Status::Skip).count();
    if skipped > 0 {
        doubt(
            "rules-skipped",
            format!(
                "{skipped} of {} {} skipped; the results say why of each.",
                text::plural(verdicts.len() as u64, "verdict"),
                if skipped == 1 { "was" } else { "were" }
            ),
        );
    }
    if skipped == verdicts.len() {
        most_frequent_reasons(verdicts).into_iter().for_each(|reason| doubt("nothing-judged", reason));
    }
    doubts
}

/// Why verdicts were skipped, where all were: the reasons that hold for the most of them first.
fn most_frequent_reasons(verdicts: &[Verdict]) -> Vec<String> {
    const TOLD: usize = 3;
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for reason in verdicts.iter().filter_map(|verdict| verdict.reason.as_deref()) {
        match counts.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => counts.push((reason, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let told = counts.into_iter().take(TOLD);
    told.map(|(reason, count)| format!("{} skipped: {reason}.", text::plural(count, "verdict"))).collect()
}

/// The first few of a list, and how many more there are.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
