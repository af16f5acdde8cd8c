//! What a run saw, beside what is accepted: the verdict on each subject, and the pending files that follow from it.

use super::difference::Change;
use super::file::{self, Trouble, TroubleKind};
use super::normalise::Normaliser;
use super::proposal::Proposal;
use super::stable_changes::stable_changes;
use super::store::{Contents, Pending, Store};
use super::{Snapshot, Subject};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a run saw of a connector.
#[derive(Debug, Clone, Copy)]
pub struct Run<'r> {
    /// The connector's name in its suite.
    pub connector: &'r str,
    /// The ids of all scenarios of the suite, run or not: what is of another one is stale.
    pub scenarios: &'r [String],
    /// What was seen, each scenario at most once.
    pub observed: &'r [Observed],
    /// The masks that wait for an answer: what they are about is asked as such, and is no change.
    pub proposals: &'r [Proposal],
}

impl Run<'_> {
    /// Whether something of a scenario that was not seen is not there.
    fn is_past(&self, (scenario, subject): &(String, Subject)) -> bool {
        let is_complete = |observed: &Observed| {
            let is_all = if subject.is_of_increments() { observed.increments } else { observed.complete };
            is_all && observed.scenario == *scenario
        };
        !self.scenarios.contains(scenario) || self.observed.iter().any(is_complete)
    }
}

/// What a run saw in one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The scenario's id.
    pub scenario: String,
    /// Whether all launches were made, came to their end and read all streams: only then is stale what was not seen.
    pub complete: bool,
    /// Whether an incremental read came to its end as well, or no stream can be read so: the same for what only that shows.
    pub increments: bool,
    /// What was seen, each subject at most once.
    pub snapshots: Vec<Snapshot>,
}

/// What is to be said of one subject.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// There is no baseline yet.
    Missing,
    /// It is as accepted.
    Same,
    /// Its records differ, and a mask that waits for an answer chooses others: nothing can be told until then.
    Unsure,
    /// It differs: at least one change.
    Changed(Vec<Change>),
    /// There is a baseline of what is no longer there.
    Stale,
    /// The baseline can't be used, or what was seen can't be written; what is wrong is among the troubles.
    Unusable,
}

/// The verdicts on all subjects that were seen or have a baseline.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    /// By scenario and subject. What was not looked at is not in it.
    pub of: BTreeMap<(String, Subject), Verdict>,
    /// What can't be used.
    pub troubles: Vec<Trouble>,
}

/// Compares what a run saw with what is accepted.
fn plan_pending(contents: &Contents, store: &Store, run: &Run<'_>) -> Verdicts {
    let mut verdicts = Verdicts { troubles: contents.troubles.clone(), ..Verdicts::default() };
    let volatile = Normaliser::default().and(run.proposals.iter().filter_map(Proposal::rule));
    for observed in run.observed {
        for Snapshot { subject, content } in &observed.snapshots {
            let key = (observed.scenario.clone(), subject.clone());
            let is_unusable = contents.unusable.contains(&store.accepted_path(&observed.scenario, subject));
            let verdict = match contents.entries.get(&key).and_then(|entry| entry.accepted.as_ref()) {
                _ if is_unusable => Verdict::Unusable,
                None => Verdict::Missing,
                Some(accepted) => match stable_changes(subject, accepted, content, &volatile) {
                    None => Verdict::Unsure,
                    Some(none) if none.is_empty() => Verdict::Same,
                    Some(changes) => Verdict::Changed(changes),
                },
            };
            verdicts.of.insert(key, verdict);
        }
    }
    let accepted = contents.entries.iter().filter(|(_, entry)| entry.accepted.is_some());
    for (key, _) in accepted.filter(|(key, _)| run.is_past(key)) {
        verdicts.of.entry(key.clone()).or_insert(Verdict::Stale);
    }
    verdicts
}

impl Store {
    /// Compares what a run saw with what is accepted, and makes the pending files say so: one for each subject that is
    /// missing, changed or stale, none for what is the same. `locked`, it writes nothing.
    ///
    /// # Errors
    ///
    /// Where the folder can't be written. Files that can't be used are among the verdicts' troubles.
    pub fn settle(&self, run: &Run<'_>, locked: bool) -> Result<Verdicts, Trouble> {
        if locked {
            return Ok(plan_pending(&self.read(Some(run.connector)), self, run));
        }
        let lock = self.lock()?;
        self.sweep(&lock);
        let contents = self.read(Some(run.connector));
        let mut verdicts = plan_pending(&contents, self, run);
        let seen: BTreeMap<(&str, &Subject), &Value> = run
            .observed
            .iter()
            .flat_map(|observed| observed.snapshots.iter().map(|one| ((observed.scenario.as_str(), one), one)))
            .map(|((scenario, one), _)| ((scenario, &one.subject), &one.content))
            .collect();
        for ((scenario, subject), verdict) in &mut verdicts.of {
            let content = match verdict {
                Verdict::Missing | Verdict::Changed(_) => seen.get(&(scenario.as_str(), subject)).copied(),
                Verdict::Stale => None,
                Verdict::Same | Verdict::Unsure => {
                    self.remove(&lock, &self.pending_path(scenario, subject))?;
                    continue;
                }
                Verdict::Unusable => continue,
            };
            let known = contents.entries.get(&(scenario.clone(), subject.clone()));
            let is_told = match (known.and_then(|entry| entry.pending.as_ref()), content) {
                (Some(Pending::Content(told)), Some(content)) => told == content,
                (Some(Pending::Gone), None) => true,
                _ => false,
            };
            if !is_told {
                let text = file::render(run.connector, scenario, subject, content);
                match self.write(&lock, &self.pending_path(scenario, subject), &text) {
                    // What is too large or too deep keeps nothing else from being written.
                    Err(trouble) if trouble.kind == TroubleKind::Content => {
                        verdicts.troubles.push(trouble);
                        *verdict = Verdict::Unusable;
                    }
                    written => written?,
                }
            }
        }
        self.drop_what_never_was(&lock, &contents, &verdicts, run)?;
        Ok(verdicts)
    }

    /// Removes pending files of what was never accepted and is no longer there.
    fn drop_what_never_was(
        &self,
        lock: &super::Lock,
        contents: &Contents,
        verdicts: &Verdicts,
        run: &Run<'_>,
    ) -> Result<(), Trouble> {
        for key in contents.entries.keys().filter(|key| !verdicts.of.contains_key(*key)) {
            let (scenario, subject) = key;
            if run.is_past(key) {
                self.remove(lock, &self.pending_path(scenario, subject))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{Answer, Matter};
    use crate::protocol::Descriptor;
    use serde_json::json;

    const NAME: &str = "shop";

    fn snapshot(subject: Subject, content: Value) -> Snapshot {
        Snapshot { subject, content }
    }

    fn catalog(stream: &str) -> Subject {
        Subject::Catalog(Descriptor::named(stream))
    }

    fn settle(store: &Store, complete: bool, snapshots: Vec<Snapshot>, locked: bool) -> Verdicts {
        let observed = [Observed { scenario: "s".into(), complete, increments: complete, snapshots }];
        let run = Run { connector: NAME, scenarios: &["s".into()], observed: &observed, proposals: &[] };
        store.settle(&run, locked).expect("settled")
    }

    fn accept_all(store: &Store) {
        for question in store.read(None).questions(&[]) {
            store.answer(&question, Answer::Accept).expect("accepted");
        }
    }

    fn has_unreviewed(verdicts: &Verdicts) -> bool {
        verdicts.of.values().any(|verdict| *verdict != Verdict::Same)
    }

    fn told(verdicts: &Verdicts) -> Vec<String> {
        let name = |verdict: &Verdict| match verdict {
            Verdict::Changed(changes) => format!("changed {}", changes[0].pointer),
            other => format!("{other:?}").to_lowercase(),
        };
        verdicts.of.values().map(name).collect()
    }

    #[test]
    fn a_change_is_pending_until_it_is_accepted_or_no_longer_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let see = |x: u64| settle(&store, true, vec![snapshot(catalog("orders"), json!({"x": x}))], false);
        let pending = store.pending_path("s", &catalog("orders"));
        assert_eq!(told(&see(1)), ["missing"]);
        assert!(pending.exists() && !store.accepted_path("s", &catalog("orders")).exists());
        accept_all(&store);
        assert!(!pending.exists());
        assert_eq!(told(&see(1)), ["same"]);
        let accepted = std::fs::read(store.accepted_path("s", &catalog("orders"))).expect("a file");
        assert_eq!(told(&see(2)), ["changed /x"]);
        assert!(pending.exists());
        assert_eq!(std::fs::read(store.accepted_path("s", &catalog("orders"))).expect("a file"), accepted);
        assert_eq!(told(&see(1)), ["same"]);
        assert!(!pending.exists(), "what is no longer so does not wait for an answer");
    }

    #[test]
    fn a_mask_and_a_change_are_accepted_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let mask = [Proposal::new(None, "/at", ("form", json!("date")), "`at` differed")];
        let see = |day: u64, name: &str| {
            let store = Store::new(folder.path());
            let store = store.clone().normalising(store.accepted_rules().expect("rules"));
            let at = if store.accepted_rules().expect("rules").is_empty() {
                format!("2024-01-0{day}")
            } else {
                "<date>".into()
            };
            let content = json!({"records": {"id=1": {"at": at, "name": name}}});
            let snapshots = vec![snapshot(Subject::Records(Descriptor::named("orders")), content)];
            let observed = [Observed { scenario: "s".into(), complete: true, increments: true, snapshots }];
            let proposals = store.without_rules(&mask).expect("proposals");
            store.propose(&proposals).expect("proposed");
            let run = Run { connector: NAME, scenarios: &["s".into()], observed: &observed, proposals: &proposals };
            let verdicts = store.settle(&run, false).expect("settled");
            (told(&verdicts), store.read(None).questions(&proposals), store)
        };
        let (_, questions, store) = see(1, "a");
        store.answer(&questions[1], Answer::Accept).expect("the first snapshot alone");
        let (verdicts, questions, store) = see(2, "b");
        assert_eq!(verdicts, ["changed /records/id=1/name"], "what is volatile is no change");
        assert_eq!(questions.len(), 2);
        questions.iter().for_each(|question| store.answer(question, Answer::Accept).expect("accepted"));
        let accepted = std::fs::read_to_string(folder.path().join("s/streams/orders/records.json")).expect("a file");
        assert!(accepted.contains("\"at\": \"<date>\"") && accepted.contains("\"name\": \"b\""), "{accepted}");
        let (verdicts, questions, _) = see(3, "b");
        assert_eq!((verdicts, questions.len()), (vec!["same".to_owned()], 0));
    }

    #[test]
    fn locked_tells_the_same_and_writes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path().join("none"));
        let verdicts = settle(&store, true, vec![snapshot(Subject::Exits, json!({}))], true);
        assert!(has_unreviewed(&verdicts) && !store.folder().exists());
        assert_eq!(told(&verdicts), ["missing"]);
    }

    #[test]
    fn only_a_complete_run_finds_stale_baselines() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let both = || vec![snapshot(catalog("a"), json!({})), snapshot(catalog("b"), json!({}))];
        settle(&store, true, both(), false);
        accept_all(&store);
        let one = || vec![snapshot(catalog("a"), json!({}))];
        assert_eq!(told(&settle(&store, false, one(), false)), ["same"]);
        assert_eq!(told(&settle(&store, true, one(), false)), ["same", "stale"]);
        let questions = store.read(None).questions(&[]);
        assert_eq!(questions[0].title, "stream `b` is no longer there: remove 1 baseline");
        assert_eq!(questions[0].matter, Matter::Gone);
        // It is back: nothing waits.
        assert!(!has_unreviewed(&settle(&store, true, both(), false)));
        assert!(store.read(None).questions(&[]).is_empty());
        settle(&store, true, one(), false);
        accept_all(&store);
        assert!(!folder.path().join("s/streams/b").exists());
    }

    #[test]
    fn a_scenario_that_the_suite_no_longer_has_is_stale() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        settle(&store, true, vec![snapshot(Subject::Exits, json!({}))], false);
        accept_all(&store);
        let run = Run { connector: NAME, scenarios: &["other".into()], observed: &[], proposals: &[] };
        assert_eq!(told(&store.settle(&run, false).expect("settled")), ["stale"]);
    }

    #[test]
    fn a_baseline_that_cannot_be_used_is_neither_missing_nor_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let path = store.accepted_path("s", &Subject::Exits);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, "{ by hand").expect("written");
        let verdicts = settle(&store, true, vec![snapshot(Subject::Exits, json!({}))], false);
        assert_eq!((told(&verdicts), verdicts.troubles.len()), (vec!["unusable".to_owned()], 1));
        assert!(has_unreviewed(&verdicts) && store.read(None).questions(&[]).is_empty());
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "{ by hand");
    }

    #[test]
    fn runs_at_once_lose_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let names: Vec<String> = (0..8).map(|number| format!("s{number}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                let (store, names) = (Store::new(folder.path()), &names);
                scope.spawn(move || {
                    let snapshots = vec![snapshot(Subject::Specification, json!({"of": name}))];
                    let observed = [Observed { scenario: name.clone(), complete: true, increments: true, snapshots }];
                    store
                        .settle(&Run { connector: NAME, scenarios: names, observed: &observed, proposals: &[] }, false)
                        .expect("settled");
                });
            }
        });
        assert_eq!(Store::new(folder.path()).read(None).entries.len(), names.len());
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written_and_the_rest_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let deep = (0..126).fold(json!(1), |inner, _| json!([inner]));
        let large = json!("x".repeat(9 << 20));
        let snapshots = vec![
            snapshot(Subject::Exits, json!({})),
            snapshot(Subject::Messages, json!({"deep": deep})),
            snapshot(Subject::Specification, large),
        ];
        let verdicts = settle(&store, true, snapshots, false);
        assert_eq!(told(&verdicts), ["unusable", "unusable", "missing"]);
        let told: Vec<&str> = verdicts.troubles.iter().map(|trouble| trouble.message.as_str()).collect();
        assert!(told[0].contains("more than 8.0 MiB") && told[1].contains("nested"), "{told:?}");
        let contents = store.read(None);
        assert_eq!((contents.entries.len(), contents.troubles.len()), (1, 0));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_the_environments_fault() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("taken"), "a file").expect("written");
        let store = Store::new(folder.path().join("taken"));
        let run = Run { connector: NAME, scenarios: &[], observed: &[], proposals: &[] };
        let trouble = store.settle(&run, false).expect_err("it is a file");
        assert_eq!(trouble.kind, crate::baseline::TroubleKind::Environment);
    }
}
