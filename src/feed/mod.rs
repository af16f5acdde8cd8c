//! What a destination is fed on its stdin: a script of messages, and what a launch of it is known to have been sent.
//!
//! Pure. A script is data: it is compared, stored and made again from the same seed, and millions of its records take the
//! memory of one piece of it.

mod catalog;
mod exact;
mod long_record;
mod message;
mod own_messages;
mod persisted;
mod relay;
mod relocation;
mod rows;
mod script;
mod sent;
mod shared_names;

pub use catalog::{Generation, Target, configured_catalog, relocated, written};
pub use exact::Exact;
pub use long_record::LongRecord;
pub use message::{Lines, record, record_with, state_of_all, state_of_stream, state_with, status};
pub use own_messages::OwnMessages;
pub use persisted::Persisted;
pub use relay::{ReturnedState, record_to, returned_state, state_of_line, state_to, status_to};
pub use relocation::Relocation;
pub use rows::{Columns, Row};
pub use script::{Act, Pieces, Script, Supply};
pub use sent::{Counting, Sent, SentState, SentStream};
pub use shared_names::shared_prefix;
