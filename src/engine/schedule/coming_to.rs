//! What a run comes to: judgements put together, with what makes them mean less.

use super::{Over, Schedule};
use crate::engine::{excerpts, facts, outcome, wire};
use crate::experiments::{ALL, find_statement};
use crate::launch::LaunchError;
use crate::verdict::{ConnectorFacts, Policy, Results, SuiteFacts};

impl Schedule<'_> {
    pub(super) fn results(mut self) -> Results {
        self.break_off_trials();
        self.tell_of_off_experiments();
        excerpts::fetch(
            self.over.iter_mut().flatten().flat_map(|over| &mut over.judgement.findings),
            &self.run.transcripts,
        );
        let unreviewed = self.judge_baselines();
        let stale = self.stale_configs();
        let suite = &self.suite;
        self.errors.extend(suite.lacks().into_iter().map(LaunchError::Usage));
        self.errors.append(&mut self.surroundings.errors);
        self.errors.append(&mut self.unfed);
        self.errors.append(&mut self.storage.errors);
        let cut_short = self.interruption.exit().or(outcome::exit_of_errors(&self.errors));
        let mut errors: Vec<String> = self.errors.iter().map(ToString::to_string).collect();
        errors.dedup();
        let path = suite.source.as_ref().map(|path| path.display().to_string());
        let suite_facts = SuiteFacts { path, digest: suite.digest.clone(), settings: facts::settings(suite) };
        let stored =
            self.over.iter().flatten().find_map(|over| outcome::stands_for(over.judgement.facts.subject.as_ref()?));
        let (name, own_suite) = (self.connector().to_owned(), suite.slug.as_ref().map(|_| suite_facts.clone()));
        let connector = ConnectorFacts { name, subject: self.subject, suite: own_suite };
        let secrets = self.over.iter().flatten().map(|over| &over.secrets);
        let command = secrets.fold(self.run.invocation.clone(), |told, secrets| secrets.redact(&told).into_owned());
        let run = outcome::of_run(self.run.id.clone(), self.run.beginning, suite_facts, self.run.fail_on, errors);
        let judgements = self.over.into_iter().flatten().map(|over| over.judgement).collect();
        let level = |code: &str, scenario: Option<&str>| {
            let named = suite.scenarios.iter().find(|it| Some(it.name.as_str()) == scenario);
            suite.level_of(code, named)
        };
        let policy =
            Policy { level: &level, waivers: &suite.waivers, today: jiff::Zoned::now().date(), find: find_statement };
        let mut results = outcome::results(run, connector, judgements, &policy, cut_short);
        results.run.command = Some(command);
        wire::add(&mut results, &self.run.transcripts);
        let untried = outcome::untried(suite, &results);
        let told = stored
            .into_iter()
            .chain(outcome::of_destination(suite))
            .chain(untried)
            .chain(outcome::bypasses(suite))
            .chain(stale)
            .chain(unreviewed.doubts);
        results.doubts.splice(0..0, told);
        results.run.unreviewed = unreviewed.questions.len() as u64;
        results.questions = unreviewed.questions;
        outcome::tell_extent(&mut results, suite.depth, &self.run.selection);
        if self.run.locked {
            outcome::insist_on_review(&mut results);
        }
        results
    }

    /// An experiment that the suite switched off is told of at the first launch of its command.
    fn tell_of_off_experiments(&mut self) {
        let off = ALL.iter().map(|known| known.statement).filter(|statement| self.is_off(*statement, None));
        for statement in off.filter(|statement| self.run.selection.wants(*statement)).collect::<Vec<_>>() {
            let is_about = |over: &&mut Over| statement.commands.contains(&over.judgement.facts.command);
            if let Some(over) = self.over.iter_mut().flatten().find(is_about) {
                over.judgement.unjudged.push(statement);
            }
        }
    }
}
