//! Whether a text is fit for the user who has to act on it: what the rules about messages of errors have in common.

use serde::de::IgnoredAny;

/// Why a text is not fit for users: the cause in a word, and what the text is, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit {
    /// The cause, for grouping.
    pub cause: &'static str,
    /// What the text is: `a stack trace`.
    pub what: &'static str,
}

/// Why a text that is not blank is not fit for users, who are to read at most so many characters. None where nothing
/// surely speaks against it.
pub(super) fn unfit(text: &str, most: usize) -> Option<Unfit> {
    let text = text.trim();
    let found = |cause, what| Some(Unfit { cause, what });
    if is_stack_trace(text) {
        found("stack trace", "a stack trace")
    } else if is_html(text) {
        found("html", "a page of HTML")
    } else if is_nothing(text) {
        found("nothing", "what a program prints for nothing")
    } else if is_dump(text) {
        found("json", "a dump of JSON")
    } else if is_exception(text.trim_matches(['"', '\''])) {
        found("exception", "the name of an exception")
    } else if text.chars().nth(most).is_some() {
        found("long", "longer than anybody reads")
    } else {
        None
    }
}

/// Lines as Python, Java, C# and JavaScript print them for the frames of a stack.
fn is_stack_trace(text: &str) -> bool {
    let is_frame = |line: &str| {
        let body = line.trim_start();
        let is_call = body.starts_with("at ") && body.len() < line.len() && body.contains('(') && body.contains(')');
        is_call || (body.starts_with("File \"") && body.contains("\", line "))
    };
    text.contains("Traceback (most recent call last)") || text.lines().skip(1).any(is_frame)
}

fn is_html(text: &str) -> bool {
    let beginning: String = text.chars().take(2_000).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<body"].iter().any(|mark| beginning.contains(mark))
}

/// An object or an array and nothing else, in JSON or as Python writes it.
fn is_dump(text: &str) -> bool {
    let is_json = || text.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok();
    (text.starts_with("{'") && text.ends_with('}')) || is_json()
}

/// Values that were printed in place of a message, and slips of code that nobody caught.
fn is_nothing(text: &str) -> bool {
    let is_value = ["None", "null", "nil", "undefined", "[object Object]", "{}", "()"].contains(&text);
    is_value || ["'NoneType' object", "nil pointer dereference"].iter().any(|slip| text.contains(slip))
}

/// A class name and what its program prints of it: `KeyError('shop')`, `java.lang.IllegalStateException: null`.
fn is_exception(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '$');
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let class = name.rsplit(['.', '$']).next().unwrap_or(name);
    let is_class = ["Error", "Exception"].iter().any(|end| class.ends_with(end) && class.len() > end.len());
    let is_whole = rest.is_empty() || rest.starts_with(':') || (rest.starts_with('(') && rest.ends_with(')'));
    is_class && is_whole && class.starts_with(|letter: char| letter.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(text: &str) -> Option<&'static str> {
        unfit(text, 1_000).map(|unfit| unfit.cause)
    }

    #[test]
    fn what_programs_say_to_programmers_is_told() {
        for (text, expected) in [
            ("Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>", "stack trace"),
            ("java.io.IOException: reset\n\tat a.b.C.d(C.java:1)", "stack trace"),
            ("Error: no\n    at Object.<anonymous> (/a/b.js:1:7)", "stack trace"),
            ("System.Exception: x\n   at A.B.C() in C.cs:line 3", "stack trace"),
            ("Got <!DOCTYPE html><html></html>", "html"),
            ("{\"error\": {\"code\": 401}}", "json"),
            ("{'error': 'no'}", "json"),
            ("KeyError('shop')", "exception"),
            ("requests.exceptions.HTTPError: 401 Client Error", "exception"),
            ("java.lang.NullPointerException", "exception"),
            ("\"KeyError('shop')\"", "exception"),
            ("None", "nothing"),
            ("'NoneType' object has no attribute 'get'", "nothing"),
        ] {
            assert_eq!(cause(text), Some(expected), "{text}");
        }
        assert_eq!(cause(&"word ".repeat(300)), Some("long"));
    }

    #[test]
    fn what_people_say_to_people_is_not() {
        for text in [
            "The access token was refused.",
            "Error: the account has no store.",
            "Authentication Error: check the key",
            "The API answered 401 at (https://example.com)\nat the third try (of three)",
            "[orders] can't be read: the permission is missing",
            "Config validation error: 'start_date' is a required property",
            "HTTPError 401 (Unauthorized) came back. Sign in again.",
            "ValueError and the like are possible",
        ] {
            assert_eq!(cause(text), None, "{text}");
        }
    }
}
