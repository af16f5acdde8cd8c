//! Types: of a config, what is taken; of a record, which column it comes to.

use super::keywords::{Shift, is_same_column};
use super::{At, Of, TooLarge, Walk};
use crate::compat::rules;
use crate::protocol::schema::{kinds, types};
use serde_json::Value;
use std::collections::BTreeSet;

impl<'s> Walk<'s> {
    /// Compares the types. True where they have nothing in common, so that what is within need not be looked at.
    pub(super) fn types(&mut self, pair: [&'s Value; 2], at: &At<'s>) -> Result<bool, TooLarge> {
        match self.of {
            Of::Config => self.types_of_config(pair, at),
            Of::Records => Ok(self.types_of_records(pair, at)),
        }
    }

    fn types_of_config(&mut self, pair: [&'s Value; 2], at: &At<'s>) -> Result<bool, TooLarge> {
        let words = pair.map(|schema| schema.get("type"));
        let [Value::Object(one), Value::Object(other)] = pair else { return Ok(false) };
        if words[0] == words[1] {
            return Ok(false);
        }
        let own = pair.map(|schema| types(schema).unwrap_or_default().into_iter().collect::<BTreeSet<_>>());
        let is_real = |word: &&&str| **word != "null";
        // A whole number is a number.
        let is_taken = |word: &str, others: &BTreeSet<&str>| {
            others.contains(word) || (word == "integer" && others.contains("number"))
        };
        let is_apart = own.iter().all(|own| own.iter().any(|word| is_real(&word)))
            && !own[0].iter().filter(is_real).any(|word| is_taken(word, &own[1]))
            && !own[1].iter().filter(is_real).any(|word| is_taken(word, &own[0]));
        let shift = self.shift([one, other], &["type"])?;
        let is_single = |word: Option<&Value>| word.is_none_or(Value::is_string);
        let rule = match shift {
            Shift::Same => return Ok(false),
            Shift::Wider if words.iter().all(|word| is_single(*word)) => rules::TYPE_REPLACED,
            Shift::Wider => rules::TYPE_WIDENED,
            _ if is_apart || own[1].iter().any(|word| !own[0].is_empty() && !is_taken(word, &own[0])) => {
                rules::TYPE_CHANGED
            }
            _ => rules::TYPE_NARROWED,
        };
        self.push(rule, at.keyword("type"), words);
        Ok(is_apart)
    }

    fn types_of_records(&mut self, pair: [&'s Value; 2], at: &At<'s>) -> bool {
        let [Value::Object(one), Value::Object(other)] = pair else { return false };
        // What the whole of a record is, everybody knows.
        if at.depth == 0 {
            return false;
        }
        let all = [0, 1].map(|side| kinds(self.roots[side], pair[side]).map(BTreeSet::from_iter));
        let real = all.clone().map(|all: Option<BTreeSet<&'static str>>| {
            all.map(|all| all.into_iter().filter(|kind| *kind != "null").collect::<BTreeSet<_>>())
        });
        let words = pair.map(|schema| schema.get("type"));
        if real[0] == real[1] {
            if all[0] != all[1] {
                self.push(rules::NULLABILITY, at.keyword("type"), words);
            }
            return false;
        }
        let rule = if is_same_column([one, other]) { rules::COLUMN_SAME_TYPE } else { rules::COLUMN_RETYPED };
        self.push(rule, at.keyword("type"), words);
        true
    }
}
