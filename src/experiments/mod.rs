//! Experiments: what only several launches together can show.
//!
//! An experiment is judged on what its launches left behind (digests, final states), not on their records. It proves a
//! fault, finds none, or says why it can't tell; a doubt is never a fault.

mod check_promises;
mod digest;
mod reads_again;

pub use check_promises::{CHECK_PROMISES, Use, judge_promise};
pub use digest::{ReadDigest, Recall};
pub use reads_again::{READS_AGAIN, Reading, judge_resume, references};

use crate::rules::{self, Statement};

/// Every experiment.
pub static ALL: &[&Statement] = &[&CHECK_PROMISES, &READS_AGAIN];

/// The rule or experiment of that code or name, in whatever case.
pub fn find_statement(word: &str) -> Option<Statement> {
    let experiment =
        ALL.iter().find(|known| known.code.eq_ignore_ascii_case(word) || known.name.eq_ignore_ascii_case(word));
    rules::find(word).map(rules::Rule::statement).or_else(|| experiment.map(|known| **known))
}

/// Every rule and experiment, in the order of reports.
pub fn all_statements() -> impl Iterator<Item = Statement> {
    let mut all: Vec<Statement> =
        rules::ALL.iter().map(|rule| rule.statement()).chain(ALL.iter().map(|known| **known)).collect();
    // A family is listed once, whoever judges by its statements.
    let families: Vec<&str> = all.iter().map(|statement| statement.family()).collect();
    let place = |statement: &Statement| families.iter().position(|family| *family == statement.family());
    all.sort_by_cached_key(|statement| (place(statement), statement.code));
    all.into_iter()
}
