//! What of a record is made alike before it is compared: values that differ from read to read are replaced by their form,
//! left out, put in order or rounded. Counted, so that a baseline in which all is masked does not look like one that holds.

mod masking;

pub use masking::Masked;
pub(super) use masking::rounded;

use crate::protocol::Descriptor;
use crate::suite::{Baselines, FieldPath, NormaliseRule, Normalising, StreamExceptions};
use serde_json::{Map, Value};

/// The rules of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Normaliser {
    rules: Vec<NormaliseRule>,
    exceptions: StreamExceptions,
}

impl Normaliser {
    /// The rules of the suite's baselines, and the fields that a scenario calls volatile.
    pub fn of(baselines: &Baselines, exceptions: &StreamExceptions) -> Self {
        Normaliser { rules: baselines.rules.clone(), exceptions: exceptions.clone() }
    }

    /// The same with more rules.
    pub fn and(mut self, rules: impl IntoIterator<Item = NormaliseRule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// What is done with the records of a stream.
    pub fn of_stream(&self, stream: &Descriptor) -> StreamNormaliser {
        let volatile = self.exceptions.volatile_of(stream).iter();
        let volatile = volatile.map(|field| (field.path.clone(), Normalising::Replace));
        let rules = self.rules.iter().filter(|rule| rule.covers(stream));
        let rules = rules.map(|rule| (rule.path.clone(), rule.action));
        let mut rules: Vec<(FieldPath, Normalising)> = volatile.chain(rules).collect();
        // Lists are put in order when what is in them is alike.
        rules.sort_by_key(|(_, action)| *action == Normalising::Sort);
        StreamNormaliser { rules }
    }
}

/// What is done with the records of one stream.
#[derive(Debug, Clone, Default)]
pub struct StreamNormaliser {
    rules: Vec<(FieldPath, Normalising)>,
}

impl StreamNormaliser {
    /// Whether records stay as they are.
    pub fn is_idle(&self) -> bool {
        self.rules.is_empty()
    }

    /// Makes a record alike, and counts what is masked.
    pub fn apply(&self, record: &mut Map<String, Value>) -> Masked {
        let mut masked = Masked { masked: 0, total: masking::leaves_of(record) };
        for (path, action) in &self.rules {
            match action {
                Normalising::Drop => {
                    let before = masking::leaves_of(record);
                    path.remove_from(record);
                    masked.masked += before - masking::leaves_of(record);
                }
                action => path.edit(record, &mut |value| masked.masked += masking::change(value, *action)),
            }
        }
        masked
    }

    /// Whether a field is left out. The items of a list are named `*`.
    pub(super) fn drops(&self, names: &[&str]) -> bool {
        self.does(names, |action| action == Normalising::Drop)
    }

    /// Whether a field's values are not compared.
    pub(super) fn masks(&self, names: &[&str]) -> bool {
        self.does(names, |action| !matches!(action, Normalising::Sort | Normalising::Round(_)))
    }

    fn does(&self, names: &[&str], what: impl Fn(Normalising) -> bool) -> bool {
        self.rules.iter().any(|(path, action)| what(*action) && path.covers(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::ValueForm;
    use serde_json::json;

    fn normalised(rules: &[(&str, Normalising)], record: Value) -> (Value, Masked) {
        let rules = rules.iter().map(|(path, action)| NormaliseRule {
            stream: None,
            path: FieldPath::parse(path).expect("a path"),
            action: *action,
            reason: None,
        });
        let stream = Normaliser::default().and(rules).of_stream(&Descriptor::named("orders"));
        let Value::Object(mut record) = record else { panic!("{record}") };
        let masked = stream.apply(&mut record);
        (Value::Object(record), masked)
    }

    #[test]
    fn values_are_replaced_sorted_dropped_and_rounded() {
        let rules = [
            ("/tags", Normalising::Sort),
            ("/at", Normalising::Form(ValueForm::DateTime)),
            ("/token", Normalising::Replace),
            ("/lines/*/seen", Normalising::Drop),
            ("/score", Normalising::Round(2)),
        ];
        let record = json!({
            "id": 1, "tags": ["b", "a"], "at": "2024-01-31T10:00:00Z", "token": 5,
            "lines": [{"seen": 1, "sku": "x"}], "score": 0.123_456,
        });
        let (alike, masked) = normalised(&rules, record);
        let expected = json!({
            "id": 1, "tags": ["a", "b"], "at": "<date-time>", "token": "<masked>",
            "lines": [{"sku": "x"}], "score": 0.12,
        });
        assert_eq!(alike, expected);
        assert_eq!(masked, Masked { masked: 3, total: 8 });
    }

    #[test]
    fn a_value_without_the_form_stays_and_is_seen() {
        let rules = [("/at", Normalising::Form(ValueForm::DateTime))];
        for value in [json!("yesterday"), json!(null), json!(17)] {
            let (alike, masked) = normalised(&rules, json!({ "at": value }));
            assert_eq!((alike, masked.masked), (json!({ "at": value }), 0));
        }
    }

    #[test]
    fn numbers_that_round_alike_are_written_alike() {
        for (one, other) in [(json!(1.0), json!(1)), (json!(-0.001), json!(0)), (json!(2.504), json!(2.5))] {
            let rounded = |value: &Value| normalised(&[("a", Normalising::Round(2))], json!({ "a": value })).0;
            assert_eq!(rounded(&one).to_string(), rounded(&other).to_string());
        }
        let large = json!({"a": 12_345_678_901_234_567_890_u64});
        assert_eq!(normalised(&[("a", Normalising::Round(0))], large.clone()).0, large);
    }
}
