//! `${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}` inside of text.

use std::env::VarError;

/// Looks up an environment variable.
pub type Environment<'e> = dyn Fn(&str) -> Result<String, VarError> + 'e;

/// How references begin: to the environment, and to a file.
const OPENINGS: [&str; 2] = ["${env:", "${file:"];

/// Reads the text of a file that is named.
pub(super) type Files<'f> = dyn Fn(&str) -> Result<String, Unresolved> + 'f;

/// A text after its references were replaced, with the values that came from elsewhere, and the files that were named.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Interpolated {
    pub text: String,
    pub values: Vec<String>,
    pub files: Vec<String>,
}

/// Why a reference could not be replaced, and what to do.
#[derive(Debug, PartialEq)]
pub(super) struct Unresolved {
    pub message: String,
    pub help: String,
    /// Whether it is well written, and nothing is there.
    pub is_absent: bool,
}

/// Whether the text refers to the environment or to a file.
pub(super) fn refers(text: &str) -> bool {
    first(text).is_some()
}

/// The text as it has to be written where references are replaced, so that none in it is.
pub(super) fn escaped(text: &str) -> String {
    OPENINGS.into_iter().fold(text.to_owned(), |text, opening| text.replace(opening, &format!("${opening}")))
}

/// The first reference: where it begins, and how.
fn first(text: &str) -> Option<(usize, &'static str)> {
    OPENINGS.into_iter().filter_map(|opening| Some((text.find(opening)?, opening))).min()
}

/// Replaces every reference. `$${env:` and `$${file:` stand for themselves. A default is used where the variable is unset or empty, as in
/// a shell.
pub(super) fn interpolate(
    text: &str,
    environment: &Environment<'_>,
    files: &Files<'_>,
) -> Result<Interpolated, Vec<Unresolved>> {
    let mut result = Interpolated::default();
    let mut unresolved = Vec::new();
    let mut rest = text;
    while let Some((at, opening)) = first(rest) {
        if let Some(before) = rest[..at].strip_suffix('$') {
            result.text.push_str(before);
            result.text.push_str(opening);
            rest = &rest[at + opening.len()..];
            continue;
        }
        result.text.push_str(&rest[..at]);
        let inside = &rest[at + opening.len()..];
        let Some(end) = inside.find('}') else {
            unresolved.push(not_closed(opening));
            rest = "";
            break;
        };
        rest = &inside[end + 1..];
        let found = match opening == OPENINGS[0] {
            true => look_up(&inside[..end], environment),
            false => {
                result.files.push(inside[..end].to_owned());
                files(&inside[..end]).map(|text| (text, true))
            }
        };
        match found {
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

fn not_closed(opening: &str) -> Unresolved {
    let (what, name) = if opening == OPENINGS[0] { ("the environment", "NAME") } else { ("a file", "PATH") };
    Unresolved {
        message: format!("a reference to {what} is not closed"),
        help: format!("write it as `{opening}{name}}}`; `${opening}` stands for itself"),
        is_absent: false,
    }
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
            is_absent: false,
        });
    }
    match (environment(name), default) {
        (Ok(value), Some(default)) if value.is_empty() => Ok((default.to_owned(), false)),
        (Ok(value), _) => Ok((value, true)),
        (Err(VarError::NotPresent), Some(default)) => Ok((default.to_owned(), false)),
        (Err(VarError::NotPresent), None) => Err(Unresolved {
            message: format!("the environment variable `{name}` is not set"),
            help: format!("set it before the run, or give it a default: `${{env:{name}:-default}}`"),
            is_absent: true,
        }),
        (Err(VarError::NotUnicode(_)), _) => Err(Unresolved {
            message: format!("the environment variable `{name}` is not UTF-8 text"),
            help: "set it to UTF-8 text".to_owned(),
            is_absent: true,
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

    fn files(path: &str) -> Result<String, Unresolved> {
        match path {
            "secrets/key" => Ok("of the ${env:KEY} file".to_owned()),
            _ => Err(Unresolved { message: format!("no {path}"), help: String::new(), is_absent: true }),
        }
    }

    #[test]
    fn what_is_escaped_comes_out_as_it_was() {
        for text in ["${env:KEY}${file:secrets/key}", "a ${file:/etc/passwd", "plain $ {"] {
            assert_eq!(interpolate(&escaped(text), &environment, &files).expect("nothing is looked up").text, text);
        }
    }

    #[test]
    fn files_are_read_and_nothing_in_them_is_replaced() {
        let done = interpolate("${env:KEY} ${file:secrets/key}, $${file:x}", &environment, &files).expect("it is");
        assert_eq!(done.text, "s3cret of the ${env:KEY} file, ${file:x}");
        assert_eq!(
            (done.values.join("|"), done.files.join("|")),
            ("s3cret|of the ${env:KEY} file".into(), "secrets/key".into())
        );
        let problems = interpolate("${file:a}${file:b", &environment, &files).expect_err("is unresolved");
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["no a", "a reference to a file is not closed"]);
    }

    #[test]
    fn references_are_replaced_and_their_values_remembered() {
        let read = |text| interpolate(text, &environment, &files).map(|done| (done.text, done.values.join(",")));
        let done = |text: &str, values: &str| Ok((text.to_owned(), values.to_owned()));
        assert_eq!(read("Bearer ${env:KEY}!"), done("Bearer s3cret!", "s3cret"));
        assert_eq!(read("${env:EMPTY:-a}${env:NONE:-b:-c}${env:NONE:-}"), done("ab:-c", ""));
        assert_eq!(read("$${env:KEY} ${other} $"), done("${env:KEY} ${other} $", ""));
        assert_eq!(read("${env:EMPTY}"), done("", ""));
    }

    #[test]
    fn every_unresolved_reference_is_named() {
        let messages = |text| {
            let problems = interpolate(text, &environment, &files).expect_err("is unresolved");
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
