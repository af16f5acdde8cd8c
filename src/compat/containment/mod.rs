//! Whether all that is valid under one JSON Schema is valid under another.
//!
//! First it is tried to prove it (`proof`); where no proof is found, a counterexample is looked for among instances that are
//! made from both schemas (`search`), the same ones each time, and one counts only if the project's validator takes it under
//! the first and refuses it under the second. Both are bounded: schemas are hostile.

mod branches;
mod chooser;
mod facts;
mod finite;
mod instances;
mod kinds;
mod lists;
mod objects;
mod proof;
mod same;
mod scalars;
mod search;
mod shapes;
#[cfg(test)]
mod tests;
mod texts;

pub(in crate::compat) use same::ASSERTIONS;

use crate::protocol::schema::{CompiledSchema, SchemaViolation};
use facts::{Facts, Part};
use proof::Prover;
use serde_json::Value;

/// What became of the question whether one schema contains another.
#[derive(Debug, Clone, PartialEq)]
pub enum Containment {
    /// All that is valid under the first is valid under the second: proven.
    Contained,
    /// Something is not.
    NotContained {
        /// An instance that is valid under the first and not under the second.
        counterexample: Value,
        /// What the second finds wrong with it.
        reasons: Vec<SchemaViolation>,
    },
    /// Neither was found.
    Undecided {
        /// JSON pointer to the keyword of the second that is in doubt.
        at: String,
        /// Why it could not be proven.
        why: String,
    },
}

/// What an object may hold besides the members that its schema declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undeclared {
    /// Whatever JSON Schema allows: where nothing forbids them, any members.
    Anything,
    /// Nothing, where at least one member is declared: a form fills in no field that it does not show. Objects that declare
    /// no member hold anything.
    Absent,
}

/// How many reasons are given.
const REASONS: usize = 8;

/// Whether every instance that is valid under `before` is valid under `after`. Deterministic, and bounded in time.
pub fn containment(before: &Value, after: &Value, undeclared: Undeclared) -> Containment {
    let undecided = |at: &str, why: String| Containment::Undecided { at: at.to_owned(), why };
    let latter = match CompiledSchema::compile(after) {
        Ok(compiled) => compiled,
        Err(reason) => return undecided("", format!("the later schema can't be compiled: {reason}")),
    };
    let former = match CompiledSchema::compile(before) {
        Ok(compiled) => compiled,
        Err(reason) => return undecided("", format!("the former schema can't be compiled: {reason}")),
    };
    let Err(doubt) = prove(before, after, undeclared) else { return Containment::Contained };
    match search::counterexample([before, after], [&former, &latter], undeclared, &doubt.at, search::TRIES) {
        Some(counterexample) => {
            let reasons = latter.violations(&counterexample, REASONS);
            Containment::NotContained { counterexample, reasons }
        }
        None => undecided(&doubt.at, doubt.why.to_owned()),
    }
}

fn prove(before: &Value, after: &Value, undeclared: Undeclared) -> proof::Proof {
    let facts = Facts::of(Part::former(before));
    Prover::new(before, after, undeclared).implies(&facts, Part::latter(after))
}

/// Whether a value under these schemas, parts of `root`, is valid under another schema: proven. No in doubt.
pub(in crate::compat) fn implies(root: &Value, known: &[&Value], goal: &Value, undeclared: Undeclared) -> bool {
    let facts = Facts::none().with_all(&known.iter().map(|schema| Part::former(root).at(schema)).collect::<Vec<_>>());
    Prover::new(root, goal, undeclared).implies(&facts, Part::latter(goal)).is_ok()
}
