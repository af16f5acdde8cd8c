//! The records of two versions, by key: what the control has in all its reads and the target in none, the other way round, and what has other values.

use super::control::Control;
use super::lab::{Halt, Lab, Ran};
use super::trail::{Entry, Group as Identity, Trail, in_step};
use crate::capture::REDACTED;
use crate::compat::Class;
use crate::protocol::Descriptor;
use crate::text;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

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
    /// The same records, and some of them more often, or less often.
    More,
    Fewer,
}

/// How a kind is told.
pub(super) struct Words {
    pub word: &'static str,
    pub class: Class,
    pub title: &'static str,
    /// What one record does, and what several do.
    happens: [&'static str; 2],
    pub expected: &'static str,
    pub actual: &'static str,
}

impl Words {
    /// So many records of a stream, and what they do.
    pub fn told(&self, count: u64, stream: &Descriptor) -> String {
        let verb = self.happens[usize::from(count != 1)];
        format!("{} of `{stream}` {verb}", text::plural(count, "record"))
    }

    /// How the target's read differs, where records are only counted.
    pub fn by_number(&self, records: &str) -> String {
        format!("{records} {}", if self.class == Class::Breaking { "fewer" } else { "more" })
    }
}

impl Kind {
    pub fn words(self) -> Words {
        match self {
            Kind::Missing => Words {
                word: "records-missing",
                class: Class::Breaking,
                title: "records no longer come",
                happens: [
                    "that the other version reads, before and after, does not come from this one, in two reads",
                    "that the other version reads, before and after, do not come from this one, in two reads",
                ],
                expected: "it comes from both versions",
                actual: "the other version has it alone",
            },
            Kind::Extra => Words {
                word: "records-added",
                class: Class::Behavioural,
                title: "records come that did not",
                happens: [
                    "comes from this version, in two reads, and not from the other one",
                    "come from this version, in two reads, and not from the other one",
                ],
                expected: "it comes from both versions",
                actual: "this version has it alone",
            },
            Kind::Changed => Words {
                word: "records-changed",
                class: Class::Behavioural,
                title: "records have other values",
                happens: [
                    "has other values than in the other version, in two reads of each",
                    "have other values than in the other version, in two reads of each",
                ],
                expected: "the same values in both versions",
                actual: "other ones, twice each",
            },
            Kind::More => Words {
                word: "records-repeated",
                class: Class::Behavioural,
                title: "records come more often",
                happens: [
                    "comes besides the same records that the other version reads, in two reads of each",
                    "come besides the same records that the other version reads, in two reads of each",
                ],
                expected: "it comes as often in both versions",
                actual: "more often in this one, in two reads of each",
            },
            Kind::Fewer => Words {
                word: "records-repeated",
                class: Class::Behavioural,
                title: "records come less often",
                happens: [
                    "that the other version reads more than once comes less often, in two reads of each",
                    "that the other version reads more than once come less often, in two reads of each",
                ],
                expected: "it comes as often in both versions",
                actual: "less often in this one, in two reads of each",
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
    /// The fields that made no difference.
    pub left_out: Vec<(Descriptor, String)>,
    /// The streams whose keys are of another form, which are not compared.
    pub keyed_otherwise: Vec<Descriptor>,
    /// The streams whose keys are not all there in a stored run, since secrets were cut out of them.
    pub redacted: Vec<Descriptor>,
    /// The streams without a key of which two reads by one version differ, and those whose keys are all others in each read: the
    /// records are only counted.
    pub unstable: Vec<Descriptor>,
}

/// The reads, in the order in which they are compared, and in pairs of the same version: the control and the target, twice.
type Reads<'l> = [&'l Ran; 4];

/// Reads by both, and compares. Halts where one of the reads failed.
///
/// The versions take turns, so what only grows, as a clock or new records do, does not fall between the one's reads and the other's.
pub(super) fn compare<'l>(lab: &Lab<'l>) -> Result<Compared<'l>, Halt> {
    let both = Control::of(lab)?;
    let first = lab.first_read()?.complete()?;
    let mut left_out = both.fields_told()?;
    let mut reads = both.in_turn(first)?;
    let mut moving = moving(reads[0], reads[2])?;
    moving.extend(redacted(reads[0])?.into_iter().chain(redacted(reads[2])?));
    moving.sort();
    moving.dedup();
    let named_by = |ran: &Ran| Ok::<_, Halt>(keyed_by_redacted(ran.trail()?));
    let redacted = [named_by(reads[0])?, named_by(reads[2])?].concat();
    left_out.extend(moving.iter().filter(|field| !left_out.contains(field)).cloned().collect::<Vec<_>>());
    let own = |id: &str| {
        let ask = both.read_by_target(first, id, "the streams of both, without the fields that differ")?;
        Ok::<_, Halt>(ask.leaving_out(left_out.clone()))
    };
    if !moving.is_empty() {
        let like = |id: &str| {
            let ask = both.read_like(first, id, "the other version, without the fields that differ")?;
            Ok::<_, Halt>(ask.leaving_out(left_out.clone()))
        };
        let target = lab.launch(own("read.target-stable")?)?.complete()?;
        let before = lab.launch(like("read.control-stable")?)?.complete()?;
        reads = [before, target, lab.launch(like("read.control-stable-again")?.round(1))?.complete()?];
    }
    let [before, target, after] = reads;
    let mut keyed_otherwise = both.keyed_otherwise(&before.catalog()?.streams)?;
    let alike = places_alike(before, target)?;
    keyed_otherwise.retain(|stream| !alike.contains(stream));
    let differing = |again: &'l Ran| {
        let (mut groups, unstable) = differing([before, target, after, again])?;
        groups.retain(|group| !keyed_otherwise.contains(&group.stream) && !redacted.contains(&group.stream));
        Ok::<_, Halt>((groups, unstable))
    };
    let (mut groups, mut unstable) = differing(target)?;
    if !groups.is_empty() {
        (groups, unstable) = differing(lab.launch(own("read.target-again")?.round(1))?.complete()?)?;
    }
    Ok(Compared { control: before, target, groups, left_out, keyed_otherwise, redacted, unstable })
}

/// The streams of which both reads have a record, by its name.
fn places_alike(one: &Ran, other: &Ran) -> Result<Vec<Descriptor>, Halt> {
    let mut places = BTreeSet::new();
    let (one, other) = (one.trail()?, other.trail()?);
    in_step([&one.records, &other.records], |group| {
        if !group.of(0).is_empty() && !group.of(1).is_empty() {
            places.insert(group.stream);
        }
    })?;
    Ok(places.into_iter().map(|place| one.catalog.streams[place].stream.descriptor.clone()).collect())
}

/// The fields out of which something was cut, but for keys.
fn redacted(ran: &Ran) -> Result<Vec<(Descriptor, String)>, Halt> {
    let trail = ran.trail()?;
    let streams = trail.streams.iter().zip(&trail.catalog.streams);
    let fields = streams.flat_map(|(stream, entry)| {
        let is_key = |name: &&String| entry.primary_key.iter().any(|path| path.first() == Some(*name));
        let names = stream.redacted.iter().filter(move |name| !is_key(name));
        names.map(|name| (entry.stream.descriptor.clone(), name.clone()))
    });
    Ok(fields.collect())
}

/// The streams whose records can't be told apart by what is left of them: by their keys, or since a field's very name was cut.
fn keyed_by_redacted(trail: &Trail) -> Vec<Descriptor> {
    let streams = trail.streams.iter().zip(&trail.catalog.streams).filter(|(stream, entry)| {
        let is_key = |name: &String| entry.primary_key.iter().any(|path| path.first() == Some(name));
        stream.redacted.iter().any(|name| is_key(name) || name.contains(REDACTED))
    });
    streams.map(|(_, entry)| entry.stream.descriptor.clone()).collect()
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

/// What differs, and the streams without a key of which the records of one version differ from read to read, or with keys none of
/// which comes twice. Of those, only how many there are can be compared.
fn differing(reads: Reads<'_>) -> Result<(Vec<Group>, Vec<Descriptor>), Halt> {
    let trails: Vec<&Trail> = reads.iter().map(|ran| ran.trail()).collect::<Result<_, _>>()?;
    let (control, target) = (trails[0], trails[1]);
    let has_key = |place: usize| !control.catalog.streams[place].primary_key.is_empty();
    let mut found: BTreeMap<(usize, Kind), Seen> = BTreeMap::new();
    let mut repeated: BTreeMap<(usize, Kind), Seen> = BTreeMap::new();
    let mut unstable = BTreeSet::new();
    let mut named_alike = BTreeSet::new();
    in_step([0, 1, 2, 3].map(|read: usize| &trails[read].records), |group: &Identity<'_>| {
        let came = |read: usize| !group.of(read).is_empty();
        if !has_key(group.stream) && (came(0) != came(2) || came(1) != came(3)) {
            unstable.insert(group.stream);
        }
        let pairs = [(0, 2), (1, 3)].into_iter().filter(|(one, again)| came(*one) && came(*again));
        named_alike.extend(pairs.map(|pair| (group.stream, pair)));
        if let Some((kind, read, entry)) = kind_of(group) {
            found.entry((group.stream, kind)).or_default().add(1, &reads[read].id, entry);
        }
        if let Some((kind, read, entry, count)) = repeated_in(group) {
            repeated.entry((group.stream, kind)).or_default().add(count, &reads[read].id, entry);
        }
    })?;
    let records = |read: usize, place: usize| trails[read].streams[place].records;
    // Told where nothing else explains another number of records, and the number is the same in both reads of each version.
    let comes_or_goes: BTreeSet<usize> =
        found.keys().filter(|(_, kind)| *kind != Kind::Changed).map(|(place, _)| *place).collect();
    repeated.retain(|(place, _), _| {
        let [before, target, after, again] = [0, 1, 2, 3].map(|read| records(read, *place));
        before == after && target == again && before != target && !comes_or_goes.contains(place)
    });
    found.extend(repeated);
    let is_renamed = |place: usize, pair: (usize, usize)| {
        records(pair.0, place) > 0 && records(pair.1, place) > 0 && !named_alike.contains(&(place, pair))
    };
    unstable.extend(
        (0..control.streams.len()).filter(|place| [(0, 2), (1, 3)].iter().any(|pair| is_renamed(*place, *pair))),
    );
    found.retain(|(place, _), _| !unstable.contains(place));
    for place in &unstable {
        if let Some((kind, count)) = by_number([0, 1, 2, 3].map(|read| records(read, *place))) {
            found.insert((*place, kind), Seen { count, lines: Vec::new() });
        }
    }
    let descriptor = |place: usize| control.catalog.streams[place].stream.descriptor.clone();
    let group = |((place, kind), Seen { count, lines }): ((usize, Kind), Seen)| {
        let (fields, both) = control.streams[place].sample.differing(&target.streams[place].sample);
        let fields = if kind == Kind::Changed { named(fields, both) } else { Vec::new() };
        Group { kind, stream: descriptor(place), count, lines, fields }
    };
    Ok((found.into_iter().map(group).collect(), unstable.iter().map(|place| descriptor(*place)).collect()))
}

impl Seen {
    fn add(&mut self, count: u64, launch: &str, entry: &Entry) {
        self.count += count;
        if self.lines.len() < LINES {
            self.lines.push((launch.to_owned(), entry.line));
        }
    }
}

/// Whether a record comes more often from one version than from the other, and as often in both reads of each; the read that
/// shows it, where, and how many more there are.
fn repeated_in<'g>(group: &'g Identity<'_>) -> Option<(Kind, usize, &'g Entry, u64)> {
    let [before, target, after, again] = [0, 1, 2, 3].map(|read| group.of(read).len());
    let is_stable = before == after && target == again && before > 0 && target > 0;
    let (kind, read) = match before.cmp(&target) {
        Ordering::Less => (Kind::More, 1),
        Ordering::Greater => (Kind::Fewer, 0),
        Ordering::Equal => return None,
    };
    let entry = group.of(read).last().filter(|_| is_stable)?;
    Some((kind, read, entry, before.abs_diff(target) as u64))
}

/// Whether all reads of one version have fewer records than all of the other, and by how many.
fn by_number([before, target, after, again]: [u64; 4]) -> Option<(Kind, u64)> {
    let fewer = |few: [u64; 2], many: [u64; 2]| many[0].min(many[1]).saturating_sub(few[0].max(few[1]));
    match (fewer([target, again], [before, after]), fewer([before, after], [target, again])) {
        (0, 0) => None,
        (0, extra) => Some((Kind::Extra, extra)),
        (missing, _) => Some((Kind::Missing, missing)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_is_told_as_one() {
        let told = |kind: Kind, count| kind.words().told(count, &Descriptor::named("orders"));
        assert!(told(Kind::Missing, 1).ends_with("does not come from this one, in two reads"));
        assert!(told(Kind::Extra, 1).starts_with("1 record of `orders` comes from this version"));
        assert!(told(Kind::Changed, 1).starts_with("1 record of `orders` has other values"));
        assert!(told(Kind::Changed, 2).starts_with("2 records of `orders` have other values"));
    }

    #[test]
    fn fewer_is_what_all_reads_of_one_version_have_less_than_all_of_the_other() {
        assert_eq!(by_number([100, 50, 100, 50]), Some((Kind::Missing, 50)));
        assert_eq!(by_number([100, 90, 101, 103]), None);
        assert_eq!(by_number([100, 104, 102, 103]), Some((Kind::Extra, 1)));
        assert_eq!(by_number([7, 7, 7, 7]), None);
    }
}
