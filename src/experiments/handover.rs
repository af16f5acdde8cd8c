//! A state that goes from one version to another.

use super::compat_findings::{level_of, may_break};
use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Halt, Lab, Ran};
use super::same_records::{end_of, fails};
use super::trail::lacks;
use crate::compat::Class;
use crate::plan::Ask;
use crate::text;

/// The reads of a hand-over.
pub(super) struct Handover<'l> {
    /// The read whose state is handed over.
    pub before: &'l Ran,
    /// From that state, by the version that wrote it.
    pub own: Ask,
    /// From that state, by the other.
    pub other: Ask,
    /// The same once more.
    pub again: Ask,
    /// The version that wrote it, in words, and the one that is given it.
    pub from: &'static str,
    pub by: &'static str,
}

/// Hands a state over and tells what comes of it. `control` is a launch of the control, for its label.
pub(super) fn hand_over(
    lab: &Lab<'_>,
    mut conclusion: Conclusion,
    control: &Ran,
    handover: Handover<'_>,
) -> Result<Conclusion, Halt> {
    let Handover { before, own, other, again, from, by } = handover;
    let rans = lab.launches([own, other])?;
    let (own, other) = (rans[0].complete()?, rans[1]);
    let breaking = level_of(Class::Breaking, may_break(lab, control));
    if fails(other) {
        let again = lab.launch(again)?;
        if fails(again) {
            conclusion.found(None, Fault {
                cause: "fails",
                level: breaking,
                title: format!("breaking: {by} fails on the state of {from}"),
                message: format!(
                    "the state that {} ended with makes the next read fail, in two attempts ({}); {from} goes on from it ({})",
                    before.id, end_of(other), own.id
                ),
                evidence: vec![evidence(&other.id, None, format!("it succeeds, as {} does", own.id), end_of(other))],
                case: Some(other.id.clone()),
            });
        } else {
            conclusion.inconclusive(None, "inconclusive: it failed, and not when it was tried again");
        }
        return Ok(conclusion);
    }
    let other = other.complete()?;
    let lost = lacks(other.trail()?, own.trail()?)?;
    let again = match lost.counts.is_empty() {
        true => None,
        false => Some(lacks(lab.launch(again)?.complete()?.trail()?, own.trail()?)?),
    };
    for (place, entry) in own.catalog()?.streams.iter().enumerate() {
        let stream = Some(&entry.stream.descriptor);
        let twice = again.as_ref().map_or(0, |again| again.count_of(place)).min(lost.count_of(place));
        if twice > 0 {
            let lines = lost.of(place);
            let line = |line: u64| {
                evidence(
                    &own.id,
                    Some(line),
                    format!("it comes in {} as well", other.id),
                    "it did not, in two attempts",
                )
            };
            conclusion.found(
                stream,
                Fault {
                    cause: "lost",
                    level: breaking,
                    title: format!("breaking: {by} leaves records out after the state of {from}"),
                    message: format!(
                        "after the state of {}, {} of `{}` come from {from} ({}), and not from {by}, in two attempts",
                        before.id,
                        text::plural(twice, "record"),
                        entry.stream.descriptor,
                        own.id
                    ),
                    evidence: lines.iter().take(3).map(|missing| line(missing.entry.line)).collect(),
                    case: Some(other.id.clone()),
                },
            );
            continue;
        }
        let count = |ran: &Ran| ran.trail().map(|trail| trail.streams[place].records);
        let (all, few, many) = (count(before)?, count(own)?, count(other)?);
        if all >= 4 && few * 4 <= all && many * 2 > all && many > few * 2 {
            conclusion.found(
                stream,
                Fault {
                    cause: "read anew",
                    level: level_of(Class::Behavioural, false),
                    title: format!("behavioural: {by} begins anew after the state of {from}"),
                    message: format!(
                        "`{}` has {}; after the state of {}, {from} reads {few} of them ({}) and {by} {many} ({})",
                        entry.stream.descriptor,
                        text::plural(all, "record"),
                        before.id,
                        own.id,
                        other.id
                    ),
                    evidence: vec![evidence(
                        &other.id,
                        None,
                        format!("about {few} records"),
                        format!("{many} records"),
                    )],
                    case: Some(other.id.clone()),
                },
            );
        } else if all == 0 {
            conclusion.inconclusive(stream, "inconclusive: it has no records");
        } else {
            conclusion.judged(stream);
        }
    }
    Ok(conclusion)
}
