//! Where an experiment gets its launches. It is written as if each were there when it is asked for: `lab.launch(ask)?` gives
//! what came back, or ends the experiment until it has, when it is begun anew.

use super::trail::Trail;
use crate::capture::Summary;
use crate::compat::TooLarge;
use crate::feed::Row;
use crate::launch::{ExitFacts, Subject};
use crate::plan::Ask;
use crate::protocol::{Command, ConfiguredCatalog, Descriptor, DestinationSyncMode, Kind, SyncMode};
use crate::suite::{Behaviours, Depth, Destination, Part, Scenario, UsageLimits};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is left of a launch.
#[derive(Debug)]
pub struct Ran {
    /// Its id within the run.
    pub id: String,
    /// What was launched. Empty where that did not come about.
    pub subject: Subject,
    /// When it began, in seconds since the run did.
    pub started: f64,
    /// How it ended, or why it did not happen.
    pub exit: Result<ExitFacts, String>,
    /// What it put out.
    pub summary: Summary,
    /// What it was asked to read.
    pub catalog: Option<ConfiguredCatalog>,
    /// The records and states of a read.
    pub trail: Option<Trail>,
    /// The folder of its transcript.
    pub transcript: PathBuf,
    /// Whether what was to be done while it ran was done then; None where nothing was to be.
    pub meanwhile: Option<bool>,
    /// What was stored when it was over, of the streams that were asked for.
    pub stored: Vec<Stored>,
}

/// What was stored of a stream.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The stream.
    pub stream: Descriptor,
    /// Its rows, or None where there is no table of it; else why that can't be seen.
    pub rows: Result<Option<Vec<Row>>, String>,
}

impl Ran {
    /// How it ended. Halts where it did not happen.
    pub fn exit(&self) -> Result<&ExitFacts, Halt> {
        self.exit.as_ref().map_err(|reason| Halt::Cannot(format!("{} was not launched: {reason}", self.id)))
    }

    /// Whether it ended by itself with code 0.
    pub fn succeeded(&self) -> bool {
        self.exit.as_ref().is_ok_and(ExitFacts::succeeded)
    }

    /// Halts unless it ended by itself with code 0: what it delivered is not the whole of it.
    pub fn complete(&self) -> Result<&Ran, Halt> {
        let exit = self.exit()?;
        match exit.succeeded() {
            true => Ok(self),
            false => Err(Halt::Cannot(format!("{} did not succeed ({})", self.id, exit.describe()))),
        }
    }

    /// The records and states of a read. Halts where it is none.
    pub fn trail(&self) -> Result<&Trail, Halt> {
        self.trail.as_ref().ok_or_else(|| Halt::Cannot(format!("{} was not captured as a read", self.id)))
    }

    /// The catalog of a read. Halts where it had none.
    pub fn catalog(&self) -> Result<&ConfiguredCatalog, Halt> {
        self.catalog.as_ref().ok_or_else(|| Halt::Cannot(format!("{} had no catalog", self.id)))
    }

    /// The rows that are stored of a stream; None where it has no table. Halts where that can't be seen.
    pub fn table(&self, stream: &Descriptor) -> Result<Option<&[Row]>, Halt> {
        let stored = self.stored.iter().find(|stored| stored.stream == *stream);
        let no_reader =
            || Halt::Cannot("the suite names no reader that shows what is stored (`destination.reader`)".to_owned());
        let rows = &stored.ok_or_else(no_reader)?.rows;
        Ok(rows.as_ref().map_err(|why| Halt::Cannot(why.clone()))?.as_deref())
    }

    /// The rows that are stored of a stream, none where it has no table. Halts where that can't be seen.
    pub fn rows(&self, stream: &Descriptor) -> Result<&[Row], Halt> {
        Ok(self.table(stream)?.unwrap_or_default())
    }

    /// How many states came back.
    pub fn states_back(&self) -> u64 {
        self.summary.count(Kind::State)
    }

    /// The content of a `--state` file with which the next read goes on. Halts where it ended without a state.
    pub fn final_state(&self) -> Result<Value, Halt> {
        if let Some(trail) = &self.trail {
            trail.checkpoints.can_be_given()?;
        }
        let state = &self.summary.final_state;
        match state.is_empty() {
            true => Err(Halt::Cannot(format!("{} ended without a state", self.id))),
            false => Ok(state.to_input()),
        }
    }
}

/// Why an experiment can't go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Halt {
    /// It waits for launches.
    Wants(Vec<Ask>),
    /// It never can, and this is why.
    Cannot(String),
}

impl From<String> for Halt {
    fn from(reason: String) -> Halt {
        Halt::Cannot(reason)
    }
}

impl From<TooLarge> for Halt {
    fn from(why: TooLarge) -> Halt {
        Halt::Cannot(why.to_string())
    }
}

/// The launches that every suite makes, as far as they are over.
#[derive(Debug, Clone, Copy, Default)]
pub struct Base<'l> {
    /// The specification.
    pub spec: Option<&'l Ran>,
    /// Whether the configuration works.
    pub check: Option<&'l Ran>,
    /// The streams.
    pub discover: Option<&'l Ran>,
    /// Every stream, all of it.
    pub full_refresh: Option<&'l Ran>,
    /// Every stream that can be read incrementally, from the beginning.
    pub incremental: Option<&'l Ran>,
}

/// What an experiment sees of a run: one scenario, and its launches.
pub struct Lab<'l> {
    /// The scenario.
    pub scenario: &'l Scenario,
    /// How deep the suite goes.
    pub depth: Depth,
    /// What chance begins with.
    pub seed: u64,
    /// What a launch may use.
    pub usage: UsageLimits,
    /// The connector's version, by its image or its `metadata.yaml`, where one says it.
    pub version: Option<String>,
    pub(super) base: Base<'l>,
    /// The launches that experiments asked for, those that are over with what is left of them.
    pub(super) asked: Vec<(&'l Ask, Option<&'l Ran>)>,
    /// The launch whose case alone is wanted, if one is.
    pub(super) case: Option<&'l str>,
    /// What a strict suite leaves out without a reason; None where it is not strict.
    pub(super) gaps: Option<&'l [String]>,
    /// The first reads of all scenarios, as far as they are over.
    first_reads: Vec<Option<&'l Ran>>,
    /// Whether the connector is one that must read all kinds of files.
    pub(super) is_of_files: bool,
    /// How it is tested as a destination, and how the namespaces begin that are written to.
    pub(super) destination: Option<(&'l Destination, String)>,
    /// How long a write may take in all.
    pub write_limit: Duration,
}

impl<'l> Lab<'l> {
    /// The view of a scenario.
    pub fn new(
        scenario: &'l Scenario,
        (depth, seed): (Depth, u64),
        base: Base<'l>,
        asked: Vec<(&'l Ask, Option<&'l Ran>)>,
        case: Option<&'l str>,
    ) -> Lab<'l> {
        let (usage, version, gaps, first_reads, is_of_files) = (UsageLimits::default(), None, None, Vec::new(), false);
        let (destination, write_limit) = (None, Duration::MAX);
        Lab {
            scenario,
            depth,
            seed,
            usage,
            version,
            base,
            asked,
            case,
            gaps,
            first_reads,
            is_of_files,
            destination,
            write_limit,
        }
    }

    /// The same, where launches may use only so much.
    pub fn limited(self, usage: UsageLimits) -> Lab<'l> {
        Lab { usage, ..self }
    }

    /// The same in a strict suite, which leaves that out without a reason; None where it is not strict.
    pub fn strict(self, gaps: Option<&'l [String]>) -> Lab<'l> {
        Lab { gaps, ..self }
    }

    /// The same beside the first reads of all scenarios, as far as they are over.
    pub fn beside(self, first_reads: Vec<Option<&'l Ran>>) -> Lab<'l> {
        Lab { first_reads, ..self }
    }

    /// The same of a connector of which all kinds of files are asked, or not.
    pub fn of_files(self, is_of_files: bool) -> Lab<'l> {
        Lab { is_of_files, ..self }
    }

    /// The same of a destination that is tested so, in namespaces that begin so.
    pub fn of_destination(self, destination: Option<&'l Destination>, namespace: String) -> Lab<'l> {
        Lab { destination: destination.map(|it| (it, namespace)), ..self }
    }

    /// The same where a write may take so long.
    pub fn writing_within(self, write_limit: Duration) -> Lab<'l> {
        Lab { write_limit, ..self }
    }

    /// How the connector is tested as a destination.
    pub fn destination(&self) -> Result<&'l Destination, Halt> {
        let missing =
            || Halt::Cannot("the suite does not say how the destination is tested: `extends: destination`".to_owned());
        self.destination.as_ref().map(|(destination, _)| *destination).ok_or_else(missing)
    }

    /// What the destination does with what is unusual, as far as the suite says.
    pub fn behaviours(&self) -> Behaviours {
        self.destination.as_ref().map(|(destination, _)| destination.behaviours).unwrap_or_default()
    }

    /// Halts where the specification does not offer a mode.
    pub fn offers(&self, mode: DestinationSyncMode) -> Result<(), Halt> {
        let specification = self.spec()?.summary.specification.as_ref();
        let modes = specification.and_then(|spec| spec.get("supported_destination_sync_modes")?.as_array());
        match modes.is_some_and(|modes| modes.iter().any(|word| word == mode.as_str())) {
            true => Ok(()),
            false => Err(Halt::Cannot(format!("its specification does not offer `{}`", mode.as_str()))),
        }
    }

    /// The first reads of all scenarios.
    pub fn first_reads(&self) -> Result<Vec<&'l Ran>, Halt> {
        self.first_reads.iter().map(|ran| over(*ran)).collect()
    }

    /// The same, of a connector of that version.
    pub fn versioned(self, version: Option<String>) -> Lab<'l> {
        Lab { version, ..self }
    }

    /// The launch of the specification.
    pub fn spec(&self) -> Result<&'l Ran, Halt> {
        over(self.base.spec)
    }

    /// The launch of `check`.
    pub fn check(&self) -> Result<&'l Ran, Halt> {
        self.does(Part::Check)?;
        over(self.base.check)
    }

    /// The launch of `discover`.
    pub fn discover(&self) -> Result<&'l Ran, Halt> {
        self.does(Part::Discover)?;
        over(self.base.discover)
    }

    /// The full refresh of all streams.
    pub fn full_refresh(&self) -> Result<&'l Ran, Halt> {
        self.does(Part::FullRefresh)?;
        over(self.base.full_refresh)
    }

    /// The incremental read of all streams that can be read so, from the beginning (or from the scenario's state).
    pub fn incremental(&self) -> Result<&'l Ran, Halt> {
        self.does(Part::Incremental)?;
        over(self.base.incremental)
    }

    /// The read of all streams in that mode.
    pub fn read(&self, mode: SyncMode) -> Result<&'l Ran, Halt> {
        match mode {
            SyncMode::FullRefresh => self.full_refresh(),
            SyncMode::Incremental => self.incremental(),
        }
    }

    /// The reads that every suite makes of this depth.
    pub fn base_reads(&self) -> Result<Vec<&'l Ran>, Halt> {
        let mut reads = Vec::new();
        if self.scenario.does(Part::Read) || self.scenario.does(Part::FullRefresh) {
            reads.push(over(self.base.full_refresh)?);
        }
        if self.depth > Depth::Quick && self.scenario.does(Part::Incremental) {
            reads.push(self.incremental()?);
        }
        Ok(reads)
    }

    /// The one read of every stream as a whole that every suite makes, for what looks at that read alone.
    pub fn first_read(&self) -> Result<&'l Ran, Halt> {
        self.does(Part::Read)?;
        over(self.base.full_refresh)
    }

    /// Halts where the suite leaves the part out.
    fn does(&self, part: Part) -> Result<(), Halt> {
        match self.scenario.left_out(part) {
            Some(left) => Err(Halt::Cannot(left.describe())),
            None => Ok(()),
        }
    }

    /// What is left of the launch that is asked for.
    pub fn launch(&self, ask: Ask) -> Result<&'l Ran, Halt> {
        let known = self.asked.iter().find(|(known, _)| known.is_the_launch_of(&ask));
        match known {
            Some((_, Some(ran))) => Ok(ran),
            _ => Err(Halt::Wants(vec![ask])),
        }
    }

    /// What is left of several, side by side.
    pub fn launches(&self, asks: impl IntoIterator<Item = Ask>) -> Result<Vec<&'l Ran>, Halt> {
        let (mut over, mut wanted) = (Vec::new(), Vec::new());
        for ask in asks {
            match self.launch(ask) {
                Ok(ran) => over.push(ran),
                Err(Halt::Wants(asks)) => wanted.extend(asks),
                Err(cannot) => return Err(cannot),
            }
        }
        if wanted.is_empty() { Ok(over) } else { Err(Halt::Wants(wanted)) }
    }

    /// A read like another: the same catalog, and time enough for what took that one so long.
    pub fn read_like(&self, other: &Ran, id: impl Into<String>, purpose: impl Into<String>) -> Result<Ask, Halt> {
        let ask = Ask::of(Command::Read, id, purpose).catalog(other.catalog()?.raw.clone());
        Ok(ask.within(limit_after(other)))
    }

    /// The read that another one was, made anew after it: to see whether all is as before.
    pub fn afterwards(&self, other: &Ran) -> Result<Ask, Halt> {
        let ask = self.read_like(other, "read.afterwards", "once more, to see whether all is as before")?.round(1);
        // A full refresh was given no state.
        let is_incremental = other.catalog()?.streams.iter().any(|entry| entry.sync_mode == SyncMode::Incremental);
        let state = self.scenario.state.clone().filter(|_| is_incremental).map(Arc::new);
        Ok(Ask { state, ..ask })
    }

    /// Whether this launch may be asked for: all may, unless the case of one alone is wanted.
    pub fn may_ask(&self, id: &str) -> bool {
        self.case.is_none_or(|case| case == id || case.strip_prefix(self.scenario.id()) == Some(&format!(".{id}")))
    }
}

fn over(base: Option<&Ran>) -> Result<&Ran, Halt> {
    base.ok_or_else(|| Halt::Wants(Vec::new()))
}

/// No launch that repeats another may take much longer than that one did: this much longer is no chance.
pub fn limit_after(other: &Ran) -> Duration {
    const FACTOR: u32 = 5;
    const LEAST: Duration = Duration::from_secs(60);
    let took = other.exit.as_ref().map_or(Duration::ZERO, |exit| exit.duration);
    took * FACTOR + LEAST
}
