//! What keeps a comparison with baselines from saying all that it seems to say.

use super::Seen;
use crate::baseline::normalise::Masked;
use crate::baseline::{Question, Subject, Verdict, Verdicts};
use crate::suite::Baselines;
use crate::text;
use crate::verdict::Doubt;

/// Fields that are named of the masks that are rejected.
const NAMED: usize = 5;

/// What has no baseline.
pub(super) fn of_verdicts(verdicts: &Verdicts) -> Vec<Doubt> {
    let missing = verdicts.of.values().filter(|verdict| **verdict == Verdict::Missing).count() as u64;
    let message =
        format!("There is no baseline yet of {}: nothing was compared with it.", text::plural(missing, "subject"));
    (missing > 0).then(|| Doubt { kind: "baseline-missing".to_owned(), message }).into_iter().collect()
}

/// Which share of the values is masked.
pub(super) fn of_masked(seen: &[Seen], baselines: &Baselines) -> Option<Doubt> {
    let masked = seen.iter().fold(Masked::default(), |mut sum, seen| {
        sum += seen.masked;
        sum
    });
    if masked.masked == 0 {
        return None;
    }
    let share = masked.masked as f64 * 100.0 / masked.total.max(1) as f64;
    let message = format!(
        "{share:.0} % of the values in the baselines' records are masked ({} of {}), by {}.",
        text::count(masked.masked),
        text::count(masked.total),
        text::plural(baselines.rules.len() as u64, "rule")
    );
    Some(Doubt { kind: "values-masked".to_owned(), message })
}

/// That nothing tells what is volatile, where something waits for an answer.
pub(super) fn of_one_read(seen: &[Seen], questions: &[Question]) -> Option<Doubt> {
    let has_records =
        |seen: &Seen| seen.observed.snapshots.iter().any(|snapshot| matches!(snapshot.subject, Subject::Records(_)));
    let is_unknown = seen.iter().any(|seen| has_records(seen) && seen.proposals.is_none());
    let message = "Records were read once, so baselines may hold fields that differ from read to read: a run with \
                   `--suite standard` reads again, and proposes masks for them.";
    (is_unknown && !questions.is_empty()).then(|| Doubt { kind: "read-once".to_owned(), message: message.to_owned() })
}

/// Which masks are rejected: what differs there is told as a change, in each run.
pub(super) fn of_rejected(fields: &[String]) -> Option<Doubt> {
    let more = match fields.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let named = fields.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let message = format!(
        "{} in normalize.yml, so what differs there is told as a change: {named}{more}.",
        if fields.len() == 1 {
            "1 mask is rejected".to_owned()
        } else {
            format!("{} masks are rejected", fields.len())
        }
    );
    (!fields.is_empty()).then(|| Doubt { kind: "masks-rejected".to_owned(), message })
}
