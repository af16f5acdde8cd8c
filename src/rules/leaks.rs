//! What the rules about secrets share: whether there is one to look for, and where one was found.

use super::{Look, Scene};
use crate::capture::{Broken, Decoded, Secrets};
use crate::launch::Channel;
use crate::protocol::{Kind, secret_values};

/// Where a line that shows a secret stands.
pub(super) struct Place {
    /// The kind of message that it is, or means to be.
    pub kind: Option<Kind>,
    /// What leaks in the same kind of place share.
    pub cause: &'static str,
    /// In words, for people.
    pub words: String,
}

/// Whether there is a secret to look for; the reason if not.
pub(super) fn has_secrets(scene: &Scene) -> Result<(), &'static str> {
    let Some(config) = &scene.config else { return Err("no configuration was given") };
    let Some(specification) = &scene.specification else {
        return Err("no specification says which values of the configuration are secret");
    };
    let values = secret_values(config, specification.get("connectionSpecification"));
    if Secrets::new(&values).can_leak() {
        Ok(())
    } else {
        Err("the configuration has no value that is marked as secret and distinctive enough to look for")
    }
}

/// Where the line under a look stands.
pub(super) fn place_of(look: &Look<'_>) -> Place {
    let kind = kind_of(look);
    let (cause, words) = match kind {
        _ if look.line.channel == Channel::Stderr => ("stderr", "a line of stderr".to_owned()),
        Some(kind) => (kind.as_str(), format!("a {}", kind.as_str())),
        None => ("text", "a line of stdout that is no message".to_owned()),
    };
    Place { kind, cause, words }
}

/// A message that may carry secrets and is lost with its line excuses the whole line: where in it the secret stands
/// can't be told.
fn kind_of(look: &Look<'_>) -> Option<Kind> {
    if look.line.channel != Channel::Stdout {
        return None;
    }
    let own = match &look.line.decoded {
        Decoded::Message(message) => Some(message.kind()),
        Decoded::Broken(Broken::NoPayload { kind } | Broken::Member { kind, .. }) => Some(*kind),
        Decoded::Broken(Broken::UnknownType { meant, .. }) => *meant,
        _ => None,
    };
    [Kind::Control, Kind::State, Kind::Record].into_iter().find(|kind| look.loses(*kind)).or(own)
}
