//! What a run saw, beside the baselines that were accepted: snapshots made, compared, told, and what differs put beside them.

mod doubts;
mod seen;
mod told;

use super::{Over, Schedule};
use crate::baseline::normalise::Normaliser;
use crate::baseline::portrait::Portrait;
use crate::baseline::{
    DIFFERS, MISSING, Matter, Observed, Pending, Proposal, Question, Run, SECRET, STATEMENTS, Snapshot, Store, Subject,
    Verdict, Verdicts,
};
use crate::engine::conceal::conceal;
use crate::launch::LaunchError;
use crate::plan::{PlannedLaunch, Purpose};
use crate::protocol::{Command, ConfiguredCatalog, Expect, SyncMode};
use crate::rules::{Evidence, Finding, Judged, Outcome, Statement};
use crate::suite::{Baselines, Scenario, Target};
use crate::text;
use crate::verdict::{Doubt, QuestionFacts};
use seen::Seen;
use serde_json::Value;

/// The second full refresh, from which volatile fields are learned.
const AGAIN: &str = "read.again";
/// How much of a value is shown, in bytes.
const SHOWN: usize = 200;

/// What comes of baselines besides findings.
#[derive(Default)]
pub(super) struct Unreviewed {
    /// What waits for an answer.
    pub questions: Vec<QuestionFacts>,
    pub doubts: Vec<Doubt>,
}

impl Schedule<'_> {
    /// What takes the portrait of a launch, where baselines are made of it.
    pub(super) fn portrait_of(&self, planned: &PlannedLaunch, catalog: Option<&ConfiguredCatalog>) -> Option<Portrait> {
        let baselines = self.suite.baselines.as_ref().filter(|_| self.makes_baselines())?;
        let scenario = &self.suite.scenarios[planned.scenario?];
        if scenario.expect != Expect::Succeeded {
            return None;
        }
        match planned.purpose {
            // Of an incremental read, the states: how many records come, and in which order, a full refresh tells.
            Purpose::Read(SyncMode::Incremental) => Some(Portrait::of_states(catalog?)),
            Purpose::Read(SyncMode::FullRefresh) => Some(self.whole_portrait(catalog?, baselines, scenario)),
            _ if is_again(planned) => Some(self.whole_portrait(catalog?, baselines, scenario)),
            _ => None,
        }
    }

    fn whole_portrait(&self, catalog: &ConfiguredCatalog, baselines: &Baselines, scenario: &Scenario) -> Portrait {
        Portrait::of(catalog, self.suite.seed, &Normaliser::of(baselines, &scenario.streams))
    }

    fn makes_baselines(&self) -> bool {
        let selection = &self.run.selection;
        selection.case.is_none() && STATEMENTS.iter().any(|statement| selection.wants(*statement))
    }

    /// Compares what was seen with what is accepted, tells what differs, and writes it beside, unless the run is locked.
    pub(super) fn judge_baselines(&mut self) -> Unreviewed {
        let Some(baselines) = self.suite.baselines.clone().filter(|_| self.makes_baselines()) else {
            return Unreviewed::default();
        };
        let store = Store::new(&baselines.folder).normalising(baselines.rules.iter().cloned());
        let accepted = store.read(None);
        let seen: Vec<Seen> = (0..self.suite.scenarios.len()).filter_map(|place| self.see(place, &accepted)).collect();
        let connector = connector_name(&self.suite.connector.target);
        let own = self.suite.scenarios.iter().map(|scenario| scenario.id());
        let others = self.run.selection.other_scenarios.iter().map(String::as_str);
        let scenarios: Vec<String> = own.chain(others).map(str::to_owned).collect();
        let observed: Vec<Observed> = seen.iter().map(|seen| seen.observed.clone()).collect();
        let has_learned = seen.iter().any(|seen| seen.proposals.is_some());
        let proposals = match has_learned {
            true => {
                let learned: Vec<Proposal> =
                    seen.iter().flat_map(|seen| seen.proposals.iter().flatten().cloned()).collect();
                store.without_rules(&learned)
            }
            // What an earlier run learned holds as long as nobody has answered.
            false => store.proposals(),
        };
        let settled = proposals.and_then(|proposals| {
            let run = Run { connector: &connector, scenarios: &scenarios, observed: &observed, proposals: &proposals };
            let verdicts = store.settle(&run, self.run.locked)?;
            if has_learned && !self.run.locked {
                store.propose(&proposals)?;
            }
            Ok((verdicts, proposals, store.rejected_masks()?))
        });
        let (verdicts, proposals, rejected) = match settled {
            Ok(settled) => settled,
            Err(trouble) => {
                self.errors.push(LaunchError::Environment(trouble.to_string()));
                return Unreviewed::default();
            }
        };
        self.errors.extend(verdicts.troubles.iter().map(|trouble| LaunchError::Usage(trouble.to_string())));
        let mut questions = questions(&store, &connector, &observed, &verdicts, &proposals);
        // A mask is told by the run that saw what it is about.
        questions.retain(|question| has_learned || !matches!(question.matter, Matter::Mask(_)));
        self.tell_verdicts(&seen, &verdicts);
        for question in &questions {
            self.tell_question(question, &seen);
        }
        for seen in &seen {
            self.tell_refused(seen);
        }
        let mut doubts = doubts::of_verdicts(&verdicts);
        doubts.extend(doubts::of_masked(&seen, &baselines));
        doubts.extend(doubts::of_one_read(&seen, &questions));
        doubts.extend(doubts::of_rejected(&rejected));
        let told = questions.iter().map(|question| told::of(question, self)).collect();
        Unreviewed { questions: told, doubts }
    }

    fn base(&self, scenario: usize, purpose: Purpose) -> Option<&Over> {
        self.launched(|launch| launch.purpose == purpose && launch.scenario == Some(scenario))
    }

    fn launched(&self, is_it: impl Fn(&PlannedLaunch) -> bool) -> Option<&Over> {
        self.over[self.plan.launches.iter().position(is_it)?].as_ref()
    }

    /// The launch that shows a subject.
    fn launch_of(&mut self, scenario: usize, subject: &Subject) -> Option<&mut Over> {
        let command = match subject {
            Subject::Specification => Command::Spec,
            Subject::Catalog(_) => Command::Discover,
            _ => Command::Read,
        };
        let is_it = |launch: &PlannedLaunch| match launch.purpose {
            Purpose::Spec => command == Command::Spec,
            Purpose::Discover => command == Command::Discover && launch.scenario == Some(scenario),
            Purpose::Read(mode) => {
                let shown_by = if subject.is_of_increments() { SyncMode::Incremental } else { SyncMode::FullRefresh };
                command == Command::Read && mode == shown_by && launch.scenario == Some(scenario)
            }
            _ => false,
        };
        let place = self.plan.launches.iter().position(is_it)?;
        self.over[place].as_mut()
    }

    /// One verdict for each stream and launch: what has no baseline is skipped, and never passes in silence.
    fn tell_verdicts(&mut self, seen: &[Seen], verdicts: &Verdicts) {
        for seen in seen {
            for Snapshot { subject, .. } in &seen.observed.snapshots {
                let key = (seen.observed.scenario.clone(), subject.clone());
                let judged = match verdicts.of.get(&key) {
                    Some(Verdict::Same | Verdict::Changed(_)) => Judged::Yes,
                    Some(Verdict::Unsure) => Judged::No(
                        "its records differ from read to read, and which of them are compared depends on the masks that wait \
                         for an answer: `airproof review`"
                            .to_owned(),
                    ),
                    Some(Verdict::Unusable) => {
                        Judged::No("its baseline can't be used; the errors of the run say why".to_owned())
                    }
                    _ => Judged::No(format!(
                        "there is no baseline of the {} yet: `airproof review` shows what it would be",
                        subject.aspect()
                    )),
                };
                let Some(over) = self.launch_of(seen.place, subject) else { continue };
                let outcome = Outcome { rule: DIFFERS.code, stream: subject.stream().cloned(), judged };
                let outcomes = &mut over.judgement.outcomes;
                match outcomes.iter_mut().find(|known| known.rule == outcome.rule && known.stream == outcome.stream) {
                    Some(known) if outcome.judged == Judged::Yes => known.judged = Judged::Yes,
                    Some(_) => {}
                    None => outcomes.push(outcome),
                }
            }
        }
    }

    /// A question is one finding, told of each launch that it shows in.
    fn tell_question(&mut self, question: &Question, seen: &[Seen]) {
        let statement = told::statement(question);
        let message = match self.accept_command(question) {
            None => {
                format!("{}. Run without `--locked`, then `airproof review{}` shows it", question.title, self.path())
            }
            Some(command) => {
                format!("{}. `airproof review{}` shows it, `{command}` takes it", question.title, self.path())
            }
        };
        let of = |scenario: &str| seen.iter().find(|seen| seen.observed.scenario == scenario).map(|seen| seen.place);
        let Some(first) = seen.first().map(|seen| seen.place) else { return };
        if question.spots.is_empty() {
            self.add(first, &Subject::Exits, statement, finding(statement, question, message, Vec::new()));
            return;
        }
        for spot in &question.spots {
            let place = of(&spot.scenario).unwrap_or(first);
            let evidence = match question.matter {
                Matter::Changed(_) => spot.changes.iter().take(1).map(|change| shown(&spot.subject, change)).collect(),
                _ => Vec::new(),
            };
            let mut found = finding(statement, question, message.clone(), evidence);
            found.streams.extend(spot.subject.stream().cloned());
            self.add(place, &spot.subject, statement, found);
        }
    }

    fn tell_refused(&mut self, seen: &Seen) {
        for refused in &seen.refused {
            let found = Finding {
                rule: SECRET.code.to_owned(),
                name: SECRET.name.to_owned(),
                level: SECRET.level,
                authority: SECRET.authority,
                cause: refused.place.clone(),
                streams: refused.subject.stream().cloned().into_iter().collect(),
                title: "a secret stands in what would be a baseline".to_owned(),
                message: refused.to_string(),
                count: 1,
                evidence: Vec::new(),
                case: None,
            };
            self.add(seen.place, &refused.subject, SECRET, found);
        }
    }

    /// Puts a finding where its subject shows. That something has no baseline is no pass.
    fn add(&mut self, scenario: usize, subject: &Subject, statement: Statement, mut found: Finding) {
        let Some(over) = self.launch_of(scenario, subject) else { return };
        for evidence in &mut found.evidence {
            evidence.launch.clone_from(&over.judgement.facts.id);
        }
        let stream = found.streams.first().cloned();
        let outcomes = &mut over.judgement.outcomes;
        if !outcomes.iter().any(|known| known.rule == statement.code && known.stream == stream) {
            let judged = match statement.code == MISSING.code {
                true => Judged::No("nothing is accepted yet".to_owned()),
                false => Judged::Yes,
            };
            outcomes.push(Outcome { rule: statement.code, stream, judged });
        }
        over.judgement.findings.push(found);
        conceal(&mut over.judgement, &over.secrets);
    }
}

/// Whether it is the second full refresh.
fn is_again(launch: &PlannedLaunch) -> bool {
    launch.ask.as_ref().is_some_and(|ask| ask.id == AGAIN)
}

fn finding(statement: Statement, question: &Question, message: String, evidence: Vec<Evidence>) -> Finding {
    Finding {
        rule: statement.code.to_owned(),
        name: statement.name.to_owned(),
        level: statement.level,
        authority: statement.authority,
        cause: question.id.clone(),
        streams: Vec::new(),
        title: question.title.clone(),
        message,
        count: 1,
        evidence,
        case: None,
    }
}

fn shown(subject: &Subject, change: &crate::baseline::Change) -> Evidence {
    let told = |value: &Option<Value>| {
        value.as_ref().map_or("nothing".to_owned(), |value| text::visible(&text::json(value, SHOWN)))
    };
    Evidence {
        launch: String::new(),
        message: None,
        stderr: false,
        pointer: Some(change.pointer.clone()),
        excerpt: None,
        expected: Some(format!("{}, as in the baseline of the {}", told(&change.before), subject.aspect())),
        actual: Some(told(&change.after)),
    }
}

/// What waits for an answer after this run, locked or not.
fn questions(
    store: &Store,
    connector: &str,
    observed: &[Observed],
    verdicts: &Verdicts,
    proposals: &[Proposal],
) -> Vec<Question> {
    let mut contents = store.read(Some(connector));
    contents.forget_pending();
    for ((scenario, subject), verdict) in &verdicts.of {
        let seen = observed.iter().find(|observed| observed.scenario == *scenario);
        let content = seen.and_then(|seen| seen.snapshots.iter().find(|snapshot| snapshot.subject == *subject));
        match (verdict, content) {
            (Verdict::Missing | Verdict::Changed(_), Some(snapshot)) => {
                contents.expect(connector, scenario, subject, Pending::Content(snapshot.content.clone()));
            }
            (Verdict::Stale, _) => contents.expect(connector, scenario, subject, Pending::Gone),
            _ => {}
        }
    }
    contents.questions(proposals)
}

/// What the connector is called in baselines: the same for all of its versions, and on all machines.
fn connector_name(target: &Target) -> String {
    match target {
        Target::Image(image) => crate::suite::repository(image).to_owned(),
        Target::Exec(command) => {
            let (program, arguments) = command.line.split_once(' ').unwrap_or((&command.line, ""));
            let name = program.rsplit('/').next().unwrap_or(program);
            format!("{name} {arguments}").trim_end().to_owned()
        }
    }
}
