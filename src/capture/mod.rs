//! Bytes to numbered lines, lines to messages, all in one pass; and the transcript on disk.
//!
//! What a connector prints is hostile and may be endless. Nothing here grows with it but the compressed transcript:
//! a line is held up to a bound, a chunk is dropped once it is judged, and streams that no catalog names are counted
//! up to a bound. Secrets are cut out before a byte is stored.

mod control_screen;
mod decode;
mod last_words;
mod line;
mod lines;
mod pass;
mod redact;
mod store;
mod summary;
mod transcript_file;
mod writer;

pub use control_screen::secrets_of_update;
pub use decode::{Broken, Decoded, Decoder, holds_a_message};
pub use line::{Leak, Line};
pub use lines::{HELD, Lines, RawLine};
pub use pass::{Pass, Watcher};
pub use redact::{REDACTED, Secrets, hide_credentials, is_credential};
pub use store::{Inputs, Manifest, StoredTranscript};
pub use summary::{StreamTally, Summary};
pub use transcript_file::{TranscriptFile, TranscriptHeader};
pub use writer::TranscriptWriter;
