//! What `check` said of a config, beside what came of the other launches with it: judged once all are over.

use super::{Over, Schedule};
use crate::engine::conceal::conceal;
use crate::experiments::{CHECK_PROMISES, Use, judge_promise};
use crate::launch::ExitFacts;
use crate::plan::Purpose;
use crate::protocol::{Expect, Kind};
use crate::suite::CatalogSource;
use crate::verdict::LaunchState;

impl Schedule<'_> {
    /// Judges what each `check` said, and puts it into that launch's judgement.
    pub(super) fn judge_promises(&mut self) {
        if !self.judges(CHECK_PROMISES) {
            return;
        }
        for place in 0..self.plan.launches.len() {
            if self.plan.launches[place].purpose == Purpose::Check {
                self.judge_promise_of(place);
            }
        }
    }

    fn judge_promise_of(&mut self, place: usize) {
        let Some(check) = self.over[place].as_ref() else { return };
        let (Some(exit), id) = (exit_of(check), &check.judgement.facts.id) else { return };
        let scenario = self.plan.launches[place].scenario;
        let expect = check.judgement.facts.expect;
        let status = check.summary.connection_status.as_ref().map(|(status, _)| status.as_str());
        let accepted = match (expect, status) {
            (Expect::Failed, _) => Err("the scenario is expected to fail"),
            (Expect::Succeeded, Some("SUCCEEDED")) if exit.succeeded() => Ok(id.as_str()),
            _ => Err("check did not say SUCCEEDED"),
        };
        let from_discover = scenario.is_some_and(|place| {
            let scenario = &self.run.suite.scenarios[place];
            matches!(scenario.catalog, CatalogSource::Discover) && scenario.state.is_none()
        });
        let (mut discover, mut reads) = (None, Vec::new());
        for (launch, over) in self.plan.launches.iter().zip(&self.over).filter(|(it, _)| it.scenario == scenario) {
            let (Some(over), id) = (over, launch.id.as_str()) else { continue };
            match launch.purpose {
                Purpose::Discover => discover = Some((id, over, Kind::Catalog)),
                // Whoever chose the streams or the state by hand may have chosen wrong.
                Purpose::Read(_) if from_discover => reads.push((id, over, Kind::Record)),
                _ => {}
            }
        }
        let hows: Vec<String> = discover.iter().chain(&reads).map(|(_, over, _)| how(over)).collect();
        let mut uses =
            discover.iter().chain(&reads).zip(&hows).map(|((id, over, kind), how)| (*id, of(over, *kind, how)));
        let discover = discover.and_then(|_| uses.next());
        let reads: Vec<_> = uses.collect();
        let (finding, outcome) = judge_promise(accepted, discover, &reads);
        if let Some(check) = &mut self.over[place] {
            check.judgement.findings.extend(finding);
            check.judgement.outcomes.push(outcome);
            conceal(&mut check.judgement, &check.secrets);
        }
    }
}

fn exit_of(over: &Over) -> Option<&ExitFacts> {
    match &over.judgement.facts.outcome {
        LaunchState::Ended { exit } => Some(exit),
        _ => None,
    }
}

fn how(over: &Over) -> String {
    exit_of(over).map(ExitFacts::describe).unwrap_or_default()
}

/// What a launch says about its config. One message of the kind that it is there for shows that the config is good.
fn of<'h>(over: &Over, kind: Kind, how: &'h str) -> Use<'h> {
    let Some(exit) = exit_of(over) else { return Use::Silent };
    let failure = over.summary.first_error.as_ref().and_then(|(_, failure)| failure.as_deref());
    let is_other = exit.ended.is_some() || exit.signal.is_some() || exit.out_of_memory;
    match exit.succeeded() || over.summary.count(kind) > 0 {
        true => Use::Works,
        false if is_other || failure == Some("transient_error") => Use::Silent,
        false => Use::Fails(how),
    }
}
