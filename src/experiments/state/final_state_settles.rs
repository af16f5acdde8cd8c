//! EXP-04.

use crate::experiments::altered::{ENOUGH, Measure};
use crate::experiments::altered_verdict::Verdicts;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::in_step;
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::rules::Level;
use crate::text;

/// The share of what a state keeps away that may come again, since windows are reckoned from the clock.
const TOLERATED: f64 = 0.1;

experiment! {
    /// A state that brought nothing new is worth less than the one before it.
    ///
    /// # What it checks
    /// Three reads in a row, each from the final state of the one before. What the second did not deliver again, the third must
    /// not deliver again either: it starts no earlier. At least five records that the first read had and the second did
    /// not must come, unchanged, in the third and in one more from the same state, and be more than a tenth of those. Whether
    /// the states themselves are alike is not looked at: clocks and lookback windows are written into them.
    ///
    /// # Why it matters
    /// Most syncs find nothing new. If the state that they end with is emptier than the one that they began with, the next sync
    /// starts over: each second sync costs what a full one costs.
    ///
    /// # Example
    /// The final states of two reads, of which the second found no new order:
    /// ```json
    /// bad:  {"updated_at":"2024-06-01"}   then   {}
    /// good: {"updated_at":"2024-06-01"}   then   {"updated_at":"2024-06-01"}
    /// ```
    ///
    /// # How to mend it
    /// Begin with the state that was given, and only ever raise it. Emit that one where nothing came. Low-code: a cursor of
    /// your own must keep `initial_state`. Java: write the old state where the iterator had no row.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read twice, and never from the state of the second read.
    run {
        code: "EXP-04",
        name: "state-lost-without-news",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from the protocol's state: it says what was read",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.from-final-state", "incremental, from the final state"),
            Launches::up_to(0, 1, "read.from-second-state", "incremental, from the final state of that"),
            Launches::up_to(0, 1, "read.from-second-state-again", "the same once more").on_doubt(),
        ],
    }
}

/// The read that goes on from the final state of another one.
pub fn next(lab: &Lab<'_>, by: &Measure<'_>, before: &Ran, id: &str, purpose: &str) -> Result<Ask, Halt> {
    Ok(lab.read_like(by.whole, id, purpose)?.resuming(&before.id, before.final_state()?))
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_final_state(lab)?;
    let ask =
        next(lab, &by, by.rest, "read.from-second-state", "incremental, from the final state of the second read")?;
    let third = lab.launch(ask.clone())?.complete()?;
    let mut again = came_again(&by, third)?;
    if again.iter().any(Again::is_too_much) {
        let once_more = Ask { id: format!("{}-again", ask.id), ..ask.round(1) };
        let second = came_again(&by, lab.launch(once_more)?.complete()?)?;
        again.iter_mut().zip(second).for_each(|(one, other)| one.again = one.again.min(other.again));
    }
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    for (place, again) in again.iter().enumerate() {
        match again.old {
            0..ENOUGH => {
                verdicts.note(place, Err(format!("inconclusive: the state keeps fewer than {ENOUGH} records away")))
            }
            _ if again.is_too_much() => verdicts.found(Some(place), &by, again.describe(&by, third))?,
            _ => verdicts.note(place, Ok(())),
        }
    }
    verdicts.conclude(&by)
}

/// What the second read left out, and what of that came in the third.
#[derive(Default, Clone)]
struct Again {
    old: u64,
    again: u64,
    line: Option<u64>,
}

fn came_again(by: &Measure<'_>, third: &Ran) -> Result<Vec<Again>, Halt> {
    let mut streams = vec![Again::default(); by.whole.trail()?.streams.len()];
    in_step([&by.whole.trail()?.records, &by.rest.trail()?.records, &third.trail()?.records], |group| {
        let stream = &mut streams[group.stream];
        let ([.., first], []) = (group.of(0), group.of(1)) else { return };
        stream.old += 1;
        // A record that changed meanwhile is news.
        if let Some(entry) = group.of(2).iter().find(|entry| entry.version == first.version) {
            stream.again += 1;
            stream.line.get_or_insert(entry.line);
        }
    })?;
    Ok(streams)
}

impl Again {
    fn is_too_much(&self) -> bool {
        self.again >= ENOUGH && self.again as f64 > TOLERATED * self.old as f64
    }

    fn describe(&self, by: &Measure<'_>, third: &Ran) -> Fault {
        let message = format!(
            "{} of {} that the final state of {} kept away came again from that of {}, in two attempts",
            text::count(self.again),
            text::plural(self.old, "record"),
            by.whole.id,
            by.rest.id
        );
        let expected = format!("it does not come again, as in {}", by.rest.id);
        Fault {
            cause: "again",
            level: Level::Should,
            title: "a state that brought nothing new starts earlier than the one before it".to_owned(),
            message,
            evidence: vec![evidence(&third.id, self.line, expected, "it came again")],
            case: Some(third.id.clone()),
        }
    }
}
