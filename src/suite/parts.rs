//! What is done with a scenario, in parts, and what a suite leaves out of it.

use super::fields::Reader;
use super::yaml::Node;
use super::{CatalogSource, LevelSetting, Scenario, StreamException, Suite};
use indexmap::IndexMap;

/// A part of what is done with a scenario. `spec` is launched in any case: it needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Whether the config works, and what else is or is not taken for one.
    Check,
    /// The streams.
    Discover,
    /// One read of every stream, as a whole.
    Read,
    /// What several such reads come to.
    FullRefresh,
    /// Reads that go on from a state.
    Incremental,
}

impl Part {
    /// All of them, in the order in which they are done.
    pub const ALL: [Part; 5] = [Part::Check, Part::Discover, Part::Read, Part::FullRefresh, Part::Incremental];

    /// The word for it in suites.
    pub fn name(self) -> &'static str {
        match self {
            Part::Check => "check",
            Part::Discover => "discover",
            Part::Read => "read",
            Part::FullRefresh => "full_refresh",
            Part::Incremental => "incremental",
        }
    }
}

/// The keys of a part that is left out.
pub(super) const LEFT_OUT_KEYS: [&str; 2] = ["part", "reason"];

/// The keys of what is bypassed.
pub(super) const BYPASSED_KEYS: [&str; 2] = ["what", "reason"];

/// A part that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Which.
    pub part: Part,
    /// Why, if whoever wrote the suite says so.
    pub reason: Option<String>,
}

impl LeftOut {
    /// In a clause, for people.
    pub fn describe(&self) -> String {
        let name = self.part.name();
        match &self.reason {
            Some(reason) => format!("the suite leaves out `{name}`: {reason}"),
            None => format!("the suite leaves out `{name}`"),
        }
    }
}

/// Something that a suite does not have looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypassed {
    /// What, in a word or two.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// A file that a scenario names and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What it is for: `config`, `catalog`, `state`.
    pub what: &'static str,
    /// That it is missing, in a sentence.
    pub message: String,
}

impl Suite {
    /// Why nothing can be tested: every scenario names a config that is not there. A file of Airbyte's own acceptance tests
    /// may, since those run without secrets as well.
    pub fn lacks_every_config(&self) -> Option<&Lack> {
        let lack = |scenario: &'_ Scenario| scenario.lacks.iter().position(|lack| lack.what == "config");
        let all = self.scenarios.iter().all(|scenario| lack(scenario).is_some());
        let first = self.scenarios.first().filter(|_| all && !self.is_foreign)?;
        first.lacks.get(lack(first)?)
    }

    /// What scenarios lack, a sentence for each file with the scenarios that name it.
    pub fn lacks(&self) -> Vec<String> {
        let mut all: IndexMap<&str, Vec<&str>> = IndexMap::new();
        for scenario in &self.scenarios {
            for lack in &scenario.lacks {
                let names = all.entry(lack.message.as_str()).or_default();
                if !names.contains(&scenario.name.as_str()) {
                    names.push(&scenario.name);
                }
            }
        }
        all.into_iter().map(|(message, names)| format!("{}: {message}", names.join(", "))).collect()
    }
}

impl Reader<'_> {
    /// The parts that a scenario leaves out: a list of words, or of mappings with a reason.
    pub fn parts_left_out(&mut self, node: &Node) -> Vec<LeftOut> {
        let words = Part::ALL.map(|part| (part.name(), part));
        let mut left: Vec<LeftOut> = Vec::new();
        for item in self.items(node, "`leave_out`") {
            let (word, reason) = match item.entries() {
                None => (Some(item), None),
                Some(_) => {
                    if !self.keys(item, "a part that is left out", &LEFT_OUT_KEYS) {
                        continue;
                    }
                    let reason = item.get("reason").and_then(|node| self.text(node, "`reason`"));
                    (item.get("part"), reason.map(str::to_owned))
                }
            };
            let Some(word) = word else {
                self.required(item, "part", "a part that is left out");
                continue;
            };
            let part = self.word(word, "a part that is left out", &words);
            left.extend(part.map(|part| LeftOut { part, reason }));
        }
        left
    }

    /// What the suite bypasses as a whole.
    pub fn bypassed(&mut self, node: &Node) -> Vec<Bypassed> {
        let mut bypassed = Vec::new();
        for item in self.items(node, "`bypassed`") {
            if self.keys(item, "what is bypassed", &BYPASSED_KEYS) {
                let what = self.required(item, "what", "what is bypassed");
                let reason = self.required(item, "reason", "what is bypassed");
                bypassed.extend(what.zip(reason).map(|(what, reason)| Bypassed { what, reason }));
            }
        }
        bypassed
    }

    /// What a strict suite leaves out without a reason.
    pub fn gaps(&self, scenarios: &[Scenario]) -> Vec<String> {
        let mut gaps = Vec::new();
        for part in Part::ALL {
            let is_explained = |scenario: &Scenario| scenario.left_out(part).is_some_and(|left| left.reason.is_some());
            if !scenarios.iter().any(|scenario| scenario.does(part) || is_explained(scenario)) {
                gaps.push(format!("no scenario does `{}`, and no reason is given", part.name()));
            }
        }
        scenarios.iter().for_each(|scenario| gaps.extend(gaps_of(scenario)));
        gaps
    }
}

/// What one scenario leaves out without a reason.
fn gaps_of(scenario: &Scenario) -> Vec<String> {
    let name = &scenario.name;
    let unexplained = |list: &[StreamException], what: &str| {
        let without = list.iter().filter(|exception| exception.reason.is_none());
        without.map(|it| format!("{name}: no reason says why `{}` is {what}", it.stream)).collect::<Vec<_>>()
    };
    let mut gaps = unexplained(&scenario.streams.empty, "empty");
    gaps.extend(unexplained(&scenario.streams.skip, "not read"));
    for (stream, fields) in &scenario.streams.volatile {
        let without = fields.iter().filter(|field| field.reason.is_none()).map(|field| field.path.as_str());
        gaps.extend(without.map(|field| format!("{name}: no reason says why `{field}` of `{stream}` is not compared")));
    }
    gaps.extend(gaps_of_expected(scenario));
    if scenario.does(Part::Read) && matches!(scenario.catalog, CatalogSource::File { .. }) {
        gaps.push(format!("{name}: it reads the streams of a catalog of its own, not all that there are"));
    }
    if scenario.rules.get("READ-006") == Some(&LevelSetting::Off) {
        gaps.push(format!("{name}: its records are not judged by their schemas (READ-006 is off)"));
    }
    gaps
}

/// What one scenario does not expect, without a reason.
fn gaps_of_expected(scenario: &Scenario) -> Vec<String> {
    let (name, expected) = (&scenario.name, &scenario.expected);
    let mut gaps = Vec::new();
    if scenario.does(Part::Read) && expected.records.is_none() {
        gaps.push(format!("{name}: no records are expected (`records`), and no reason is given"));
    }
    match &expected.future_state {
        None if scenario.does(Part::Incremental) => {
            gaps.push(format!("{name}: there is no state of the future (`future_state`), and no reason is given"));
        }
        None => {}
        Some(future) => {
            if scenario.does(Part::Incremental) && future.path.is_none() && future.reason.is_none() {
                gaps.push(format!("{name}: `future_state` has neither a `path` nor a `reason`"));
            }
            let without = future.missing.iter().filter(|exception| exception.reason.is_none());
            gaps.extend(
                without
                    .map(|it| format!("{name}: no reason says why `{}` is not in the state of the future", it.stream)),
            );
        }
    }
    gaps
}
