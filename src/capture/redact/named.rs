//! Credentials that no configuration has, a connector got them while it ran: told by what stands before them.

use super::REDACTED;
use crate::protocol::is_secret_name;
use std::ops::Range;

/// What stands before a token, in lower case, besides its name in JSON.
const BEFORE: [&str; 4] = ["bearer ", "access_token=", "x-amz-signature=", "x-goog-signature="];

/// A token has so many characters at least.
const SHORTEST_TOKEN: usize = 16;

/// Whether a text under this name is a credential. Some of the names that are secret in a configuration mean other things in
/// states and records.
pub fn is_credential(name: &str, text: &str) -> bool {
    let is_common = ["key", "token", "app_id", "appid", "tenant_id", "secret", "credentials", "certificate"];
    let is_secret = is_secret_name(name) && !is_common.contains(&name.to_ascii_lowercase().as_str());
    is_secret && text.len() >= 6 && text != REDACTED
}

/// A line, or the beginning of one, that does not show what looks like a credential.
pub fn hide_credentials(line: &str) -> String {
    let low = line.to_ascii_lowercase();
    let token = |at: usize| at..at + low[at..].find(|it: char| !is_of_a_token(it)).unwrap_or(low.len() - at);
    let is_token =
        |it: &Range<usize>| it.len() >= SHORTEST_TOKEN && low[it.clone()].bytes().any(|it| it.is_ascii_digit());
    let behind = BEFORE.iter().flat_map(|mark| low.match_indices(*mark)).map(|(at, mark)| token(at + mark.len()));
    let mut found: Vec<Range<usize>> = behind.filter(is_token).collect();
    let is_web_token =
        |it: &Range<usize>| low[it.clone()].split('.').filter(|part| part.len() >= SHORTEST_TOKEN).count() > 1;
    found.extend(low.match_indices("eyj").map(|(at, _)| token(at)).filter(is_web_token));
    found.extend(line.match_indices(':').filter_map(|(at, _)| member(line, at)));
    found.sort_by_key(|range| range.start);
    let (mut shown, mut end) = (String::with_capacity(line.len()), 0);
    for range in found {
        if range.start >= end {
            shown.push_str(&line[end..range.start]);
            shown.push_str("(not shown)");
        }
        end = end.max(range.end);
    }
    shown + &line[end..]
}

fn is_of_a_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-._~+/=".contains(letter)
}

/// The text behind this colon, where the name before it is that of a credential: in JSON, in JSON within JSON, in Python.
fn member(line: &str, colon: usize) -> Option<Range<usize>> {
    let before = line[..colon].trim_end();
    let quote = ["\\\"", "\"", "'"].into_iter().find(|quote| before.ends_with(quote))?;
    let name = before[..before.len() - quote.len()].rsplit(['"', '\'']).next()?;
    let text = line[colon + 1..].trim_start().strip_prefix(quote)?;
    let start = line.len() - text.len();
    let mut ends = text.match_indices(quote).map(|(at, _)| at).filter(|at| !text[..*at].ends_with('\\'));
    let end = ends.next().unwrap_or(text.trim_end_matches('…').len());
    is_credential(name, &text[..end]).then_some(start..start + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_credential_is_not_shown() {
        let same =
            ["", "{\"token\":\"page-7-of-9\"}", "a: b", "{\"password\":{\"type\":\"string\"}}", "Bearer ****", "ä:'ö'"];
        for line in same {
            assert_eq!(hide_credentials(line), line);
        }
        for (line, hidden) in [
            (r#"{"id":1,"access_token" : "s3cr\"et-1","b":2}"#, r#"{"id":1,"access_token" : "(not shown)","b":2}"#),
            (r#"{"log":"{\"dbPassword\":\"hunter-2\"}"}"#, r#"{"log":"{\"dbPassword\":\"(not shown)\"}"}"#),
            ("{'api_key': 'abcdef', 'x': 1}", "{'api_key': '(not shown)', 'x': 1}"),
            (r#"{"access_token":"cut-off-he…"#, r#"{"access_token":"(not shown)…"#),
            ("ÄÖ Bearer 8c1d77e20bd64f39a1\"", "ÄÖ Bearer (not shown)\""),
            ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.doz", "Bearer (not shown)"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.doz!", "jwt (not shown)!"),
        ] {
            assert_eq!(hide_credentials(line), hidden);
        }
    }
}
