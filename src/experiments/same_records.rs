//! Reads that differ from another one in what must make no difference: whether they work, and whether they have its records.

use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Halt, Lab, Ran};
use super::trail::{Absent, Entry, Missing, Trail};
use crate::plan::Ask;
use crate::protocol::ConfiguredCatalog;
use crate::rules::Level;
use crate::text;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What is asked of a read that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// It ends with exit code 0, and has the records.
    Success,
    /// It has the records, however it ends.
    Records,
    /// It has the records, or says that it fails.
    RecordsOrRefusal,
}

/// A read that differs from another in what must make no difference.
pub struct Variation<'l> {
    /// The other one.
    pub base: &'l Ran,
    /// The state that the other one was given.
    pub base_state: Option<Arc<Value>>,
    /// The one that differs. Its streams stand in the other's order.
    pub ask: Ask,
    /// What is asked of it.
    pub demand: Demand,
    /// Its records may have other fields, so that without a key they can only be counted.
    pub has_other_fields: bool,
}

/// What a read that differs came to.
pub struct Varied<'l> {
    /// The read.
    pub read: &'l Ran,
    base: &'l Ran,
    came: Came,
}

enum Came {
    /// It failed, each time.
    Fails,
    /// It refused, and may.
    Refused,
    /// Why it says nothing.
    Unclear(String),
    /// What it lacked each time, and the streams that the other read does not deliver in the same way each time.
    Compared { lost: Absent, moved: HashMap<usize, u64> },
}

/// How it is told.
pub struct Words {
    /// What is different: `with a stream in its catalog that does not exist`.
    pub with: &'static str,
    /// The defect where the read fails.
    pub fails: &'static str,
    /// The defect where it lacks records.
    pub lacks: &'static str,
    /// How much the one and the other weigh.
    pub levels: (Level, Level),
}

/// Whether a launch failed in a way that says something about what it was given: by itself, and not for the moment only.
pub fn fails(ran: &Ran) -> bool {
    let is_transient = |(_, failure): &(String, Option<String>)| failure.as_deref() == Some("transient_error");
    ran.exit.as_ref().is_ok_and(|exit| exit.failed_by_itself())
        && !ran.summary.first_error.as_ref().is_some_and(is_transient)
}

/// How a launch ended and what it said to it, in words.
pub fn end_of(ran: &Ran) -> String {
    let how = ran.exit.as_ref().map_or_else(Clone::clone, crate::launch::ExitFacts::describe);
    match ran.summary.describe_error() {
        Some(error) => format!("{how}; {}", text::shorten(&error, 200)),
        None => how,
    }
}

/// The content of a catalog with a change to each of its entries.
pub fn with_each_entry(catalog: &ConfiguredCatalog, change: impl FnMut(&mut Value)) -> Value {
    let mut raw = catalog.raw.clone();
    raw["streams"].as_array_mut().into_iter().flatten().for_each(change);
    raw
}

impl<'l> Variation<'l> {
    /// Makes the read, and confirms what it seems to break.
    pub fn make(&self, lab: &Lab<'l>) -> Result<Varied<'l>, Halt> {
        let base = self.base.complete()?;
        let read = lab.launch(self.ask.clone())?;
        let came = match self.is_complete(read) {
            _ if self.demand == Demand::RecordsOrRefusal && is_refusal(read) => Came::Refused,
            false if fails(read) => self.failed_again(lab)?,
            false => Came::Unclear(format!("inconclusive: {} did not succeed ({})", read.id, end_of(read))),
            true => self.compare(lab, read)?,
        };
        Ok(Varied { read, base, came })
    }

    fn is_complete(&self, read: &Ran) -> bool {
        read.succeeded() || (self.demand == Demand::Records && fails(read))
    }

    fn again(&self, lab: &Lab<'l>) -> Result<(&'l Ran, &'l Ran), Halt> {
        let id = format!("{}-again", self.ask.id);
        let purpose = format!("once more: {}", self.ask.purpose);
        let again = lab.launch(Ask { id, purpose, ..self.ask.clone() }.round(self.ask.round + 1))?;
        let afterwards = lab.read_like(self.base, "read.afterwards", "as before, to see what is still there")?;
        Ok((again, lab.launch(Ask { state: self.base_state.clone(), ..afterwards.round(1) })?))
    }

    fn failed_again(&self, lab: &Lab<'l>) -> Result<Came, Halt> {
        let (again, afterwards) = self.again(lab)?;
        Ok(match (fails(again), afterwards.succeeded()) {
            (true, true) => Came::Fails,
            (false, _) => Came::Unclear("inconclusive: it failed, and not when it was tried again".to_owned()),
            (true, false) => Came::Unclear(format!(
                "inconclusive: it failed, and so did {}, which differs in nothing from a read that had succeeded",
                afterwards.id
            )),
        })
    }

    fn compare(&self, lab: &Lab<'l>, read: &'l Ran) -> Result<Came, Halt> {
        let base = self.base.trail()?;
        let lacking = lacking(base, read.trail()?, self.has_other_fields)?;
        if lacking.counts.is_empty() {
            return Ok(Came::Compared { lost: lacking, moved: HashMap::new() });
        }
        let (again, afterwards) = self.again(lab)?;
        if !self.is_complete(again) || !afterwards.succeeded() {
            let reason = "inconclusive: records are missing, and it could not be tried again";
            return Ok(Came::Unclear(reason.to_owned()));
        }
        let lacking_again = self::lacking(base, again.trail()?, self.has_other_fields)?;
        let moved = self::lacking(base, afterwards.trail()?, self.has_other_fields)?.counts;
        Ok(Came::Compared { lost: lost_twice(lacking, &lacking_again), moved })
    }
}

fn is_refusal(read: &Ran) -> bool {
    fails(read) || (read.succeeded() && read.summary.error_traces > 0)
}

/// What was lacking both times.
fn lost_twice(mut lacking: Absent, again: &Absent) -> Absent {
    let known: HashSet<(usize, u64)> = again.records.iter().map(|missing| (missing.stream, missing.identity)).collect();
    let counted: HashMap<usize, u64> = lacking
        .counts
        .iter()
        .filter(|(place, _)| lacking.records.iter().all(|missing| missing.stream != **place))
        .map(|(place, count)| (*place, (*count).min(again.count_of(*place))))
        .filter(|(_, count)| *count > 0)
        .collect();
    lacking.retain(|missing| known.contains(&(missing.stream, missing.identity)));
    lacking.counts.extend(counted);
    lacking
}

/// What another read, of a part of the same streams in the same order, lacks of this one, by the places here.
pub fn lacking(base: &Trail, other: &Trail, has_other_fields: bool) -> Result<Absent, String> {
    let entries = &base.catalog.streams;
    let place_of = |place: usize| {
        let descriptor = &other.catalog.streams.get(place)?.stream.descriptor;
        entries.iter().position(|entry| entry.stream.descriptor == *descriptor)
    };
    let places: Vec<Option<usize>> = (0..other.catalog.streams.len()).map(place_of).collect();
    let is_counted = |place: usize| has_other_fields && entries[place].primary_key.is_empty();
    let mut absent = Absent::default();
    let here = |entry: Entry| {
        let place = places.get(entry.stream as usize).copied().flatten()?;
        Some((place, entry.identity))
    };
    let mut others = other.records.walk()?.filter_map(here).peekable();
    let mut own = base.records.walk()?.peekable();
    while let Some(entry) = own.next() {
        let (place, key) = (entry.stream as usize, (entry.stream as usize, entry.identity));
        let is_last = own.peek().is_none_or(|next| (next.stream, next.identity) != (entry.stream, entry.identity));
        if !is_last || !places.contains(&Some(place)) || is_counted(place) {
            continue;
        }
        while others.next_if(|other| *other < key).is_some() {}
        if others.peek() != Some(&key) {
            absent.add(Missing { stream: place, identity: entry.identity, entry });
        }
    }
    base.records.is_whole()?;
    other.records.is_whole()?;
    for (there, here) in places.iter().enumerate().filter_map(|(there, here)| Some((there, (*here)?))) {
        let fewer = base.streams[here].records.saturating_sub(other.streams[there].records);
        if is_counted(here) && fewer > 0 {
            absent.counts.insert(here, fewer);
        }
    }
    Ok(absent)
}

impl Varied<'_> {
    /// Whether it failed, each time.
    pub fn has_failed(&self) -> bool {
        matches!(self.came, Came::Fails)
    }

    /// Concludes of each stream, or of the read as a whole where it failed. `excuse` says why a loss in a stream, by its
    /// place in the other read's catalog, is none, where it is so.
    pub fn conclude(
        &self,
        conclusion: &mut Conclusion,
        words: &Words,
        excuse: impl Fn(usize) -> Option<String>,
    ) -> Result<(), Halt> {
        let catalog = self.read.catalog()?;
        // A fault of a read of one stream is that stream's.
        let alone = catalog.streams.first().filter(|_| catalog.streams.len() == 1);
        let whole = alone.map(|entry| &entry.stream.descriptor);
        match &self.came {
            Came::Fails => conclusion.found(whole, self.failure(words)),
            Came::Refused => conclusion.judged(whole),
            Came::Unclear(reason) => conclusion.inconclusive(whole, reason.clone()),
            Came::Compared { lost, moved } => {
                for (place, entry) in self.base.catalog()?.streams.iter().enumerate() {
                    let descriptor = &entry.stream.descriptor;
                    if catalog.find(descriptor).is_none() {
                        continue;
                    }
                    let stream = Some(descriptor);
                    let count = lost.count_of(place);
                    let told = text::plural(count, "record");
                    match (moved.get(&place), excuse(place).filter(|_| count > 0)) {
                        _ if self.base.trail()?.streams[place].records == 0 => {
                            conclusion.inconclusive(stream, "inconclusive: it has no records");
                        }
                        (Some(_), _) => {
                            let reason = format!(
                                "inconclusive: {told} did not come {}, and a read as before lacks records as well: the data moves",
                                words.with
                            );
                            conclusion.inconclusive(stream, reason);
                        }
                        (None, Some(reason)) => conclusion.inconclusive(stream, reason),
                        (None, None) if count > 0 => {
                            conclusion.found(stream, self.loss(words, &descriptor.to_string(), &lost.of(place), &told));
                        }
                        (None, None) => conclusion.judged(stream),
                    }
                }
            }
        }
        Ok(())
    }

    fn failure(&self, words: &Words) -> Fault {
        Fault {
            cause: "fails",
            level: words.levels.0,
            title: words.fails.to_owned(),
            message: format!(
                "{}, the read fails, in two attempts ({}); as in {}, it succeeds before and after that",
                words.with,
                end_of(self.read),
                self.base.id
            ),
            evidence: vec![evidence(
                &self.read.id,
                None,
                format!("it succeeds, as {} does", self.base.id),
                end_of(self.read),
            )],
            case: Some(self.read.id.clone()),
        }
    }

    fn loss(&self, words: &Words, stream: &str, lost: &[Missing], told: &str) -> Fault {
        let (read, base) = (&self.read.id, &self.base.id);
        let actual = || "it did not come, in two attempts".to_owned();
        let line = |missing: &Missing| {
            evidence(base, Some(missing.entry.line), format!("it comes in {read} as well"), actual())
        };
        let mut shown: Vec<_> = lost.iter().take(3).map(line).collect();
        if shown.is_empty() {
            shown.push(evidence(read, None, format!("as many records as in {base}"), format!("{told} fewer")));
        }
        Fault {
            cause: "lacks records",
            level: words.levels.1,
            title: words.lacks.to_owned(),
            message: format!(
                "{}, {told} of `{stream}` did not come, in two attempts ({}); as in {base}, they come before and after that",
                words.with,
                end_of(self.read)
            ),
            evidence: shown,
            case: Some(read.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A read of streams with these keys, where they have one, and records of so many of them.
    fn read(streams: &[(&str, &[u64])], key: bool) -> Trail {
        let key = if key { json!([["id"]]) } else { json!([]) };
        let entries: Vec<Value> =
            streams.iter().map(|(name, _)| json!({"stream": {"name": name}, "primary_key": key})).collect();
        let mut trail = Trail::of(&ConfiguredCatalog::from_value(&json!({ "streams": entries })).expect("a catalog"));
        for (place, (_, identities)) in streams.iter().enumerate() {
            trail.streams[place].records = identities.len() as u64;
            for (line, identity) in identities.iter().enumerate() {
                let (stream, line, identity) = (place as u32, line as u64, *identity);
                trail.records.push(Entry { stream, identity, line, cursor: Entry::NO_CURSOR, version: identity });
            }
        }
        trail.seal();
        trail
    }

    fn counts(base: &Trail, other: &Trail, has_other_fields: bool) -> Vec<(usize, u64)> {
        let mut counts: Vec<_> = lacking(base, other, has_other_fields).expect("a disk").counts.into_iter().collect();
        counts.sort_unstable();
        counts
    }

    #[test]
    fn streams_are_compared_by_name_wherever_they_stand() {
        let base = read(&[("a", &[1, 2, 3]), ("b", &[1, 2, 2]), ("c", &[7])], true);
        assert_eq!(counts(&base, &read(&[("b", &[2, 1])], true), false), []);
        assert_eq!(counts(&base, &read(&[("b", &[1])], true), false), [(1, 1)]);
        let more = read(&[("missing", &[5]), ("a", &[1, 2, 3]), ("b", &[]), ("c", &[7, 8])], true);
        assert_eq!(counts(&base, &more, false), [(1, 2)]);
    }

    #[test]
    fn records_with_other_fields_and_no_key_are_counted() {
        let base = read(&[("a", &[1, 2, 3])], false);
        let other = read(&[("a", &[11, 12])], false);
        assert_eq!(counts(&base, &other, false), [(0, 3)]);
        assert_eq!(counts(&base, &other, true), [(0, 1)]);
        assert_eq!(counts(&base, &read(&[("a", &[11, 12, 13, 14])], false), true), []);
    }

    #[test]
    fn only_what_is_lacking_both_times_is_lost() {
        let base = read(&[("a", &[1, 2, 3])], true);
        let lack = |identities: &[u64]| lacking(&base, &read(&[("a", identities)], true), false).expect("a disk");
        let lost = lost_twice(lack(&[1]), &lack(&[2]));
        assert_eq!((lost.count_of(0), lost.records[0].identity), (1, 3));
        assert!(lost_twice(lack(&[1, 2]), &lack(&[1, 2, 3])).counts.is_empty());
        let keyless = read(&[("a", &[1, 2, 3])], false);
        let count = |identities: &[u64]| lacking(&keyless, &read(&[("a", identities)], false), true).expect("a disk");
        assert_eq!(lost_twice(count(&[7]), &count(&[7, 8])).count_of(0), 1);
        assert!(lost_twice(count(&[7]), &count(&[7, 8, 9])).counts.is_empty());
    }
}
