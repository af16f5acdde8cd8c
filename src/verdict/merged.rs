//! Results of several runs put together: shards of a suite, and runs of different connectors. What does not belong
//! together is refused with the reason.

mod fit;
mod shards;

pub use fit::Mixed;

use super::merge::{add, digest_of_suites, heaviest_first, named_in_text};
use super::{Results, RunFacts, RunPart, SuiteFacts};
use crate::exit::Exit;
use std::collections::BTreeSet;

/// Whether a rule or experiment, by its code, is judged once of a launch, and not for each scenario.
pub type Once<'o> = dyn Fn(&str) -> bool + 'o;

/// Merges results, each with the name that the user knows it by. Results of one file are left as they are. Errs where counting them
/// together would make something up: what is doubled, and what was judged by other means.
pub fn merge(mut files: Vec<(String, Results)>, once: &Once<'_>) -> Result<Results, Mixed> {
    if let [_] = files.as_slice() {
        return files.pop().map(|(_, results)| results).ok_or(Mixed::Nothing);
    }
    fit::check(&files)?;
    let parts: Vec<RunPart> = files.iter().flat_map(|(_, results)| parts_of(&results.run)).collect();
    let mut groups: Vec<Vec<Results>> = Vec::new();
    for (_, results) in files {
        let is_beside = |group: &&mut Vec<Results>| are_shards_of_one(&group[0].run, &results.run);
        match groups.iter_mut().find(is_beside) {
            Some(group) => group.push(results),
            None => groups.push(vec![results]),
        }
    }
    let groups: Vec<Results> = groups.into_iter().filter_map(|group| shards::fold(group, once)).collect();
    let mut merged = beside_each_other(groups).ok_or(Mixed::Nothing)?;
    merged.run.parts = parts;
    merged.since = None;
    merged.findings.iter_mut().for_each(|finding| finding.since = None);
    heaviest_first(&mut merged);
    Ok(merged)
}

/// The runs that results are of.
fn parts_of(run: &RunFacts) -> Vec<RunPart> {
    match run.parts.is_empty() {
        false => run.parts.clone(),
        true => vec![RunPart {
            id: run.id.clone(),
            started_at: run.started_at.clone(),
            suite_digest: run.suite.digest.clone(),
            shard: run.shard.clone(),
            exit_code: run.exit_code,
        }],
    }
}

fn are_shards_of_one(one: &RunFacts, other: &RunFacts) -> bool {
    let is_shard = |run: &RunFacts| parts_of(run).iter().all(|part| part.shard.is_some());
    is_shard(one) && is_shard(other) && one.suite.digest == other.suite.digest
}

/// Results about different connectors.
fn beside_each_other(groups: Vec<Results>) -> Option<Results> {
    if groups.len() < 2 {
        return groups.into_iter().next();
    }
    let digest = digest_of_suites(groups.iter().map(|results| results.run.suite.digest.as_str()));
    let exits: Vec<Exit> = groups.iter().filter_map(|one| Exit::of_code(one.run.exit_code)).collect();
    let begun = groups.iter().map(|one| one.run.started_at.clone()).min();
    let (mut taken, mut slugs) = (BTreeSet::new(), BTreeSet::new());
    let prepared: Vec<Results> =
        groups.into_iter().map(|results| one_of_several(results, &mut taken, &mut slugs)).collect();
    let mut merged = prepared.into_iter().reduce(add)?;
    merged.run.started_at = begun.unwrap_or_default();
    merged.run.shard = None;
    merged.run.suite = SuiteFacts { path: None, digest, settings: Vec::new() };
    merged.run.exit_code = Exit::worst(exits).code();
    Some(merged)
}

/// The results of a run of one connector as they are among others: its suite stands with it, what is said in words names it,
/// and its launches are called as no other's are.
fn one_of_several(mut results: Results, taken: &mut BTreeSet<String>, slugs: &mut BTreeSet<String>) -> Results {
    let suite = results.run.suite.clone();
    if let [connector] = results.connectors.as_mut_slice()
        && connector.suite.is_none()
    {
        connector.suite = Some(suite);
        let slug = slug(&connector.name, slugs);
        results = named_in_text(results);
        if results.launches.iter().any(|launch| taken.contains(&launch.id)) {
            rename_launches(&mut results, &slug);
        }
    }
    taken.extend(results.launches.iter().map(|launch| launch.id.clone()));
    results
}

/// A name as the beginning of ids, unlike those that are taken.
fn slug(name: &str, taken: &mut BTreeSet<String>) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let plain: String = words.collect::<Vec<_>>().join("-").to_ascii_lowercase().chars().take(40).collect();
    let plain = if plain.is_empty() { "connector".to_owned() } else { plain };
    let numbered = (2..).map(|number| format!("{plain}-{number}"));
    let free = std::iter::once(plain.clone()).chain(numbered).find(|slug| !taken.contains(slug));
    let slug = free.unwrap_or(plain);
    taken.insert(slug.clone());
    slug
}

fn rename_launches(results: &mut Results, slug: &str) {
    let rename = |id: &mut String| *id = format!("{slug}.{id}");
    for launch in &mut results.launches {
        rename(&mut launch.id);
        launch.resumes.iter_mut().for_each(rename);
    }
    results.verdicts.iter_mut().for_each(|verdict| rename(&mut verdict.launch));
    for finding in &mut results.findings {
        finding.launches.iter_mut().for_each(rename);
        finding.evidence.iter_mut().for_each(|evidence| rename(&mut evidence.launch));
    }
}
