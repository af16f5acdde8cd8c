//! A state out of the middle of the control's read, given to both versions. Behind it something comes even where the data stand
//! still, so that what the target leaves out shows.

use super::compat_findings::{level_of_run, or_else};
use super::control::Control;
use super::experiment::{Conclusion, Fault, evidence};
use super::handover::Handover;
use super::lab::{Halt, Lab, Ran};
use super::resume::{Start, starts};
use super::same_records::fails;
use super::trail::{Absent, Missing, Trail, in_step};
use crate::compat::Class;
use crate::plan::Ask;
use crate::protocol::Descriptor;
use crate::rules::Statement;
use crate::text;

/// How many of the records that are lost are shown.
const LINES: usize = 3;

/// What comes of an upgrade: from the state that the control's read ends with, and, where nothing is wrong behind that, from one in
/// the middle of it.
pub(super) fn tell_upgrade(lab: &Lab<'_>, both: &Control<'_, '_>, statement: Statement) -> Result<Conclusion, Halt> {
    let handover = Handover::upgrade(lab, both)?;
    let before = handover.before;
    let conclusion = handover.tell(lab, both, Conclusion::of(statement, before))?;
    // Of a stored run, nothing but what it holds can be launched.
    if !conclusion.findings.is_empty() || both.is_stored {
        return Ok(conclusion);
    }
    match Halfway::of(lab, both, before) {
        Ok(halfway) => halfway.tell(lab, both, conclusion),
        Err(Halt::Cannot(_)) => Ok(conclusion),
        Err(wants) => Err(wants),
    }
}

struct Halfway<'l> {
    /// The control's read that put the state out.
    before: &'l Ran,
    start: Start,
    /// From that state, by the control and by the target.
    own: Ask,
    other: Ask,
}

impl<'l> Halfway<'l> {
    fn of(lab: &Lab<'l>, both: &Control<'l, '_>, before: &'l Ran) -> Result<Halfway<'l>, Halt> {
        let base = lab.incremental()?.complete()?;
        let start = starts(before, 1, "read.control-halfway")?.remove(0);
        let resuming = |ask: Ask| ask.resuming(&before.id, start.state.clone());
        let own = both.read_like(base, "read.control-halfway", "from a state in the middle of its read, by itself")?;
        let other =
            both.read_by_target(base, "read.upgraded-halfway", "from a state in the middle of the other's read")?;
        Ok(Halfway { before, own: resuming(own), other: resuming(other), start })
    }

    fn tell(self, lab: &Lab<'l>, both: &Control<'l, '_>, mut conclusion: Conclusion) -> Result<Conclusion, Halt> {
        let whole = Handover::target_read(lab, both)?;
        let rans = lab.launches([whole, self.own.clone(), self.other.clone()])?;
        let (whole, own, other) = (rans[0], rans[1], rans[2]);
        // A read that fails here is told by what it fails on elsewhere, or by chance.
        if [whole, own, other].into_iter().any(fails) {
            return Ok(conclusion);
        }
        let (whole, own, other) = (whole.complete()?, own.complete()?, other.complete()?);
        if self.lost([whole, own, other])?.counts.is_empty() {
            return Ok(conclusion);
        }
        let again = self.other.clone().named("read.upgraded-halfway-again", "and once more").round(1);
        let own_again = self.own.clone().named("read.control-halfway-again", "and once more, by itself").round(1);
        let rans = lab.launches([again, own_again])?;
        let (again, own_again) = (rans[0], rans[1]);
        if fails(again) || fails(own_again) {
            return Ok(conclusion);
        }
        let (again, own_again) = (again.complete()?, own_again.complete()?);
        let lost = self.lost([whole, own, other])?;
        let twice = self.lost([whole, own_again, again])?;
        let otherwise = both.read_otherwise()?;
        for (place, entry) in own.catalog()?.streams.iter().enumerate() {
            let stream = &entry.stream.descriptor;
            let count = lost.count_of(place).min(twice.count_of(place));
            if count > 0 && !otherwise.contains(stream) {
                let lines: Vec<u64> = lost.of(place).iter().take(LINES).map(|missing| missing.entry.line).collect();
                let fault = self.leaves_out(lab, (own, other), (stream, place, count), &lines);
                conclusion.found(Some(stream), fault);
            }
        }
        Ok(conclusion)
    }

    /// The records that came behind the state in the control's own read, come from it again, and not from the target, though that
    /// has them when it reads all.
    fn lost(&self, [whole, own, other]: [&Ran; 3]) -> Result<Absent, Halt> {
        let trails: Vec<&Trail> =
            [self.before, whole, own, other].into_iter().map(|ran| ran.trail()).collect::<Result<_, _>>()?;
        let mut lost = Absent::default();
        in_step([0, 1, 2, 3].map(|read: usize| &trails[read].records), |group| {
            let cut = self.start.cut.get(group.stream).copied().unwrap_or(0);
            let [before, whole, own, other] = [0, 1, 2, 3].map(|read| group.of(read));
            let came_behind = !before.is_empty() && before.iter().all(|entry| entry.line > cut);
            if let (true, false, Some(entry), true) = (came_behind, whole.is_empty(), own.last(), other.is_empty()) {
                lost.add(Missing { stream: group.stream, identity: group.identity, entry: *entry });
            }
        })?;
        Ok(lost)
    }

    fn leaves_out(
        &self,
        lab: &Lab<'_>,
        (own, other): (&Ran, &Ran),
        (stream, place, count): (&Descriptor, usize, u64),
        lines: &[u64],
    ) -> Fault {
        let state = match self.start.numbers.get(place).copied().flatten() {
            Some((number, of)) => format!("state {number} of {of}"),
            None => "a state in the middle".to_owned(),
        };
        let verb = if count == 1 { "comes" } else { "come" };
        let message = format!(
            "after {state} of {}, {} of `{stream}` {verb} from the other version ({}), and not from this one, in two attempts, \
             though this one has {} when it reads all{} (records-lost)",
            self.before.id,
            text::plural(count, "record"),
            own.id,
            if count == 1 { "it" } else { "them" },
            or_else(self.before)
        );
        let expected = format!("it comes in {} as well", other.id);
        let shown = |line: &u64| evidence(&own.id, Some(*line), expected.clone(), "it did not, in two attempts");
        Fault {
            cause: "records-lost",
            level: level_of_run(Class::Breaking, lab, self.before),
            title: "breaking: this one leaves records out after the state of the other version".to_owned(),
            message,
            evidence: lines.iter().map(shown).collect(),
            case: Some(other.id.clone()),
        }
    }
}
