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

/// The page's suite and source.
fn shop() -> (Place, &'static str) {
    let place = Place::new();
    let all = blocks();
    let source = all.iter().find(|(language, _)| *language == "sh").unwrap().1;
    set_up(&place, source);
    place.write("airproof.yml", all.iter().find(|(language, _)| *language == "yaml").unwrap().1);
    (place, source)
}

#[test]
fn masks_and_the_first_snapshot_are_accepted_at_once() {
    let (place, _) = shop();
    place.run(&["test"]).says("2 questions about baselines wait");
    place.run(&["accept", "--all"]).exits(0).says("mask `exported_at` in `customers`, `orders`").says("first snapshot");
    let kept = fs::read_to_string(place.path("baselines/shop/streams/orders/records.json")).unwrap();
    assert!(kept.contains("\"exported_at\": \"<date-time>\""), "{kept}");
    place.run(&["test", "--locked"]).exits(0);
    place.run(&["review"]).exits(0).says("Nothing is pending");
    // What was accepted before a mask is read by it, too.
    place.write(
        "baselines/normalize.yml",
        "- { path: /exported_at, form: date-time }\n- { path: /name, replace: true }\n",
    );
    place.run(&["test", "--locked"]).exits(0);
}

#[test]
fn a_sample_without_a_key_is_taken_anew_with_the_mask() {
    let (place, source) = shop();
    let keyless = source.replace(",\"source_defined_primary_key\":[[\"id\"]]", "");
    assert_ne!(keyless, source);
    set_up(&place, &keyless);
    place.run(&["test"]).says("2 questions about baselines wait");
    place.run(&["accept", "--all"]).exits(0);
    assert!(told(&place).iter().eq(["BASE-002"]), "a sample of other records is no difference");
    place.run(&["accept", "--all"]).exits(0).says("first snapshot of 2 streams in scenario `shop`: 2 files");
    place.run(&["test", "--locked"]).exits(0);
}

#[test]
fn a_rejected_mask_is_not_proposed_again_until_its_entry_is_gone() {
    let (place, source) = shop();
    place.run(&["test"]);
    let mut terminal = Terminal::start(place.command(&["review"]), 200);
    terminal.until("mask `exported_at`").press("r").until("rejected").press("s");
    terminal.end();
    let rules = place.path("baselines/normalize.yml");
    let text = fs::read_to_string(&rules).unwrap();
    assert!(text.matches("  rejected: true\n").count() == 2 && text.starts_with("# "), "{text}");
    let told = place.run(&["test"]);
    told.says("1 question about baselines waits").says("1 mask is rejected in normalize.yml");
    told.says("told as a change: `exported_at` in `customers`, `orders`");
    // Without the lines, the masks are in force; without the entries, they are proposed again.
    fs::write(&rules, text.replace("  rejected: true\n", "")).unwrap();
    place.run(&["accept", "--all"]).exits(0);
    place.run(&["test", "--locked"]).exits(0);
    fs::remove_file(&rules).unwrap();
    set_up(&place, source);
    place.run(&["test"]).says("1 question about baselines waits");
    place.run(&["review"]).says("mask `exported_at` in `customers`, `orders`");
}

#[test]
fn what_was_read_once_makes_no_difference_when_it_is_read_twice() {
    for is_keyed in [true, false] {
        let (place, source) = shop();
        let without = source.replace(",\"source_defined_primary_key\":[[\"id\"]]", "");
        set_up(&place, if is_keyed { source } else { &without });
        let once = place.run(&["test", "--suite", "quick"]);
        once.says("1 question about baselines waits").says("Records were read once").says("`--suite standard`");
        place.run(&["accept", "--all"]).exits(0);
        let codes = told(&place);
        assert!(codes.iter().eq(["BASE-004"]), "{codes:?}");
        place.run(&["review"]).exits(5).says("1 question waits for an answer").says("mask `exported_at`");
        // As long as nobody has answered, a run that reads once knows from the last one that did not.
        let again = place.run(&["test", "--suite", "quick"]);
        assert!(!again.results()["findings"].to_string().contains("BASE-001"));
        place.run(&["accept", "--all"]).exits(0);
        let codes = told(&place);
        assert!(codes.is_empty() == is_keyed && !codes.contains("BASE-001"), "{codes:?}");
        place.run(&["accept", "--all"]).exits(0);
        place.run(&["test", "--locked"]).exits(0);
    }
}

#[test]
fn a_folder_that_two_connectors_share_is_refused_with_what_to_do() {
    let (place, source) = shop();
    place.run(&["test"]);
    place.run(&["accept", "--all"]).exits(0);
    place.write("bar.sh", source);
    fs::set_permissions(place.path("bar.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    place.write(
        "bar.yml",
        "connector: { exec: ./bar.sh }\nbaselines: baselines/\nscenarios:\n  - { name: bar, config: { shop: x } }\n",
    );
    let outcome = place.run(&["test", "bar.yml"]);
    outcome.exits(2).says("it is a baseline of the connector `source.sh` (and 8 more files beside it)");
    outcome.says("`baselines: baselines/NAME` in its suite");
    assert_eq!(outcome.results()["run"]["errors"].as_array().unwrap().len(), 1);
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
    assert!(codes.iter().eq(["BASE-003"]), "its messages are no question of their own: {codes:?}");
    place.run(&["accept", "--stale"]).exits(0);
    place.run(&["test", "--locked"]).exits(0);
    set_up(&place, source);
    place.run(&["test"]).says("1 question about baselines waits");
    place.run(&["accept", "--all"]).exits(0);
    set_up(&place, &source.replace("\"id\":'\"$id\"'", "\"id\":'\"$id\"',\"note\":\"new\""));
    let codes = told(&place);
    assert!(codes.contains("BASE-001"), "{codes:?}");
    // A secret of the config in each record.
    let leaky = source.replace("\"title\":\"Shop\",\"description\"", "\"airbyte_secret\":true,\"description\"");
    set_up(&place, &leaky.replace("\"name\":\"'\"$1 $id\"'\"", "\"name\":\"the one at the corner\""));
    let codes = told(&place);
    assert!(codes.contains("BASE-005"), "{codes:?}");
    for (path, content) in place.report_files() {
        assert!(!String::from_utf8_lossy(&content).contains("the one at the corner"), "{}", path.display());
    }
}

#[test]
fn the_form_of_a_state_that_only_an_incremental_read_ends_with_is_in_the_baselines() {
    let (place, source) = shop();
    let version = |form: &str| {
        let modes = "\"supported_sync_modes\":[\"full_refresh\",\"incremental\"],\"source_defined_cursor\":true,\
                     \"default_cursor_field\":[\"id\"]";
        let state = format!(
            "grep -q '\"sync_mode\": *\"incremental\"' \"$catalog\" && say STATE '\"state\":{{\"type\":\"STREAM\",\"stream\":\
             {{\"stream_descriptor\":{{\"name\":\"'\"$1\"'\"}},\"stream_state\":{form}}}}}'\n  status \"$1\" COMPLETE"
        );
        let source = source.replace("\"supported_sync_modes\":[\"full_refresh\"]", modes);
        source.replace("rows() {", "catalog=$5\nrows() {").replace("status \"$1\" COMPLETE", &state)
    };
    set_up(&place, &version("{\"updated_at\":6}"));
    place.run(&["test"]);
    place.run(&["accept", "--all"]).exits(0);
    let kept = place.path("baselines/shop/streams/orders/incremental-state.json");
    assert!(fs::read_to_string(&kept).unwrap().contains("\"updated_at\""));
    assert!(!told(&place).contains("BASE-001"));
    set_up(&place, &version("{\"cursor\":{\"value\":6,\"field\":\"id\"}}"));
    assert!(told(&place).contains("BASE-001"));
    let form = "the state has another form in `customers`, `orders` (gone: `updated_at`; new: `cursor`, `cursor/field`";
    place.run(&["review"]).exits(5).says("1 question waits").says(form);
    // A run that makes no incremental read knows nothing of it.
    place.run(&["test", "--suite", "quick"]);
    assert!(kept.exists());
    let quick = place.run(&["review"]);
    assert!(!quick.stdout.contains("no longer there"), "{}", quick.stdout);
    place.run(&["test"]);
    place.run(&["accept", "--all"]).exits(0);
    assert!(!told(&place).contains("BASE-001"));
}
