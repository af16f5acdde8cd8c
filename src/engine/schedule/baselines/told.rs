//! A question as the results have it.

use crate::baseline::{DIFFERS, MISSING, Matter, Question, STALE, VOLATILE, place_differences};
use crate::engine::schedule::Schedule;
use crate::rules::Statement;
use crate::verdict::{DifferenceFacts, DifferenceLine, DifferencePiece, QuestionFacts};

/// How many streams one question names.
const STREAMS: usize = 1_000;

/// What a finding that tells a question is of.
pub(super) fn statement(question: &Question) -> Statement {
    match question.matter {
        Matter::First => MISSING,
        Matter::Gone => STALE,
        Matter::Changed(_) => DIFFERS,
        Matter::Mask(_) => VOLATILE,
    }
}

impl Schedule<'_> {
    /// The suite as an argument, after a blank; empty where there is none.
    pub(super) fn path(&self) -> String {
        self.suite.source.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default()
    }

    /// The command that takes what a question is about. None in a locked run, which writes nothing that could be taken.
    pub(super) fn accept_command(&self, question: &Question) -> Option<String> {
        (!self.run.locked).then(|| format!("airproof accept{} --only {}", self.path(), question.id))
    }
}

pub(super) fn of(question: &Question, schedule: &Schedule<'_>) -> QuestionFacts {
    let differences = place_differences(question).into_iter().map(|told| DifferenceFacts {
        place: told.place,
        lines: told.lines.into_iter().map(line).collect(),
        more: told.more as u64,
    });
    QuestionFacts {
        id: question.id.clone(),
        rule: statement(question).code.to_owned(),
        connector: schedule.connector().to_owned(),
        title: question.title.clone(),
        streams: question.streams().into_iter().take(STREAMS).cloned().collect(),
        places: question.places() as u64,
        accept: schedule.accept_command(question),
        differences: differences.collect(),
    }
}

fn line((sign, pieces): (char, Vec<(bool, String)>)) -> DifferenceLine {
    let pieces = pieces.into_iter().map(|(marked, text)| DifferencePiece { text, marked });
    DifferenceLine { sign, pieces: pieces.collect() }
}
