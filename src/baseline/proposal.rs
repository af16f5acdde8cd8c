//! Proposals to normalise a field: `normalize.pending.yml` beside `normalize.yml`, the rules that are in force.
//!
//! Both are lists of the same entries. An accepted one is appended to the rules, so that comments and order stay as whoever
//! wrote them wants them.

use super::answer::Answer;
use super::file::{self, Trouble};
use super::portrait;
use super::question::{Matter, Question};
use super::store::{Lock, Store};
use crate::suite::{Normalising, plain_yaml};
use crate::text;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The rules in force.
const RULES: &str = "normalize.yml";
/// What is proposed.
const PENDING: &str = "normalize.pending.yml";
const ABOVE: &str =
    "# What two reads showed to be volatile. `airproof review` moves what is accepted to normalize.yml.\n";
/// The keys that say what is done, and how a question says it.
const DEEDS: [(&str, &str); 5] =
    [("form", "mask"), ("replace", "mask"), ("sort", "sort"), ("drop", "leave out"), ("round", "round")];
/// Characters of a name or reason that are shown.
const LONGEST: usize = 160;

/// One field that is to be normalised, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    entry: Map<String, Value>,
}

impl Proposal {
    /// To do something (`form`, `replace`, `sort`, `drop` or `round`, and its value) with a field of a stream, or of all,
    /// with the evidence.
    pub fn new(stream: Option<&str>, path: &str, (deed, value): (&str, Value), reason: &str) -> Proposal {
        let stream = stream.map(|stream| ("stream".to_owned(), stream.into()));
        let rest = [("path".to_owned(), path.into()), (deed.to_owned(), value), ("reason".to_owned(), reason.into())];
        Proposal { entry: stream.into_iter().chain(rest).collect() }
    }

    /// As it is written.
    pub(super) fn entry(&self) -> &Map<String, Value> {
        &self.entry
    }

    fn text(&self, key: &str) -> Option<String> {
        let text = self.entry.get(key).and_then(Value::as_str)?;
        Some(text::shorten(&text::visible(text), LONGEST))
    }

    /// Whether both are about the same field.
    fn is_about_the_same(&self, other: &Proposal) -> bool {
        ["stream", "path"].iter().all(|key| self.entry.get(*key) == other.entry.get(*key))
    }

    /// The question whether it is taken.
    pub(super) fn question(&self) -> Question {
        let deed = DEEDS.iter().find(|(key, _)| self.entry.contains_key(*key));
        let (key, verb) = deed.copied().unwrap_or(("replace", "mask"));
        let path = self.text("path").unwrap_or_default();
        let path = path.trim_start_matches('/');
        let stream = self.text("stream").map_or("all streams".to_owned(), |stream| format!("`{stream}`"));
        let form = self.text("form").filter(|_| key == "form").map(|form| format!(", as long as it is a {form}"));
        let reason = self.text("reason").map(|reason| format!(" {reason}")).unwrap_or_default();
        let title = format!("{verb} `{path}` in {stream}{}?{reason}", form.unwrap_or_default());
        Question::new(title, Matter::Mask(self.clone()), Vec::new())
    }

    fn written(&self) -> String {
        let lines = self.entry.iter().enumerate();
        let line = |(at, (key, value)): (usize, (&String, &Value))| {
            let begin = if at == 0 { "- " } else { "  " };
            format!("{begin}{key}: {value}\n")
        };
        lines.map(line).collect()
    }
}

impl From<&portrait::Proposal> for Proposal {
    fn from(learned: &portrait::Proposal) -> Proposal {
        let deed = match learned.action {
            Normalising::Replace => ("replace", true.into()),
            Normalising::Form(form) => ("form", form.as_str().into()),
            Normalising::Sort => ("sort", true.into()),
            Normalising::Drop => ("drop", true.into()),
            Normalising::Round(digits) => ("round", digits.into()),
        };
        Proposal::new(Some(&learned.stream_pattern()), &learned.path, deed, &learned.evidence)
    }
}

impl Store {
    /// What is proposed and waits for an answer.
    pub fn proposals(&self) -> Result<Vec<Proposal>, Trouble> {
        read(&self.folder().join(PENDING)).map(|(_, entries)| entries)
    }

    /// Writes down what is proposed, in place of what was, but for fields that a rule is about.
    pub fn propose(&self, proposals: &[Proposal]) -> Result<(), Trouble> {
        let lock = self.lock()?;
        write_pending(self, &lock, &self.without_rules(proposals)?)
    }

    /// Those for whose fields there is no rule yet.
    pub fn without_rules(&self, proposals: &[Proposal]) -> Result<Vec<Proposal>, Trouble> {
        let (_, rules) = read(&self.folder().join(RULES))?;
        let is_new = |proposal: &&Proposal| !rules.iter().any(|rule| rule.is_about_the_same(proposal));
        Ok(proposals.iter().filter(is_new).cloned().collect())
    }
}

fn write_pending(store: &Store, lock: &Lock, proposals: &[Proposal]) -> Result<(), Trouble> {
    let path = store.folder().join(PENDING);
    match proposals {
        [] => store.remove(lock, &path),
        some => {
            let entries: String = some.iter().map(Proposal::written).collect();
            store.write(lock, &path, &format!("{ABOVE}{entries}"))
        }
    }
}

/// Carries out an answer to a proposal.
pub(super) fn answer(store: &Store, lock: &Lock, proposal: &Proposal, answer: Answer) -> Result<(), Trouble> {
    let pending = store.folder().join(PENDING);
    let (_, mut proposals) = read(&pending)?;
    let place = proposals.iter().position(|other| other == proposal);
    proposals.remove(place.ok_or_else(|| Trouble::meanwhile(&pending))?);
    if answer == Answer::Accept {
        append(store, lock, proposal)?;
    }
    write_pending(store, lock, &proposals)
}

fn append(store: &Store, lock: &Lock, proposal: &Proposal) -> Result<(), Trouble> {
    let path: PathBuf = store.folder().join(RULES);
    let (mut text, mut rules) = read(&path)?;
    if rules.is_empty() && text.trim() == "[]" {
        text.clear();
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&proposal.written());
    rules.push(proposal.clone());
    // A list that is written otherwise (in brackets, indented) can't be appended to: that must not be found out later.
    if entries(&path, &text).ok() != Some(rules) {
        let message = format!("an entry can't be appended to it; add it by hand:\n{}", proposal.written());
        return Err(Trouble::content(&path, message));
    }
    store.write(lock, &path, &text)
}

/// A file's text and entries; both are empty where there is no file.
fn read(path: &Path) -> Result<(String, Vec<Proposal>), Trouble> {
    let text = file::read_bounded(path)?.unwrap_or_default();
    let entries = entries(path, &text)?;
    Ok((text, entries))
}

fn entries(path: &Path, text: &str) -> Result<Vec<Proposal>, Trouble> {
    let wrong = |why: &str| {
        let message =
            format!("{why}; an entry is `{{ stream: NAME, path: /FIELD, replace: true }}`: mend it, or remove it");
        Trouble::content(path, message)
    };
    let read = plain_yaml(path, text).map_err(|error| {
        Trouble::content(path, format!("it can't be read: mend it, or remove the file\n{}", error.render(false)))
    })?;
    let items = match read {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        _ => return Err(wrong("it is no list")),
    };
    let entry = |item| match item {
        Value::Object(entry) if entry.get("path").is_some_and(Value::is_string) => Ok(Proposal { entry }),
        _ => Err(wrong("it has an entry without a `path`")),
    };
    items.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    fn proposal(path: &str) -> Proposal {
        let reason = "differed in 1,000 of 1,000 records";
        Proposal::new(Some("orders"), path, ("form", json!("date-time")), reason)
    }

    #[test]
    fn an_accepted_proposal_is_appended_and_a_rejected_one_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let mine = "# mine\n- { path: /id, drop: true } # because";
        fs::write(folder.path().join(RULES), mine).expect("written");
        let all = ["/a", "/b", "/id"].map(proposal);
        store.propose(&all).expect("written");
        assert_eq!(store.proposals().expect("read"), all, "the rule for all streams is about something else");
        let title = all[0].question().title;
        assert_eq!(title, "mask `a` in `orders`, as long as it is a date-time? differed in 1,000 of 1,000 records");
        store.answer(&all[0].question(), Answer::Accept).expect("accepted");
        store.answer(&all[1].question(), Answer::Reject).expect("rejected");
        assert!(store.answer(&all[1].question(), Answer::Accept).is_err(), "it is no longer proposed");
        assert_eq!(store.proposals().expect("read"), all[2..]);
        let rules = fs::read_to_string(folder.path().join(RULES)).expect("rules");
        assert!(rules.starts_with(mine) && rules.contains("\n- stream: \"orders\"\n  path: \"/a\"\n"), "{rules}");
        store.propose(&all).expect("written");
        assert_eq!(store.proposals().expect("read"), all[1..], "what is a rule is not proposed again");
        store.propose(&[]).expect("removed");
        assert!(!folder.path().join(PENDING).exists());
    }

    #[test]
    fn rules_that_cannot_be_appended_to_stay_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        store.propose(&[proposal("/a")]).expect("written");
        fs::write(folder.path().join(RULES), "[{path: /x, drop: true}]\n").expect("written");
        let trouble = store.answer(&proposal("/a").question(), Answer::Accept).expect_err("it can't be appended");
        assert!(trouble.message.contains("add it by hand:\n- stream: \"orders\""), "{trouble}");
        assert_eq!(fs::read_to_string(folder.path().join(RULES)).expect("rules"), "[{path: /x, drop: true}]\n");
        assert_eq!(store.proposals().expect("read").len(), 1);
    }
}
