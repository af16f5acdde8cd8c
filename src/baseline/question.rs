//! What is put to a person: all changes of one shape are one question, wherever they are.

use super::Subject;
use super::difference::{Change, What};
use super::group::Groups;
use super::mask;
use super::normalise::Normaliser;
use super::place::hash;
use super::proposal::Proposal;
use super::stable_changes::stable_changes;
use super::store::{Contents, Pending};
use crate::protocol::Descriptor;
use crate::text;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Characters of the id of a question.
const ID_LENGTH: usize = 8;
/// Names of streams in a title.
pub(super) const NAMES: usize = 3;
/// Characters of a name in a title.
const LONGEST_NAME: usize = 80;

/// One thing to be decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Short, and the same as long as what it is about is the same to the last value.
    pub id: String,
    /// What is asked, in a few words.
    pub title: String,
    /// What it is about.
    pub matter: Matter,
    /// Where: at least one, but for a proposal.
    pub spots: Vec<Spot>,
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Matter {
    /// Whether a field is masked from now on, in one stream or in several.
    Mask(Vec<Proposal>),
    /// Whether the first snapshot of a scenario, or of something new in it, is right.
    First,
    /// Whether something may go that has a baseline.
    Gone,
    /// Whether a change is right.
    Changed(What),
}

/// The part of a question that is in one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// The scenario's id.
    pub scenario: String,
    /// What the file is about.
    pub subject: Subject,
    /// The changes that it is about; of a first snapshot and of what is gone, the one of the whole content.
    pub changes: Vec<Change>,
}

impl Question {
    pub(super) fn new(title: String, matter: Matter, spots: Vec<Spot>) -> Question {
        let kind = match &matter {
            Matter::Mask(proposals) => {
                json!({"mask": proposals.iter().map(Proposal::entry).collect::<Vec<_>>()})
            }
            Matter::First => json!("first"),
            Matter::Gone => json!("gone"),
            Matter::Changed(what) => json!(format!("{what:?}")),
        };
        let spots_told = spots.iter().map(|spot| {
            let changes = spot.changes.iter().map(|change| json!([change.pointer, change.before, change.after]));
            json!([spot.scenario, spot.subject.to_value(), changes.collect::<Value>()])
        });
        let id = hash(&json!([kind, spots_told.collect::<Value>()]).to_string())[..ID_LENGTH].to_owned();
        Question { id, title, matter, spots }
    }

    /// The streams that it is about.
    pub fn streams(&self) -> BTreeSet<&Descriptor> {
        self.spots.iter().filter_map(|spot| spot.subject.stream()).collect()
    }

    /// The scenarios that it is about.
    pub fn scenarios(&self) -> BTreeSet<&str> {
        self.spots.iter().map(|spot| spot.scenario.as_str()).collect()
    }

    /// The number of changes.
    pub fn places(&self) -> usize {
        self.spots.iter().map(|spot| spot.changes.len()).sum()
    }
}

impl Contents {
    /// All that waits for an answer: proposals first, since what they would mask is asked about as such and not as a change;
    /// then what is new, what is gone, and what changed.
    pub fn questions(&self, proposals: &[Proposal]) -> Vec<Question> {
        let mut questions: Vec<Question> = mask::questions(proposals);
        let volatile = Normaliser::default().and(proposals.iter().filter_map(Proposal::rule));
        let mut first: BTreeMap<&str, Vec<Spot>> = BTreeMap::new();
        let mut gone: BTreeMap<String, Vec<Spot>> = BTreeMap::new();
        let mut outlines: Vec<(&str, Vec<Change>)> = Vec::new();
        let mut groups = Groups::default();
        for ((scenario, subject), entry) in &self.entries {
            let spot = |changes| Spot { scenario: scenario.clone(), subject: subject.clone(), changes };
            match (&entry.accepted, &entry.pending) {
                (_, None) | (None, Some(Pending::Gone)) => {}
                (None, Some(Pending::Content(content))) => {
                    first.entry(scenario).or_default().push(spot(vec![whole(None, Some(content))]));
                }
                (Some(accepted), Some(Pending::Gone)) => {
                    if let Some(change) = groups.add_absence(scenario, subject, whole(Some(accepted), None)) {
                        gone.entry(self.told_absence(scenario, subject)).or_default().push(spot(vec![change]));
                    }
                }
                (Some(accepted), Some(Pending::Content(content))) => {
                    let changes = stable_changes(subject, accepted, content, &volatile).unwrap_or_default();
                    match subject {
                        Subject::Messages => outlines.push((scenario, changes)),
                        _ => groups.add(scenario, subject, changes),
                    }
                }
            }
        }
        // The order of messages of a stream that is new or gone is no question of its own.
        for (scenario, changes) in outlines {
            let (of_streams, rest): (Vec<Change>, Vec<Change>) =
                changes.into_iter().partition(|change| outline_of(change, scenario, &first, &gone).is_some());
            groups.add(scenario, &Subject::Messages, rest);
            for change in of_streams {
                let Some(spots) = outline_of(&change, scenario, &first, &gone) else { continue };
                let spots = match spots {
                    Owner::First => first.entry(scenario).or_default(),
                    Owner::Gone(what) => gone.entry(what).or_default(),
                };
                spots.push(Spot { scenario: scenario.to_owned(), subject: Subject::Messages, changes: vec![change] });
            }
        }
        questions.extend(first.into_values().map(|spots| Question::new(first_title(&spots), Matter::First, spots)));
        questions.extend(gone.into_iter().map(|(what, spots)| {
            let files = text::plural(whole_files(&spots) as u64, "baseline");
            Question::new(format!("{what} is no longer there: remove {files}"), Matter::Gone, spots)
        }));
        questions.extend(groups.questions());
        questions
    }

    /// What is no longer there, in words: the stream, where its entry in the catalog is gone, else the one thing.
    fn told_absence(&self, scenario: &str, subject: &Subject) -> String {
        let Some(stream) = subject.stream() else { return format!("the {}", subject.aspect()) };
        let entry = self.entries.get(&(scenario.to_owned(), Subject::Catalog(stream.clone())));
        let is_known = entry.is_some_and(|entry| entry.pending != Some(Pending::Gone));
        match is_known {
            true => format!("the {} of {}", subject.aspect(), name(stream)),
            false => told_stream(stream),
        }
    }
}

/// Whose question the order of messages of a stream belongs to.
enum Owner {
    First,
    Gone(String),
}

/// The question that a change of the messages in outline belongs to: that of the stream that is new, or gone.
fn outline_of(
    change: &Change,
    scenario: &str,
    first: &BTreeMap<&str, Vec<Spot>>,
    gone: &BTreeMap<String, Vec<Spot>>,
) -> Option<Owner> {
    let key = change.pointer.strip_prefix("/streams/")?.replace("~1", "/").replace("~0", "~");
    let stream_in = |spots: &[Spot]| {
        let own = spots.iter().filter(|spot| spot.scenario == scenario);
        let catalogs = own.filter(|spot| matches!(spot.subject, Subject::Catalog(_)));
        catalogs.filter_map(|spot| spot.subject.stream()).find(|stream| stream.to_string() == key).cloned()
    };
    match change.what {
        What::Added => stream_in(first.get(scenario)?).map(|_| Owner::First),
        What::Removed => {
            let (what, _) = gone.iter().find(|(_, spots)| stream_in(spots).is_some())?;
            Some(Owner::Gone(what.clone()))
        }
        What::Retyped | What::Value => None,
    }
}

/// How many files come or go as wholes.
fn whole_files(spots: &[Spot]) -> usize {
    spots.iter().filter(|spot| spot.changes.iter().all(|change| change.pointer.is_empty())).count()
}

fn told_stream(stream: &Descriptor) -> String {
    format!("stream {}", name(stream))
}

fn whole(before: Option<&Value>, after: Option<&Value>) -> Change {
    let what = if before.is_none() { What::Added } else { What::Removed };
    Change { pointer: String::new(), before: before.cloned(), after: after.cloned(), what }
}

fn first_title(spots: &[Spot]) -> String {
    let streams: BTreeSet<&Descriptor> = spots.iter().filter_map(|spot| spot.subject.stream()).collect();
    let files = text::plural(whole_files(spots) as u64, "file");
    let scenario = text::visible(&spots[0].scenario);
    match streams.len() as u64 {
        0 => format!("first snapshot in scenario `{scenario}`: {files}"),
        some => format!("first snapshot of {} in scenario `{scenario}`: {files}", text::plural(some, "stream")),
    }
}

/// A stream's name in a title: bounded, and harmless.
pub(super) fn name(stream: &Descriptor) -> String {
    format!("`{}`", text::shorten(&text::visible(&stream.to_string()), LONGEST_NAME))
}

/// Where the spots are: in which streams, or, if in none, in which scenarios.
pub(super) fn told_place(spots: &[Spot]) -> String {
    let streams: BTreeSet<&Descriptor> = spots.iter().filter_map(|spot| spot.subject.stream()).collect();
    if streams.len() > NAMES {
        return format!("in {}", text::plural(streams.len() as u64, "stream"));
    }
    if !streams.is_empty() {
        return format!("in {}", streams.into_iter().map(name).collect::<Vec<_>>().join(", "));
    }
    let scenarios: BTreeSet<&str> = spots.iter().map(|spot| spot.scenario.as_str()).collect();
    match scenarios.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => format!("in scenario `{}`", text::visible(one)),
        several => format!("in {}", text::plural(several.len() as u64, "scenario")),
    }
}
