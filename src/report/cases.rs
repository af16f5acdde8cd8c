//! Verdicts as test cases, for those who count tests: JUnit and TAP.

use super::wording;
use crate::exit::Exit;
use crate::rules::Level;
use crate::text::plural;
use crate::verdict::{FindingResult, LaunchState, Results, Status, Verdict};
use std::collections::HashMap;

/// How many cases are told. Where there are more, plain passes are left out first.
const CASES: usize = 20_000;

/// How many findings are told with a case.
const FINDINGS: usize = 3;

/// The longest time of a launch that is believed, in milliseconds: 100 days.
const LONGEST: u64 = 100 * 24 * 60 * 60 * 1_000;

/// How long a reason or a name may be, in characters.
const REASON: usize = 400;

/// What a case comes to for whoever counts tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing was found.
    Passed,
    /// Something was found that does not make the run fail: in words.
    Noted(String),
    /// What was found is accepted: why.
    Waived(String),
    /// It was not judged: why.
    Skipped(String),
    /// The connector is wrong: in words.
    Failed(String),
    /// Something else was in the way: what.
    Hindered(String),
}

/// A test case.
#[derive(Debug)]
pub(super) struct Case<'r> {
    /// What it belongs to: the launch.
    pub launch: String,
    /// The rule's code, or what else was looked at.
    pub rule: String,
    /// The rule with its name and the stream.
    pub name: String,
    pub outcome: Outcome,
    /// The first findings behind it.
    pub findings: Vec<&'r FindingResult>,
    /// Its share of the time that its launch took, in milliseconds: the cases of a launch share it evenly.
    pub milliseconds: u64,
}

/// The cases of a run, in the order of its verdicts, and how many were left out.
pub(super) fn cases(results: &Results) -> (Vec<Case<'_>>, usize) {
    let mut index: HashMap<(&str, &str), Vec<&FindingResult>> = HashMap::new();
    for finding in &results.findings {
        for launch in &finding.launches {
            index.entry((&finding.rule, launch)).or_default().push(finding);
        }
    }
    let mut cases: Vec<Case<'_>> =
        results.verdicts.iter().map(|verdict| case(verdict, results.run.fail_on, &index)).collect();
    let mut around = around(results, &cases);
    let total = cases.len();
    let telling = cases.iter().filter(|case| case.outcome != Outcome::Passed).count();
    let mut room = CASES.saturating_sub(telling);
    cases.retain(|case| {
        let is_kept = case.outcome != Outcome::Passed || room > 0;
        room -= usize::from(case.outcome == Outcome::Passed && room > 0);
        is_kept
    });
    cases.truncate(CASES);
    share_time(&mut cases, results);
    let left_out = total - cases.len();
    around.append(&mut cases);
    (around, left_out)
}

/// Gives each case its share of the time of its launch. Who counts tests adds up their times: the whole launch for each of a hundred
/// rules would be a hundred launches.
fn share_time(cases: &mut [Case<'_>], results: &Results) {
    let mut launches: HashMap<String, (u64, u64)> = HashMap::new();
    for launch in &results.launches {
        if let LaunchState::Ended { exit } = &launch.outcome {
            let took = u64::try_from(exit.duration.as_millis()).unwrap_or(u64::MAX).min(LONGEST);
            launches.insert(wording::line(&launch.id, REASON), (took, 0));
        }
    }
    let mut sharing: HashMap<String, u64> = HashMap::new();
    for case in cases.iter() {
        *sharing.entry(case.launch.clone()).or_default() += 1;
    }
    for case in cases {
        let (Some((took, given)), Some(of)) = (launches.get_mut(&case.launch), sharing.get_mut(&case.launch)) else {
            continue;
        };
        // What is left among those that are left: so the shares add up to the whole.
        case.milliseconds = (*took - *given) / *of;
        *given += case.milliseconds;
        *of -= 1;
    }
}

fn case<'r>(verdict: &'r Verdict, fail_on: Level, index: &HashMap<(&str, &str), Vec<&'r FindingResult>>) -> Case<'r> {
    let own = index.get(&(verdict.rule.as_str(), verdict.launch.as_str())).map(Vec::as_slice).unwrap_or_default();
    let touches = |finding: &&&FindingResult| verdict.stream.as_ref().is_none_or(|own| finding.streams.contains(own));
    let findings: Vec<&FindingResult> =
        own.iter().filter(|finding| finding.waived.is_none()).filter(touches).take(FINDINGS).copied().collect();
    let waived = || own.iter().filter(touches).find_map(|finding| finding.waived.as_deref());
    let waived = findings.is_empty().then(waived).flatten();
    let reason = |otherwise: &str| wording::line(verdict.reason.as_deref().unwrap_or(otherwise), REASON);
    let level = match verdict.status {
        Status::Fail => Some(Level::Must),
        Status::Warn => Some(Level::Should),
        Status::Pass => (!findings.is_empty()).then_some(Level::Info),
        _ => None,
    };
    let outcome = match (verdict.status, level, waived) {
        (Status::Error, ..) => Outcome::Hindered(reason("could not be judged")),
        (Status::Skip, ..) => Outcome::Skipped(reason("could not be judged")),
        (Status::Off, ..) => Outcome::Skipped(reason("switched off by the suite")),
        (_, Some(level), _) if level >= fail_on => Outcome::Failed(reason("violated")),
        (_, Some(_), _) => Outcome::Noted(reason("violated")),
        (_, None, Some(waived)) => Outcome::Waived(wording::line(waived, REASON)),
        (_, None, None) => Outcome::Passed,
    };
    let stream = verdict.stream.as_ref().map(|stream| format!(" [{stream}]")).unwrap_or_default();
    let name = wording::line(&format!("{} {}{stream}", verdict.rule, verdict.name), REASON);
    let (launch, rule) = (wording::line(&verdict.launch, REASON), wording::line(&verdict.rule, REASON));
    Case { launch, rule, name, outcome, findings, milliseconds: 0 }
}

/// What is true of the run as a whole and would make green a lie: errors, unanswered questions, nothing judged.
fn around<'r>(results: &Results, cases: &[Case<'r>]) -> Vec<Case<'r>> {
    let case = |name: &str, outcome: Outcome| {
        let (launch, rule) = ("airproof".to_owned(), "run".to_owned());
        Case { launch, rule, name: name.to_owned(), outcome, findings: Vec::new(), milliseconds: 0 }
    };
    let errors = results.run.errors.iter();
    let mut around: Vec<Case<'r>> =
        errors.map(|error| case("the run goes through", Outcome::Hindered(wording::line(error, REASON)))).collect();
    if results.run.exit_code == Exit::Unreviewed.code() {
        let questions = plural(results.run.unreviewed, "question");
        let told = format!("{questions} about baselines without an answer: airproof review");
        around.push(case("the baselines are reviewed", Outcome::Failed(told)));
    }
    // Whatever else kept the exit code from being 0 keeps the file from being green.
    let is_green = cases.iter().all(|case| !matches!(case.outcome, Outcome::Failed(_) | Outcome::Hindered(_)));
    if is_green && around.is_empty() && results.run.exit_code != Exit::Passed.code() {
        let meaning = Exit::of_code(results.run.exit_code).map_or("an exit code that is not known", Exit::meaning);
        around.push(case("the run comes to a verdict", Outcome::Hindered(meaning.to_owned())));
    }
    around
}
