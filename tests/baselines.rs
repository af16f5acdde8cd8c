//! docs/baselines.md is gone through as it is written: its files, its commands, its keys, what it says that they print.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;
#[path = "review/terminal.rs"]
mod terminal;

use binary::Place;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use terminal::Terminal;

const PAGE: &str = include_str!("../docs/baselines.md");

/// The fenced blocks of the page, each with its language.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut blocks = Vec::new();
    let mut rest = PAGE;
    while let Some((language, after)) = rest.split_once("```").and_then(|(_, after)| after.split_once('\n')) {
        let (text, left) = after.split_once("```").unwrap();
        blocks.push((language, text));
        rest = left;
    }
    blocks
}

fn set_up(place: &Place, source: &str) {
    place.write("source.sh", source);
    fs::set_permissions(place.path("source.sh"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs one command of a block; the lines below it are what it prints, what is typed (`> a`), and how it ends (`exit 5`).
fn follow(place: &Place, command: &str, lines: &[&str]) {
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let exit = lines.iter().find_map(|line| line.strip_prefix("exit ")).map(|code| code.parse::<i32>().unwrap());
    let told = lines.iter().filter(|line| !line.starts_with("exit "));
    if lines.iter().any(|line| line.starts_with("> ")) {
        let mut terminal = Terminal::start(place.command(&words), 200);
        for line in told {
            match line.strip_prefix("> ") {
                Some(key) => drop(terminal.press(key)),
                None => drop(terminal.until(line)),
            }
        }
        terminal.end();
        return;
    }
    let outcome = place.run(&words);
    for line in told {
        outcome.says(line);
    }
    if let Some(exit) = exit {
        outcome.exits(exit);
    }
}

#[test]
fn the_page_is_as_it_is_told() {
    let place = Place::new();
    let all = blocks();
    let source = all.iter().find(|(language, _)| *language == "sh").unwrap().1;
    set_up(&place, source);
    place.write("airproof.yml", all.iter().find(|(language, _)| *language == "yaml").unwrap().1);
    let mut is_changed = false;
    for (_, block) in all.iter().filter(|(language, _)| *language == "console") {
        // The change comes after both snapshots are accepted.
        if !is_changed && place.path("baselines/shop/specification.json").exists() {
            let field = "\"exported_at\":{";
            assert_eq!(source.matches(field).count(), 1, "the place of the change can be told");
            set_up(&place, &source.replace(field, &format!("\"note\":{{\"type\":[\"null\",\"string\"]}},{field}")));
            is_changed = true;
        }
        let lines: Vec<&str> = block.lines().collect();
        for command in
            lines.split(|line| line.starts_with("$ ")).skip(1).zip(lines.iter().filter(|line| line.starts_with("$ ")))
        {
            follow(&place, command.1.trim_start_matches("$ "), command.0);
        }
    }
    assert!(is_changed);
    let kept = fs::read_to_string(place.path("baselines/shop/streams/orders/catalog.json"));
    let folders: Vec<_> = fs::read_dir(place.path("baselines/shop/streams")).unwrap().collect();
    assert_eq!(folders.len(), 2);
    assert!(kept.unwrap().contains("\"note\""));
}

/// The codes of baselines among the findings of a run.
fn told(place: &Place) -> BTreeSet<String> {
    let outcome = place.run(&["test"]);
    let findings = outcome.results()["findings"].as_array().unwrap().clone();
    let codes = findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned());
    codes.filter(|code| code.starts_with("BASE-")).collect()
}

#[test]
fn each_code_has_its_occasion() {
    let place = Place::new();
    let all = blocks();
    let source = all.iter().find(|(language, _)| *language == "sh").unwrap().1;
    place.write("airproof.yml", all.iter().find(|(language, _)| *language == "yaml").unwrap().1);
    set_up(&place, source);
    assert_eq!(Vec::from_iter(told(&place)), ["BASE-002", "BASE-004"]);
    place.run(&["accept", "--all"]).exits(0);
    set_up(&place, &source.replace("$(stream orders),$(stream customers)", "$(stream orders)"));
    let codes = told(&place);
    assert!(codes.contains("BASE-001") && codes.contains("BASE-003"), "{codes:?}");
    // A secret of the config in each record.
    let leaky = source.replace("\"title\":\"Shop\",\"description\"", "\"airbyte_secret\":true,\"description\"");
    set_up(&place, &leaky.replace("\"name\":\"'\"$1 $id\"'\"", "\"name\":\"the one at the corner\""));
    let codes = told(&place);
    assert!(codes.contains("BASE-005"), "{codes:?}");
    for (path, content) in place.report_files() {
        assert!(!String::from_utf8_lossy(&content).contains("the one at the corner"), "{}", path.display());
    }
}
