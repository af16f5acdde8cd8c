//! Waivers: violations that the suite accepts, for a reason and for a time.

use super::{Doubt, FindingResult};
use crate::suite::Waiver;
use jiff::civil::Date;

/// Marks the findings that a waiver accepts; says which waivers have expired or accept nothing. `was_judged` knows of a
/// rule (by code) whether anything was judged by it.
pub(super) fn apply(
    findings: &mut [FindingResult],
    waivers: &[Waiver],
    today: Date,
    was_judged: impl Fn(&str) -> bool,
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    // A declared behaviour is a waiver of several rules. One finding is enough, and only if all were judged it can be that
    // there is none.
    let mut behaviours: Vec<(String, bool)> = Vec::new();
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
        if waiver.is_declared {
            let behaviour = format!("{}{}", waiver.reason, of_streams(waiver));
            let may_be_needed = needed || !was_judged(&waiver.rule);
            match behaviours.iter_mut().find(|(known, _)| *known == behaviour) {
                Some((_, known)) => *known |= may_be_needed,
                None => behaviours.push((behaviour, may_be_needed)),
            }
        } else if !needed {
            doubts
                .push(doubt("waiver-unneeded", format!("The waiver of {about} accepted nothing; it can be removed.")));
        }
    }
    let unneeded = behaviours.iter().filter(|(_, may_be_needed)| !may_be_needed);
    doubts.extend(unneeded.map(|(behaviour, _)| {
        let message = format!("The suite {behaviour}. That accepted nothing; it can be removed from `behaviours`.");
        doubt("waiver-unneeded", message)
    }));
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
    let stream = of_streams(waiver);
    let owner = waiver.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
    format!("{}{stream} ({}{owner})", waiver.rule, waiver.reason)
}

fn of_streams(waiver: &Waiver) -> String {
    waiver.stream.as_ref().map(|stream| format!(" for `{}`", stream.glob())).unwrap_or_default()
}

fn doubt(kind: &str, message: String) -> Doubt {
    Doubt { kind: kind.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn declared(rule: &str) -> Waiver {
        let reason = "declared closes-schemas: the API is closed".to_owned();
        Waiver { rule: rule.to_owned(), stream: None, reason, owner: None, is_declared: true, until: None }
    }

    fn doubts(found: &[&str], judged: &[&str]) -> Vec<String> {
        let finding = |rule: &&str| {
            serde_json::from_value(json!({
                "id": "1", "rule": rule, "name": "n", "level": "must", "authority": "protocol_text", "source": "",
                "connector": "c", "streams": [], "launches": [], "title": "", "message": "", "count": 1, "evidence": [],
                "why": "", "help": "",
            }))
        };
        let mut findings: Vec<FindingResult> = found.iter().map(finding).collect::<Result<_, _>>().expect("findings");
        let waivers = [declared("DISC-021"), declared("SPEC-016")];
        let doubts = apply(&mut findings, &waivers, Date::MIN, |rule| judged.contains(&rule));
        doubts.into_iter().map(|doubt| format!("{}: {}", doubt.kind, doubt.message)).collect()
    }

    #[test]
    fn a_behaviour_that_accepts_nothing_is_told_once_and_only_where_it_could_have_shown() {
        let both = ["DISC-021", "SPEC-016"];
        assert_eq!(
            doubts(&[], &both),
            [
                "waiver-unneeded: The suite declared closes-schemas: the API is closed. That accepted nothing; it can be removed \
                 from `behaviours`."
            ]
        );
        assert_eq!(doubts(&[], &["DISC-021"]), Vec::<String>::new());
        let shown = doubts(&["SPEC-016"], &both);
        assert!(shown.len() == 1 && shown[0].starts_with("behaviour-declared: SPEC-016"), "{shown:?}");
    }
}
