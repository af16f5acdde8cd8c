//! A pattern by itself: which texts it takes, where that is the same for every engine.

use super::ecma::pattern_defect;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Value, json};

/// How long a pattern may be, in bytes, and how much memory its automaton may take. Patterns are hostile.
const LONGEST: usize = 4_000;
const MEMORY: usize = 1 << 20;

/// A pattern that means the same to JavaScript and to us.
#[derive(Debug)]
pub struct Pattern {
    validator: Validator,
}

impl Pattern {
    /// Compiles a pattern. None where it is none, or uses what only some engines have, or is out of all proportion.
    pub fn compile(pattern: &str) -> Option<Self> {
        // Engines disagree about `\p` without the flag `u`.
        let is_common = pattern_defect(pattern).is_none() && !pattern.contains("\\p") && !pattern.contains("\\P");
        if pattern.len() > LONGEST || !is_common {
            return None;
        }
        let options = jsonschema::options()
            .with_draft(Draft::Draft7)
            .offline()
            .with_pattern_options(PatternOptions::regex().size_limit(MEMORY).dfa_size_limit(MEMORY));
        let validator = options.build(&json!({ "pattern": pattern })).ok()?;
        Some(Pattern { validator })
    }

    /// Whether it takes a text.
    pub fn takes(&self, text: &str) -> bool {
        self.validator.is_valid(&Value::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_what_it_matches_anywhere() {
        let pattern = Pattern::compile("[0-9]{2}").expect("a pattern");
        assert!(pattern.takes("a12") && !pattern.takes("a1"));
    }

    #[test]
    fn what_engines_disagree_about_is_not_judged() {
        for pattern in ["^(?!a)b", "(a)\\1", "\\p{L}", "\\Aa", "[a", "(a{1000}){1000}"] {
            assert!(Pattern::compile(pattern).is_none(), "{pattern}");
        }
    }
}
