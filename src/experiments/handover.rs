//! A state that goes from one version to another.

use super::compat_findings::{level_of, level_of_run, or_else};
use super::control::Control;
use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Halt, Lab, Ran};
use super::restored::is_cut;
use super::same_records::{end_of, fails};
use super::state_forms::forms;
use super::trail::{Absent, Entry, find, lacks};
use crate::compat::Class;
use crate::plan::Ask;
use crate::protocol::Descriptor;
use crate::text;

/// How many of the records that are lost are shown.
const LINES: usize = 3;
/// Of fewer records than this nobody can say whether a stream is read anew.
const FEWEST: u64 = 4;

/// The reads of a hand-over.
pub(super) struct Handover<'l> {
    /// The read whose state is handed over.
    pub before: &'l Ran,
    /// A launch of the control, for its label.
    pub control: &'l Ran,
    /// From that state, by the version that wrote it.
    own: Ask,
    /// From that state, by the other.
    other: Ask,
    /// The same once more.
    again: Ask,
    /// The version that wrote it, in words, and the one that is given it.
    from: &'static str,
    by: &'static str,
}

impl<'l> Handover<'l> {
    /// From the control to the target.
    pub fn upgrade(lab: &Lab<'l>, both: &Control<'l, '_>) -> Result<Handover<'l>, Halt> {
        let base = lab.incremental()?.complete()?;
        let ask = both.incremental(base)?;
        let before = lab.launch(ask.clone())?.complete()?;
        let state = before.final_state()?;
        if both.is_stored && is_cut(&state) {
            return Err(Halt::Cannot(format!("the state that {} ended with is stored without its secrets", before.id)));
        }
        let other = |id: &str| {
            let ask = both.read_by_target(base, id, "from the other version's state, by this one")?;
            Ok::<_, Halt>(ask.resuming(&before.id, state.clone()))
        };
        let own = ask.named("read.control-resumed", "from the other version's state, by itself");
        Ok(Handover {
            before,
            control: before,
            own: own.resuming(&before.id, state.clone()),
            other: other("read.upgraded")?,
            again: other("read.upgraded-again")?.round(1),
            from: "the other version",
            by: "this one",
        })
    }

    /// The target's incremental read of the streams of both.
    pub fn target_read(lab: &Lab<'l>, both: &Control<'l, '_>) -> Result<Ask, Halt> {
        let base = lab.incremental()?.complete()?;
        both.read_by_target(base, "read.target-incremental", "incremental, of the streams of both")
    }

    /// From the target back to the control.
    pub fn rollback(lab: &Lab<'l>, both: &Control<'l, '_>) -> Result<Handover<'l>, Halt> {
        let base = lab.incremental()?.complete()?;
        let ask = Self::target_read(lab, both)?;
        let before = lab.launch(ask.clone())?.complete()?;
        let state = before.final_state()?;
        let other = |id: &str| {
            let ask = both.read_like(base, id, "from this version's state, by the other one")?;
            Ok::<_, Halt>(ask.resuming(&before.id, state.clone()))
        };
        let own = ask.named("read.target-resumed", "from its own state");
        Ok(Handover {
            before,
            control: both.spec()?,
            own: own.resuming(&before.id, state.clone()),
            other: other("read.rolled-back")?,
            again: other("read.rolled-back-again")?.round(1),
            from: "this version",
            by: "the other one",
        })
    }

    /// Hands the state over and tells what comes of it.
    pub fn tell(self, lab: &Lab<'l>, both: &Control<'l, '_>, mut conclusion: Conclusion) -> Result<Conclusion, Halt> {
        let rans = lab.launches([self.own.clone(), self.other.clone()])?;
        let (own, other) = (rans[0].complete()?, rans[1]);
        let breaking = level_of_run(Class::Breaking, lab, self.control);
        if fails(other) {
            match fails(lab.launch(self.again.clone())?) {
                true => conclusion.found(None, self.refused(own, other, breaking, &forms(lab, both)?)),
                false => conclusion.inconclusive(None, "inconclusive: it failed, and not when it was tried again"),
            }
            return Ok(conclusion);
        }
        let other = other.complete()?;
        let lost = self.lost(own, other)?;
        let again = match lost.counts.is_empty() {
            true => None,
            false => Some(self.lost(own, lab.launch(self.again.clone())?.complete()?)?),
        };
        let otherwise = both.read_otherwise()?;
        let named_by = |ran: &Ran| Ok::<_, Halt>(ran.trail()?.named_by_redacted());
        let redacted = [named_by(self.before)?, named_by(own)?, named_by(other)?].concat();
        for (place, entry) in own.catalog()?.streams.iter().enumerate() {
            let stream = &entry.stream.descriptor;
            let count = |ran: &Ran| ran.trail().map(|trail| trail.streams[place].records);
            let (all, few, many) = (count(self.before)?, count(own)?, count(other)?);
            let twice = again.as_ref().map_or(0, |again| again.count_of(place)).min(lost.count_of(place));
            let is_anew = all >= FEWEST && few * 4 <= all && many * 2 > all && many > few * 2;
            if redacted.contains(stream) {
                conclusion
                    .inconclusive(Some(stream), "inconclusive: secrets are cut out of what names its stored records");
            } else if twice > 0 {
                let lines: Vec<u64> = lost.of(place).iter().take(LINES).map(|missing| missing.entry.line).collect();
                conclusion.found(Some(stream), self.leaves_out((own, other), (stream, twice), &lines, breaking));
            } else if otherwise.contains(stream) {
                let reason =
                    "the catalogs say that it is read by another cursor, or in other ways: COMPAT-002 tells of it";
                conclusion.inconclusive(Some(stream), reason);
            } else if is_anew && both.is_stored {
                let reason =
                    "inconclusive: many more records come than in the stored run, and they may be new since then";
                conclusion.inconclusive(Some(stream), reason);
            } else if is_anew {
                let form = forms(lab, both)?;
                conclusion.found(Some(stream), self.begins_anew((own, other), stream, [all, few, many], &form));
            } else if all == 0 {
                conclusion.inconclusive(Some(stream), "inconclusive: it has no records");
            } else {
                conclusion.judged(Some(stream));
            }
        }
        Ok(conclusion)
    }

    /// The records that come from the one version after that state and not from the other, and had not come before: a record that is
    /// as new by its cursor had, whatever else differs in it from read to read. Without a key, a record with another time of reading
    /// is another one: there, as many as the other has fewer, of those that lie behind all that had come.
    fn lost(&self, own: &Ran, other: &Ran) -> Result<Absent, Halt> {
        let mut lost = lacks(other.trail()?, own.trail()?)?;
        let before = self.before.trail()?;
        let known = find(before, &lost)?;
        lost.retain(|missing| {
            let entry = &missing.entry;
            let is_as_new = |known: &Entry| {
                known.version == entry.version || (known.cursor == entry.cursor && entry.cursor != Entry::NO_CURSOR)
            };
            let has_key = !before.catalog.streams[missing.stream].primary_key.is_empty();
            let is_behind = || {
                let greatest = before.streams[missing.stream].greatest;
                has_key || entry.cursor == Entry::NO_CURSOR || greatest.is_none_or(|greatest| entry.cursor > greatest)
            };
            !known.get(&(missing.stream, missing.identity)).is_some_and(is_as_new) && is_behind()
        });
        let (own, other) = (own.trail()?, other.trail()?);
        lost.counts.retain(|place, count| {
            if own.catalog.streams[*place].primary_key.is_empty() {
                *count = (*count).min(own.streams[*place].records.saturating_sub(other.streams[*place].records));
            }
            *count > 0
        });
        Ok(lost)
    }

    fn refused(&self, own: &Ran, other: &Ran, level: crate::rules::Level, form: &str) -> Fault {
        let (from, by) = (self.from, self.by);
        let message = format!(
            "the state that {} ended with makes the next read fail, in two attempts ({}); {from} goes on from it \
             ({}){form}{} (state-refused)",
            self.before.id,
            end_of(other),
            own.id,
            or_else(self.control)
        );
        Fault {
            cause: "state-refused",
            level,
            title: format!("breaking: {by} fails on the state of {from}"),
            message,
            evidence: vec![evidence(&other.id, None, format!("it succeeds, as {} does", own.id), end_of(other))],
            case: Some(other.id.clone()),
        }
    }

    fn leaves_out(
        &self,
        (own, other): (&Ran, &Ran),
        (stream, count): (&Descriptor, u64),
        lines: &[u64],
        level: crate::rules::Level,
    ) -> Fault {
        let (from, by) = (self.from, self.by);
        let message = format!(
            "after the state of {}, {} of `{stream}` that had not come before {} from {from} ({}), and not from {by}, in two \
             attempts{} (records-lost)",
            self.before.id,
            text::plural(count, "record"),
            if count == 1 { "comes" } else { "come" },
            own.id,
            or_else(self.control)
        );
        let expected = format!("it comes in {} as well", other.id);
        let shown = |line: &u64| evidence(&own.id, Some(*line), expected.clone(), "it did not, in two attempts");
        Fault {
            cause: "records-lost",
            level,
            title: format!("breaking: {by} leaves records out after the state of {from}"),
            message,
            evidence: lines.iter().map(shown).collect(),
            case: Some(other.id.clone()),
        }
    }

    fn begins_anew(
        &self,
        (own, other): (&Ran, &Ran),
        stream: &Descriptor,
        [all, few, many]: [u64; 3],
        form: &str,
    ) -> Fault {
        let (from, by) = (self.from, self.by);
        let message = format!(
            "`{stream}` has {}; after the state of {}, {from} reads {few} of them ({}) and {by} {many} ({}){form} (read-anew)",
            text::plural(all, "record"),
            self.before.id,
            own.id,
            other.id
        );
        let shown =
            evidence(&other.id, None, format!("about {}", text::plural(few, "record")), text::plural(many, "record"));
        Fault {
            cause: "read-anew",
            level: level_of(Class::Behavioural, false),
            title: format!("behavioural: {by} begins anew after the state of {from}"),
            message,
            evidence: vec![shown],
            case: Some(other.id.clone()),
        }
    }
}
