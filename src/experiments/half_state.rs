//! Reads whose state has only some of the streams: those must go on, and the others begin.

use super::altered::{Due, Measure, probe};
use super::altered_verdict::{Kind, Verdicts, asked_for};
use super::experiment::Conclusion;
use super::lab::{Halt, Lab};
use super::state_file::{Made, made, of_each, only};
use crate::protocol::Descriptor;
use crate::rules::Statement;

/// Leaves every other stream out of the final state, then the others; of states that are made so.
pub fn halves(lab: &Lab<'_>, statement: Statement, wanted: Made, kinds: &[Kind; 2]) -> Result<Conclusion, Halt> {
    let by = Measure::by_final_state(lab)?;
    if made(&by.state) != wanted {
        let form = if wanted == Made::Global { "GLOBAL" } else { "of single streams" };
        return Err(Halt::Cannot(format!("its states are not {form}")));
    }
    let listed: Vec<Descriptor> = of_each(&by.state).into_iter().map(|(stream, _)| stream).collect();
    let catalog = by.whole.catalog()?;
    let place = |stream: &Descriptor| catalog.streams.iter().position(|entry| entry.stream.descriptor == *stream);
    let places: Vec<usize> = listed.iter().filter_map(place).collect();
    if places.len() < 2 {
        return Err(Halt::Cannot("inconclusive: its state has fewer than two streams".to_owned()));
    }
    let mut verdicts = Verdicts::of(statement, &by);
    for kind in asked_for(lab, kinds) {
        let parity = usize::from(kind.id == kinds[1].id);
        let is_kept = |place: usize| places.iter().position(|known| *known == place).is_some_and(|at| at % 2 == parity);
        let state = only(&by.state, |stream| place(stream).is_some_and(is_kept));
        let due = |place: usize| {
            let is_listed = places.contains(&place);
            is_listed.then(|| if is_kept(place) { Due::Rest } else { Due::Whole })
        };
        let ask = by.ask(lab, kind.id, &format!("incremental, with {}", kind.given))?.state(state);
        verdicts.judge(kind, &by, &due, &probe(lab, &by, &due, ask)?)?;
    }
    verdicts.conclude(&by)
}
