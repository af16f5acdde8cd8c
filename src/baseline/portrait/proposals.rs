//! What differs from read to read though the data are the same, learned from two reads, with the rule that would make it
//! alike. Nothing is made alike by itself: a person accepts a proposal.
//!
//! A field in which fewer than a tenth of the records differ is not proposed: those are data that moved. Nor is a field of
//! a key, but where the two reads have no key in common: it is made anew in each read. Records of a stream without a key are compared by their place, and a field is proposed only where the two
//! reads have none but chance values of it in common, and where something shows that the places agree.

use super::Portrait;
use super::pairs::{Compared, Pairs};
use super::stream::StreamPortrait;
use crate::baseline::normalise::rounded;
use crate::protocol::Descriptor;
use crate::suite::{FieldPath, NormaliseRule, Normalising, ValueForm};
use crate::text::{count, visible};
use globset::Glob;
use serde_json::Value;
use std::collections::HashMap;

/// A field in which at least one of so many records differs is proposed.
const ONE_OF: u64 = 10;

/// A rule that would make a field alike in each read.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The stream.
    pub stream: Descriptor,
    /// The field, as rules write it: `/updated_at`.
    pub path: String,
    /// What would be done.
    pub action: Normalising,
    /// Records in which the field differed.
    pub differed: u64,
    /// Records that were compared and have it.
    pub compared: u64,
    /// What was seen, in a sentence without its stop.
    pub evidence: String,
}

impl Proposal {
    /// The stream as a rule's pattern, which no other stream matches but one that is called the same.
    pub fn stream_pattern(&self) -> String {
        globset::escape(&self.stream.to_string())
    }

    /// The rule, with the evidence as its reason. None where the stream's name makes no pattern.
    pub fn rule(&self) -> Option<NormaliseRule> {
        Some(NormaliseRule {
            stream: Some(Glob::new(&self.stream_pattern()).ok()?.compile_matcher()),
            path: FieldPath::parse(&self.path).ok()?,
            action: self.action,
            reason: Some(self.evidence.clone()),
        })
    }
}

/// What two reads of the same data with the same catalog propose, stream by stream.
pub fn proposals(first: &Portrait, second: &Portrait) -> Vec<Proposal> {
    let streams = first.streams.iter().zip(&second.streams);
    let same = streams.filter(|(one, other)| one.entry.stream.descriptor == other.entry.stream.descriptor);
    same.flat_map(|(one, other)| if one.has_key() { keyed(one, other) } else { keyless(one, other) }).collect()
}

fn keyed(one: &StreamPortrait, other: &StreamPortrait) -> Vec<Proposal> {
    let by_key: HashMap<&str, &str> = other.sketch.kept().map(|kept| (&*kept.key, &*kept.data)).collect();
    let mut pairs = Pairs::default();
    for kept in one.sketch.kept() {
        let Some(again) = by_key.get(&*kept.key) else { continue };
        add(&mut pairs, one, &kept.data, again);
    }
    if pairs.count > 0 || one.records != other.records {
        pairs.fields.retain(|path, _| !is_of_key(one, path));
        return propose(one, &pairs, |_| true);
    }
    let (kept, again) = (one.sketch.kept(), other.sketch.kept());
    kept.zip(again).for_each(|(kept, again)| add(&mut pairs, one, &kept.data, &again.data));
    pairs.fields.retain(|path, _| is_of_key(one, path));
    propose(one, &pairs, |field| field.absent == 0 && !field.shares_values())
}

fn is_of_key(stream: &StreamPortrait, path: &[String]) -> bool {
    stream.entry.primary_key.iter().any(|key| path.starts_with(key))
}

fn keyless(one: &StreamPortrait, other: &StreamPortrait) -> Vec<Proposal> {
    let mut pairs = Pairs::default();
    one.early.iter().zip(&other.early).for_each(|(first, second)| add(&mut pairs, one, first, second));
    let is_whole = |stream: &StreamPortrait| stream.records == stream.early.len() as u64;
    let is_all = one.records == other.records && is_whole(one) && is_whole(other);
    // A field that tells records apart and is the same at each place.
    let is_anchor = |field: &Compared| {
        field.differed * ONE_OF < field.present && field.values.0.len() * 2 > pairs.count && pairs.count > 1
    };
    if pairs.fields.values().any(is_anchor) {
        return propose(one, &pairs, |field| field.absent + field.reordered > 0 || !field.shares_values());
    }
    propose(one, &pairs, |field| is_all && field.absent + field.reordered == 0 && !field.shares_values())
}

fn add(pairs: &mut Pairs, stream: &StreamPortrait, one: &str, other: &str) {
    if let (Some((one, _)), Some((other, _))) = (stream.alike(one), stream.alike(other)) {
        pairs.add(&one, &other);
    }
}

fn propose(stream: &StreamPortrait, pairs: &Pairs, is_meant: impl Fn(&Compared) -> bool) -> Vec<Proposal> {
    let mut found = Vec::new();
    for (path, field) in &pairs.fields {
        if field.differed == 0 || field.differed * ONE_OF < field.present || !is_meant(field) {
            continue;
        }
        let Some(path) = written(path) else { continue };
        let (action, what) = remedy(field);
        let name = visible(path.trim_start_matches('/'));
        let (differed, compared) = (count(field.differed), count(field.present));
        let evidence =
            format!("`{name}` {what} in {differed} of {compared} record{}", if field.present == 1 { "" } else { "s" });
        found.push(Proposal {
            stream: stream.entry.stream.descriptor.clone(),
            path,
            action,
            differed: field.differed,
            compared: field.present,
            evidence,
        });
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// What makes a field alike, and how it differed, in words.
fn remedy(field: &Compared) -> (Normalising, &'static str) {
    if field.absent > 0 {
        return (Normalising::Drop, "was there in one of the two reads only");
    }
    if field.reordered == field.differed {
        return (Normalising::Sort, "had the same items in another order");
    }
    if let Some(digits) = field.numbers.as_deref().and_then(digits_in_common) {
        return (Normalising::Round(digits), "differed a little");
    }
    match field.form.flatten() {
        Some(form) => (Normalising::Form(form), "differed"),
        None => (Normalising::Replace, "differed"),
    }
}

/// To how many digits numbers are the same, one digit left for what the next read brings. None where they differ by more
/// than a hundredth, or where one has no fraction: a whole number does not differ a little.
fn digits_in_common(numbers: &[(Value, Value)]) -> Option<u8> {
    let is_near = |(one, other): &(Value, Value)| {
        let (Some(a), Some(b)) = (one.as_f64(), other.as_f64()) else { return false };
        let is_fraction =
            ValueForm::of(one) == Some(ValueForm::Number) || ValueForm::of(other) == Some(ValueForm::Number);
        is_fraction && (a - b).abs() <= a.abs().max(b.abs()) / 100.0
    };
    if !numbers.iter().all(is_near) {
        return None;
    }
    let agree = |digits: u8| {
        numbers.iter().all(|(one, other)| rounded(one, digits).is_some_and(|one| Some(one) == rounded(other, digits)))
    };
    (0..=12).rev().find(|digits| agree(*digits)).filter(|digits| *digits > 0).map(|digits| digits - 1)
}

/// A path as rules write it; what a pattern would take for something else stands for any letter. None where a name is
/// empty, which no rule can say.
fn written(path: &[String]) -> Option<String> {
    path.iter().try_fold(String::new(), |text, name| {
        let name = match name.as_str() {
            "" => return None,
            "*" => "*".to_owned(),
            name => name.replace(['/', '*', '?', '[', ']', '{', '}', '\\', '!'], "?"),
        };
        Some(format!("{text}/{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::renewed::renewed;
    use super::super::tests::{finished, portrait, record, rules};
    use super::*;
    use crate::baseline::Subject;
    use crate::baseline::normalise::Normaliser;
    use serde_json::json;

    #[test]
    fn changed_data_is_no_volatile_field() {
        let plain = Normaliser::default();
        let orders = |paid: u64| -> String {
            (0..100)
                .map(|at| record("orders", &json!({"id": at, "status": if at < paid { "paid" } else { "open" }})))
                .collect()
        };
        assert_eq!(proposals(&portrait(&orders(10), &plain), &portrait(&orders(15), &plain)), []);
        // Without a key, the same values in another order are no difference either.
        let events = |step: u64| -> String {
            (0..100).map(|at| record("events", &json!({"n": at * step % 100, "kind": at % 3}))).collect()
        };
        assert_eq!(proposals(&portrait(&events(1), &plain), &portrait(&events(37), &plain)), []);
    }

    #[test]
    fn a_key_is_proposed_where_it_is_made_anew_in_each_read() {
        let plain = Normaliser::default();
        let read = |from: u64| -> String {
            (0..20).map(|at| record("orders", &json!({"id": from + at, "who": format!("u{at}")}))).collect()
        };
        let (first, second) = (portrait(&read(0), &plain), portrait(&read(1_000), &plain));
        let found = proposals(&first, &second);
        let told: Vec<(&str, &str)> = found.iter().map(|found| (&*found.path, &*found.evidence)).collect();
        assert_eq!(told, [("/id", "`id` differed in 20 of 20 records")]);
        let normaliser = rules(&first, &second);
        let masked = [0, 1_000].map(|from| finished(&portrait(&read(from), &normaliser)).snapshots);
        assert_eq!(masked[0], masked[1]);
        // A snapshot from before that rule has other records.
        for before in finished(&first).snapshots {
            let is_records = matches!(before.subject, Subject::Records(_)) && before.content["records"] != json!({});
            assert_eq!(renewed(&before.subject, before.content, &normaliser).is_none(), is_records);
        }
        // Some keys are others, and that is a change.
        let moved = proposals(&first, &portrait(&read(5), &plain));
        assert!(moved.iter().all(|found| found.path != "/id"), "{moved:?}");
    }

    #[test]
    fn fields_that_come_and_go_and_nested_ones_are_proposed() {
        let plain = Normaliser::default();
        let read = |round: u64| -> String {
            let order = |at: u64| {
                let mut order = json!({"id": at, "lines": [{"sku": "a", "seen/at": at + round * 1_000}]});
                if round == 1 {
                    order["debug"] = json!(true);
                }
                order
            };
            (0..20).map(|at| record("orders", &order(at))).collect()
        };
        let (first, second) = (portrait(&read(1), &plain), portrait(&read(2), &plain));
        let found = proposals(&first, &second);
        let told: Vec<(&str, Normalising)> = found.iter().map(|found| (&*found.path, found.action)).collect();
        assert_eq!(told, [("/debug", Normalising::Drop), ("/lines/*/seen?at", Normalising::Form(ValueForm::Integer))]);
        let normaliser = rules(&first, &second);
        let (first, second) = (portrait(&read(1), &normaliser), portrait(&read(2), &normaliser));
        assert_eq!(finished(&first).snapshots, finished(&second).snapshots);
    }
}
