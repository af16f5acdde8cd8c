//! Behaviours that a connector is known to have: declared once, with a reason, instead of waived rule by rule.

use super::Waiver;
use super::fields::Reader;
use super::yaml::Node;

/// The keys of a declared behaviour.
pub(super) const KEYS: [&str; 3] = ["name", "stream", "reason"];

/// The behaviours that can be declared, and the rules and experiments that would tell of each.
const BEHAVIOURS: [(&str, &[&str]); 9] = [
    ("reads-everything-again", &["EXP-01", "EXP-04", "EXP-06"]),
    ("repeats-records", &["READ-012"]),
    ("data-change-while-read", &["READ-020", "READ-013", "STATUS-003"]),
    ("has-no-primary-key", &["DISC-015", "META-011"]),
    ("closes-schemas", &["DISC-021", "SPEC-016"]),
    ("tells-no-stream-status", &["STATUS-001"]),
    ("keeps-legacy-state", &["STATE-002"]),
    ("counts-no-records-in-states", &["STATE-014"]),
    ("runs-as-root", &["CLI-013"]),
];

impl Reader<'_> {
    /// What the suite declares, as waivers of the rules that would tell of it.
    pub fn behaviours(&mut self, node: &Node) -> Vec<Waiver> {
        let words = BEHAVIOURS.map(|(name, rules)| (name, (name, rules)));
        let mut waivers = Vec::new();
        for item in self.items(node, "`behaviours`") {
            if !self.keys(item, "a declared behaviour", &KEYS) {
                continue;
            }
            let Some(name) = item.get("name") else {
                self.required(item, "name", "a declared behaviour");
                continue;
            };
            let behaviour = self.word(name, "the `name` of a declared behaviour", &words);
            let reason = self.required(item, "reason", "a declared behaviour");
            let stream = item.get("stream").and_then(|node| self.glob(node));
            let (Some((name, rules)), Some(reason)) = (behaviour, reason) else { continue };
            waivers.extend(rules.iter().map(|rule| Waiver {
                rule: (*rule).to_owned(),
                stream: stream.clone(),
                reason: format!("declared {name}: {reason}"),
                owner: None,
                until: None,
                is_declared: true,
            }));
        }
        waivers
    }
}
