//! EXP-24.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::{Absent, Entry, Missing, find};
use crate::experiments::{Conclusion, Launches};
use crate::protocol::{ConfiguredStream, SyncMode};
use crate::rules::Level;
use crate::text;

/// Where more of the records with a cursor are missing as well, the two reads differ for another reason.
const TOLERATED: f64 = 0.1;

experiment! {
    /// Records without a cursor do not come in an incremental read.
    ///
    /// # What it checks
    /// The records of the full refresh whose cursor is null or absent, in streams whose other records have cursors of one
    /// order. They must come in the incremental read from the beginning. A missing record counts only if it is missing in one more
    /// such read, and a full refresh after it still has it; and only where nearly all records with a cursor did come.
    /// Streams where every record has a cursor, or none has one of a known order, are inconclusive. Whether the connector's
    /// documentation says that it leaves such rows out can't be seen; then this may be waived.
    ///
    /// # Why it matters
    /// Rows whose `updated_at` was never set are the ones that nobody has touched since they were imported. An incremental sync
    /// that filters by `updated_at > …` never has them, from the first day on.
    ///
    /// # Example
    /// ```json
    /// bad:  {"id":7,"updated_at":null}   (in the full refresh only)
    /// good: {"id":7,"updated_at":null}   (in the first incremental read, too)
    /// ```
    ///
    /// # How to mend it
    /// In a first read, ask without a filter on the cursor. Later reads may leave out what has none. Or don't offer
    /// `incremental` with a cursor that may be null.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests never compare an incremental read with a full refresh.
    run {
        code: "EXP-24",
        name: "records-without-cursor-left-out",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from the protocol: a first incremental read delivers everything",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.afterwards", "incremental, from the beginning once more").on_doubt(),
            Launches::up_to(0, 1, "read.refresh-afterwards", "full refresh, to see whether they are still there").on_doubt(),
        ],
    }
}

/// Of each stream of the incremental read, a sample of the full refresh's records: those without a cursor, and others.
struct Sample {
    without: Absent,
    with: Absent,
}

/// How many records are looked for of a stream, of each sort.
const MOST: u64 = 1_000;

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let (full, incremental) = (lab.full_refresh()?.complete()?, lab.incremental()?.complete()?);
    if lab.scenario.state.is_some() {
        return Err(Halt::Cannot("inconclusive: the scenario gives its incremental read a state".to_owned()));
    }
    let sample = sample(full, incremental)?;
    let missing = not_in(incremental, &sample.without)?;
    let others = not_in(incremental, &sample.with)?;
    let lost = if missing.records.is_empty() { Absent::default() } else { confirm(lab, full, incremental, &missing)? };
    let mut conclusion = Conclusion::of(STATEMENT, incremental);
    for (place, entry) in incremental.catalog()?.streams.iter().enumerate() {
        let stream = Some(&entry.stream.descriptor);
        let is_ordered = incremental.trail()?.streams[place].kind.is_some();
        let differ = others.count_of(place) as f64 > TOLERATED * sample.with.count_of(place) as f64;
        match (sample.without.count_of(place), missing.count_of(place), lost.of(place)) {
            _ if entry.sync_mode != SyncMode::Incremental => {}
            _ if !is_ordered => conclusion.inconclusive(stream, "inconclusive: its cursors have no known order"),
            (0, ..) => conclusion.inconclusive(stream, "inconclusive: each of its records has a cursor"),
            (_, 0, _) => conclusion.judged(stream),
            _ if differ => conclusion.inconclusive(stream, "inconclusive: records with a cursor are missing as well"),
            (.., lost) if lost.is_empty() => {
                conclusion.inconclusive(stream, "inconclusive: what was missing came later, or went");
            }
            (without, _, lost) => conclusion.found(stream, describe((full, incremental), &lost, without)),
        }
    }
    Ok(conclusion)
}

fn sample(full: &Ran, incremental: &Ran) -> Result<Sample, Halt> {
    let places = places_in(incremental, full)?;
    let mut sample = Sample { without: Absent::default(), with: Absent::default() };
    for entry in full.trail()?.records.walk()? {
        let Some(place) = places[entry.stream as usize] else { continue };
        let side = if entry.cursor == Entry::NO_CURSOR { &mut sample.without } else { &mut sample.with };
        if side.count_of(place) < MOST {
            side.add(moved(entry, place));
        }
    }
    full.trail()?.records.is_whole()?;
    Ok(sample)
}

/// By place in one read's catalog, the stream's place in the other's.
fn places_in(other: &Ran, one: &Ran) -> Result<Vec<Option<usize>>, Halt> {
    let others = &other.catalog()?.streams;
    let place =
        |entry: &ConfiguredStream| others.iter().position(|other| other.stream.descriptor == entry.stream.descriptor);
    Ok(one.catalog()?.streams.iter().map(place).collect())
}

/// The record as one of the stream at that place.
fn moved(entry: Entry, place: usize) -> Missing {
    let stream = u32::try_from(place).unwrap_or(u32::MAX);
    Missing { stream: place, identity: entry.identity, entry: Entry { stream, ..entry } }
}

fn not_in(read: &Ran, wanted: &Absent) -> Result<Absent, Halt> {
    let (came, mut missing) = (find(read.trail()?, wanted)?, wanted.clone());
    missing.retain(|missing| !came.contains_key(&(missing.stream, missing.identity)));
    Ok(missing)
}

/// Those that are missing once more, while a full refresh still has them.
fn confirm(lab: &Lab<'_>, full: &Ran, incremental: &Ran, missing: &Absent) -> Result<Absent, Halt> {
    let refresh = lab.read_like(full, "read.refresh-afterwards", "full refresh, to see what is still there")?;
    let reads = lab.launches([lab.afterwards(incremental)?, refresh.round(1).unjudged()])?;
    let [again, refresh] = reads[..] else { return Ok(Absent::default()) };
    let mut lost = not_in(again.complete()?, missing)?;
    let places = places_in(full, incremental)?;
    let mut wanted = Absent::default();
    for missing in &lost.records {
        if let Some(place) = places[missing.stream] {
            wanted.add(moved(missing.entry, place));
        }
    }
    let there = find(refresh.complete()?.trail()?, &wanted)?;
    let is_still_without = |entry: &Entry| entry.cursor == Entry::NO_CURSOR;
    lost.retain(|missing| {
        let place = places[missing.stream].unwrap_or(usize::MAX);
        there.get(&(place, missing.identity)).is_some_and(is_still_without)
    });
    Ok(lost)
}

fn describe((full, incremental): (&Ran, &Ran), lost: &[Missing], without: u64) -> Fault {
    let told = |missing: &Missing| {
        let expected = format!("it comes in {}", incremental.id);
        evidence(&full.id, Some(missing.entry.line), expected, "it did not come, in two attempts")
    };
    Fault {
        cause: "left out",
        level: Level::Should,
        title: "records without a cursor do not come in an incremental read".to_owned(),
        message: format!(
            "{} of {} that the full refresh has without a cursor did not come in two incremental reads from the beginning",
            text::count(lost.len() as u64),
            text::plural(without, "record")
        ),
        evidence: lost.iter().take(3).map(told).collect(),
        case: None,
    }
}
