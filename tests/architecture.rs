//! Holds what ARCHITECTURE.md says: which station may use which, where a library is at home, how long files are, and
//! that each rule is registered, documented and has its transcripts.

#[path = "architecture/arrows.rs"]
mod arrows;

use airproof::experiments::all_statements;
use airproof::rules::{self, Page};
use arrows::{ARROWS, Arrow};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Libraries that are at home in one place, so that replacing one touches one place. A home is a prefix of the path.
const HOMES: &[(&str, &[&str])] = &[
    ("bollard", &["launch/docker/"]),
    ("hyper", &["launch/step/"]),
    ("ureq", &["launch/links.rs"]),
    ("jsonschema", &["protocol/schema/"]),
    ("saphyr_parser", &["suite/"]),
    ("annotate_snippets", &["suite/"]),
    ("minijinja", &["report/html/"]),
    ("indicatif", &["report/terminal/"]),
    ("clap", &["cli/"]),
    ("aho_corasick", &["capture/"]),
    ("zstd", &["capture/"]),
    ("similar", &["baseline/"]),
    ("console", &["cli/"]),
    ("strsim", &["text/"]),
    // Async is what launches and what drives launches; the rest is plain code. The command line starts the runtime.
    ("tokio", &["launch/", "engine/", "cli/session.rs"]),
    ("futures_util", &["launch/"]),
];

/// What no code in `src` may call: results and refusals go through a writer, and what can fail says so.
const FORBIDDEN: &[&str] =
    &["println!", "print!", "eprintln!", "eprint!", "dbg!", "todo!", "unimplemented!", ".unwrap()"];

const LONGEST_FILE: usize = 400;
const LONGEST_RULE: usize = 120;

/// A file of `src`.
struct Source {
    /// Below `src`.
    path: String,
    /// Whole.
    text: String,
    /// Without comments and tests.
    code: String,
}

impl Source {
    /// The top-level module that it belongs to; none for the roots of library and binary.
    fn station(&self) -> Option<&str> {
        let top = self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        (!["lib", "main"].contains(&top)).then_some(top)
    }

    /// How many modules it is below the root.
    fn depth(&self) -> usize {
        self.path.split('/').filter(|part| *part != "mod.rs").count()
    }

    fn is_rule(&self) -> bool {
        self.path.starts_with("rules/") && self.path.split('/').count() == 3
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let rust = files(&src).into_iter().filter(|file| file.extension().is_some_and(|end| end == "rs"));
    rust.map(|file| {
        let path = file.strip_prefix(&src).expect("below src").to_str().expect("UTF-8").to_owned();
        let text = fs::read_to_string(&file).expect("a source");
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").filter(is_code);
        let code = lines.collect::<Vec<_>>().join("\n");
        Source { path, text, code }
    })
    .collect()
}

/// What a source names of other stations: the station, and the first name below it (the station's own where it is used
/// as a whole).
fn uses(source: &Source) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rest in source.code.split("crate::").skip(1) {
        let (station, rest) = word(rest);
        assert!(!station.is_empty(), "{}: name stations one by one, for this test to see them", source.path);
        let names = match rest.strip_prefix("::") {
            Some(group) if group.starts_with('{') => group_names(group),
            Some(rest) => vec![word(rest).0.to_owned()],
            None => vec![station.to_owned()],
        };
        found.extend(names.into_iter().map(|name| (station.to_owned(), name)));
    }
    found
}

/// The first names of `{Daemon, docker::{Mount, RootFs}, self}`.
fn group_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut at_name) = (0, Vec::new(), false);
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            letter if depth == 1 && !at_name && (letter.is_alphanumeric() || letter == '_') => {
                names.push(word(&group[place..]).0.to_owned());
            }
            _ => {}
        }
        at_name = match letter {
            ',' | '{' if depth == 1 => false,
            letter => at_name || !letter.is_whitespace(),
        };
    }
    names
}

/// The identifier that a text begins with, and what follows it.
fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len()))
}

#[test]
fn stations_use_only_what_they_may() {
    let mut used: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for source in &sources() {
        let Some(station) = source.station() else { continue };
        let climbs = "super::".repeat(source.depth());
        assert!(!source.code.contains(&climbs), "{} climbs to the root: say crate:: instead", source.path);
        for (to, name) in uses(source).into_iter().filter(|(to, _)| to != station) {
            let arrow = ARROWS.iter().find(|arrow| arrow.from == station && arrow.to == to);
            let allowed = arrow.is_some_and(|arrow| arrow.only.is_empty() || arrow.only.contains(&name.as_str()));
            assert!(allowed, "{} uses crate::{to}::{name}, which {station} may not (ARCHITECTURE.md)", source.path);
            used.entry((station.to_owned(), to)).or_default().insert(name);
        }
    }
    for Arrow { from, to, only } in ARROWS {
        let names = used.get(&(from.to_string(), to.to_string()));
        let names = names.unwrap_or_else(|| panic!("{from} uses nothing of {to}: take the arrow out"));
        let idle: Vec<_> = only.iter().filter(|name| !names.contains(**name)).collect();
        assert!(idle.is_empty(), "{from} does not use {idle:?} of {to}: take them out");
    }
}

#[test]
fn arrows_go_one_way() {
    // The live view shows what the engine tells: the one arrow that points back.
    let forward: Vec<_> = ARROWS.iter().filter(|arrow| (arrow.from, arrow.to) != ("report", "engine")).collect();
    let mut open: BTreeSet<&str> = forward.iter().flat_map(|arrow| [arrow.from, arrow.to]).collect();
    while !open.is_empty() {
        let uses_open = |station: &str| forward.iter().any(|arrow| arrow.from == station && open.contains(arrow.to));
        let ends: Vec<&str> = open.iter().copied().filter(|station| !uses_open(station)).collect();
        assert!(!ends.is_empty(), "a circle among {open:?}");
        ends.iter().for_each(|end| assert!(open.remove(end)));
    }
}

#[test]
fn the_page_has_the_same_arrows() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let stations: BTreeSet<&str> = ARROWS.iter().map(|arrow| arrow.from).collect();
    for station in stations {
        let uses: Vec<String> = ARROWS.iter().filter(|arrow| arrow.from == station).map(told).collect();
        let row = format!("| `{station}` | {} |", uses.join(", "));
        assert!(page.contains(&row), "ARCHITECTURE.md lacks the row\n{row}");
    }
}

fn told(arrow: &Arrow) -> String {
    let names: Vec<String> = arrow.only.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { format!("`{}`", arrow.to) } else { format!("`{}` ({})", arrow.to, names.join(" ")) }
}

#[test]
fn libraries_stay_at_home() {
    for source in &sources() {
        for (library, homes) in HOMES {
            let is_home = homes.iter().any(|home| source.path.starts_with(home));
            let at = source.code.match_indices(&format!("{library}::")).find(|(at, _)| {
                !source.code[..*at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
            });
            assert!(is_home || at.is_none(), "{} uses {library}, which is at home in {homes:?}", source.path);
        }
    }
}

#[test]
fn nothing_is_printed_past_a_writer_or_left_undone() {
    for source in &sources() {
        for call in FORBIDDEN {
            let found = source
                .code
                .match_indices(call)
                .any(|(at, _)| !source.code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_'));
            assert!(!found, "{} has {call}", source.path);
        }
    }
}

#[test]
fn files_are_short() {
    let all = ["src", "tests"].into_iter().flat_map(|folder| files(&root().join(folder)));
    for file in all.filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let lines = fs::read_to_string(&file).expect("a source").lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines, more than {LONGEST_FILE}: split it", file.display());
    }
    for rule in sources().iter().filter(|source| source.is_rule()) {
        let lines = rule.text.lines().count();
        assert!(lines <= LONGEST_RULE, "{} has {lines} lines, more than {LONGEST_RULE}", rule.path);
    }
}

#[test]
fn modules_say_what_they_are_for() {
    for source in &sources() {
        // A rule's file says it on its page.
        let says = if source.is_rule() { "rule! {\n    /// " } else { "//! " };
        let at = source.text.find(says);
        assert!(at.is_some_and(|at| source.is_rule() || at == 0), "{} does not say what it is for", source.path);
    }
}

#[test]
fn each_rule_is_registered() {
    let all = sources();
    let declared: Vec<&Source> = all.iter().filter(|source| source.is_rule()).collect();
    assert_eq!(declared.len(), rules::ALL.len(), "a file below src/rules/<family>/ is not in the registry");
    for rule in rules::ALL {
        let code = format!("code: \"{}\"", rule.code);
        assert_eq!(declared.iter().filter(|source| source.code.contains(&code)).count(), 1, "{}", rule.code);
    }
}

#[test]
fn codes_and_names_are_unique_and_well_formed() {
    let (mut codes, mut names) = (BTreeSet::new(), BTreeSet::new());
    for statement in all_statements() {
        let (code, name) = (statement.code, statement.name);
        let is_code = code.split_once('-').is_some_and(|(family, number)| {
            family.bytes().all(|byte| byte.is_ascii_uppercase()) && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        let is_name = name.split('-').all(|part| !part.is_empty())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        assert!(is_code, "{code} is no code");
        assert!(is_name, "{name} is no name in lower case with dashes");
        assert!(codes.insert(code), "{code} is there twice");
        assert!(names.insert(name), "{name} is there twice");
    }
}

#[test]
fn each_rule_and_experiment_has_its_page() {
    for statement in all_statements() {
        let (code, page) = (statement.code, Page::parse(statement.page));
        let parts = [&page.summary, &page.checks, &page.why, &page.example, &page.mend, &page.peers];
        assert!(parts.iter().all(|part| !part.is_empty()), "{code}: its page lacks one of {:?}", Page::HEADINGS);
        assert!(page.summary.ends_with('.'), "{code}: the summary is no sentence");
        for excerpt in ["bad:", "good:"] {
            assert!(page.example.contains(excerpt), "{code}: the example shows nothing {excerpt}");
        }
        assert!(!statement.source.is_empty() && !statement.commands.is_empty(), "{code}");
    }
}

#[test]
fn each_rule_has_its_transcripts() {
    let folder = root().join("fixtures/rules");
    let known: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.code).collect();
    for code in &known {
        let names: Vec<String> = fs::read_dir(folder.join(code))
            .unwrap_or_else(|_| panic!("{code} has no transcripts: fixtures/rules/{code}"))
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        for needed in ["flagged", "silent"] {
            let is_one = |name: &String| name.starts_with(needed) && name.ends_with(".transcript");
            assert!(names.iter().any(is_one), "{code} has no {needed} transcript");
        }
    }
    for entry in fs::read_dir(&folder).expect("fixtures/rules") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(known.contains(name.as_str()), "fixtures/rules/{name} is of no rule");
    }
}
