//! Results of several runs put together, and compared with an earlier one.

#![allow(clippy::unwrap_used, missing_docs)]

mod sample;

use airproof::report::{html, markdown};
use airproof::verdict::{Mixed, Results, Same, SinceMark, Status, compare, merge};
use sample::{faulty, healthy};

fn merged(files: &[(&str, Results)]) -> Result<Results, Mixed> {
    merge(files.iter().map(|(name, results)| ((*name).to_owned(), results.clone())).collect(), &|_| true)
}

/// The sample's run under other names.
fn run(id: &str, connector: &str, results: Results) -> Results {
    let mut results = results;
    id.clone_into(&mut results.run.id);
    results.run.suite.digest = format!("digest of {connector}");
    connector.clone_into(&mut results.connectors[0].name);
    results.launches.iter_mut().for_each(|launch| connector.clone_into(&mut launch.connector));
    for finding in &mut results.findings {
        connector.clone_into(&mut finding.connector);
        finding.id += connector;
    }
    results
}

/// A shard of the healthy run: the launches without a scenario, and those of one scenario.
fn shard(place: u32, of: u32, scenario: &str) -> Results {
    let mut results = healthy();
    results.run.id = format!("shard-{place}");
    results.run.shard = Some(format!("slice:{place}/{of}"));
    results.launches.retain(|launch| launch.scenario.as_deref().is_none_or(|name| name == scenario));
    let kept: Vec<String> = results.launches.iter().map(|launch| launch.id.clone()).collect();
    results.verdicts.retain(|verdict| kept.contains(&verdict.launch));
    sample::settle(&mut results);
    results
}

#[test]
fn shards_come_to_what_one_run_does() {
    let whole = healthy();
    let both = merged(&[("a", shard(1, 2, "sandbox")), ("b", shard(2, 2, "wrong-key"))]).unwrap();
    assert_eq!(both.run.verdict_counts, whole.run.verdict_counts);
    assert_eq!((both.launches.len(), both.connectors.len()), (whole.launches.len(), 1));
    assert_eq!((both.run.exit_code, both.run.status, both.run.shard.clone()), (0, Status::Pass, None));
    assert!(both.doubts.is_empty(), "{:?}", both.doubts);
    let parts: Vec<_> = both.run.parts.iter().map(|part| part.shard.as_deref()).collect();
    assert_eq!(parts, [Some("slice:1/2"), Some("slice:2/2")]);
}

#[test]
fn a_missing_shard_is_a_doubt_until_it_comes() {
    let some = merged(&[("a", shard(1, 3, "sandbox")), ("b", shard(2, 3, "wrong-key"))]).unwrap();
    let told = &some.doubts[0];
    assert_eq!(told.kind, "shard-missing");
    assert!(
        told.message.starts_with("1 of the suite's 3 parts is not among these results (slice:3/3)"),
        "{}",
        told.message
    );
    let all = merged(&[("ab", some), ("c", shard(3, 3, "none"))]).unwrap();
    assert!(all.doubts.iter().all(|doubt| doubt.kind != "shard-missing"), "{:?}", all.doubts);
    assert_eq!((all.run.parts.len(), &all.run.verdict_counts), (3, &healthy().run.verdict_counts));
}

#[test]
fn the_worst_exit_code_is_that_of_all() {
    let both = merged(&[("a", run("1", "shop", healthy())), ("b", run("2", "crm", faulty()))]).unwrap();
    assert_eq!((both.run.exit_code, both.run.status), (1, Status::Fail));
    assert_eq!(both.connectors.len(), 2);
    assert_eq!(both.connectors[1].suite.as_ref().unwrap().digest, "digest of crm");
    let ids: Vec<&str> = both.launches.iter().map(|launch| launch.id.as_str()).collect();
    let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "ids are unique");
    assert!(ids.contains(&"spec") && ids.contains(&"crm.spec"), "{ids:?}");
    let page = html::render(&both);
    for finding in &both.findings {
        assert!(finding.evidence.iter().all(|evidence| unique.contains(evidence.launch.as_str())), "{}", finding.id);
    }
    assert!(page.contains("Merged of") && page.contains("The group of 2 connectors"));
}

#[test]
fn what_does_not_belong_together_is_refused_with_the_reason() {
    let told = |files: &[(&str, Results)]| merged(files).unwrap_err().to_string();
    let (one, again) = (healthy(), run("2", sample::CONNECTOR, healthy()));
    assert!(told(&[("a", one.clone()), ("b", one.clone())]).starts_with("a and b are of the same run, 2026"));
    assert!(
        told(&[("a", one.clone()), ("b", again.clone())])
            .contains("the suite of airbyte/source-orders:dev is not the same")
    );
    let mut twice = one.clone();
    twice.run.id = "2".to_owned();
    assert!(told(&[("a", one.clone()), ("b", twice.clone())]).contains("airproof report b --since a"));
    let mut newer = again;
    newer.run.airproof = "9.0.0".to_owned();
    assert!(told(&[("a", one), ("b", newer)]).contains("different versions of airproof, 0.1.0 and 9.0.0"));
    let (first, mut other) = (shard(1, 2, "sandbox"), shard(2, 2, "wrong-key"));
    assert!(told(&[("a", first.clone()), ("b", twice)]).contains("overlap: slice:1/2 and the whole"));
    other.run.shard = Some("slice:2/3".to_owned());
    assert!(told(&[("a", first.clone()), ("b", other.clone())]).contains("overlap: slice:1/2 and slice:2/3"));
    other.run.shard = Some("slice:1/2".to_owned());
    assert!(told(&[("a", first.clone()), ("b", other.clone())]).contains("overlap"));
    other.run.shard = Some("slice:2/2".to_owned());
    other.connectors[0].subject.image_id = Some("sha256:77".to_owned());
    assert!(told(&[("a", first), ("b", other)]).contains("not the same image in both"));
}

#[test]
fn findings_are_new_fixed_or_still_there() {
    let (mut now, mut before) = (faulty(), faulty());
    before.run.id = "before".to_owned();
    let (gone, come) = (now.findings.remove(0), before.findings.remove(1));
    compare(&mut now, &before);
    let since = now.since.clone().unwrap();
    assert_eq!((since.run.as_str(), since.new, since.still), ("before", 1, before.findings.len() as u64 - 1));
    let new: Vec<&str> = now
        .findings
        .iter()
        .filter(|finding| finding.since == Some(SinceMark::New))
        .map(|finding| finding.id.as_str())
        .collect();
    assert_eq!(new, [come.id.as_str()]);
    assert_eq!(since.fixed.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), [gone.id.as_str()]);
    let mut rules: Vec<&str> = vec![&gone.rule, &come.rule];
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(
        since.flaky.iter().map(|it| it.rule.as_str()).collect::<Vec<_>>(),
        rules,
        "nothing that is tested changed"
    );
    assert!(since.flaky.iter().all(|flaky| flaky.same == Same::Image));
    let (page, text) = (html::render(&now), markdown::render(&now, markdown::COMMENT));
    assert!(page.contains("Since the earlier run") && page.contains(">NEW<") && page.contains(">STILL THERE<"));
    assert!(
        text.contains("### Since run `before`") && text.contains("- fixed: ") && text.contains("| MUST, new |"),
        "{text}"
    );
}

#[test]
fn another_image_explains_what_came_and_went() {
    let (mut now, mut before) = (faulty(), faulty());
    before.connectors[0].subject.image_id = Some("sha256:00".to_owned());
    now.findings.remove(0);
    compare(&mut now, &before);
    assert_eq!(now.since.unwrap().flaky, []);
}

#[test]
fn what_was_not_judged_is_not_fixed() {
    let (mut now, before) = (healthy(), faulty());
    let rule = before.findings[0].rule.clone();
    now.verdicts.iter_mut().filter(|verdict| verdict.rule == rule).for_each(|verdict| verdict.status = Status::Skip);
    compare(&mut now, &before);
    let since = now.since.unwrap();
    assert!(since.fixed.iter().all(|fixed| fixed.rule != rule));
    assert!(since.not_judged.iter().any(|gone| gone.rule == rule));
}

#[test]
fn another_tag_is_the_same_connector() {
    let (mut now, before) = (run("2", "airbyte/source-orders:2", faulty()), faulty());
    compare(&mut now, &before);
    let since = now.since.unwrap();
    assert_eq!((since.new, since.still, since.fixed.len()), (0, before.findings.len() as u64, 0));
}

#[test]
fn another_connector_is_not_the_same_and_nothing_of_it_is_fixed() {
    let (mut now, before) = (run("2", "airbyte/source-shop:dev", healthy()), faulty());
    compare(&mut now, &before);
    let since = now.since.clone().unwrap();
    assert_eq!((since.fixed.len(), since.not_judged.len()), (0, before.findings.len()));
    let unrelated = |results: &Results| {
        let doubts = results.doubts.iter().filter(|doubt| doubt.kind == "since-unrelated");
        doubts.map(|doubt| doubt.message.clone()).collect::<Vec<_>>()
    };
    let told = unrelated(&now);
    assert!(
        told.len() == 1 && told[0].contains("not of airbyte/source-shop:dev but of airbyte/source-orders:dev"),
        "{told:?}"
    );
    // Another comparison takes the place of the first one.
    compare(&mut now, &run("3", "airbyte/source-shop:dev", healthy()));
    assert_eq!(unrelated(&now), [""; 0]);
    // Another tag is the same connector.
    let mut tagged = run("4", "airbyte/source-orders:2", faulty());
    compare(&mut tagged, &before);
    assert_eq!(unrelated(&tagged), [""; 0]);
}

#[test]
fn a_stream_that_is_not_read_is_not_fixed() {
    let (mut now, before) = (healthy(), faulty());
    let lost = &before.findings[0];
    now.launches.iter_mut().for_each(|launch| launch.streams.retain(|facts| !lost.streams.contains(&facts.stream)));
    compare(&mut now, &before);
    assert!(now.since.unwrap().not_judged.iter().any(|gone| gone.id == lost.id));
}
