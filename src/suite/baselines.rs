//! Baselines: where the accepted snapshots of a connector's behaviour lie, and what of them is made alike before they are
//! compared.

use super::diagnose::{Mistake, Source, Span, quoted_path, reason};
use super::fields::Reader;
use super::layers::read_text;
use super::yaml::{Kind, Node};
use super::{FieldPath, hidden, yaml};
use crate::protocol::Descriptor;
use crate::protocol::types::TextForm;
use globset::GlobMatcher;
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};

/// The keys of baselines.
pub(super) const KEYS: [&str; 2] = ["path", "normalize"];
/// The keys of a rule for what is made alike: where, then what is done, of which each rule has one.
pub(super) const RULE_KEYS: [&str; 8] = ["stream", "path", "replace", "form", "sort", "drop", "round", "reason"];
/// The keys of the file of accepted rules: one that was rejected stays there, so that it is not proposed again.
const ACCEPTED_KEYS: [&str; 9] = ["stream", "path", "replace", "form", "sort", "drop", "round", "reason", "rejected"];
/// The keys that say what is done.
const ACTIONS: [&str; 5] = ["replace", "form", "sort", "drop", "round"];
/// The rules that were accepted, in the folder of the baselines.
pub const ACCEPTED_RULES: &str = "normalize.yml";
/// No number has more digits behind the point that anybody compares.
const MOST_DIGITS: u64 = 15;

/// Where baselines lie, and what of them is made alike.
#[derive(Debug, Clone)]
pub struct Baselines {
    /// The folder. It need not be there.
    pub folder: PathBuf,
    /// The suite's own rules, then those of [`ACCEPTED_RULES`] in the folder.
    pub rules: Vec<NormaliseRule>,
}

/// A field whose values are made alike before they are compared.
#[derive(Debug, Clone)]
pub struct NormaliseRule {
    /// The streams; all where there is none.
    pub stream: Option<GlobMatcher>,
    /// Which field of a record.
    pub path: FieldPath,
    /// What is done with it.
    pub action: Normalising,
    /// Why, if whoever wrote the rule says so.
    pub reason: Option<String>,
}

impl NormaliseRule {
    /// Whether it is about this stream. A pattern is compared with the stream's name, and with `namespace.name`.
    pub fn covers(&self, stream: &Descriptor) -> bool {
        let matches = |glob: &GlobMatcher| glob.is_match(&stream.name) || glob.is_match(stream.to_string());
        self.stream.as_ref().is_none_or(matches)
    }
}

/// What is done with a value before it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Normalising {
    /// Something else stands for it, whatever it is.
    Replace,
    /// Something else stands for it where it has this form; where not, it stays.
    Form(ValueForm),
    /// The items of a list are put in order.
    Sort,
    /// It is left out.
    Drop,
    /// A number is rounded to so many digits behind the point.
    Round(u8),
}

/// A form that a value must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueForm {
    /// A day in text.
    Date,
    /// A moment in text, with a zone or without.
    DateTime,
    /// A time of day in text.
    Time,
    /// A UUID in text.
    Uuid,
    /// An address of electronic mail.
    Email,
    /// An address with a scheme.
    Uri,
    /// A whole number, also in text.
    Integer,
    /// Any number, also in text.
    Number,
}

impl ValueForm {
    /// All of them, by the words of suites.
    pub const WORDS: [(&'static str, ValueForm); 8] = [
        ("date", ValueForm::Date),
        ("date-time", ValueForm::DateTime),
        ("time", ValueForm::Time),
        ("uuid", ValueForm::Uuid),
        ("email", ValueForm::Email),
        ("uri", ValueForm::Uri),
        ("integer", ValueForm::Integer),
        ("number", ValueForm::Number),
    ];

    /// The word of suites.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, form)| *form == self).map_or("", |(word, _)| word)
    }

    /// The narrowest form that a value has.
    pub fn of(value: &Value) -> Option<ValueForm> {
        match value {
            Value::Number(number) if number.to_string().contains(['.', 'e', 'E']) => Some(ValueForm::Number),
            Value::Number(_) => Some(ValueForm::Integer),
            Value::String(text) => match TextForm::of(text)? {
                TextForm::Empty => None,
                TextForm::Date => Some(ValueForm::Date),
                TextForm::MomentWithZone | TextForm::MomentWithoutZone => Some(ValueForm::DateTime),
                TextForm::Time => Some(ValueForm::Time),
                TextForm::Uuid => Some(ValueForm::Uuid),
                TextForm::Email => Some(ValueForm::Email),
                TextForm::Uri => Some(ValueForm::Uri),
                TextForm::Integer => Some(ValueForm::Integer),
                TextForm::Number => Some(ValueForm::Number),
            },
            _ => None,
        }
    }

    /// Whether a value has this form.
    pub fn holds(self, value: &Value) -> bool {
        let own = Self::of(value);
        own == Some(self) || (self == ValueForm::Number && own == Some(ValueForm::Integer))
    }
}

impl Reader<'_> {
    /// The baselines of the suite: a path, or a mapping with one.
    pub fn baselines(&mut self, node: &Node) -> Option<Baselines> {
        let (named, own) = match &node.kind {
            Kind::Scalar { .. } => (node, None),
            _ if !self.keys(node, "`baselines`", &KEYS) => return None,
            _ => match node.get("path") {
                Some(path) => (path, node.get("normalize")),
                None => {
                    let mistake = Mistake::at(node.span, "`baselines` needs a `path`");
                    self.mistakes.push(mistake.help("name a folder for them: `path: baselines/`"));
                    return None;
                }
            },
        };
        let text = self.text(named, "the `path` of baselines")?;
        let folder = self.path(named.span, text);
        if folder.exists() && !folder.is_dir() {
            let message = format!("baselines cannot lie in {}: it is no folder", quoted_path(&folder));
            self.mistakes.push(Mistake::at(named.span, message).help("name a folder, which need not be there yet"));
            return None;
        }
        let mut rules = own.map(|node| self.normalise_rules(node, "`normalize`", &RULE_KEYS)).unwrap_or_default();
        rules.extend(self.accepted_rules(&folder.join(ACCEPTED_RULES), named.span));
        Some(Baselines { folder, rules })
    }

    fn normalise_rules(&mut self, node: &Node, what: &str, keys: &[&str]) -> Vec<NormaliseRule> {
        self.items(node, what).iter().filter_map(|item| self.normalise_rule(item, keys)).collect()
    }

    /// The rules in a file of their own, where there is one.
    fn accepted_rules(&mut self, path: &Path, named: Span) -> Vec<NormaliseRule> {
        let text = match read_text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                let message = format!("the accepted rules {} cannot be read: {}", quoted_path(path), reason(&error));
                let help = "`airproof accept` writes this file; restore it, or remove it";
                self.mistakes.push(Mistake::at(named, message).help(help));
                return Vec::new();
            }
        };
        let mut source = Source::of_file(path, text);
        let document = yaml::parse(self.sources.len(), &source.text, &mut self.mistakes);
        source.hidden = document.as_ref().map(hidden::values).unwrap_or_default();
        self.sources.push(source);
        match document {
            Some(document) if !document.root.is_null() => {
                self.normalise_rules(&document.root, "a file of accepted rules", &ACCEPTED_KEYS)
            }
            _ => Vec::new(),
        }
    }

    /// A rule that is in force; None where it is rejected, or can't be read.
    fn normalise_rule(&mut self, node: &Node, keys: &[&str]) -> Option<NormaliseRule> {
        const WHAT: &str = "a rule of `normalize`";
        if !self.keys(node, WHAT, keys) {
            return None;
        }
        let stream = node.get("stream").map(|node| self.glob(node));
        let reason = node.get("reason").and_then(|node| self.text(node, "`reason`")).map(str::to_owned);
        let written = self.required(node, "path", WHAT);
        let path = written.map(|text| FieldPath::parse(&text));
        if let Some(Err(why)) = &path {
            let span = node.get("path").map_or(node.span, |path| path.span);
            self.mistakes
                .push(Mistake::at(span, why.clone()).help("write names with slashes between them: `/updated_at`"));
        }
        let action = self.normalising(node);
        let is_rejected = node.get("rejected").is_some_and(|node| self.flag(node, "`rejected`"));
        // A pattern that can't be read must not come to all streams.
        let stream = match stream {
            Some(None) => return None,
            Some(glob) => glob,
            None => None,
        };
        Some(NormaliseRule { stream, path: path?.ok()?, action: action?, reason }).filter(|_| !is_rejected)
    }

    /// What is done: exactly one of the keys.
    fn normalising(&mut self, node: &Node) -> Option<Normalising> {
        let written: Vec<&str> = ACTIONS.into_iter().filter(|key| node.get(key).is_some()).collect();
        let [key] = written[..] else {
            let message = match written.as_slice() {
                [] => "a rule of `normalize` does not say what is done".to_owned(),
                several => format!("a rule of `normalize` does one thing, and this one does {}", several.join(", ")),
            };
            let help = "write one of `replace: true`, `form: date-time`, `sort: true`, `drop: true`, `round: 2`";
            self.mistakes.push(Mistake::at(node.span, message).help(help));
            return None;
        };
        let value = node.get(key)?;
        match key {
            "form" => self.word(value, "`form`", &ValueForm::WORDS).map(Normalising::Form),
            "round" => {
                let digits = self.whole_or_zero(value, "`round`");
                if digits > MOST_DIGITS {
                    let message = format!("`round` keeps at most {MOST_DIGITS} digits behind the point");
                    self.mistakes.push(Mistake::at(value.span, message));
                }
                Some(Normalising::Round(digits.min(MOST_DIGITS) as u8))
            }
            _ => {
                let action = match key {
                    "replace" => Normalising::Replace,
                    "sort" => Normalising::Sort,
                    _ => Normalising::Drop,
                };
                if !self.flag(value, &format!("`{key}`")) {
                    let message = format!("`{key}` is true where it is written: this rule would do nothing");
                    self.mistakes.push(Mistake::at(value.span, message).help("remove the rule"));
                }
                Some(action)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Overrides, Suite, load_in};
    use super::*;
    use serde_json::json;
    use std::fs;

    /// The suite with these baselines, or its mistakes as text.
    fn suite(baselines: &str, accepted: Option<&str>) -> Result<Suite, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!("connector: {{ image: a }}\nscenarios: [{{ config: {{}} }}]\n{baselines}\n");
        let file = folder.path().join("airproof.yml");
        fs::write(&file, text).expect("a suite");
        if let Some(rules) = accepted {
            fs::create_dir(folder.path().join("accepted")).expect("a folder");
            fs::write(folder.path().join("accepted").join(ACCEPTED_RULES), rules).expect("rules");
        }
        load_in(&file, &[], &Overrides::default(), &|_| Ok(String::new())).map_err(|error| error.to_string())
    }

    fn rules(suite: &Suite) -> Vec<(&str, Normalising)> {
        let baselines = suite.baselines.as_ref().expect("baselines");
        baselines.rules.iter().map(|rule| (rule.path.as_str(), rule.action)).collect()
    }

    #[test]
    fn a_path_or_a_mapping_says_where_baselines_lie() {
        assert!(suite("", None).expect("a suite").baselines.is_none());
        let short = suite("baselines: accepted/", None).expect("a suite");
        assert!(short.baselines.as_ref().is_some_and(|baselines| baselines.folder.ends_with("accepted")));
        assert_eq!(rules(&short), []);
        let long = "baselines: { path: accepted, normalize: [{ stream: 'order*', path: /updated_at, form: date-time }, \
                    { path: tags, sort: true }, { path: debug, drop: true, reason: noise }, { path: score, round: 2 }] }";
        let accepted = "- { path: /token, replace: true }\n- { path: /at, form: date, rejected: true }\n";
        let long = suite(long, Some(accepted)).expect("a suite");
        let expected = [
            ("/updated_at", Normalising::Form(ValueForm::DateTime)),
            ("tags", Normalising::Sort),
            ("debug", Normalising::Drop),
            ("score", Normalising::Round(2)),
            ("/token", Normalising::Replace),
        ];
        assert_eq!(rules(&long), expected);
        let first = &long.baselines.expect("baselines").rules[0];
        assert!(first.covers(&Descriptor::named("orders")) && !first.covers(&Descriptor::named("events")));
    }

    #[test]
    fn mistakes_say_where_and_what_to_do() {
        for (written, told) in [
            ("baselines: { normalize: [] }", "`baselines` needs a `path`"),
            ("baselines: { path: a, normalise: [] }", "did you mean `normalize`?"),
            ("baselines: airproof.yml", "it is no folder"),
            ("baselines: { path: a, normalize: [{ path: b }] }", "does not say what is done"),
            ("baselines: { path: a, normalize: [{ path: b, sort: true, round: 1 }] }", "this one does sort, round"),
            ("baselines: { path: a, normalize: [{ path: b, sort: false }] }", "this rule would do nothing"),
            ("baselines: { path: a, normalize: [{ path: b, form: datetime }] }", "did you mean `date-time`?"),
            ("baselines: { path: a, normalize: [{ path: b, round: 99 }] }", "at most 15 digits"),
            ("baselines: { path: a, normalize: [{ path: b, drop: true, rejected: true }] }", "`rejected`"),
            ("baselines: { path: a, normalize: [{ path: 'a//b', drop: true }] }", "an empty name between two slashes"),
            ("baselines: { path: a, normalize: [{ path: b, drop: true, stream: 'a[' }] }", "`stream` is no pattern"),
        ] {
            let error = suite(written, None).expect_err(written);
            assert!(error.contains(told) && error.contains("airproof.yml:3"), "{written}\n{error}");
        }
        let error =
            suite("baselines: accepted", Some("- path: /token\n  replace: yes please\n")).expect_err("a mistake");
        assert!(error.contains("normalize.yml:2") && error.contains("^"), "{error}");
        let error = suite("baselines: accepted", Some("token: true\n")).expect_err("a mistake");
        assert!(error.contains("a file of accepted rules must be a list"), "{error}");
    }

    #[test]
    fn values_have_the_forms_that_rules_name() {
        for (value, form) in [
            (json!("2024-01-31T10:00:00Z"), Some(ValueForm::DateTime)),
            (json!(12), Some(ValueForm::Integer)),
            (json!("12"), Some(ValueForm::Integer)),
            (json!(1.5), Some(ValueForm::Number)),
            (json!(""), None),
            (json!(null), None),
            (json!([]), None),
        ] {
            assert_eq!(ValueForm::of(&value), form, "{value}");
        }
        assert!(ValueForm::Number.holds(&json!(12)) && !ValueForm::Integer.holds(&json!(1.5)));
        assert!(ValueForm::WORDS.iter().all(|(word, form)| form.as_str() == *word));
    }
}
