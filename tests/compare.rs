//! `airproof compare` on the faulty source: of each next version its one change is told, in its class, and nothing else; between a
//! healthy source and itself, or another that differs in what is nobody's business, nothing is. The table is printed.
//!
//! FAULTS=state,key walks only the versions with one of these in their names.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "faulty/program.rs"]
mod program;

mod binary;

use binary::Place;
use libtest_mimic::{Arguments, Failed, Trial};
use program::program;
use serde_json::Value;
use std::io::Write;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/faulty/airproof.yml");

/// Two versions that differ in what makes no difference.
const ALIKE: &[(&str, &str)] = &[
    ("healthy", "healthy-inclusive-cursor"),
    ("healthy-inclusive-cursor", "healthy"),
    ("healthy", "healthy-shuffled"),
    ("healthy", "healthy-interleaved"),
    ("healthy", "healthy-one-instant"),
    ("healthy", "healthy-without-estimates"),
    ("healthy", "healthy-but-plain-text"),
    ("healthy", "healthy-unknown-fields-in-messages"),
    ("healthy", "healthy-last-state-again"),
    ("healthy", "healthy-starts-over-from-a-strange-state"),
    ("healthy", "healthy-looks-back-a-few-revisions"),
    ("former-rows-come-later", "former-rows-come-later"),
];

/// Two versions, and what is to be told of them: the code, the class and the word.
struct Case {
    control: String,
    target: String,
    expected: Option<[String; 3]>,
}

/// What was told of two versions.
struct Row {
    case: Case,
    /// By finding: the code, the class, the word.
    told: Vec<[String; 3]>,
    /// What else is wrong with it.
    wrong: Option<String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::test("each change is told, in its class and alone", each_change),
        Trial::test("nothing is told where nothing changed", no_change),
        Trial::test("there are changes of each experiment and class", each_class),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn each_change() -> Result<(), Failed> {
    judge(walk(versions()))
}

fn no_change() -> Result<(), Failed> {
    let healthy = listed("faults").into_iter().map(|(name, _)| name).filter(|name| name.starts_with("healthy"));
    let same = healthy.map(|name| (name.clone(), name));
    let alike = ALIKE.iter().map(|(control, target)| ((*control).to_owned(), (*target).to_owned()));
    let cases = same.chain(alike).map(|(control, target)| Case { control, target, expected: None });
    judge(walk(cases.collect()))
}

/// Enough of them, of every class, and for each experiment but the one that needs labels of images.
fn each_class() -> Result<(), Failed> {
    const AT_LEAST: usize = 45;
    const UNLABELLED: &str = "COMPAT-009";
    let expected: Vec<[String; 3]> = versions().into_iter().filter_map(|case| case.expected).collect();
    if expected.len() < AT_LEAST {
        return Err(format!("there are {} changes only", expected.len()).into());
    }
    for class in ["breaking", "behavioural", "cosmetic"] {
        if !expected.iter().any(|[_, known, _]| known == class) {
            return Err(format!("no change is {class}").into());
        }
    }
    let compared = airproof::experiments::ALL.iter().filter(|known| known.needs_control());
    let missing: Vec<&str> = compared
        .map(|known| known.statement.code)
        .filter(|code| *code != UNLABELLED && !expected.iter().any(|[known, ..]| known == code))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("no change shows {missing:?}: add one to fixtures/connectors/faulty/faults/versions").into())
        }
    }
}

/// What the connector lists: names, with what is expected.
fn listed(what: &str) -> Vec<(String, String)> {
    let listed = Command::new(program()).arg(what).output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    lines.map(|(name, expected)| (name.to_owned(), expected.to_owned())).collect()
}

/// The next versions that somebody is to be told of.
fn versions() -> Vec<Case> {
    let case = |(target, expected): (String, String)| {
        let words: Vec<&str> = expected.split_whitespace().collect();
        let [code, class, word, former @ ..] = words.as_slice() else { return None };
        let control = former.first().map_or("healthy", |former| *former).to_owned();
        Some(Case { control, target, expected: Some([code, class, word].map(|word| (*word).to_owned())) })
    };
    listed("versions").into_iter().filter_map(case).collect()
}

/// Compares the two of each case, several cases at a time.
fn walk(cases: Vec<Case>) -> Vec<Row> {
    let wanted = std::env::var("FAULTS").unwrap_or_default();
    let is_wanted = |case: &Case| wanted.split(',').any(|part| case.target.contains(part));
    let cases: Vec<Mutex<Option<Case>>> =
        cases.into_iter().filter(is_wanted).map(|case| Mutex::new(Some(case))).collect();
    let workers = 2 * std::thread::available_parallelism().map_or(2, usize::from);
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Relaxed)) {
                    let row = compare(case.lock().unwrap().take().unwrap());
                    rows.lock().unwrap().push(row);
                }
            });
        }
    });
    rows.into_inner().unwrap()
}

fn compare(case: Case) -> Row {
    let place = Place::new();
    let of = |fault: &str| format!("env FAULT={fault} '{}'", program().display());
    let (control, target) = (of(&case.control), of(&case.target));
    let mut arguments = vec!["compare", SUITE, "--control-exec", &control, "--target-exec", &target];
    arguments.extend(["--format", "json", "--jobs", "2"]);
    let outcome = place.start(place.command(&arguments)).end_dirty();
    let Some(results) = &outcome.results else {
        return Row { case, told: Vec::new(), wrong: Some(outcome.told()) };
    };
    let findings = results["findings"].as_array().unwrap();
    let told: Vec<[String; 3]> = findings.iter().map(told).collect();
    let is_breaking = told.iter().any(|[_, class, _]| class == "breaking");
    let wrong = (outcome.code != i32::from(is_breaking)).then(|| outcome.told());
    let judged = results["verdicts"].as_array().unwrap().iter().any(|verdict| verdict["status"] != "skip");
    let wrong = wrong.or((!judged).then(|| "nothing was judged".to_owned()));
    Row { case, told, wrong }
}

/// The code of a finding, the class that its title begins with, and the word that ends its message.
fn told(finding: &Value) -> [String; 3] {
    let text = |member: &str| finding[member].as_str().unwrap().to_owned();
    let (title, message) = (text("title"), text("message"));
    let class = title.split_once(": ").map_or("no class", |(class, _)| class).to_owned();
    let mut rules = airproof::compat::RULES.iter();
    let rule = rules.find(|rule| message.ends_with(&format!("({}; {})", rule.word, rule.source))).map(|rule| rule.word);
    let word = || message.strip_suffix(')')?.rsplit_once('(').map(|(_, word)| word);
    [text("rule"), class, rule.or_else(word).unwrap_or("no word").to_owned()]
}

/// Prints the table, those rows last that are not as expected, and fails if there are any.
fn judge(rows: Vec<Row>) -> Result<(), Failed> {
    let is_so = |row: &&Row| row.wrong.is_none() && row.told.iter().eq(row.case.expected.iter());
    let (good, bad): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(is_so);
    let mut text = format!("\n{:<8}{:<46}{:<32}{}\n", "", "version", "compared with", "told");
    for (word, row) in good.iter().map(|row| ("ok", row)).chain(bad.iter().map(|row| ("NOT SO", row))) {
        let told: Vec<String> = row.told.iter().map(|words| words.join(" ")).collect();
        let told = if told.is_empty() { "-".to_owned() } else { told.join(", ") };
        text += &format!("{word:<8}{:<46}{:<32}{told}\n", row.case.target, row.case.control);
        text += row.wrong.as_deref().unwrap_or_default();
    }
    text += &format!("\n{} pairs of versions: {} as expected, {} not\n", rows.len(), good.len(), bad.len());
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    match bad.len() {
        0 => Ok(()),
        count => Err(format!("{count} not as expected: see the end of the table").into()),
    }
}
