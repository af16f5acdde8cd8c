//! What waits for an answer about baselines: each question with what differs, and the command that takes it.

use super::limits::{Context, Folded, anchor, stream_names};
use crate::verdict::{DifferenceFacts, DifferenceLine, QuestionFacts};
use serde::Serialize;

/// The questions of the run.
#[derive(Serialize)]
pub(super) struct Baselines<'r> {
    total: usize,
    questions: Vec<View<'r>>,
    /// Questions that have no room.
    more: usize,
}

#[derive(Serialize)]
struct View<'r> {
    anchor: String,
    facts: &'r QuestionFacts,
    streams: Folded<String>,
    /// The streams that a filter looks at.
    names: Vec<String>,
    /// Each place with its lines in two columns.
    differences: Vec<(&'r DifferenceFacts, Vec<Beside<'r>>)>,
}

/// A line of what was, and one of what is.
type Beside<'r> = (Option<&'r DifferenceLine>, Option<&'r DifferenceLine>);

pub(super) fn of<'r>(context: &Context<'r>) -> Baselines<'r> {
    let questions = &context.results.questions;
    let view = |facts: &'r QuestionFacts| View {
        anchor: anchor(&format!("question-{}", facts.id)),
        streams: stream_names(&facts.streams, context),
        names: facts.streams.iter().take(context.limits.names).map(ToString::to_string).collect(),
        differences: facts.differences.iter().map(|told| (told, beside(&told.lines))).collect(),
        facts,
    };
    let shown = questions.len().min(context.limits.questions);
    Baselines {
        total: questions.len(),
        questions: questions[..shown].iter().map(view).collect(),
        more: questions.len() - shown,
    }
}

/// What goes beside what comes, line by line; what both have stands in both columns.
fn beside(lines: &[DifferenceLine]) -> Vec<Beside<'_>> {
    let (mut rows, mut rest) = (Vec::new(), lines);
    while let Some(first) = rest.first() {
        let gone = rest.iter().take_while(|line| line.sign == '-').count();
        let come = rest[gone..].iter().take_while(|line| line.sign == '+').count();
        if gone + come == 0 {
            rows.push((Some(first), Some(first)));
            rest = &rest[1..];
            continue;
        }
        let (old, new) = (&rest[..gone], &rest[gone..gone + come]);
        rows.extend((0..gone.max(come)).map(|place| (old.get(place), new.get(place))));
        rest = &rest[gone + come..];
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_stands_beside_what_comes() {
        let lines: Vec<DifferenceLine> =
            " --+ +".chars().map(|sign| DifferenceLine { sign, pieces: Vec::new() }).collect();
        let signs = |line: Option<&DifferenceLine>| line.map(|line| line.sign);
        let rows: Vec<_> = beside(&lines).into_iter().map(|(old, new)| (signs(old), signs(new))).collect();
        let both = (Some(' '), Some(' '));
        assert_eq!(rows, [both, (Some('-'), Some('+')), (Some('-'), None), both, (None, Some('+'))]);
    }
}
