//! A source piped into a destination: what came out of the one is held against what the other stored and gave back.
//!
//! [`Ledger`] keeps what is needed of the records while they pass, in bounded memory; [`judge`] concludes when all is over.

mod judge;
mod ledger;
mod sample;
mod statements;

pub(in crate::experiments) use judge::judge_rows;
pub use judge::{Piped, Side, Sync, judge};
pub use ledger::{Ledger, StreamLedger};
pub use statements::STATEMENTS;
