//! `${env:NAME}` and `${env:NAME:-default}` inside of text.

use std::env::VarError;

/// Looks up an environment variable.
pub type Environment<'e> = dyn Fn(&str) -> Result<String, VarError> + 'e;

const OPENING: &str = "${env:";

/// A text after its references were replaced, and the values that came from the environment.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Interpolated {
    pub text: String,
    pub values: Vec<String>,
}

/// Why a reference could not be replaced, and what to do.
#[derive(Debug, PartialEq)]
pub(super) struct Unresolved {
    pub message: String,
    pub help: String,
}

/// Whether the text refers to the environment.
pub(super) fn refers(text: &str) -> bool {
    text.contains(OPENING)
}

/// Replaces every reference. `$${env:` stands for itself. A default is used where the variable is unset or empty, as in
/// a shell.
pub(super) fn interpolate(text: &str, environment: &Environment<'_>) -> Result<Interpolated, Vec<Unresolved>> {
    let mut result = Interpolated::default();
    let mut unresolved = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(OPENING) {
        if let Some(before) = rest[..at].strip_suffix('$') {
            result.text.push_str(before);
            result.text.push_str(OPENING);
            rest = &rest[at + OPENING.len()..];
            continue;
        }
        result.text.push_str(&rest[..at]);
        let inside = &rest[at + OPENING.len()..];
        let Some(end) = inside.find('}') else {
            unresolved.push(Unresolved {
                message: "a reference to the environment is not closed".to_owned(),
                help: "write it as `${env:NAME}`; `$${env:` stands for itself".to_owned(),
            });
            rest = "";
            break;
        };
        rest = &inside[end + 1..];
        match look_up(&inside[..end], environment) {
            Ok((value, from_environment)) => {
                result.text.push_str(&value);
                result.values.extend(from_environment.then_some(value).filter(|value| !value.is_empty()));
            }
            Err(problem) => unresolved.push(problem),
        }
    }
    result.text.push_str(rest);
    if unresolved.is_empty() { Ok(result) } else { Err(unresolved) }
}

/// The value of a reference's inside, and whether it came from the environment.
fn look_up(inside: &str, environment: &Environment<'_>) -> Result<(String, bool), Unresolved> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let valid = |(at, letter): (usize, char)| {
        letter == '_' || letter.is_ascii_alphabetic() || (at > 0 && letter.is_ascii_digit())
    };
    if name.is_empty() || !name.char_indices().all(valid) {
        return Err(Unresolved {
            message: format!("{} is not the name of an environment variable", super::diagnose::quoted(name)),
            help: "write `${env:NAME}` or `${env:NAME:-default}`".to_owned(),
        });
    }
    match (environment(name), default) {
        (Ok(value), Some(default)) if value.is_empty() => Ok((default.to_owned(), false)),
        (Ok(value), _) => Ok((value, true)),
        (Err(VarError::NotPresent), Some(default)) => Ok((default.to_owned(), false)),
        (Err(VarError::NotPresent), None) => Err(Unresolved {
            message: format!("the environment variable `{name}` is not set"),
            help: format!("set it before the run, or give it a default: `${{env:{name}:-default}}`"),
        }),
        (Err(VarError::NotUnicode(_)), _) => Err(Unresolved {
            message: format!("the environment variable `{name}` is not UTF-8 text"),
            help: "set it to UTF-8 text".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Result<String, VarError> {
        match name {
            "KEY" => Ok("s3cret".to_owned()),
            "EMPTY" => Ok(String::new()),
            _ => Err(VarError::NotPresent),
        }
    }

    #[test]
    fn references_are_replaced_and_their_values_remembered() {
        let read = |text| interpolate(text, &environment).map(|done| (done.text, done.values.join(",")));
        let done = |text: &str, values: &str| Ok((text.to_owned(), values.to_owned()));
        assert_eq!(read("Bearer ${env:KEY}!"), done("Bearer s3cret!", "s3cret"));
        assert_eq!(read("${env:EMPTY:-a}${env:NONE:-b:-c}${env:NONE:-}"), done("ab:-c", ""));
        assert_eq!(read("$${env:KEY} ${other} $"), done("${env:KEY} ${other} $", ""));
        assert_eq!(read("${env:EMPTY}"), done("", ""));
    }

    #[test]
    fn every_unresolved_reference_is_named() {
        let messages = |text| {
            let problems = interpolate(text, &environment).expect_err("is unresolved");
            problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            messages("${env:A}${env:B}"),
            "the environment variable `A` is not set; the environment variable `B` is not set"
        );
        assert_eq!(messages("${env:1A}"), "`1A` is not the name of an environment variable");
        assert_eq!(messages("x ${env:KEY"), "a reference to the environment is not closed");
    }
}
