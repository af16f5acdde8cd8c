//! Where a subject's file is in the folder of baselines, and how the file itself names its subject.

use super::Subject;
use crate::protocol::Descriptor;
use crate::text;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The folder of a scenario that has one folder for each stream.
pub(super) const STREAMS: &str = "streams";
/// Characters of a stream's name that its folder keeps.
const LONGEST_SLUG: usize = 60;

impl Subject {
    /// The stream, where it is about one.
    pub fn stream(&self) -> Option<&Descriptor> {
        match self {
            Subject::Catalog(stream)
            | Subject::Records(stream)
            | Subject::Shape(stream)
            | Subject::State(stream)
            | Subject::IncrementalState(stream) => Some(stream),
            Subject::Specification
            | Subject::Messages
            | Subject::Exits
            | Subject::GlobalState
            | Subject::GlobalIncrementalState => None,
        }
    }

    /// What of the connector or stream it is about: the file's name without its extension.
    pub fn aspect(&self) -> &'static str {
        match self {
            Subject::Specification => "specification",
            Subject::Messages => "messages",
            Subject::Exits => "exits",
            Subject::GlobalState => "global-state",
            Subject::Catalog(_) => "catalog",
            Subject::Records(_) => "records",
            Subject::Shape(_) => "shape",
            Subject::State(_) => "state",
            Subject::IncrementalState(_) => "incremental-state",
            Subject::GlobalIncrementalState => "global-incremental-state",
        }
    }

    /// Whether only an incremental read shows it.
    pub fn is_of_increments(&self) -> bool {
        matches!(self, Subject::IncrementalState(_) | Subject::GlobalIncrementalState)
    }

    /// The file of the accepted baseline, below the scenario's folder.
    pub fn file(&self) -> PathBuf {
        self.folder().join(format!("{}.json", self.aspect()))
    }

    /// The file of what differs from it, below the scenario's folder.
    pub fn pending_file(&self) -> PathBuf {
        self.folder().join(format!("{}.pending.json", self.aspect()))
    }

    fn folder(&self) -> PathBuf {
        self.stream().map_or_else(PathBuf::new, |stream| Path::new(STREAMS).join(slug(stream)))
    }

    /// As a file tells it: `{"of": "catalog", "namespace": "shop", "stream": "orders"}`.
    pub(super) fn to_value(&self) -> Value {
        match self.stream() {
            None => json!({"of": self.aspect()}),
            Some(Descriptor { name, namespace: None }) => json!({"of": self.aspect(), "stream": name}),
            Some(Descriptor { name, namespace: Some(namespace) }) => {
                json!({"of": self.aspect(), "namespace": namespace, "stream": name})
            }
        }
    }

    /// What a file tells, if it is the subject of any file.
    pub(super) fn from_value(value: &Value) -> Option<Subject> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let stream = || Some(Descriptor { name: text("stream")?, namespace: text("namespace") });
        Some(match value.get("of")?.as_str()? {
            "specification" => Subject::Specification,
            "messages" => Subject::Messages,
            "exits" => Subject::Exits,
            "global-state" => Subject::GlobalState,
            "catalog" => Subject::Catalog(stream()?),
            "records" => Subject::Records(stream()?),
            "shape" => Subject::Shape(stream()?),
            "state" => Subject::State(stream()?),
            "incremental-state" => Subject::IncrementalState(stream()?),
            "global-incremental-state" => Subject::GlobalIncrementalState,
            _ => return None,
        })
    }
}

/// Whether a file name is one that some subject has, in the folder of a stream or in that of a scenario; and whether
/// it is the name of a pending file.
pub(super) fn known_name(name: &str, of_stream: bool) -> Option<bool> {
    let stem = name.strip_suffix(".json")?;
    let (aspect, pending) = stem.strip_suffix(".pending").map_or((stem, false), |aspect| (aspect, true));
    let known: &[&str] = match of_stream {
        true => &["catalog", "records", "shape", "state", "incremental-state"],
        false => &["specification", "messages", "exits", "global-state", "global-incremental-state"],
    };
    known.contains(&aspect).then_some(pending)
}

/// The folder of a stream: its name where every file system keeps it as it is, else the readable part of it and a hash.
/// It depends on nothing but the stream, so that it stays when other streams come and go.
fn slug(stream: &Descriptor) -> String {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-');
    let parts = stream.namespace.iter().chain([&stream.name]);
    let is_kept = parts.clone().all(|part| !part.is_empty() && part.chars().all(plain));
    let full = parts.map(String::as_str).collect::<Vec<_>>().join(".");
    if is_kept && full.len() <= LONGEST_SLUG && !ends_as_a_hash(&full) {
        return full;
    }
    let exact = json!([stream.namespace, stream.name]).to_string();
    let readable: String = full
        .chars()
        .map(|letter| letter.to_ascii_lowercase())
        .map(|letter| if plain(letter) { letter } else { '-' })
        .take(LONGEST_SLUG)
        .collect();
    format!("{}-{}", readable.trim_matches('-'), &hash(&exact)[..8]).trim_start_matches('-').to_owned()
}

fn ends_as_a_hash(name: &str) -> bool {
    name.rsplit('-').next().is_some_and(|end| end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// SHA-256 of a text, in hex.
pub(super) fn hash(text: &str) -> String {
    text::hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn stream(namespace: Option<&str>, name: &str) -> Descriptor {
        Descriptor { name: name.to_owned(), namespace: namespace.map(str::to_owned) }
    }

    #[test]
    fn a_plain_name_is_the_folder() {
        assert_eq!(Subject::Catalog(stream(None, "orders")).file(), Path::new("streams/orders/catalog.json"));
        let pending = Subject::State(stream(Some("shop"), "order_items")).pending_file();
        assert_eq!(pending, Path::new("streams/shop.order_items/state.pending.json"));
        assert_eq!(Subject::GlobalState.file(), Path::new("global-state.json"));
    }

    #[test]
    fn streams_never_share_a_folder_nor_leave_it() {
        let long = "x".repeat(300);
        let all = [
            stream(None, "Orders"),
            stream(None, "orders"),
            stream(None, "a.b"),
            stream(Some("a"), "b"),
            stream(Some(""), "b"),
            stream(None, "b"),
            stream(None, "../.."),
            stream(None, ".."),
            stream(None, ""),
            stream(None, "a/b"),
            stream(None, "a\\b"),
            stream(None, "Größe"),
            stream(None, &long),
        ];
        let folders: BTreeSet<String> = all.iter().map(slug).collect();
        assert_eq!(folders.len(), all.len(), "{folders:?}");
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter);
        for folder in folders {
            assert!(folder.len() < 80 && !folder.starts_with('.') && folder.chars().all(plain), "{folder}");
        }
        let taken = slug(&stream(None, "Orders"));
        assert_ne!(slug(&stream(None, &taken)), taken, "a stream that is called as another's folder");
    }

    #[test]
    fn a_subject_reads_as_it_was_written() {
        for subject in [
            Subject::Exits,
            Subject::Shape(stream(Some("s"), "Ä")),
            Subject::Records(stream(None, "")),
            Subject::IncrementalState(stream(None, "a")),
            Subject::GlobalIncrementalState,
        ] {
            assert_eq!(Subject::from_value(&subject.to_value()), Some(subject));
        }
        assert_eq!(Subject::from_value(&json!({"of": "catalog"})), None);
    }
}
