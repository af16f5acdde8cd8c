//! What the pages for people say is so: exit codes, commands and options, counts, links, the suite, the finding.

use airproof::exit::Exit;
use airproof::experiments::{self, all_statements};
use airproof::rules;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const COMMANDS: [&str; 16] = [
    "demo", "init", "migrate", "test", "list", "compare", "pipe", "judge", "verify", "review", "accept", "report",
    "rules", "explain", "doctor", "clean",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn airproof(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_airproof"));
    command.args(arguments).current_dir(root()).env("ORDERS_API_KEY", "a-key").output().expect("airproof runs")
}

fn shown(arguments: &[&str]) -> String {
    String::from_utf8_lossy(&airproof(arguments).stdout).into_owned()
}

/// The rows of the table with that header, as cells.
fn table(page: &str, header: &str) -> Vec<Vec<String>> {
    let lines = page.lines().skip_while(|line| *line != header).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The code block that begins with these words.
fn block<'p>(page: &'p str, beginning: &str) -> &'p str {
    let blocks = page.split("```").skip(1).step_by(2);
    let mut bodies = blocks.filter_map(|block| block.split_once('\n')).map(|(_, body)| body);
    bodies.find(|body| body.starts_with(beginning)).unwrap_or_else(|| panic!("no block begins with {beginning}"))
}

#[test]
fn exit_codes_are_those_of_the_code() {
    let known: Vec<Vec<String>> =
        Exit::ALL.into_iter().map(|exit| vec![exit.code().to_string(), exit.meaning().to_owned()]).collect();
    assert_eq!(table(&page("README.md"), "| code | meaning |"), known, "README.md");
    let help = shown(&["--help"]);
    for exit in Exit::ALL {
        let line = format!("  {:<4} {}", exit.code(), exit.meaning());
        assert!(help.lines().any(|shown| shown == line), "--help lacks `{line}`");
    }
}

#[test]
fn commands_and_options_exist() {
    let readme = page("README.md");
    let help = shown(&["--help"]);
    let words = |text: &str| text.split(|letter: char| !letter.is_ascii_lowercase()).next().map(str::to_owned);
    let named: BTreeSet<String> =
        ["`airproof ", "\nairproof "].iter().flat_map(|start| readme.split(start).skip(1)).filter_map(words).collect();
    for command in COMMANDS {
        assert!(named.contains(command), "README.md does not name `airproof {command}`");
        assert!(help.contains(&format!("\n  {command} ")), "--help does not name {command}");
    }
    let strange: Vec<&String> =
        named.iter().filter(|word| !word.is_empty() && !COMMANDS.contains(&word.as_str())).collect();
    assert!(strange.is_empty(), "README.md names {strange:?}, which airproof does not have");

    let options: String = COMMANDS.iter().map(|command| shown(&[command, "--help"])).collect();
    for line in readme.lines().filter(|line| !line.contains("cargo ")) {
        for option in line.split(|letter: char| !letter.is_ascii_lowercase() && letter != '-') {
            let is_option = option.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic));
            assert!(!is_option || options.contains(option), "README.md names {option}, which no command has");
        }
    }
}

#[test]
fn families_are_counted() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    all_statements().for_each(|statement| *counts.entry(statement.family().to_owned()).or_default() += 1);
    let rows = table(&page("README.md"), "| family | rules | what they are about |");
    let told: BTreeMap<String, usize> =
        rows.iter().map(|row| (row[0].clone(), row[1].parse().expect("a count"))).collect();
    assert_eq!(told, counts);
    let catalogue = shown(&["rules"]);
    for row in &rows {
        let line = format!("{}  {}", row[0], row[2]);
        assert!(catalogue.lines().any(|shown| shown == line), "`airproof rules` lacks `{line}`");
    }
    let sentence = format!("{} rules and {} experiments", rules::ALL.len(), experiments::ALL.len());
    assert!(page("README.md").contains(&sentence), "README.md does not say: {sentence}");
}

#[test]
fn the_suite_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("airproof.yml"), block(&page("README.md"), "connector:")).expect("a suite");
    let output = airproof(&["list", &folder.path().display().to_string()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = String::from_utf8_lossy(&output.stdout);
    for part in ["sandbox.read.incremental", "read.from-final-state", "wrong-key.check", "audit_log is not read"] {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
}

#[test]
fn the_finding_is_what_is_told() {
    let told = shown(&["judge", "fixtures/rules/STATE-010/flagged.transcript"]);
    let told = told.trim_start().split("\nverdicts:").next().unwrap_or_default();
    assert_eq!(block(&page("README.md"), "error[").split("\nverdicts:").next(), Some(told));
}

#[test]
fn links_lead_somewhere() {
    for page in pages(root()) {
        let text = fs::read_to_string(&page).expect("a page");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap_or_default();
            let path = page.parent().expect("a page is in a folder").join(file);
            assert!(path.exists(), "{} links to {target}, which is not there", page.display());
        }
    }
}

/// The pages of the repository: those at its top, and those of the fixtures.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && (folder != root() || name == "fixtures") {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_changelog_knows_this_version() {
    assert!(page("CHANGELOG.md").contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_handbook_is_current() {
    let current = shown(&["rules", "--format", "markdown"]);
    let stale = "docs/rules.md is not current: cargo run -q -- rules --format markdown > docs/rules.md";
    assert!(page("docs/rules.md") == current, "{stale}");
    for statement in all_statements() {
        assert!(current.contains(&format!("\n### {} {}\n", statement.code, statement.name)), "{}", statement.code);
    }
}

#[test]
fn the_experiments_are_current() {
    let current = shown(&["rules", "--experiments", "--format", "markdown"]);
    let stale = "docs/experiments.md is not current: cargo run -q -- rules --experiments --format markdown > docs/experiments.md";
    assert!(page("docs/experiments.md") == current, "{stale}");
}

#[test]
fn the_rules_of_a_comparison_are_those_of_the_code() {
    let known: Vec<Vec<String>> = airproof::compat::RULES
        .iter()
        .map(|rule| {
            let row = [&format!("`{}`", rule.word), rule.says, rule.class.as_str(), rule.step.as_str()];
            row.map(str::to_owned).to_vec()
        })
        .collect();
    assert_eq!(table(&page("docs/compare.md"), "| word | what changed | class | version |"), known, "docs/compare.md");
    for statement in all_statements().filter(|statement| statement.family() == "COMPAT") {
        assert!(page("docs/compare.md").contains(statement.code), "docs/compare.md does not name {}", statement.code);
    }
}

/// What stands for the acceptance tests' checks must be there: codes that end in digits, of families that there are.
#[test]
fn the_codes_beside_the_acceptance_tests_exist() {
    let known: BTreeSet<String> = all_statements().map(|statement| statement.code.to_owned()).collect();
    let families: BTreeSet<&str> = known.iter().filter_map(|code| code.split('-').next()).collect();
    let page = page("docs/cat.md");
    let words = page.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    let is_code = |word: &&str| {
        let number = word.split_once('-').filter(|(family, _)| families.contains(family)).map(|(_, number)| number);
        number.is_some_and(|number| number.starts_with(|letter: char| letter.is_ascii_digit()))
    };
    let named: BTreeSet<String> = words.filter(is_code).map(str::to_owned).collect();
    assert!(named.len() > 90, "docs/cat.md names {} codes only", named.len());
    let strange: Vec<&String> = named.difference(&known).collect();
    assert!(strange.is_empty(), "docs/cat.md names {strange:?}, which do not exist");
}
