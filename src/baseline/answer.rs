//! An answer to a question: what it does to the files.

use super::difference::{Side, changes};
use super::file::{self, Trouble};
use super::normalise::Normaliser;
use super::portrait::renewed;
use super::proposal;
use super::question::{Matter, Question, Spot};
use super::store::{Entry, Lock, Pending, Store};
use serde_json::Value;
use std::path::PathBuf;

/// What a person says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is right: the baselines say so from now on.
    Accept,
    /// It is not: the baselines stay, and the next run tells it again if it is still so. A mask is not proposed again.
    Reject,
}

/// What is done to a file.
enum Step {
    Write(PathBuf, String),
    Remove(PathBuf),
}

impl Store {
    /// Carries out an answer. Nothing is written unless all files are still as they were when the question was put. What is
    /// accepted is made alike by the rules that hold now, since a mask may have been accepted after it was seen.
    ///
    /// # Errors
    ///
    /// Where a file was changed meanwhile, or can't be written. What is written at that point is whole; the question comes
    /// again for the rest.
    pub fn answer(&self, question: &Question, answer: Answer) -> Result<(), Trouble> {
        let lock = self.lock()?;
        if let Matter::Mask(proposals) = &question.matter {
            return proposal::answer(self, &lock, proposals, answer);
        }
        let rules = self.rules_now()?;
        let mut steps = Vec::new();
        for spot in &question.spots {
            steps.extend(self.steps(spot, answer, &rules)?);
        }
        steps.into_iter().try_for_each(|step| self.carry_out(&lock, step))
    }

    fn carry_out(&self, lock: &Lock, step: Step) -> Result<(), Trouble> {
        match step {
            Step::Write(path, text) => self.write(lock, &path, &text),
            Step::Remove(path) => self.remove(lock, &path),
        }
    }

    /// What an answer does to the files of one subject, in an order in which nothing is lost at any time.
    fn steps(&self, spot: &Spot, answer: Answer, rules: &Normaliser) -> Result<Vec<Step>, Trouble> {
        let accepted = self.accepted_path(&spot.scenario, &spot.subject);
        let pending = self.pending_path(&spot.scenario, &spot.subject);
        let meanwhile = || Trouble::meanwhile(&pending);
        let entry = self.entry(&spot.scenario, &spot.subject)?.ok_or_else(meanwhile)?;
        if !is_still_so(spot, &entry) {
            return Err(meanwhile());
        }
        let write = |path: &PathBuf, content: &Value| {
            let text = file::render(&entry.connector, &spot.scenario, &spot.subject, Some(content));
            Step::Write(path.clone(), text)
        };
        // Of a sample that a new mask makes void, there is nothing to take: the next run shows another one.
        let take = |content: Value| renewed(&spot.subject, content, rules).map(|content| write(&accepted, &content));
        Ok(match (entry.accepted, entry.pending, answer) {
            (None, Some(Pending::Content(content)), Answer::Accept) => {
                take(content).into_iter().chain([Step::Remove(pending)]).collect()
            }
            (Some(_), Some(Pending::Gone), Answer::Accept) => vec![Step::Remove(accepted), Step::Remove(pending)],
            (Some(mut old), Some(Pending::Content(mut new)), _) => {
                let side = if answer == Answer::Accept { Side::After } else { Side::Before };
                let target = if answer == Answer::Accept { &mut old } else { &mut new };
                if !spot.changes.iter().all(|change| change.lay(side, target)) {
                    return Err(meanwhile());
                }
                let is_settled = changes(&old, &new).is_empty();
                let mut steps = Vec::new();
                match answer {
                    // Written as it was seen where all is accepted: an order of types is no change, but is kept.
                    Answer::Accept if is_settled => steps.extend(take(new)),
                    Answer::Accept => steps.extend(take(old)),
                    Answer::Reject if is_settled => {}
                    Answer::Reject => steps.push(write(&pending, &new)),
                }
                steps.extend(is_settled.then_some(Step::Remove(pending)));
                steps
            }
            (_, Some(_), _) => vec![Step::Remove(pending)],
            (_, None, _) => return Err(meanwhile()),
        })
    }
}

/// Whether the files still say what the question was put about.
fn is_still_so(spot: &Spot, entry: &Entry) -> bool {
    let is_at = |side: Side, content: Option<&Value>| match content {
        Some(content) => spot.changes.iter().all(|change| change.is_at(side, content)),
        None => spot.changes.iter().all(|change| change.is_nothing(side)),
    };
    let new = match &entry.pending {
        Some(Pending::Content(content)) => Some(content),
        Some(Pending::Gone) => None,
        None => return false,
    };
    is_at(Side::Before, entry.accepted.as_ref()) && is_at(Side::After, new)
}
