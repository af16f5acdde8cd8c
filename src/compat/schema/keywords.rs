//! Keywords of a schema that have no schemas within: what they take, and what they tell people.

use super::{At, Of, QUESTION, TooLarge, Walk, same_or_idle, standalone};
use crate::compat::containment::{ASSERTIONS, Containment, Undeclared, containment};
use crate::compat::rules::{self, Rule};
use crate::protocol::types::AirbyteType;
use serde_json::{Map, Value};

/// Keywords that say something of a value by themselves.
const SHALLOW: [&str; 19] = [
    "type",
    "enum",
    "const",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "contentEncoding",
    "contentMediaType",
];
/// Keywords with schemas within that are not compared part by part.
const COMPOSITE: [&str; 9] =
    ["not", "if", "then", "else", "patternProperties", "dependencies", "propertyNames", "contains", "additionalItems"];
/// Keywords that something else looks at.
const ELSEWHERE: [&str; 12] = [
    "type",
    "properties",
    "required",
    "items",
    "oneOf",
    "anyOf",
    "allOf",
    "definitions",
    "$defs",
    "$ref",
    "airbyte_type",
    "additionalProperties",
];

/// What is narrower, wider, and neither for sure.
struct Grades {
    narrower: &'static Rule,
    wider: &'static Rule,
    open: &'static Rule,
}

fn grades(keyword: &str) -> Grades {
    let of = |narrower, wider, open| Grades { narrower, wider, open };
    match keyword {
        "enum" | "const" => of(rules::VALUES_NARROWED, rules::VALUES_WIDENED, rules::CONSTRAINT_CHANGED),
        "pattern" => of(rules::PATTERN_NARROWED, rules::PATTERN_WIDENED, rules::PATTERN_CHANGED),
        "format" => of(rules::FORMAT_NARROWED, rules::FORMAT_CHANGED, rules::FORMAT_CHANGED),
        _ => of(rules::BOUNDS_NARROWED, rules::BOUNDS_WIDENED, rules::CONSTRAINT_CHANGED),
    }
}

/// How the set of valid values changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    Same,
    Wider,
    Narrower,
    Open,
}

impl<'s> Walk<'s> {
    /// Compares what both say about values, but for types, members, items and branches.
    pub(super) fn keywords(&mut self, pair: [&'s Map<String, Value>; 2], at: &At<'s>) -> Result<(), TooLarge> {
        for keyword in SHALLOW.into_iter().filter(|keyword| *keyword != "type") {
            let values = pair.map(|schema| schema.get(keyword));
            if !same_or_idle(values) {
                self.shallow(keyword, pair, values, at)?;
            }
        }
        for keyword in COMPOSITE {
            let values = pair.map(|schema| schema.get(keyword));
            if !same_or_idle(values) {
                self.composite(keyword, pair, values, at)?;
            }
        }
        self.open(pair, at)?;
        self.airbyte_type(pair, at);
        Ok(())
    }

    fn shallow(
        &mut self,
        keyword: &'static str,
        pair: [&'s Map<String, Value>; 2],
        values: [Option<&'s Value>; 2],
        at: &At<'s>,
    ) -> Result<(), TooLarge> {
        // A `const` that became an `enum` of several is one change.
        if keyword == "const" && !same_or_idle(pair.map(|schema| schema.get("enum"))) {
            return Ok(());
        }
        let rule = match self.of {
            Of::Records if keyword == "format" => {
                if is_same_column(pair) {
                    rules::COLUMN_SAME_FORMAT
                } else {
                    rules::COLUMN_FORMAT
                }
            }
            Of::Records => rules::RECORDS_CONSTRAINED,
            Of::Config => {
                let keywords: &[&str] = if keyword == "enum" { &["enum", "const"] } else { &[keyword] };
                let grades = grades(keyword);
                match self.shift(pair, keywords)? {
                    Shift::Same if keyword != "format" => return Ok(()),
                    Shift::Same | Shift::Wider => grades.wider,
                    Shift::Narrower => grades.narrower,
                    Shift::Open => grades.open,
                }
            }
        };
        let values =
            if keyword == "enum" { pair.map(|schema| schema.get("enum").or(schema.get("const"))) } else { values };
        self.push(rule, at.keyword(if pair[1].contains_key(keyword) { keyword } else { shown(keyword, pair) }), values);
        Ok(())
    }

    /// How the values change that are valid, if these keywords alone do.
    pub(super) fn shift(
        &mut self,
        [one, other]: [&'s Map<String, Value>; 2],
        keywords: &[&str],
    ) -> Result<Shift, TooLarge> {
        self.spend(2 * QUESTION)?;
        let said = |schema: &Map<String, Value>, is_wanted: &dyn Fn(&str) -> bool| -> Vec<(String, Value)> {
            let wanted = schema.iter().filter(|(keyword, _)| SHALLOW.contains(&keyword.as_str()) && is_wanted(keyword));
            wanted.map(|(keyword, value)| (keyword.clone(), value.clone())).collect()
        };
        let former: Map<String, Value> = said(one, &|_| true).into_iter().collect();
        let mut latter: Map<String, Value> = said(one, &|keyword| !keywords.contains(&keyword)).into_iter().collect();
        latter.extend(said(other, &|keyword| keywords.contains(&keyword)));
        let (former, latter) = (Value::Object(former), Value::Object(latter));
        Ok(match containment(&former, &latter, Undeclared::Anything) {
            Containment::NotContained { .. } => Shift::Narrower,
            Containment::Undecided { .. } => Shift::Open,
            Containment::Contained => match containment(&latter, &former, Undeclared::Anything) {
                Containment::Contained => Shift::Same,
                _ => Shift::Wider,
            },
        })
    }

    /// A keyword with schemas within, weighed as a whole.
    pub(super) fn composite(
        &mut self,
        keyword: &str,
        pair: [&'s Map<String, Value>; 2],
        values: [Option<&'s Value>; 2],
        at: &At<'s>,
    ) -> Result<(), TooLarge> {
        let rule = match self.of {
            Of::Records => rules::RECORDS_CONSTRAINED,
            Of::Config => {
                self.spend(2 * QUESTION)?;
                let alone = |schema: &Map<String, Value>, root: &Value| {
                    let kept = ["type", keyword, "if"].into_iter();
                    let own = kept.filter_map(|word| Some((word.to_owned(), schema.get(word)?.clone())));
                    standalone(root, &Value::Object(own.collect()))
                };
                let (former, latter) = (alone(pair[0], self.roots[0]), alone(pair[1], self.roots[1]));
                let question = containment(&former, &latter, Undeclared::Absent);
                match question {
                    Containment::NotContained { .. } => rules::CONSTRAINT_NARROWED,
                    _ => rules::CONSTRAINT_CHANGED,
                }
            }
        };
        self.push(rule, at.keyword(keyword), values);
        Ok(())
    }

    /// The rule for two schemas as wholes: `narrower` where something is refused now that was valid.
    pub(super) fn weighed(
        &mut self,
        pair: [&Value; 2],
        narrower: &'static Rule,
        other: &'static Rule,
    ) -> Result<&'static Rule, TooLarge> {
        self.spend(2 * QUESTION)?;
        let [former, latter] = [standalone(self.roots[0], pair[0]), standalone(self.roots[1], pair[1])];
        Ok(match containment(&former, &latter, Undeclared::Absent) {
            Containment::NotContained { .. } => narrower,
            _ => other,
        })
    }

    /// Whether members besides the declared ones may be there.
    fn open(&mut self, pair: [&'s Map<String, Value>; 2], at: &At<'s>) -> Result<(), TooLarge> {
        let values = pair.map(|schema| schema.get("additionalProperties"));
        if same_or_idle(values) {
            return Ok(());
        }
        if let [Some(one @ Value::Object(_)), Some(other @ Value::Object(_))] = values {
            return self.compare([one, other], &at.within("additionalProperties"));
        }
        let is_closed = values.map(|value| value == Some(&Value::Bool(false)));
        let is_schema = values.iter().flatten().any(|value| value.is_object());
        let rule = match (is_closed, is_schema) {
            (_, true) => return self.composite("additionalProperties", pair, values, at),
            ([false, true], _) if self.of == Of::Config => rules::CLOSED,
            ([true, false], _) if self.of == Of::Config => rules::OPENED,
            ([one, other], _) if one != other => rules::RECORDS_CONSTRAINED,
            _ => rules::OPEN_SAID,
        };
        self.push(rule, at.keyword("additionalProperties"), values);
        Ok(())
    }

    fn airbyte_type(&mut self, pair: [&'s Map<String, Value>; 2], at: &At<'s>) {
        let values = pair.map(|schema| schema.get("airbyte_type"));
        let has_another_format = !same_or_idle(pair.map(|schema| schema.get("format")));
        if same_or_idle(values) || (self.of == Of::Records && has_another_format) {
            return;
        }
        let rule = match self.of {
            Of::Config => rules::AIRBYTE_TYPE_CHANGED,
            Of::Records if is_same_column(pair) => rules::COLUMN_SAME_AIRBYTE_TYPE,
            Of::Records => rules::COLUMN_AIRBYTE_TYPE,
        };
        self.push(rule, at.keyword("airbyte_type"), values);
    }

    /// What is told to people, or to the platform, and says nothing about values.
    pub(super) fn annotations(&mut self, pair: [&'s Map<String, Value>; 2], at: &At<'s>) {
        let names = pair[0].keys().chain(pair[1].keys().filter(|name| !pair[0].contains_key(*name)));
        for name in names {
            let word = name.as_str();
            let values = pair.map(|schema| schema.get(word));
            let is_assertion = ASSERTIONS.contains(&word) || SHALLOW.contains(&word);
            if is_assertion || ELSEWHERE.contains(&word) || same_or_idle(values) {
                continue;
            }
            let rule = match (word, values) {
                ("default", _) if self.of == Of::Config => rules::DEFAULT_CHANGED,
                ("airbyte_secret", [one, other]) => match [one, other].map(|it| it == Some(&Value::Bool(true))) {
                    [false, true] => rules::SECRET_ADDED,
                    [true, false] => rules::SECRET_REMOVED,
                    _ => rules::ANNOTATION,
                },
                ("description", _) => rules::DESCRIPTION,
                ("title", _) => rules::TITLE,
                ("order", _) => rules::ORDER,
                _ => rules::ANNOTATION,
            };
            self.push(rule, at.keyword(&crate::protocol::schema::escaped(word)), values);
        }
    }
}

/// The keyword that is shown where the new schema lacks one.
fn shown<'k>(keyword: &'k str, pair: [&Map<String, Value>; 2]) -> &'k str {
    if keyword == "enum" && pair[1].contains_key("const") { "const" } else { keyword }
}

/// Whether destinations build the same column for both.
pub(super) fn is_same_column(pair: [&Map<String, Value>; 2]) -> bool {
    let [one, other] = pair.map(|schema| AirbyteType::of(&Value::Object(schema.clone())));
    let is_certain = !matches!(one, AirbyteType::Union | AirbyteType::Unknown | AirbyteType::Null);
    is_certain && one == other
}
