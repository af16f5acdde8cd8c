//! Proposals as questions: the same rule for the same field is one question, in however many streams.

use super::proposal::Proposal;
use super::question::{Matter, NAMES, Question};
use crate::text;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The keys that say what is done, and how a question says it.
const DEEDS: [(&str, &str); 5] =
    [("form", "mask"), ("replace", "mask"), ("sort", "sort"), ("drop", "leave out"), ("round", "round")];
/// Streams that the entry of a question names.
const LISTED: usize = 100;

/// The questions whether they are taken, in the order in which their fields come.
pub(super) fn questions(proposals: &[Proposal]) -> Vec<Question> {
    let question = |group: Vec<Proposal>| {
        let (verb, form) = deed(&group[0]);
        let reason = reason(&group).map(|reason| format!(" {reason}")).unwrap_or_default();
        let title = format!("{verb} {}{form}?{reason}", field_and_streams(&group));
        Question::new(title, Matter::Mask(group), Vec::new())
    };
    groups(proposals).map(question).collect()
}

/// Each field with the streams that it is in.
pub(super) fn fields(proposals: &[Proposal]) -> Vec<String> {
    groups(proposals).map(|group| field_and_streams(&group)).collect()
}

/// The rule of a question as it would be written, with all streams in one entry.
pub(super) fn entry(proposals: &[Proposal]) -> Map<String, Value> {
    match proposals {
        [] => Map::new(),
        [one] => one.entry().clone(),
        [first, ..] => {
            let streams = proposals.iter().filter_map(|one| one.text("stream")).take(LISTED).collect::<Vec<_>>();
            let rest = first.entry().iter().filter(|(key, _)| !["stream", "reason"].contains(&key.as_str()));
            let rest = rest.map(|(key, value)| (key.clone(), value.clone()));
            [("streams".to_owned(), json!(streams))].into_iter().chain(rest).collect()
        }
    }
}

/// Those that do the same with the same field.
fn groups(proposals: &[Proposal]) -> impl Iterator<Item = Vec<Proposal>> + use<> {
    let mut groups: IndexMap<String, Vec<Proposal>> = IndexMap::new();
    for proposal in proposals {
        let is_rule = |(key, _): &(&String, &Value)| !["stream", "reason"].contains(&key.as_str());
        let rule: Vec<(&String, &Value)> = proposal.entry().iter().filter(is_rule).collect();
        groups.entry(json!(rule).to_string()).or_default().push(proposal.clone());
    }
    groups.into_values()
}

/// What is done, and under which condition.
fn deed(proposal: &Proposal) -> (&'static str, String) {
    let deed = DEEDS.iter().find(|(key, _)| proposal.entry().contains_key(*key));
    let (key, verb) = deed.copied().unwrap_or(("replace", "mask"));
    let form = proposal.text("form").filter(|_| key == "form").map(|form| format!(", as long as it is a {form}"));
    (verb, form.unwrap_or_default())
}

fn field_and_streams(group: &[Proposal]) -> String {
    let path = group[0].text("path").unwrap_or_default();
    let streams: BTreeSet<Option<String>> = group.iter().map(|one| one.text("stream")).collect();
    let place = match streams.len() {
        _ if streams.contains(&None) => "all streams".to_owned(),
        several if several > NAMES => text::plural(several as u64, "stream"),
        _ => streams.into_iter().flatten().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    };
    format!("`{}` in {place}", path.trim_start_matches('/'))
}

/// Why, of all of them where it is the same, else of the first.
fn reason(group: &[Proposal]) -> Option<String> {
    let reason = group[0].text("reason")?;
    let is_same = group.iter().all(|one| one.text("reason").as_ref() == Some(&reason));
    Some(match (group.len(), is_same) {
        (1, _) => reason,
        (_, true) => format!("{reason} of each"),
        (_, false) => format!("in `{}`, {reason}", group[0].text("stream").unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(stream: &str, path: &str, form: &str, count: u64) -> Proposal {
        let reason = format!("`updated_at` differed in {count} of 9 records");
        Proposal::new(Some(stream), path, ("form", json!(form)), &reason)
    }

    fn titles(proposals: &[Proposal]) -> Vec<String> {
        questions(proposals).into_iter().map(|question| question.title).collect()
    }

    #[test]
    fn one_field_is_one_question_in_however_many_streams() {
        let named = |count: u64| (1..=count).map(|at| proposal(&format!("s{at}"), "/updated_at", "date-time", 9));
        let many: Vec<Proposal> = named(14).collect();
        let told = "mask `updated_at` in 14 streams, as long as it is a date-time? `updated_at` differed in 9 of 9 records of each";
        assert_eq!(titles(&many), [told]);
        assert_eq!(entry(&many)["streams"].as_array().map(Vec::len), Some(14));
        let few: Vec<Proposal> = named(1).chain([proposal("s2", "/updated_at", "date-time", 8)]).collect();
        let told = "mask `updated_at` in `s1`, `s2`, as long as it is a date-time? in `s1`, `updated_at` differed in 9 of 9 records";
        assert_eq!(titles(&few), [told]);
    }

    #[test]
    fn another_field_or_another_rule_is_another_question() {
        let all = [
            proposal("a", "/x", "date-time", 9),
            proposal("b", "/x", "date-time", 9),
            proposal("b", "/y", "date-time", 9),
            proposal("c", "/x", "date", 9),
        ];
        assert_eq!(fields(&all), ["`x` in `a`, `b`", "`y` in `b`", "`x` in `c`"]);
    }
}
