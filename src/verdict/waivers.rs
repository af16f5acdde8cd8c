//! Waivers: violations that the suite accepts, for a reason and for a time.

use super::{Doubt, FindingResult};
use crate::suite::Waiver;
use jiff::civil::Date;

/// Marks the findings that a waiver accepts; says which waivers have expired or accept nothing.
pub(super) fn apply(findings: &mut [FindingResult], waivers: &[Waiver], today: Date) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for waiver in waivers {
        let about = describe(waiver);
        if let Some(until) = waiver.until.filter(|until| *until < today) {
            doubts.push(doubt(
                "waiver-expired",
                format!("The waiver of {about} expired on {until}; its findings count again."),
            ));
            continue;
        }
        let mut needed = false;
        for finding in findings.iter_mut().filter(|finding| accepts(waiver, finding)) {
            needed = true;
            finding.waived = Some(waiver.reason.clone());
        }
        if needed && waiver.is_declared {
            doubts.push(doubt("behaviour-declared", format!("{about}: its findings do not count.")));
        }
        if !needed && !waiver.is_declared {
            doubts
                .push(doubt("waiver-unneeded", format!("The waiver of {about} accepted nothing; it can be removed.")));
        }
    }
    doubts
}

/// A waiver accepts a finding of its rule, if it is for all streams or for each one that the finding touches.
fn accepts(waiver: &Waiver, finding: &FindingResult) -> bool {
    match finding.streams.as_slice() {
        [] => waiver.covers(&finding.rule, None),
        streams => streams.iter().all(|stream| waiver.covers(&finding.rule, Some(stream))),
    }
}

fn describe(waiver: &Waiver) -> String {
    let stream = waiver.stream.as_ref().map(|stream| format!(" for `{}`", stream.glob())).unwrap_or_default();
    let owner = waiver.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
    format!("{}{stream} ({}{owner})", waiver.rule, waiver.reason)
}

fn doubt(kind: &str, message: String) -> Doubt {
    Doubt { kind: kind.to_owned(), message }
}
