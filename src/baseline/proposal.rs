//! Proposals to normalise a field: `normalize.pending.yml` beside `normalize.yml`, the rules that are in force.
//!
//! Both are lists of the same entries. An accepted one is appended to the rules, so that comments and order stay as whoever
//! wrote them wants them; so is a rejected one, with `rejected: true`, which keeps it from being proposed again.

use super::answer::Answer;
use super::file::{self, Trouble};
use super::mask;
use super::portrait;
use super::store::{Lock, Store};
use crate::suite::{FieldPath, NormaliseRule, Normalising, ValueForm, plain_yaml};
use crate::text;
use globset::Glob;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rules in force.
const RULES: &str = "normalize.yml";
/// What is proposed.
const PENDING: &str = "normalize.pending.yml";
const ABOVE: &str =
    "# What two reads showed to be volatile. `airproof review` moves what is accepted to normalize.yml.\n";
/// How the file of rules begins where we make it.
const ABOVE_RULES: &str = "# What is made alike before records are compared. An entry with `rejected: true` does nothing but keep the field from\n\
                           # being proposed again: remove that line to accept the mask, or the entry to be asked again.\n";
/// The key of an entry that somebody rejected.
const REJECTED: &str = "rejected";
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

    /// A text of it, harmless and bounded.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let text = self.entry.get(key).and_then(Value::as_str)?;
        Some(text::shorten(&text::visible(text), LONGEST))
    }

    /// What tells which field it is about: two with the same are never both in force.
    fn field(&self) -> [Option<String>; 2] {
        ["stream", "path"].map(|key| self.entry.get(key).map(Value::to_string))
    }

    fn is_rejected(&self) -> bool {
        self.entry.get(REJECTED) == Some(&Value::Bool(true))
    }

    fn rejected(&self) -> Proposal {
        let mut entry = self.entry.clone();
        entry.insert(REJECTED.to_owned(), true.into());
        Proposal { entry }
    }

    /// The rule that it is once it is accepted. None where it is rejected, or where it says what no suite takes.
    pub(super) fn rule(&self) -> Option<NormaliseRule> {
        let text = |key: &str| self.entry.get(key).and_then(Value::as_str);
        let is_set = |key: &str| self.entry.get(key) == Some(&Value::Bool(true));
        let form = || ValueForm::WORDS.iter().find(|(word, _)| Some(*word) == text("form")).map(|(_, form)| *form);
        let digits = || u8::try_from(self.entry.get("round")?.as_u64()?).ok();
        let action = match () {
            () if self.is_rejected() => return None,
            () if is_set("replace") => Normalising::Replace,
            () if is_set("sort") => Normalising::Sort,
            () if is_set("drop") => Normalising::Drop,
            () => form().map(Normalising::Form).or_else(|| digits().map(Normalising::Round))?,
        };
        let stream = match self.entry.contains_key("stream") {
            true => Some(Glob::new(text("stream")?).ok()?.compile_matcher()),
            false => None,
        };
        Some(NormaliseRule { stream, path: FieldPath::parse(text("path")?).ok()?, action, reason: None })
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

    /// Those for whose fields there is no rule yet, nor a rejected one; of several for one field, the first.
    pub fn without_rules(&self, proposals: &[Proposal]) -> Result<Vec<Proposal>, Trouble> {
        let (_, rules) = read(&self.folder().join(RULES))?;
        let mut known: BTreeSet<[Option<String>; 2]> = rules.iter().map(Proposal::field).collect();
        Ok(proposals.iter().filter(|proposal| known.insert(proposal.field())).cloned().collect())
    }

    /// The rules that were accepted, as they are in the folder now.
    pub fn accepted_rules(&self) -> Result<Vec<NormaliseRule>, Trouble> {
        let (_, rules) = read(&self.folder().join(RULES))?;
        Ok(rules.iter().filter_map(Proposal::rule).collect())
    }

    /// The masks that were rejected: each field with the streams that it is in.
    pub fn rejected_masks(&self) -> Result<Vec<String>, Trouble> {
        let (_, rules) = read(&self.folder().join(RULES))?;
        let rejected: Vec<Proposal> = rules.into_iter().filter(Proposal::is_rejected).collect();
        Ok(mask::fields(&rejected))
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

/// Carries out an answer to proposals: all of them become rules, or rejected ones.
pub(super) fn answer(store: &Store, lock: &Lock, answered: &[Proposal], answer: Answer) -> Result<(), Trouble> {
    let pending = store.folder().join(PENDING);
    let (_, mut proposals) = read(&pending)?;
    if !answered.iter().all(|one| proposals.contains(one)) {
        return Err(Trouble::meanwhile(&pending));
    }
    proposals.retain(|one| !answered.contains(one));
    match answer {
        Answer::Accept => append(store, lock, answered)?,
        Answer::Reject => append(store, lock, &answered.iter().map(Proposal::rejected).collect::<Vec<_>>())?,
    }
    write_pending(store, lock, &proposals)
}

fn append(store: &Store, lock: &Lock, added: &[Proposal]) -> Result<(), Trouble> {
    let path: PathBuf = store.folder().join(RULES);
    let (mut text, mut rules) = read(&path)?;
    if rules.is_empty() && text.trim() == "[]" {
        text.clear();
    }
    if text.is_empty() {
        text.push_str(ABOVE_RULES);
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let written: String = added.iter().map(Proposal::written).collect();
    text.push_str(&written);
    rules.extend_from_slice(added);
    // A list that is written otherwise (in brackets, indented) can't be appended to: that must not be found out later.
    if entries(&path, &text).ok() != Some(rules) {
        let message = format!("an entry can't be appended to it; add by hand:\n{written}");
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
        let questions = mask::questions(&all);
        let title = &questions[0].title;
        assert_eq!(title, "mask `a` in `orders`, as long as it is a date-time? differed in 1,000 of 1,000 records");
        store.answer(&questions[0], Answer::Accept).expect("accepted");
        store.answer(&questions[1], Answer::Reject).expect("rejected");
        assert!(store.answer(&questions[1], Answer::Accept).is_err(), "it is no longer proposed");
        assert_eq!(store.proposals().expect("read"), all[2..]);
        let rules = fs::read_to_string(folder.path().join(RULES)).expect("rules");
        assert!(rules.starts_with(mine) && rules.contains("\n- stream: \"orders\"\n  path: \"/a\"\n"), "{rules}");
        store.propose(&all).expect("written");
        assert_eq!(store.proposals().expect("read"), all[2..], "what is a rule or was rejected is not proposed again");
        assert_eq!(store.rejected_masks().expect("read"), ["`b` in `orders`"]);
        let in_force: Vec<String> =
            store.accepted_rules().expect("read").iter().map(|rule| rule.path.as_str().to_owned()).collect();
        assert_eq!(in_force, ["/id", "/a"]);
        // Without its line, a rejected one is accepted; without its entry, it is proposed again.
        fs::write(folder.path().join(RULES), rules.replace("  rejected: true\n", "")).expect("written");
        assert_eq!(store.accepted_rules().expect("read").len(), 3);
        fs::write(folder.path().join(RULES), mine).expect("written");
        store.propose(&all).expect("written");
        assert_eq!(store.proposals().expect("read"), all);
        store.propose(&[]).expect("removed");
        assert!(!folder.path().join(PENDING).exists());
    }

    #[test]
    fn rules_that_cannot_be_appended_to_stay_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        store.propose(&[proposal("/a")]).expect("written");
        fs::write(folder.path().join(RULES), "[{path: /x, drop: true}]\n").expect("written");
        let questions = mask::questions(&[proposal("/a")]);
        let trouble = store.answer(&questions[0], Answer::Accept).expect_err("it can't be appended");
        assert!(trouble.message.contains("add by hand:\n- stream: \"orders\""), "{trouble}");
        assert_eq!(fs::read_to_string(folder.path().join(RULES)).expect("rules"), "[{path: /x, drop: true}]\n");
        assert_eq!(store.proposals().expect("read").len(), 1);
    }
}
