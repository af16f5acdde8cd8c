//! The changes of a scenario: what its author does to the data between and during reads, and what must come of it.

use super::around::STEP_KEYS;
use super::diagnose::{Mistake, Span, quoted};
use super::fields::Reader;
use super::steps::Step;
use super::yaml::{Kind, Node};
use super::{Scenario, StreamExceptions};
use crate::protocol::Descriptor;
use serde_json::{Map, Value};

/// The keys of a change.
pub(super) const KEYS: [&str; 6] = ["name", "when", "run", "request", "container", "delivers"];
/// The keys of a record that must be delivered.
pub(super) const DELIVERED_KEYS: [&str; 3] = ["stream", "namespace", "key"];

/// A change of the data that the connector reads, carried out by the suite's author.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Unique within the scenario, any text.
    pub name: String,
    /// When it is carried out.
    pub when: When,
    /// How it is carried out.
    pub step: Step,
    /// What a later read must deliver because of it; may be empty.
    pub delivers: Vec<Delivered>,
    /// Whether nobody states what a later read must deliver: it must differ from the one before.
    pub is_unknown: bool,
}

/// When a change is carried out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum When {
    /// After a read has ended, before the next.
    #[default]
    Between,
    /// In the middle of a read.
    During,
}

/// A record that must be delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// Its stream.
    pub stream: Descriptor,
    /// A part of its data: fields of the top level with their values. Never empty.
    pub key: Map<String, Value>,
}

fn is_word_unknown(node: &Node) -> bool {
    matches!(&node.kind, Kind::Scalar { text, .. } if text == "unknown")
}

impl Reader<'_> {
    /// Reads `changes` and `reset` of a scenario.
    pub fn changes_of(&mut self, scenario: &mut Scenario, node: &Node) {
        let mut names: Vec<(String, Span)> = Vec::new();
        if let Some(changes) = node.get("changes") {
            for item in self.items(changes, "`changes`") {
                if let Some(name) = item.get("name") {
                    self.refuse_repeated(name, &mut names);
                }
                let change = self.change(item, &scenario.streams);
                scenario.changes.extend(change);
            }
        }
        if let Some(reset) = node.get("reset") {
            if self.keys(reset, "`reset`", &STEP_KEYS) {
                scenario.reset = self.step(reset, "`reset`");
            }
            let is_empty = |changes: &Node| matches!(&changes.kind, Kind::Sequence(items) if items.is_empty());
            if node.get("changes").is_none_or(is_empty) {
                let mistake = Mistake::at(reset.span, "`reset` has no use in a scenario without `changes`");
                self.mistakes.push(mistake.help("there is nothing to put back: remove the key, or add `changes`"));
            }
        }
    }

    fn refuse_repeated(&mut self, node: &Node, names: &mut Vec<(String, Span)>) {
        let Kind::Scalar { text, .. } = &node.kind else { return };
        let name = text.trim().to_owned();
        if let Some((_, first)) = names.iter().find(|(other, _)| *other == name) {
            let message = format!("two changes have the name {}", quoted(&name));
            let mistake = Mistake::at(node.span, message).also(Some(*first), "the first");
            self.mistakes.push(mistake.help("give each change of a scenario a name of its own"));
        }
        names.push((name, node.span));
    }

    fn change(&mut self, node: &Node, streams: &StreamExceptions) -> Option<Change> {
        if !self.keys(node, "a change", &KEYS) {
            return None;
        }
        let name = self.required(node, "name", "a change").map(|name| name.trim().to_owned());
        let words = [("between", When::Between), ("during", When::During)];
        let when = node.get("when").map_or(Some(When::default()), |node| self.word(node, "`when`", &words));
        let step = self.step(node, "a change");
        let is_unknown = node.get("delivers").is_some_and(is_word_unknown);
        let delivers = if is_unknown { Some(Vec::new()) } else { self.deliveries(node, streams) };
        if is_unknown && when == Some(When::During) {
            let message = "a change in the middle of a read needs `delivers` with what must come of it";
            let mistake = Mistake::at(node.span, message);
            self.mistakes.push(mistake.help("list the records, or make the change between reads: `when: between`"));
        }
        Some(Change { name: name?, when: when?, step: step?, delivers: delivers?, is_unknown })
    }

    fn deliveries(&mut self, node: &Node, streams: &StreamExceptions) -> Option<Vec<Delivered>> {
        let Some(list) = node.get("delivers") else {
            let mistake = Mistake::at(node.span, "a change needs `delivers`: what a later read must deliver");
            self.mistakes.push(mistake.help(
                "add `delivers: [{ stream: NAME, key: { FIELD: VALUE } }]`, or `delivers: []` where no record comes of it, or \
                 `delivers: unknown`",
            ));
            return None;
        };
        let mut delivers = Vec::new();
        for item in self.items(list, "`delivers`") {
            let Some(delivered) = self.delivered(item) else { continue };
            if streams.skip.iter().any(|skipped| skipped.stream == delivered.stream) {
                let message = format!("the stream {} is not read", quoted(&delivered.stream.to_string()));
                let mistake = Mistake::at(item.span, message).label("so nothing of it can be delivered");
                self.mistakes.push(mistake.help("remove it here, or under `skip`"));
            }
            delivers.push(delivered);
        }
        Some(delivers)
    }

    fn delivered(&mut self, node: &Node) -> Option<Delivered> {
        const WHAT: &str = "a record that must be delivered";
        if !self.keys(node, WHAT, &DELIVERED_KEYS) {
            return None;
        }
        let name = self.required(node, "stream", WHAT);
        let namespace = node.get("namespace").and_then(|node| self.text(node, "`namespace`")).map(str::to_owned);
        let help = "write fields of the record with their values: `key: { id: 7 }`";
        let key = match node.get("key") {
            None => {
                self.mistakes.push(Mistake::at(node.span, format!("{WHAT} needs a `key`")).help(help));
                None
            }
            Some(key) => match self.value(key) {
                Value::Object(fields) if !fields.is_empty() => Some(fields),
                Value::Object(_) => {
                    self.mistakes.push(Mistake::at(key.span, "`key` fits every record: it has no field").help(help));
                    None
                }
                _ => {
                    self.wrong(key, "`key`", "a mapping", Some(help.to_owned()));
                    None
                }
            },
        };
        Some(Delivered { stream: Descriptor { name: name?, namespace }, key: key? })
    }
}
