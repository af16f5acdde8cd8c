//! The records of two versions, by key: what the control has in all its reads and the target in none, the other way round, and what has other values.

use super::control::Control;
use super::lab::{Halt, Lab, Ran};
use super::trail::{Entry, Group as Identity, Trail, in_step};
use crate::compat::Class;
use crate::protocol::{ConfiguredStream, Descriptor};
use crate::text;
use std::collections::BTreeMap;

/// How many records of a kind are shown.
const LINES: usize = 3;
/// How many fields are named.
const FIELDS: usize = 5;

/// How the records of the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Missing,
    Extra,
    Changed,
}

/// How a kind is told.
pub(super) struct Words {
    pub word: &'static str,
    pub class: Class,
    pub title: &'static str,
    pub happens: &'static str,
    pub expected: &'static str,
    pub actual: &'static str,
}

impl Kind {
    pub fn words(self) -> Words {
        match self {
            Kind::Missing => Words {
                word: "records-missing",
                class: Class::Breaking,
                title: "records no longer come",
                happens: "that the other version reads, before and after, do not come from this one, in two reads",
                expected: "it comes from both versions",
                actual: "the other version has it alone",
            },
            Kind::Extra => Words {
                word: "records-added",
                class: Class::Behavioural,
                title: "records come that did not",
                happens: "come from this version, in two reads, and not from the other one",
                expected: "it comes from both versions",
                actual: "this version has it alone",
            },
            Kind::Changed => Words {
                word: "records-changed",
                class: Class::Behavioural,
                title: "records have other values",
                happens: "have other values than in the other version, in two reads of each",
                expected: "the same values in both versions",
                actual: "other ones, twice each",
            },
        }
    }
}

/// Records of one stream that differ in one way.
pub(super) struct Group {
    pub kind: Kind,
    pub stream: Descriptor,
    pub count: u64,
    /// The first of them: launch and line.
    pub lines: Vec<(String, u64)>,
    /// The fields that differ, where they are known.
    pub fields: Vec<String>,
}

/// What a comparison comes to.
pub(super) struct Compared<'l> {
    pub control: &'l Ran,
    pub target: &'l Ran,
    pub groups: Vec<Group>,
    /// How many fields made no difference.
    pub left_out: u64,
    /// The streams whose keys are of another form, which are not compared.
    pub keyed_otherwise: Vec<Descriptor>,
}

/// The reads, in the order in which they are compared: the control before, the target, the control after, and the target once more.
type Reads<'l> = [&'l Ran; 4];

/// Reads by both, and compares. Halts where one of the reads failed.
pub(super) fn compare<'l>(lab: &Lab<'l>) -> Result<Compared<'l>, Halt> {
    let both = Control::of(lab)?;
    let first = lab.first_read()?.complete()?;
    let mut left_out = both.fields_told()?;
    let like = |id: &str, purpose: &str, fields: &[(Descriptor, String)]| {
        Ok::<_, Halt>(both.read_like(first, id, purpose)?.leaving_out(fields.to_vec()))
    };
    let before = like("read.control", "the streams of both, in the other version", &left_out)?;
    let after = like("read.control-again", "once more, for what differs by itself", &left_out)?.round(1);
    let rans = lab.launches([before, after])?;
    let (mut before, mut after) = (rans[0].complete()?, rans[1].complete()?);
    let moving = moving(before, after)?;
    left_out.extend(moving.iter().filter(|field| !left_out.contains(field)).cloned().collect::<Vec<_>>());
    let own = |id: &str| {
        let ask = both.read_by_target(first, id, "the streams of both, without the fields that differ")?;
        Ok::<_, Halt>(ask.leaving_out(left_out.clone()))
    };
    let mut target = first;
    if !left_out.is_empty() || !has_the_same_streams(first, before)? {
        target = lab.launch(own("read.target")?)?.complete()?;
    }
    if !moving.is_empty() {
        let stable = "the other version, without the fields that differ";
        let asks = [
            like("read.control-stable", stable, &left_out)?,
            like("read.control-stable-again", stable, &left_out)?.round(1),
        ];
        let rans = lab.launches(asks)?;
        (before, after) = (rans[0].complete()?, rans[1].complete()?);
    }
    let keyed_otherwise = both.keyed_otherwise(&before.catalog()?.streams)?;
    let differing = |again: &'l Ran| {
        let mut groups = differing([before, target, after, again])?;
        groups.retain(|group| !keyed_otherwise.contains(&group.stream));
        Ok::<_, Halt>(groups)
    };
    let mut groups = differing(target)?;
    if !groups.is_empty() {
        groups = differing(lab.launch(own("read.target-again")?.round(1))?.complete()?)?;
    }
    Ok(Compared { control: before, target, groups, left_out: left_out.len() as u64, keyed_otherwise })
}

/// The fields that differ between two reads by the same version.
fn moving(one: &Ran, other: &Ran) -> Result<Vec<(Descriptor, String)>, Halt> {
    let (trail, others) = (one.trail()?, other.trail()?);
    let pairs = trail.streams.iter().zip(&others.streams).zip(&trail.catalog.streams);
    let fields = pairs.flat_map(|((one, other), entry)| {
        let (differing, _) = one.sample.differing(&other.sample);
        let keys: Vec<&String> = entry.primary_key.iter().filter_map(|path| path.first()).collect();
        let is_key = move |name: &String| keys.contains(&name);
        let names: Vec<String> = differing.into_keys().filter(|name| !is_key(name)).collect();
        names.into_iter().map(|name| (entry.stream.descriptor.clone(), name))
    });
    Ok(fields.collect())
}

/// Records of one stream that differ in one way, as they are found.
#[derive(Default)]
struct Seen {
    count: u64,
    lines: Vec<(String, u64)>,
}

fn differing(reads: Reads<'_>) -> Result<Vec<Group>, Halt> {
    let trails: Vec<&Trail> = reads.iter().map(|ran| ran.trail()).collect::<Result<_, _>>()?;
    let (control, target) = (trails[0], trails[1]);
    let mut found: BTreeMap<(usize, Kind), Seen> = BTreeMap::new();
    in_step([0, 1, 2, 3].map(|read: usize| &trails[read].records), |group: &Identity<'_>| {
        if let Some((kind, read, entry)) = kind_of(group) {
            let seen = found.entry((group.stream, kind)).or_default();
            seen.count += 1;
            if seen.lines.len() < LINES {
                seen.lines.push((reads[read].id.clone(), entry.line));
            }
        }
    })?;
    let group = |((place, kind), Seen { count, lines }): ((usize, Kind), Seen)| {
        let (fields, both) = control.streams[place].sample.differing(&target.streams[place].sample);
        let fields = if kind == Kind::Changed { named(fields, both) } else { Vec::new() };
        let stream = control.catalog.streams[place].stream.descriptor.clone();
        Group { kind, stream, count, lines, fields }
    };
    Ok(found.into_iter().map(group).collect())
}

/// How a record differs, the read that shows it, and where.
fn kind_of<'g>(group: &'g Identity<'_>) -> Option<(Kind, usize, &'g Entry)> {
    let last = |read: usize| group.of(read).last();
    match (last(0), last(2), last(1), last(3)) {
        (Some(was), Some(_), None, None) => Some((Kind::Missing, 0, was)),
        (None, None, Some(is), Some(_)) => Some((Kind::Extra, 1, is)),
        (Some(was), Some(still), Some(is), Some(again))
            if was.version == still.version && is.version != was.version && again.version != was.version =>
        {
            Some((Kind::Changed, 1, is))
        }
        _ => None,
    }
}

fn named(fields: BTreeMap<String, usize>, both: usize) -> Vec<String> {
    let name = |(name, count): (String, usize)| format!("`{}` in {count} of {both}", text::shorten(&name, 100));
    fields.into_iter().take(FIELDS).map(name).collect()
}

/// Whether two reads are of the same streams, in the same order and with the same keys.
fn has_the_same_streams(one: &Ran, other: &Ran) -> Result<bool, Halt> {
    let (one, other) = (&one.catalog()?.streams, &other.catalog()?.streams);
    let is_same = |(one, other): (&ConfiguredStream, &ConfiguredStream)| {
        one.stream.descriptor == other.stream.descriptor && one.primary_key == other.primary_key
    };
    Ok(one.len() == other.len() && one.iter().zip(other).all(is_same))
}
