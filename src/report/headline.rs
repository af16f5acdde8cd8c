//! What a run comes to, in a few words: for headings and badges.

use super::wording::broken;
use crate::exit::Exit;
use crate::rules::Level;
use crate::text::plural;
use crate::verdict::{Results, Status};

/// How the words are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Every rule that was judged holds.
    Good,
    /// It works, with less than it should.
    Mixed,
    /// The connector is wrong.
    Bad,
    /// It could not be found out, or not wholly.
    Unknown,
}

impl Tone {
    /// The word in front of a heading.
    pub fn word(self) -> &'static str {
        match self {
            Tone::Good => "PASS",
            Tone::Mixed => "WARN",
            Tone::Bad => "FAIL",
            Tone::Unknown => "NO VERDICT",
        }
    }
}

/// What the run comes to: never good where nothing was judged or something was in the way.
pub(super) fn headline(results: &Results) -> (Tone, String) {
    let exit = Exit::of_code(results.run.exit_code);
    if matches!(exit, Some(Exit::Interrupted | Exit::Terminated)) {
        return (Tone::Unknown, "interrupted".to_owned());
    }
    let is_judged = |status| matches!(status, Status::Pass | Status::Warn | Status::Fail);
    let judged = results.verdicts.iter().any(|verdict| is_judged(verdict.status));
    let [must, should, info] =
        [Level::Must, Level::Should, Level::Info].map(|level| broken(&results.findings, level).len() as u64);
    let fails_at = |level| if results.run.fail_on <= level { Tone::Bad } else { Tone::Mixed };
    let is_hindered = !results.run.errors.is_empty()
        || results.run.status == Status::Error
        || !matches!(exit, Some(Exit::Passed | Exit::Findings | Exit::Unreviewed));
    match (judged, must, should) {
        (false, ..) => (Tone::Unknown, "not judged".to_owned()),
        (true, 1.., _) => (Tone::Bad, format!("{} broken", plural(must, "required rule"))),
        _ if is_hindered => (Tone::Unknown, "incomplete".to_owned()),
        _ if exit == Some(Exit::Unreviewed) => {
            (Tone::Bad, format!("{} about baselines unanswered", plural(results.run.unreviewed, "question")))
        }
        (true, 0, 1..) => (fails_at(Level::Should), format!("{} broken", plural(should, "recommended rule"))),
        _ if exit == Some(Exit::Findings) => (Tone::Bad, plural(info, "remark")),
        _ => (Tone::Good, "conforms".to_owned()),
    }
}
