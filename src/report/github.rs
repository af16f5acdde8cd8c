//! What GitHub Actions shows: annotations, which are commands on stdout, and the summary of a step.

use super::checkout::Checkout;
use super::headline::headline;
use super::wording::{line, open, place, since};
use crate::rules::Level;
use crate::text::plural;
use crate::verdict::{FindingResult, Results};
use std::collections::HashMap;

/// How many annotations of a kind GitHub takes from a step; it drops the others without a word.
const OF_A_KIND: usize = 10;

/// How large a step's summary may be, in bytes: GitHub refuses 1 MiB as a whole, and other steps may write as well.
pub const SUMMARY: usize = 900 << 10;

/// How long a message may be, in characters.
const MESSAGE: usize = 1_000;

/// One annotation.
struct Annotation {
    title: String,
    file: String,
    message: String,
}

/// The annotations, one a line, the heaviest first: at most ten errors, ten warnings and ten notices. Findings of the same
/// rule in the same connector are one; what there is no room for is counted in the last of its kind.
pub fn annotations(results: &Results, checkout: &Checkout) -> String {
    let errors: Vec<Annotation> = results
        .run
        .errors
        .iter()
        .map(|error| Annotation {
            title: "airproof".to_owned(),
            file: checkout.suite_of(results),
            message: line(error, MESSAGE),
        })
        .collect();
    let open = open(&results.findings);
    let of = |level: Level| grouped(open.iter().copied().filter(|finding| finding.level == level), results, checkout);
    let must = errors.into_iter().chain(of(Level::Must)).collect();
    let mut commands = String::new();
    for (kind, annotations) in [("error", must), ("warning", of(Level::Should)), ("notice", of(Level::Info))] {
        write_kind(kind, annotations, &mut commands);
    }
    if open.is_empty() && results.run.errors.is_empty() {
        let (tone, words) = headline(results);
        commands += &format!("::notice title=airproof::{}\n", escaped(&format!("{}: {words}", tone.word())));
    }
    commands
}

fn grouped<'r>(
    findings: impl Iterator<Item = &'r FindingResult>,
    results: &'r Results,
    checkout: &Checkout,
) -> Vec<Annotation> {
    let mut groups: Vec<Vec<&FindingResult>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for finding in findings {
        let at = *places.entry((&finding.rule, &finding.connector)).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Vec::new());
        }
        groups[at].push(finding);
    }
    let annotation = |group: &Vec<&FindingResult>| {
        let first = group[0];
        let more = match group.len() - 1 {
            0 => String::new(),
            more => format!("\n{} of this rule", plural(more as u64, "more finding")),
        };
        let message = [&first.title, &first.message].map(|text| line(text, MESSAGE / 4));
        let what = if message[0] == message[1] { &message[..1] } else { &message[..] };
        Annotation {
            title: line(&format!("{} {}{}", first.rule, first.name, since_of(group)), 200),
            file: checkout.file_of(first, results),
            message: format!("{}\n{}{more}", what.join("\n"), line(&place(first), MESSAGE / 4)),
        }
    };
    groups.iter().map(annotation).collect()
}

/// Whether findings are new since an earlier run: ` (new)`, ` (2 new, 1 still there)`. Nothing where none was compared with.
fn since_of(group: &[&FindingResult]) -> String {
    let words: Vec<&str> = group.iter().filter_map(|finding| since(finding)).collect();
    let Some(first) = words.first() else { return String::new() };
    if words.iter().all(|word| word == first) {
        return format!(" ({first})");
    }
    let new = words.iter().filter(|word| **word == "new").count();
    format!(" ({new} new, {} still there)", words.len() - new)
}

fn write_kind(kind: &str, annotations: Vec<Annotation>, commands: &mut String) {
    let shown = if annotations.len() > OF_A_KIND { OF_A_KIND - 1 } else { annotations.len() };
    for annotation in &annotations[..shown] {
        let (title, file) = (property(&annotation.title), property(&line(&annotation.file, 400)));
        *commands += &format!("::{kind} title={title},file={file},line=1::{}\n", escaped(&annotation.message));
    }
    if shown < annotations.len() {
        let more = annotations.len() - shown;
        *commands += &format!("::{kind} title=airproof::{more} more of this kind: see the summary and the report\n");
    }
}

/// A message: what would end the line, and `%`, which begins an escape.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value: what would end it as well.
fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_or_a_property() {
        assert_eq!(escaped("50% %0A\r\n::error::x"), "50%25 %250A%0D%0A::error::x");
        assert_eq!(property("a,file=b::c"), "a%2Cfile=b%3A%3Ac");
    }

    #[test]
    fn what_is_too_many_is_counted() {
        let annotation =
            |at: usize| Annotation { title: at.to_string(), file: "a".to_owned(), message: at.to_string() };
        let mut commands = String::new();
        write_kind("error", (0..10).map(annotation).collect(), &mut commands);
        assert_eq!((commands.lines().count(), commands.contains("more of this kind")), (10, false));
        commands.clear();
        write_kind("error", (0..25).map(annotation).collect(), &mut commands);
        assert_eq!(commands.lines().count(), 10);
        assert_eq!(
            commands.lines().last(),
            Some("::error title=airproof::16 more of this kind: see the summary and the report")
        );
    }
}
