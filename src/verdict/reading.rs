//! `results.json` read again, also where a later airproof wrote it.
//!
//! Members that are not known are ignored. Words that are not known (a status, a level, a command that a later version
//! has) are read as what claims least, and a doubt says so: an unknown status is a skip, never a pass and never a fail.

use super::{Results, SCHEMA_VERSION, Same, SinceMark, Status};
use crate::launch::Ended;
use crate::protocol::{Command, Expect};
use crate::rules::{Authority, Level};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Why results can't be read, in a sentence that follows the file's name.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// No JSON, or cut off.
    #[error("is no JSON: {0}\nIs it whole? A run that is killed leaves no results.json, or the one before it.")]
    Json(serde_json::Error),
    /// JSON of something else.
    #[error("is no results.json of airproof's: {0}")]
    Foreign(String),
    /// Of a later version that this one would misread.
    #[error(
        "was written by a later airproof: its schema_version is {0}, and this one reads up to {SCHEMA_VERSION}\nUse an \
         airproof at least as new as the one that wrote it."
    )]
    Later(u64),
}

/// Reads a results file.
pub fn read(text: &[u8]) -> Result<Results, Unreadable> {
    let mut file: Value = serde_json::from_slice(text).map_err(Unreadable::Json)?;
    match file["schema_version"].as_u64() {
        None => return Err(Unreadable::Foreign("it has no schema_version".to_owned())),
        Some(version) if version > u64::from(SCHEMA_VERSION) => return Err(Unreadable::Later(version)),
        Some(_) => {}
    }
    let mut unknown = Unknown::default();
    unknown.replace_in(&mut file);
    let mut results: Results = serde_json::from_value(file).map_err(|error| Unreadable::Foreign(error.to_string()))?;
    results.doubts.extend(unknown.doubt());
    Ok(results)
}

/// The words that were not known, with their members.
#[derive(Default)]
struct Unknown(BTreeSet<String>);

impl Unknown {
    /// Replaces each word that this version does not know.
    fn replace_in(&mut self, file: &mut Value) {
        if let Some(run) = file.get_mut("run") {
            self.word::<Status>(run, "status", "error");
            self.word::<Level>(run, "fail_on", "must");
        }
        if let Some(counts) = file.pointer_mut("/run/verdict_counts").and_then(Value::as_object_mut) {
            let words: Vec<String> = counts.keys().filter(|word| !is_known::<Status>(&json!(word))).cloned().collect();
            let count = |value: Option<Value>| value.and_then(|value| value.as_u64()).unwrap_or(0);
            let more: u64 = words.iter().map(|word| count(counts.remove(word))).sum();
            if more > 0 {
                let skipped = count(counts.remove("skip")) + more;
                counts.insert("skip".to_owned(), json!(skipped));
            }
        }
        for verdict in items(file, "verdicts") {
            self.word::<Level>(verdict, "level", "info");
            if let Some(word) = self.word::<Status>(verdict, "status", "skip") {
                verdict["reason"] = json!(format!("its status, {word}, is of a later version of airproof"));
            }
        }
        for finding in items(file, "findings") {
            self.word::<Level>(finding, "level", "info");
            self.word::<Authority>(finding, "authority", "inference");
            self.word::<SinceMark>(finding, "since", "still");
        }
        if let Some(since) = file.get_mut("since") {
            for list in ["fixed", "not_judged"] {
                items(since, list).for_each(|gone| drop(self.word::<Level>(gone, "level", "info")));
            }
            items(since, "flaky").for_each(|flaky| drop(self.word::<Same>(flaky, "same", "command")));
        }
        self.replace_in_launches(file);
    }

    fn replace_in_launches(&mut self, file: &mut Value) {
        for launch in items(file, "launches") {
            self.word::<Expect>(launch, "expect", "succeeded");
            let Some(outcome) = launch.get_mut("outcome") else { continue };
            let state = outcome["state"].as_str().unwrap_or("ended");
            if !["ended", "skipped", "left_out", "error"].contains(&state) {
                self.0.insert(format!("state {state:?}"));
                *outcome = json!({"state": "skipped", "reason": format!("{state:?}, which a later version explains")});
            }
            // It was us who ended it, so it is no pass; why, is not known.
            outcome.get_mut("exit").map(|exit| self.word::<Ended>(exit, "ended", "storage"));
        }
        // A launch of a command that is not known can't be told of; its verdicts and findings can.
        if let Some(launches) = file.get_mut("launches").and_then(Value::as_array_mut) {
            launches.retain_mut(|launch| self.word::<Command>(launch, "command", "spec").is_none());
        }
    }

    /// Replaces a member's word where it is not known. What is no word is left: it is no result of ours.
    fn word<T: DeserializeOwned>(&mut self, object: &mut Value, member: &str, instead: &str) -> Option<String> {
        let value = object.get_mut(member).filter(|value| value.is_string() && !is_known::<T>(value))?;
        let word = value.to_string();
        self.0.insert(format!("{member} {word}"));
        *value = json!(instead);
        Some(word)
    }

    fn doubt(self) -> Option<super::Doubt> {
        let words: Vec<String> = self.0.into_iter().take(10).collect();
        let message = format!(
            "The results are a later airproof's, with words that this one does not know ({}): what they say is told as \
             the least that it can mean.",
            words.join(", ")
        );
        (!words.is_empty()).then(|| super::Doubt { kind: "unknown-words".to_owned(), message })
    }
}

fn is_known<T: DeserializeOwned>(word: &Value) -> bool {
    T::deserialize(word).is_ok()
}

fn items<'v>(file: &'v mut Value, list: &str) -> impl Iterator<Item = &'v mut Value> {
    file.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
}
