//! docs/destinations.md, done as it stands there: from nothing to a green suite.

#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use binary::Place;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The blocks of the page in that language, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = page.split(&fence).skip(1);
    after.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn from_nothing_to_a_green_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/destinations.md")).unwrap();
    let (suites, said) = (blocks(&page, "yaml"), blocks(&page, "console"));
    let place = Place::new();
    let program = place.path("destination.py");
    fs::copy(root.join("fixtures/connectors/json-lines/destination.py"), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();

    // Without a reader.
    place.write("airproof.yml", &suites[0]);
    let first = place.run(&["test"]).exits(0);
    lines(&said[0]).for_each(|line| drop(first.says(line)));

    // With one, and nothing declared. What takes most of the time is not made twice.
    place.write("airproof.yml", &suites[1]);
    let second = place.run(&["test", "--rule", "DEST-011", "--rule", "DEST-015"]).exits(0);
    lines(&said[1]).for_each(|line| drop(second.says(line)));

    // With what it does declared.
    let declared = suites[1].clone() + "  behaviours" + suites[3].split("  behaviours").nth(1).unwrap();
    place.write("airproof.yml", &declared);
    let third = place.run(&["test"]).exits(0);
    lines(&said[2]).for_each(|line| drop(third.says(line)));
    assert!(
        !place
            .path("out")
            .read_dir()
            .unwrap()
            .any(|left| { left.unwrap().file_name().to_string_lossy().starts_with("airproof_") }),
        "the cleaner removes what was written"
    );
}

/// What a block says was put out.
fn lines(block: &str) -> impl Iterator<Item = &str> {
    block.lines().filter(|line| !line.starts_with('$'))
}
