//! What has changed since an earlier run: what is fixed, what nobody looked at, what comes and goes.

use super::limits::{Context, Folded};
use super::prose::{Span, spans};
use crate::rules::Level;
use crate::text;
use crate::verdict::{Fixed, Same};
use serde::Serialize;

/// What has changed.
#[derive(Serialize)]
pub(super) struct View<'r> {
    run: &'r str,
    started_at: String,
    airproof: &'r str,
    new: u64,
    still: u64,
    fixed_count: u64,
    fixed: Folded<Gone<'r>>,
    not_judged: Folded<Gone<'r>>,
    flaky: Folded<FlakyRule<'r>>,
}

/// A finding that is not among those of this run.
#[derive(Serialize)]
struct Gone<'r> {
    level: Level,
    rule: &'r str,
    title: Vec<Span>,
    scenario: Option<&'r str>,
}

#[derive(Serialize)]
struct FlakyRule<'r> {
    rule: &'r str,
    connector: &'r str,
    why: &'static str,
}

pub(super) fn of<'r>(context: &Context<'r>) -> Option<View<'r>> {
    let since = context.results.since.as_ref()?;
    let room = context.limits.rows;
    let gone = |list: &'r [Fixed]| {
        let row = |fixed: &'r Fixed| Gone {
            level: fixed.level,
            rule: &fixed.rule,
            title: spans(&fixed.title),
            scenario: fixed.scenario.as_deref(),
        };
        Folded::new(list.iter().map(row).collect(), room, 0)
    };
    let flaky = since.flaky.iter().map(|flaky| FlakyRule {
        rule: &flaky.rule,
        connector: &flaky.connector,
        why: match flaky.same {
            Same::Image => "the same image; it depends on chance, or on data that change",
            Same::Command => "the same command; flaky, unless the program was changed",
        },
    });
    Some(View {
        run: &since.run,
        started_at: text::date(&since.started_at),
        airproof: &since.airproof,
        new: since.new,
        still: since.still,
        fixed_count: since.fixed.len() as u64,
        fixed: gone(&since.fixed),
        not_judged: gone(&since.not_judged),
        flaky: Folded::new(flaky.collect(), room, 0),
    })
}
