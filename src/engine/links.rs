//! Has the links of the documentation requested before the first launch, where the suite asks for it.

use super::{Interruption, Selection};
use crate::launch::links::{self, Bounds};
use crate::protocol::{self, Link, LinkAnswer};
use crate::rules;
use crate::suite::{LevelSetting, Suite};
use std::time::Duration;

/// The rule that judges what comes of it.
const RULE: &str = "META-022";
const BOUNDS: Bounds = Bounds { each: Duration::from_secs(30), all: Duration::from_secs(120), at_once: 16 };

/// Requests them, and notes down what was answered. Does nothing where the suite does not ask for it, the rule is off, or
/// there is no page; and ends at once when the run is interrupted.
pub(super) async fn ask(suite: &mut Suite, selection: &Selection, interruption: &Interruption) {
    let is_wanted = rules::find(RULE).is_some_and(|rule| selection.wants(rule.statement()));
    let is_off = suite.rules.get(RULE) == Some(&LevelSetting::Off);
    if !suite.asks_for_links || !is_wanted || is_off || selection.case.is_some() {
        return;
    }
    let documentation = suite.metadata.as_mut().and_then(|metadata| metadata.documentation.as_mut());
    let Some(documentation) = documentation else { return };
    let Some(page) = &documentation.text else { return };
    let urls = protocol::links(page);
    let answers = tokio::select! {
        biased;
        _ = interruption.interrupted() => return,
        answers = links::ask(urls.clone(), BOUNDS) => answers,
    };
    let answer = |answer| match answer {
        Ok(status) => LinkAnswer::Status(status),
        Err(why) => LinkAnswer::Unknown(why),
    };
    let links = urls.into_iter().zip(answers).map(|(url, answered)| Link { url, answer: answer(answered) });
    documentation.links = Some(links.collect());
}
