//! What each form says of an earlier run that the results were compared with.

use super::{HOSTILE, broken_junit, checkout, errors, sarif, sarif_schema};
use super::{faulty, hostile_titles};
use airproof::report::{github, gitlab, junit, markdown, tap};
use airproof::verdict::{Results, compare};
use serde_json::Value;

/// A run with a new finding, compared with one that had another.
fn compared() -> Results {
    let (mut now, mut before) = (faulty(), faulty());
    before.run.id = "before".to_owned();
    now.findings.remove(0);
    before.findings.remove(1);
    compare(&mut now, &before);
    let since = now.since.as_ref().unwrap();
    assert_eq!((since.new, since.fixed.len()), (1, 1));
    now
}

#[test]
fn each_form_tells_what_is_new_and_what_is_fixed() {
    let results = compared();
    let (fixed, still) = (&results.since.as_ref().unwrap().fixed[0], results.since.as_ref().unwrap().still);
    let counts = format!("1 new, 1 fixed, {still} still there");

    let tap = tap::render(&results);
    assert!(tap.contains(&format!("\n# since run before: {counts}\n# fixed: {} ", fixed.rule)), "{tap}");
    assert!(tap.contains("      since: \"new\"\n") && tap.contains("      since: \"still there\"\n"));

    let xml = junit::render(&results);
    assert!(xml.contains(&format!("<property name=\"since\" value=\"{counts}\"/>")), "{counts}");
    assert!(xml.contains("<property name=\"since.run\" value=\"before\"/>"));
    assert!(xml.contains(&format!("<property name=\"since.fixed\" value=\"{} ", fixed.rule)));
    assert!(xml.contains("since the earlier run: new") && xml.contains("since the earlier run: still there"));

    let log: Value = serde_json::from_str(&sarif(&results)).unwrap();
    let run = &log["runs"][0];
    let state = |wanted| run["results"].as_array().unwrap().iter().filter(|it| it["baselineState"] == wanted).count();
    assert_eq!((state("new"), state("unchanged")), (1, still as usize));
    assert_eq!(state("absent"), 0, "code scanning would show it as an alert that is open");
    let told = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains(&counts) && told.contains(&format!("fixed: {} ", fixed.rule)), "{told}");

    let commands = github::annotations(&results, &checkout());
    assert!(commands.contains(" (new),file=") && commands.contains(" (still there),file="), "{commands}");
    let page = markdown::render(&results, markdown::COMMENT);
    assert!(page.contains(&counts) && page.contains(", new |") && page.contains(", still there |"), "{page}");
    // GitLab compares fingerprints itself.
    let plain = Results { since: None, ..results.clone() };
    assert_eq!(gitlab::render(&results, &checkout()), gitlab::render(&plain, &checkout()));
}

#[test]
fn without_an_earlier_run_nothing_is_said_of_one() {
    let results = faulty();
    for told in [
        junit::render(&results),
        sarif(&results),
        tap::render(&results),
        github::annotations(&results, &checkout()),
        markdown::render(&results, markdown::COMMENT),
    ] {
        let is_told =
            ["since the earlier run", "since run", "baselineState", "still there"].iter().any(|it| told.contains(it));
        assert!(!is_told, "{told}");
    }
}

#[test]
fn what_an_earlier_run_says_is_hostile_too() {
    let (mut now, mut before) = (faulty(), hostile_titles());
    before.run.id = HOSTILE.to_owned();
    for (at, finding) in before.findings.iter_mut().enumerate() {
        finding.id = format!("{HOSTILE}{at}");
    }
    compare(&mut now, &before);
    assert!(!now.since.as_ref().unwrap().fixed.is_empty());
    let log = serde_json::from_str(&sarif(&now)).unwrap();
    assert_eq!(errors(&sarif_schema(), &log), [""; 0]);
    assert!(broken_junit(&junit::render(&now)).unwrap_or_default().is_empty());
    for told in [tap::render(&now), github::annotations(&now, &checkout()), junit::render(&now)] {
        let acting = told.find(|it: char| it.is_control() && it != '\n');
        assert_eq!(acting.map(|at| told[at..].chars().take(40).collect::<String>()), None);
    }
    assert!(
        tap::render(&now).lines().skip(2).all(|it| ["ok ", "not ok ", "# ", "  "].iter().any(|of| it.starts_with(of)))
    );
}
