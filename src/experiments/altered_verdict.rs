//! What reads with altered states come to, in words: several kinds of alteration, one verdict for each stream.

use super::altered::{Due, End, Measure, Probe, Tally};
use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Halt, Lab};
use crate::rules::{Level, Statement};
use crate::text;

/// A way in which a state is altered.
pub struct Kind {
    /// The id of the read that is given it.
    pub id: &'static str,
    /// What the read is given, in words: `an empty array for a state`.
    pub given: &'static str,
    /// How much it weighs that due records never come.
    pub lost: Level,
    /// How much it weighs that a stream starts over that should have gone on.
    pub over: Level,
    /// How much it weighs that the connector refuses it; None where it may, as long as it says why.
    pub refused: Option<Level>,
}

/// What is known of each stream after several reads: judged if one of them could judge it, else why not.
pub struct Verdicts {
    conclusion: Conclusion,
    streams: Vec<Option<Result<(), String>>>,
}

impl Verdicts {
    /// Of an experiment.
    pub fn of(statement: Statement, by: &Measure<'_>) -> Verdicts {
        let streams = by.whole.catalog.as_ref().map_or(0, |catalog| catalog.streams.len());
        Verdicts { conclusion: Conclusion::of(statement, by.rest), streams: vec![None; streams] }
    }

    /// A stream was judged, or why it could not be.
    pub fn note(&mut self, place: usize, judged: Result<(), String>) {
        match &mut self.streams[place] {
            Some(Ok(())) => {}
            known => *known = Some(judged),
        }
    }

    /// A fault of a stream, or of all of them.
    pub fn found(&mut self, place: Option<usize>, by: &Measure<'_>, fault: Fault) -> Result<(), Halt> {
        if let Some(place) = place {
            self.note(place, Ok(()));
        }
        let stream = match place {
            Some(place) => Some(&by.whole.catalog()?.streams[place].stream.descriptor),
            None => None,
        };
        // Judged it is once, in the end.
        let known = self.conclusion.outcomes.len();
        self.conclusion.found(stream, fault);
        self.conclusion.outcomes.truncate(known);
        Ok(())
    }

    /// Judges a read with an altered state.
    pub fn judge(
        &mut self,
        kind: &Kind,
        by: &Measure<'_>,
        due: &dyn Fn(usize) -> Option<Due>,
        probe: &Probe<'_>,
    ) -> Result<(), Halt> {
        self.conclusion.launch.clone_from(&probe.read.id);
        let places: Vec<(usize, Due)> = (0..self.streams.len()).filter_map(|at| Some((at, due(at)?))).collect();
        match &probe.end {
            End::Unknown(reason) => {
                places.iter().for_each(|(place, _)| self.note(*place, Err(format!("inconclusive: {reason}"))));
            }
            End::Refused { how, error } => {
                places.iter().for_each(|(place, _)| self.note(*place, Ok(())));
                if let Some(fault) = refused(kind, probe, how, error.as_deref()) {
                    self.found(None, by, fault)?;
                }
            }
            End::Came => {
                for (place, due) in places {
                    self.judge_stream(kind, by, (place, due), probe)?;
                }
            }
        }
        Ok(())
    }

    fn judge_stream(
        &mut self,
        kind: &Kind,
        by: &Measure<'_>,
        (place, due): (usize, Due),
        probe: &Probe<'_>,
    ) -> Result<(), Halt> {
        let stream = &probe.streams[place];
        if !stream.lost.is_empty() {
            let reference = if due == Due::Whole { &by.whole.id } else { &by.rest.id };
            return self.found(Some(place), by, lost(kind, reference, stream, probe));
        }
        if due == Due::Rest && stream.starts_over() {
            return self.found(Some(place), by, over(kind, by, stream, probe));
        }
        let judged = match (stream.doubtful, stream.due, stream.old) {
            (0, 0, 0) => Err("inconclusive: it has no records".to_owned()),
            (0, ..) => Ok(()),
            (doubtful, ..) => Err(format!(
                "inconclusive: {} did not come, but came when it was tried again, or changed or went meanwhile: the data moves",
                text::plural(doubtful, "record")
            )),
        };
        self.note(place, judged);
        Ok(())
    }

    /// The conclusion of all. A stream that no read was about is not told of.
    pub fn conclude(mut self, by: &Measure<'_>) -> Result<Conclusion, Halt> {
        for (entry, judged) in by.whole.catalog()?.streams.iter().zip(self.streams) {
            let stream = Some(&entry.stream.descriptor);
            match judged {
                Some(Ok(())) => self.conclusion.judged(stream),
                Some(Err(reason)) => self.conclusion.inconclusive(stream, reason),
                None => {}
            }
        }
        if self.conclusion.findings.iter().any(|finding| finding.streams.is_empty()) {
            self.conclusion.judged(None);
        }
        Ok(self.conclusion)
    }
}

/// Whether this launch may be asked for, and of several kinds which.
pub fn asked_for<'k>(lab: &Lab<'_>, kinds: &'k [Kind]) -> Vec<&'k Kind> {
    kinds.iter().filter(|kind| lab.may_ask(kind.id)).collect()
}

fn refused(kind: &Kind, probe: &Probe<'_>, how: &str, error: Option<&str>) -> Option<Fault> {
    let (level, title, said) = match (error, kind.refused) {
        (Some(error), Some(level)) => {
            (level, format!("a read fails that is given {}", kind.given), text::shorten(error, 300))
        }
        (Some(_), None) => return None,
        (None, level) => (
            level.unwrap_or(Level::Should),
            format!("a read crashes that is given {}", kind.given),
            "it has no TRACE/ERROR that says why".to_owned(),
        ),
    };
    let expected = if kind.refused.is_some() { "it is read" } else { "it is read, or a TRACE/ERROR says why not" };
    Some(Fault {
        cause: kind.id,
        level,
        title,
        message: format!(
            "{} failed in two attempts ({how}), and {said}; with the state as it was, and with none, reads succeed",
            probe.read.id
        ),
        evidence: vec![evidence(&probe.read.id, None, expected, how)],
        case: Some(probe.read.id.clone()),
    })
}

fn lost(kind: &Kind, reference: &str, stream: &Tally, probe: &Probe<'_>) -> Fault {
    let count = stream.lost.len() as u64;
    let nothing = if stream.came == 0 { ": nothing came, and it succeeded" } else { "" };
    let told = |missing: &super::trail::Missing| {
        evidence(
            reference,
            Some(missing.entry.line),
            format!("it comes in {}", probe.read.id),
            "it did not come, in two attempts",
        )
    };
    Fault {
        cause: kind.given,
        level: kind.lost,
        title: format!("records are lost by a read that is given {}", kind.given),
        message: format!(
            "{} of {} that were due did not come in two attempts{nothing}; a read from the beginning has {} still",
            text::count(count),
            text::plural(stream.due, "record"),
            text::them(count)
        ),
        evidence: stream.lost.iter().take(3).map(told).collect(),
        case: Some(probe.read.id.clone()),
    }
}

fn over(kind: &Kind, by: &Measure<'_>, stream: &Tally, probe: &Probe<'_>) -> Fault {
    Fault {
        cause: kind.id,
        level: kind.over,
        title: format!("a stream starts over in a read that is given {}", kind.given),
        message: format!(
            "{} of {} came again that the state as it was keeps away, in two attempts",
            text::count(stream.again),
            text::plural(stream.old, "record")
        ),
        evidence: vec![evidence(
            &by.whole.id,
            stream.example,
            format!("it does not come again in {}", probe.read.id),
            "it came again",
        )],
        case: Some(probe.read.id.clone()),
    }
}
