//! What reports show of the wire. What needs every line is kept while the launch runs (`tap`, `checkpoints`, `course`); the lines around
//! evidence are fetched from the transcripts when it is known which those are (`windows`).

mod checkpoints;
mod course;
mod tap;
mod windows;

pub use tap::Tap;
pub use windows::add;

use crate::capture::{Decoded, hide_credentials};
use crate::protocol::Descriptor;
use crate::text;

/// How much of a line is kept until secrets are cut out of it, in bytes.
const HELD: usize = 4096;
/// How much of a line is shown, in characters.
const SHOWN: usize = 320;

/// The beginning of a line, as far as it is kept: with an ellipsis where more of it came.
fn beginning(bytes: &[u8]) -> String {
    let kept = String::from_utf8_lossy(&bytes[..bytes.len().min(HELD)]);
    if bytes.len() > HELD { format!("{kept}…") } else { kept.into_owned() }
}

/// A text without secrets, as it is shown: without what looks like one, either.
fn shown(text: &str) -> String {
    text::visible(&text::shorten(&hide_credentials(text), SHOWN))
}

/// The message's type on the wire, where a line is a message.
fn kind_of(decoded: &Decoded<'_>) -> Option<String> {
    match decoded {
        Decoded::Message(message) => Some(message.kind().as_str().to_owned()),
        _ => None,
    }
}

/// The stream of a record, or of a state or status of a single stream.
fn stream_of(decoded: &Decoded<'_>) -> Option<Descriptor> {
    let Decoded::Message(message) = decoded else { return None };
    let (name, namespace) = message.stream()?;
    Some(Descriptor { name: name.to_owned(), namespace: namespace.map(str::to_owned) })
}
