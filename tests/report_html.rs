//! The HTML report, as whoever opens it sees it: complete, safe, bounded, and the same for the same results.

mod sample;

use airproof::report::html::{render, render_beside};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sample::{HOSTILE, faulty, healthy, hostile, replay, several};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The values of an attribute, wherever it occurs in a tag.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let lead = format!(" {name}=\"");
    page.split(&lead).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// What the page says, without its tags.
fn words(page: &str) -> String {
    let body = page.split_once("<body>").expect("a body").1;
    let parts = body.split('<').filter_map(|part| part.split_once('>'));
    let text: String = parts.fold(String::new(), |text, (tag, words)| {
        let is_inline = ["code", "/code", "mark", "/mark", "a ", "/a", "span", "/span", "strong", "/strong"]
            .iter()
            .any(|name| tag.starts_with(name));
        text + if is_inline { "" } else { " " } + words
    });
    let text = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (entity, letter)| text.replace(entity, letter));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn title(page: &str) -> &str {
    page.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).expect("a title").0
}

#[test]
fn a_healthy_run_says_so() {
    let page = render(&healthy());
    assert!(title(&page).starts_with("PASS: airbyte"), "{}", title(&page));
    let words = words(&page);
    for said in [
        "PASS airbyte/source-orders:dev conforms to every rule that was judged.",
        "Can this pass be trusted? Nothing speaks against it",
        "The suite says that refunds is empty: the sandbox has none.",
        "Nothing was found.",
        "14 March 2026, 09:12 UTC",
        "0: nothing found at or above MUST",
        "12,480 records, 2 reads, 2 states",
    ] {
        assert!(words.contains(said), "{said:?} is missing in {words}");
    }
}

#[test]
fn findings_are_told_whole() {
    let page = render(&faulty());
    assert!(title(&page).starts_with("FAIL: "), "{}", title(&page));
    let words = words(&page);
    for said in [
        "breaks 2 required rules on 3 of 7 streams.",
        "Besides: 2 recommended rules broken, 1 observation, 1 finding waived by the suite.",
        "Can this result be trusted?",
        "1: findings at or above MUST",
        "total does not conform to its schema (type)",
        "Occurs 52,691 times",
        "Message 1,042 of sandbox.read.full-refresh, at /record/data/total",
        "Expected type: \"number\" Actual \"18.40\"",
        "3 more places",
        "yield self.checkpoint(slice) # also after the last one",
        "Waived by the suite: issue 318",
        "airproof explain STATE-010",
        "ended by signal 15 after we ended it: silent for too long",
        "not launched the read before it left no final state",
        "as in READ-006-5d0c91e2",
        "and 2 more",
        "on the wire",
        "1,040 lines not shown",
        "the cursor goes from 7 to 8",
        "goes back at message 1,042 to 8",
        "Records over time at most 80 a second",
        "a field of `orders` has another type",
        "airproof accept --only 0a1b2c3d",
    ] {
        assert!(words.contains(said), "{said:?} is missing in {words}");
    }
    assert!(page.contains("<mark>&quot;18.40&quot;</mark>"), "the value in question is marked");
    assert!(words.find("STATE-010-91ab3f07") < words.find("LOG-005-4a90ffe1"), "the waived finding stands last");
}

#[test]
fn a_replay_and_a_run_without_judgement_are_not_taken_for_a_pass() {
    assert!(words(&render(&replay())).contains("REPLAY Judged again from stored transcripts."));

    let mut nothing = healthy();
    (nothing.verdicts, nothing.launches) = (Vec::new(), Vec::new());
    sample::settle(&mut nothing);
    nothing.run.exit_code = 4;
    let page = render(&nothing);
    assert!(title(&page).starts_with("NOT JUDGED: "), "{}", title(&page));
    let words = words(&page);
    for said in [
        "was not judged: no check could be made.",
        "Can this result be trusted? No: nothing was judged",
        "4: nothing was judged",
    ] {
        assert!(words.contains(said), "{said:?} is missing in {words}");
    }
}

#[test]
fn every_link_leads_somewhere_on_the_page() {
    for results in [healthy(), faulty(), hostile()] {
        let page = render(&results);
        let ids: Vec<&str> = attributes(&page, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "ids are unique");
        for target in attributes(&page, "href").into_iter().filter_map(|target| target.strip_prefix('#')) {
            assert!(unique.contains(target), "#{target} leads nowhere");
        }
        for finding in &results.findings {
            assert!(unique.contains(finding.id.as_str()), "{} has no place on the page", finding.id);
        }
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for results in [healthy(), faulty(), hostile()] {
        let page = render(&results);
        let (head, rest) = page.split_once("<script>").expect("our script");
        let (script, body) = rest.split_once("</script>").expect("its end");
        assert!(script.len() <= 25_000, "the script has grown to {} bytes", script.len());
        let page = format!("{head}{body}");
        let markup = page.to_lowercase();
        for forbidden in
            ["<script", "<iframe", "<img", "<object", "<form", " style=\"", "@import", "url(", "http:", " src="]
        {
            let found = markup.find(forbidden).map(|at| &page[at..(at + 80).min(page.len())]);
            let escaped = forbidden == " src=" || forbidden == "http:";
            assert!(found.is_none() || escaped && found.is_some_and(|_| !in_a_tag(&page, forbidden)), "{found:?}");
        }
        for target in attributes(&page, "href") {
            let is_safe = ["#", "data:image", "https:"].iter().any(|start| target.starts_with(start));
            assert!(is_safe, "{target}");
        }
        assert!(!page.contains(['\u{202e}', '\u{1b}', '\0']), "control characters are shown, not sent");
    }
}

/// Whether a word stands within a tag, not in text, nor in the value of an attribute.
fn in_a_tag(page: &str, word: &str) -> bool {
    let without_values = |tag: &str| tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"").to_lowercase();
    page.split('<').skip(1).filter_map(|part| part.split('>').next()).any(|tag| without_values(tag).contains(word))
}

#[test]
fn hostile_text_is_shown_as_it_was() {
    let mut results = faulty();
    results.findings[0].title = HOSTILE.to_owned();
    let words = words(&render(&results));
    let shown = "</script></style></title></pre><script>document.title='owned'</script><img src=x \
                 onerror=\"document.title='owned'\">'\"><svg onload=alert(1)>{{ 7*7 }}{% raw %}<U+202E>gnp.exe␛[2J␀␍⏎&lt;b&gt;";
    assert!(words.contains(shown), "{words}");
}

#[test]
fn the_page_stays_small_and_says_what_it_leaves_out() {
    let page = render(&hostile());
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let words = words(&page);
    assert!(words.contains("Further findings, in short"), "findings that are too many are rows");
    assert!(words.contains("more in results.json"), "what is left out is counted");
}

#[test]
fn the_same_results_make_the_same_bytes() {
    for results in [healthy, faulty, hostile] {
        assert!(render(&results()) == render(&results()), "two pages of the same results differ");
    }
}

#[test]
fn the_policy_allows_this_style_and_this_script_and_nothing_else() {
    let page = render(&faulty());
    let digest = |tag: &str| {
        let (start, end) = (format!("<{tag}>"), format!("</{tag}>"));
        let text = page.split_once(&start).and_then(|(_, rest)| rest.split_once(&end)).expect("both are there").0;
        STANDARD.encode(Sha256::digest(text)).replace('/', "&#x2f;")
    };
    let (style, script) = (digest("style"), digest("script"));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:\">");
    assert_eq!(page.matches(&policy).count(), 1, "{}", &page[..600]);
}

#[test]
fn several_connectors_have_a_matrix_and_share_their_causes() {
    let results = several();
    let page = render(&results);
    let words = words(&page);
    assert!(words.contains("Connectors by family of rules"), "{words}");
    assert!(page.contains("data-query=\"rule:READ-* launch:b.* status:fail\""), "a cell leads to what it counts");
    let cards: Vec<&str> = page.split("<article").filter(|card| card.contains("airproof explain")).collect();
    assert_eq!(cards.len(), faulty().findings.len(), "one card for a cause, however many connectors have it");
    let ids = ["READ-006-5d0c91e2", "b.READ-006-5d0c91e2"];
    for id in ids {
        let part = format!("role=\"group\" id=\"{id}\" data-item=\"finding\"");
        assert!(cards[0].contains(&part), "{}", cards[0]);
        assert_eq!(page.matches(&format!("data-as=\"{id}\"")).count(), 1, "the index leads to each connector's");
    }
    assert!(cards[0].contains("<h4 id=\"b.READ-006-5d0c91e2-h\"><code>b</code></h4>"), "{}", cards[0]);
    assert_eq!(cards[0].matches("Why it matters").count(), 1, "what they have in common is told once");
}

/// The lane of a launch in the timeline.
fn lane<'p>(page: &'p str, launch: &str) -> &'p str {
    let lanes = page.split("<li class=\"lane\"").skip(1).map(|lane| lane.split("</li>").next().unwrap_or(lane));
    lanes.into_iter().find(|lane| lane.contains(&format!("#launch-{launch}\""))).expect("a lane")
}

#[test]
fn a_red_lane_says_why_and_an_end_that_is_meant_is_not_red() {
    let mut results = faulty();
    let failed = |launch: &mut airproof::verdict::LaunchFacts, code| {
        launch.outcome = airproof::verdict::LaunchState::Ended { exit: sample::exit(code, 2.0) };
    };
    let mut experiment = results.launches[4].clone();
    experiment.id = "sandbox.read.invalid-mode".to_owned();
    experiment.asked_by = vec!["READ-017".to_owned()];
    failed(&mut experiment, 1);
    let mut verdict = results.verdicts[0].clone();
    (verdict.rule, verdict.launch) = ("READ-017".to_owned(), experiment.id.clone());
    (verdict.stream, verdict.status) = (None, airproof::verdict::Status::Pass);
    results.launches.push(experiment);
    results.verdicts.push(verdict);
    // Its configuration is to be refused.
    failed(&mut results.launches[2], 1);
    failed(&mut results.launches[1], 2);
    let page = render(&results);
    for (launch, why) in [
        ("sandbox.read.incremental", "ended by signal 15 after we ended it: silent for too long"),
        ("sandbox.read.full-refresh", "breaks READ-006"),
        ("sandbox.check", "exit code 2"),
    ] {
        let lane = lane(&page, launch);
        assert!(lane.contains("class=\"span failed\""), "{lane}");
        assert_eq!(lane.matches(why).count(), 3, "its title, its name for readers and its label say {why}: {lane}");
    }
    for launch in ["wrong-key.check", "sandbox.read.invalid-mode", "sandbox.discover"] {
        let lane = lane(&page, launch);
        assert!(!lane.contains("failed") && !lane.contains("went wrong"), "{lane}");
    }
    assert!(words(&page).contains("red: it did not end as it was meant to, or breaks a rule at MUST"));
    assert!(!words(&render(&healthy())).contains("red:"), "the legend explains what is there");
}

#[test]
fn a_single_look_at_memory_is_not_told_as_the_peak() {
    let mut results = healthy();
    let mut used = |place: usize, looks: serde_json::Value| {
        let mut exit = sample::exit(0, 1.0);
        exit.resources =
            serde_json::from_value(serde_json::json!({"peak_memory": 4096 << place, "memory": looks})).unwrap();
        results.launches[place].outcome = airproof::verdict::LaunchState::Ended { exit };
    };
    let look = |at: f64| serde_json::json!({"at": at, "bytes": 4096});
    used(0, serde_json::json!([look(0.001)]));
    used(1, serde_json::json!([look(0.001), look(0.03)]));
    let words = words(&render(&results));
    assert!(!words.contains("4.0 KiB of memory") && words.contains("8.0 KiB of memory"), "{words}");
}

#[test]
fn streams_that_no_catalog_has_do_not_count() {
    let mut results = faulty();
    let missing = airproof::protocol::Descriptor::named("airproof_missing");
    let mut experiment = results.launches[4].clone();
    (experiment.id, experiment.asked_by) = ("sandbox.read.missing-stream".to_owned(), vec!["READ-014".to_owned()]);
    experiment.streams[0].stream = missing.clone();
    results.launches.push(experiment);
    results.findings[0].streams.push(missing);
    assert!(words(&render(&results)).contains("breaks 2 required rules on 3 of 7 streams."));
}

#[test]
fn the_page_leads_to_skipped_checks_and_to_the_results_beside_it() {
    let page = render_beside(&faulty(), "results.json");
    assert!(page.contains("<a href=\"#checks\" data-query=\"status:skip\">"), "skipped checks are a view of the page");
    assert_eq!(page.matches("<a href=\"results.json\" download>").count(), 2);
    assert!(!render(&faulty()).contains("href=\"results.json\""), "no link where there may be no such file");
}
