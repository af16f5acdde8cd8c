//! A source piped into a destination, as the platform does it: two syncs, states kept in between, then a look at what is stored.

mod catalogs;
mod connector;
mod outcome;
mod relay;
mod returns;
mod storage;
mod surroundings;
mod sync;

use super::{Beginning, Event, Events, Interruption, Selection};
use crate::experiments::pipe::{Ledger, StreamLedger, Sync};
use crate::feed::Relocation;
use crate::launch::{LaunchError, Launcher};
use crate::protocol::{Command, Descriptor, Specification, Stream};
use crate::rules::Level;
use crate::suite::Suite;
use crate::text;
use crate::verdict::{PipeSync, Results};
use catalogs::{Pairing, pair};
use connector::{Connector, Job};
use std::path::PathBuf;
use std::sync::Arc;

/// How many launches there are: what is asked of each, and two syncs.
const LAUNCHES: usize = 9;

/// How many syncs are made.
const SYNCS: i64 = 2;

/// A pair of connectors, and how it is to be carried out.
pub struct Pipe {
    /// Names the run; containers, files and the destination's namespace bear it.
    pub id: String,
    /// When it began.
    pub beginning: Beginning,
    /// The source: its suite, and what launches it.
    pub source: (Suite, Arc<dyn Launcher>),
    /// The destination, likewise.
    pub destination: (Suite, Arc<dyn Launcher>),
    /// The folder of the transcripts.
    pub transcripts: PathBuf,
    /// The command line that this run was started by.
    pub invocation: String,
    /// Which rules, and which streams.
    pub selection: Selection,
    /// From which level on a finding makes the run fail.
    pub fail_on: Level,
}

/// Why the pair was not carried through.
enum Halt {
    /// A connector is wrong, in a sentence: what it did is judged, and nothing more is launched.
    Wrong(String),
    /// Something around the connectors is in the way.
    Error(LaunchError),
    /// Somebody interrupted us.
    Interrupted,
}

impl From<LaunchError> for Halt {
    fn from(error: LaunchError) -> Self {
        Halt::Error(error)
    }
}

/// What the pair came to so far.
#[derive(Default)]
struct Course {
    pairing: Pairing,
    relocation: Relocation,
    ledger: Ledger,
    syncs: Vec<Sync>,
    facts: Vec<PipeSync>,
    /// What keeps a pass from meaning all that it could, in sentences.
    doubts: Vec<String>,
    errors: Vec<LaunchError>,
}

/// What launches need to know of the run.
struct Around<'r> {
    pipe: &'r Pipe,
    events: &'r Events,
    interruption: &'r Interruption,
}

impl Around<'_> {
    fn tell(&self, event: Event) {
        if let Some(events) = self.events {
            let _ = events.send(event);
        }
    }
}

/// Carries out a pipe, and puts the results together. What goes wrong around the connectors is part of them.
pub async fn pipe(pipe: Pipe, events: &Events, interruption: &Interruption) -> Results {
    let around = Around { pipe: &pipe, events, interruption };
    let [(source, source_launcher), (destination, destination_launcher)] = [&pipe.source, &pipe.destination];
    let mut source = Connector::new("source", source, source_launcher, &around);
    let mut destination = Connector::new("destination", destination, destination_launcher, &around);
    let mut course = Course::default();
    let halted = carry_through(&mut source, &mut destination, &mut course, &around).await.err();
    let is_wrong = matches!(halted, Some(Halt::Wrong(_)));
    match halted {
        Some(Halt::Wrong(why)) => course.doubts.push(why),
        Some(Halt::Error(error)) => course.errors.push(error),
        Some(Halt::Interrupted) | None => {}
    }
    course.errors.extend(storage::clean(&destination, &course.relocation, &around).await);
    for connector in [&mut destination, &mut source] {
        course.errors.extend(surroundings::undo(connector, &around).await);
    }
    outcome::results(source, destination, course, is_wrong, &around)
}

async fn carry_through(
    source: &mut Connector,
    destination: &mut Connector,
    course: &mut Course,
    around: &Around<'_>,
) -> Result<(), Halt> {
    for connector in [&mut *source, &mut *destination] {
        connector.prepare(around).await?;
    }
    let connector = format!("{} → {}", source.subject.name, destination.subject.name);
    around.tell(Event::Prepared { connector, launches: LAUNCHES, more: 0 });
    let offered = ask_both(source, destination, around).await?;
    let discovered = source.launch(Job::of(Command::Discover), around).await?.summary.catalog;
    let discovered = discovered.ok_or_else(|| source.wrong("gave no catalog"))?;
    course.pairing = pair(source.scenario(), &discovered, &offered, &around.pipe.selection.streams);
    let wanted = &around.pipe.selection.streams;
    let is_wanted = |stream: &Stream| {
        wanted.iter().any(|it| it.is_match(&stream.descriptor.name) || it.is_match(stream.descriptor.to_string()))
    };
    if !wanted.is_empty() && !discovered.streams.iter().any(is_wanted) {
        let names =
            discovered.streams.iter().map(|it| text::visible(&it.descriptor.name)).collect::<Vec<_>>().join(", ");
        return Err(Halt::Error(LaunchError::Usage(format!(
            "No stream of the source matches `--stream`: it has {}.",
            text::shorten(&names, 500)
        ))));
    }
    if course.pairing.entries.is_empty() {
        return Err(Halt::Wrong(format!(
            "Nothing was piped: no stream of the source can be written in a mode that the destination offers ({}).",
            text::visible(&offered.join(", "))
        )));
    }
    let streams: Vec<Descriptor> = course.pairing.descriptors();
    course.relocation = storage::relocation(destination, around, &streams);
    let ledgers = course.pairing.entries.iter().filter_map(|entry| {
        let there = course.relocation.there(&entry.stream.stream.descriptor)?;
        Some(StreamLedger::of(&entry.stream, there, entry.writing))
    });
    course.ledger = Ledger::new(ledgers.collect());
    for number in 1..=SYNCS {
        sync::carry_out(number, source, destination, course, around).await?;
        if !course.syncs.iter().all(Sync::is_good) {
            break;
        }
    }
    if around.interruption.exit().is_some() {
        return Err(Halt::Interrupted);
    }
    if course.syncs.iter().all(Sync::is_delivered) {
        storage::look(destination, &mut course.ledger, around).await;
    }
    Ok(())
}

/// Asks both what they take and whether their configs work. Gives the modes in which the destination writes.
async fn ask_both(
    source: &mut Connector,
    destination: &mut Connector,
    around: &Around<'_>,
) -> Result<Vec<String>, Halt> {
    for connector in [&mut *source, &mut *destination] {
        let specification = connector.launch(Job::of(Command::Spec), around).await?.summary.specification;
        let Some(raw) = specification.filter(serde_json::Value::is_object) else {
            return Err(connector.wrong("gave no specification"));
        };
        connector.specification = Some(raw);
        surroundings::set_up(connector, around).await?;
    }
    let modes = |connector: &Connector| -> Vec<String> {
        let raw = connector.specification.clone().unwrap_or_default();
        let is_destination = Specification::names_destination_modes(&raw);
        let modes = raw["supported_destination_sync_modes"].as_array().cloned().filter(|_| is_destination);
        modes.unwrap_or_default().iter().filter_map(|mode| mode.as_str().map(str::to_owned)).collect()
    };
    let offered = modes(destination);
    if !modes(source).is_empty() || offered.is_empty() {
        let (which, what) = if offered.is_empty() { (&*destination, "source") } else { (&*source, "destination") };
        return Err(Halt::Error(LaunchError::Usage(format!(
            "{} is a {what}, by its specification: `airproof pipe SOURCE DESTINATION` takes a source first and a destination \
             behind it.",
            text::visible(&which.subject.name)
        ))));
    }
    for connector in [source, destination] {
        let check = connector.launch(Job::of(Command::Check), around).await?.summary.connection_status;
        if check.is_none_or(|(status, _)| status != "SUCCEEDED") {
            return Err(connector.wrong("does not say of its config that it works (`check`)"));
        }
    }
    Ok(offered)
}
