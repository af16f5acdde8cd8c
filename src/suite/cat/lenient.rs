//! Values as Python reads them: YAML 1.1, and what pydantic makes of it.

use super::Translator;
use crate::suite::diagnose::{Mistake, quoted};
use crate::suite::fields::found;
use crate::suite::yaml::{Kind, Node};

/// What a plain scalar of YAML 1.1 is to Python, where it is a boolean.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => Some(true),
        "no" | "off" | "false" => Some(false),
        _ => None,
    }
}

/// A scalar as Python's `str` shows it: `yes` is `True`, nothing is `None`, a number is written plainly.
pub(super) fn as_python_text(node: &Node) -> Option<String> {
    let Kind::Scalar { text, plain } = &node.kind else { return None };
    if !plain {
        return Some(text.clone());
    }
    if node.is_null() {
        return Some("None".to_owned());
    }
    Some(match boolean(text) {
        Some(true) => "True".to_owned(),
        Some(false) => "False".to_owned(),
        None => number(text).unwrap_or_else(|| text.clone()),
    })
}

/// A whole number of YAML 1.1 in plain digits: `1_000`, `0x1F`, `0o17`, the old `017`, and `1:30`, which is 90.
fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.replace('_', "");
    if digits.contains(':') {
        return Some(format!("{sign}{}", in_sixties(&digits)?));
    }
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x', ..] => (&digits[2..], 16),
        [b'0', b'b', ..] => (&digits[2..], 2),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits.as_str(), 10),
    };
    Some(format!("{sign}{}", u64::from_str_radix(digits, radix).ok()?))
}

/// A number whose parts count sixty each: hours, minutes and seconds, or more of them.
fn in_sixties(digits: &str) -> Option<u64> {
    let mut parts = digits.split(':');
    let first = parts.next().filter(|part| part.starts_with(|digit: char| ('1'..='9').contains(&digit)))?;
    parts.try_fold(first.parse().ok()?, |sum: u64, part| {
        let is_short = (1..=2).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit());
        let part: u64 = part.parse().ok().filter(|part| *part < 60 && is_short)?;
        sum.checked_mul(60)?.checked_add(part)
    })
}

impl Translator<'_> {
    /// True or false, as a plain word of YAML 1.1, as text, or as 1 and 0. Null is the default.
    pub(super) fn flag(&mut self, node: &Node, key: &str) -> Option<bool> {
        if node.is_null() {
            return None;
        }
        let flag = match &node.kind {
            Kind::Scalar { text, .. } => match text.trim() {
                "1" | "y" | "Y" | "t" | "T" => Some(true),
                "0" | "n" | "N" | "f" | "F" => Some(false),
                word => boolean(word),
            },
            _ => None,
        };
        if flag.is_none() {
            self.wrong(node, key, "true or false", "write `true` or `false`");
        }
        flag
    }

    /// A whole number, in quotes or not; a fraction is cut off. Null and 0 are none.
    pub(super) fn seconds(&mut self, node: &Node, key: &str) -> Option<u64> {
        if node.is_null() {
            return None;
        }
        let number = match &node.kind {
            // What stands in quotes is a number to Python only if it is one in digits.
            Kind::Scalar { text, plain: false } if text.contains(':') => None,
            Kind::Scalar { text, .. } => number(text.trim().split('.').next().unwrap_or_default()),
            _ => None,
        };
        let number = number.and_then(|digits| digits.parse::<u64>().ok());
        if number.is_none() {
            self.wrong(node, key, "a number of seconds", "write it in digits: 600");
        }
        number.filter(|seconds| *seconds > 0)
    }

    /// Text; numbers and words of YAML 1.1 are the text that is written. Null and empty text are none.
    pub(super) fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let Kind::Scalar { text, .. } = &node.kind else {
            self.wrong(node, key, "text", "write one value");
            return None;
        };
        let text = text.trim();
        (!node.is_null() && !text.is_empty()).then(|| text.to_owned())
    }

    /// One of those words, as they are written: in lower case. Any other text as it is.
    pub(super) fn lower(&mut self, node: &Node, key: &str, words: &[&str]) -> Option<String> {
        let written = self.text(node, key)?;
        let Some(word) = words.iter().find(|word| written.eq_ignore_ascii_case(word)) else { return Some(written) };
        if written != **word {
            let message =
                format!("{} is read as `{word}`: the acceptance tests refuse capitals here", quoted(&written));
            self.remarks.push(Mistake::at(node.span, message).note().help(format!("write `{key}: {word}`")));
        }
        Some((*word).to_owned())
    }

    /// The items of a list; one alone is a list of one, and nothing is none.
    pub(super) fn items<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        match &node.kind {
            Kind::Sequence(items) => items,
            _ if node.is_null() => &[],
            _ => {
                let message = format!("`{key}` is {} and is taken for a list of one", found(node));
                self.remarks.push(Mistake::at(node.span, message).note().help("write each item after `- `"));
                std::slice::from_ref(node)
            }
        }
    }

    /// Notes that a value can't be used.
    pub(super) fn wrong(&mut self, node: &Node, key: &str, expected: &str, help: &str) {
        let mistake = Mistake::at(node.span, format!("{} must be {expected}", quoted(key)));
        self.mistakes.push(mistake.label(format!("this is {}", found(node))).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::diagnose::Span;

    #[test]
    fn values_reach_the_connector_as_python_writes_them() {
        let span = Span { source: 0, start: 0, end: 0 };
        let scalar =
            |text: &str, plain| as_python_text(&Node { span, kind: Kind::Scalar { text: text.to_owned(), plain } });
        for (written, read) in [
            ("yes", "True"),
            ("off", "False"),
            ("true", "True"),
            ("0", "0"),
            ("1_000", "1000"),
            ("017", "15"),
            ("1:30", "90"),
            ("-1:00:05", "-3605"),
            ("1:60", "1:60"),
            ("08:15", "08:15"),
        ] {
            assert_eq!(scalar(written, true).as_deref(), Some(read), "{written}");
        }
        assert_eq!(scalar("", true).as_deref(), Some("None"));
        assert_eq!(scalar("2024-01-01", true).as_deref(), Some("2024-01-01"));
        assert_eq!(scalar("1.50", true).as_deref(), Some("1.50"));
        assert_eq!(scalar("yes", false).as_deref(), Some("yes"));
    }
}
