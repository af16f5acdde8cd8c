//! What an experiment is: what is known about it, which launches it asks for, and how it concludes.

use super::lab::{Halt, Lab, Ran};
use crate::protocol::{Command, Descriptor};
use crate::rules::{Evidence, Finding, Judged, Level, Outcome, Statement};
use crate::suite::Depth;

/// An experiment.
#[derive(Debug)]
pub struct Experiment {
    /// What is known about it.
    pub statement: Statement,
    /// The shallowest suite that makes it.
    pub depth: Depth,
    /// Whether it is made in each scenario, though it is about `spec` alone.
    pub by_scenario: bool,
    /// The launches that it asks for, besides those that every suite makes.
    pub launches: &'static [Launches],
    /// Carries it out, as far as its launches are over.
    pub run: fn(&Lab<'_>) -> Result<Conclusion, Halt>,
}

impl Experiment {
    /// Whether it is about destinations: it is about `write`, or about nothing but `spec` and `check`.
    pub fn is_of_destinations(&self) -> bool {
        let is_of_both = |command: &Command| matches!(command, Command::Spec | Command::Check);
        self.is_of_writes() || self.statement.commands.iter().all(is_of_both)
    }

    /// Whether it is about destinations alone.
    pub fn is_of_writes(&self) -> bool {
        self.statement.commands.contains(&Command::Write)
    }

    /// Whether it is made of a connector that is tested as a destination, or of one that is not.
    pub fn is_made_of(&self, is_destination: bool) -> bool {
        if is_destination { self.is_of_destinations() } else { !self.is_of_writes() }
    }

    /// Whether it can only be made where the suite's author changes the data.
    pub fn needs_changes(&self) -> bool {
        self.launches.iter().any(|launches| launches.after_changes)
    }

    /// Whether it is made only where two versions are compared.
    pub fn needs_control(&self) -> bool {
        self.launches.iter().any(|launches| launches.of_control)
    }

    /// Whether it can only be made where the suite names a previous version.
    pub fn needs_previous(&self) -> bool {
        self.launches.iter().any(|launches| launches.of_previous)
    }
}

/// Launches of one kind that an experiment asks for.
#[derive(Debug, Clone, Copy)]
pub struct Launches {
    /// How their ids begin, behind the scenario's: `read.checkpoint`.
    pub id: &'static str,
    /// What they are, in words.
    pub what: &'static str,
    /// The most of them in a `standard` suite, and in a `certification`.
    pub most: (usize, usize),
    /// Whether they are made only where a fault is to be confirmed.
    pub on_doubt: bool,
    /// Whether they are made only where the suite's author changes the data.
    pub after_changes: bool,
    /// Whether they are made only where the suite has a state of the future.
    pub from_future: bool,
    /// Whether they are made, at any depth, only where the suite names a previous version.
    pub of_previous: bool,
    /// Whether they are made, at any depth, only by `airproof compare`.
    pub of_control: bool,
    /// Whether a quick suite makes as many of them as a standard one.
    pub in_quick: bool,
    /// Whether there is one for each set of data of the author's own.
    pub of_own_data: bool,
}

impl Launches {
    /// At most so many in a standard suite, and in a certification.
    pub const fn up_to(standard: usize, certification: usize, id: &'static str, what: &'static str) -> Launches {
        Launches {
            id,
            what,
            most: (standard, certification),
            on_doubt: false,
            after_changes: false,
            from_future: false,
            of_previous: false,
            of_control: false,
            in_quick: false,
            of_own_data: false,
        }
    }

    /// One, wherever the experiment is made.
    pub const fn one(id: &'static str, what: &'static str) -> Launches {
        Launches::up_to(1, 1, id, what)
    }

    /// Made in a quick suite, too.
    pub const fn in_quick(self) -> Launches {
        Launches { in_quick: true, ..self }
    }

    /// Made for each set of data of the author's own.
    pub const fn of_own_data(self) -> Launches {
        Launches { of_own_data: true, ..self }
    }

    /// Made only to confirm a fault.
    pub const fn on_doubt(self) -> Launches {
        Launches { on_doubt: true, ..self }
    }

    /// Made only where the suite's author changes the data.
    pub const fn after_changes(self) -> Launches {
        Launches { after_changes: true, ..self }
    }

    /// Made only where the suite has a state of the future.
    pub const fn from_future(self) -> Launches {
        Launches { from_future: true, ..self }
    }

    /// Made only where the suite names a previous version.
    pub const fn of_previous(self) -> Launches {
        Launches { of_previous: true, ..self }
    }

    /// Made only by `airproof compare`.
    pub const fn of_control(self) -> Launches {
        Launches { of_control: true, ..self }
    }

    /// In a sentence, for people.
    pub fn describe(&self) -> String {
        let times = match self.most {
            _ if self.of_own_data => "once for each that the suite names".to_owned(),
            (1, 1) => "once".to_owned(),
            (0, 1) => "once, in a certification".to_owned(),
            (0, most) => format!("up to {most} times, in a certification"),
            (one, other) if one == other => format!("up to {one} times"),
            (standard, certification) => format!("up to {standard} times, in a certification {certification}"),
        };
        let when = match (self.after_changes, self.on_doubt) {
            _ if self.from_future => "; only where the suite has a `future_state`",
            _ if self.of_control && self.on_doubt => "; only by `airproof compare`, to confirm a difference",
            _ if self.of_control => "; only by `airproof compare`",
            _ if self.of_previous && self.on_doubt => "; only to confirm a difference from the previous version",
            _ if self.of_previous => "; only where the suite names a previous version",
            (true, _) => "; only where the suite changes the data",
            (false, true) => "; only to confirm a fault",
            (false, false) => "",
        };
        format!("`{}`: {} ({times}{when})", self.id, self.what)
    }

    /// The most of them in a suite of that depth.
    pub fn most_in(&self, depth: Depth) -> usize {
        match depth {
            Depth::Quick if !self.of_previous && !self.of_control && !self.in_quick => 0,
            Depth::Quick | Depth::Standard => self.most.0,
            Depth::Certification => self.most.1,
        }
    }
}

/// What an experiment comes to.
#[derive(Debug, Clone)]
pub struct Conclusion {
    statement: Statement,
    /// The launch that it is told of: its last one.
    pub launch: String,
    /// What it could judge.
    pub outcomes: Vec<Outcome>,
    /// The faults that are proven, and what is told at INFO.
    pub findings: Vec<Finding>,
}

/// A fault that an experiment has proven.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What occurrences of the same cause share; one finding for all streams with the same.
    pub cause: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// The defect in a few words.
    pub title: String,
    /// What happened, in a sentence.
    pub message: String,
    /// Where it shows.
    pub evidence: Vec<Evidence>,
    /// The launch that shows it again when it is made again.
    pub case: Option<String>,
}

impl Conclusion {
    /// Of an experiment, told of this launch.
    pub fn of(statement: Statement, launch: &Ran) -> Conclusion {
        Conclusion::on(statement, &launch.id)
    }

    /// The same by the launch's id.
    pub(super) fn on(statement: Statement, launch: &str) -> Conclusion {
        Conclusion { statement, launch: launch.to_owned(), outcomes: Vec::new(), findings: Vec::new() }
    }

    /// It was judged, of a stream or as a whole.
    pub fn judged(&mut self, stream: Option<&Descriptor>) {
        self.outcome(stream, Judged::Yes);
    }

    /// It could not be judged, and why.
    pub fn inconclusive(&mut self, stream: Option<&Descriptor>, reason: impl Into<String>) {
        self.outcome(stream, Judged::No(reason.into()));
    }

    /// One outcome of each stream, and one as a whole: what could be judged in one respect was judged.
    fn outcome(&mut self, stream: Option<&Descriptor>, judged: Judged) {
        if let Some(known) = self.outcomes.iter_mut().find(|known| known.stream.as_ref() == stream) {
            if judged == Judged::Yes {
                known.judged = judged;
            }
            return;
        }
        self.outcomes.push(Outcome { rule: self.statement.code, stream: stream.cloned(), judged });
    }

    /// Judged, and a fault found.
    pub fn found(&mut self, stream: Option<&Descriptor>, fault: Fault) {
        let cause = format!("{} {}", fault.cause, fault.level.as_str());
        self.add(stream, cause, fault);
    }

    /// Judged, and a fault found that is a finding of its own, told apart from others of the same cause by `what`.
    pub fn found_alone(&mut self, stream: Option<&Descriptor>, what: &str, fault: Fault) {
        let cause = format!("{} {}: {what}", fault.cause, fault.level.as_str());
        self.add(stream, cause, fault);
    }

    fn add(&mut self, stream: Option<&Descriptor>, cause: String, fault: Fault) {
        const EVIDENCE: usize = 5;
        self.judged(stream);
        match self.findings.iter_mut().find(|known| known.cause == cause) {
            Some(known) => {
                known.count += 1;
                known.streams.extend(stream.filter(|stream| !known.streams.contains(stream)).cloned());
                known.evidence.extend(fault.evidence);
                known.evidence.truncate(EVIDENCE);
            }
            None => self.findings.push(Finding {
                rule: self.statement.code.to_owned(),
                name: self.statement.name.to_owned(),
                level: fault.level,
                authority: self.statement.authority,
                cause,
                streams: stream.cloned().into_iter().collect(),
                title: fault.title,
                message: fault.message,
                count: 1,
                evidence: fault.evidence,
                case: fault.case,
            }),
        }
    }
}

/// Evidence: a launch as a whole, or a line of its output, which is shown where the transcript has it.
pub fn evidence(
    launch: &str,
    message: Option<u64>,
    expected: impl Into<String>,
    actual: impl Into<String>,
) -> Evidence {
    Evidence {
        launch: launch.to_owned(),
        message,
        stderr: false,
        pointer: None,
        excerpt: None,
        expected: Some(expected.into()),
        actual: Some(actual.into()),
    }
}

/// Declares an experiment: what is known about it, its page as doc comment, its launches, the function that carries it out.
macro_rules! experiment {
    (
        $(#[doc = $line:literal])+
        $run:ident {
            code: $code:literal,
            name: $name:literal,
            level: $level:ident,
            commands: [$($command:ident),+],
            authority: $authority:ident,
            source: $source:literal,
            depth: $depth:ident,
            launches: [$($launches:expr),* $(,)?],
            $(by_scenario: $by_scenario:literal,)?
        }
    ) => {
        $(#[doc = $line])+
        pub(in $crate::experiments) static EXPERIMENT: $crate::experiments::Experiment = $crate::experiments::Experiment {
            statement: STATEMENT,
            depth: $crate::suite::Depth::$depth,
            by_scenario: false $(|| $by_scenario)?,
            launches: &[$($launches),*],
            run: $run,
        };

        const STATEMENT: $crate::rules::Statement = $crate::rules::Statement {
            code: $code,
            name: $name,
            level: $crate::rules::Level::$level,
            commands: &[$($crate::protocol::Command::$command),+],
            authority: $crate::rules::Authority::$authority,
            source: $source,
            page: concat!($($line, "\n"),+),
        };
    };
}
pub(super) use experiment;
