//! A launch as an experiment asks for it. What two experiments ask for alike is launched once.

use crate::feed::Script;
use crate::launch::Handling;
use crate::protocol::{Command, Descriptor, Expect};
use crate::suite::{Counterpart, Delivered, Step};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What a launch is given with `--config`.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigFile {
    /// The scenario's own.
    Own,
    /// Another one.
    Json(Arc<Value>),
    /// Bytes that need not be JSON.
    Bytes(Arc<[u8]>),
}

/// When a launch is struck by a signal, by what came out of it until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// So many states.
    pub states: u64,
    /// And so many records after the last of them.
    pub records: u64,
}

/// What judges a launch besides the experiment that asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrutiny {
    /// Every rule: it is a launch as the platform makes it.
    Rules,
    /// Every rule, if it refuses its config; nothing, if it takes it, or if it is not certain why it failed. For a config
    /// that seems wrong, and that nobody said is.
    Refusal,
    /// Nothing: it is disturbed, or given what no platform would give it.
    Nothing,
}

/// What is launched in place of the connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// What it is.
    pub counterpart: Counterpart,
    /// The version that it must not have: where its label says so, it is not launched.
    pub unless: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Whether it is an error where it can't be had: without it there is nothing to tell.
    pub is_needed: bool,
}

/// A launch as an experiment asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Its id within the scenario, `read.again`; the number of a checkpoint or the like is part of it.
    pub id: String,
    /// What it is for, in words.
    pub purpose: String,
    /// The command.
    pub command: Command,
    /// What it is given with `--config`; None leaves the option out.
    pub config: Option<ConfigFile>,
    /// What it is given with `--catalog`.
    pub catalog: Option<Arc<Value>>,
    /// What it is given with `--state`.
    pub state: Option<Arc<Value>>,
    /// The text of the file with that state, where it is to be written in a way of its own.
    pub state_text: Option<Arc<str>>,
    /// What is sent to its stdin; None where that is closed from the start.
    pub stdin: Option<Arc<Script>>,
    /// The streams whose stored rows are read when it is over.
    pub reads_back: Vec<Descriptor>,
    /// The launch whose state that is, where it is another one's.
    pub resumes: Option<String>,
    /// What its config is to come to, for the rules that judge it.
    pub expect: Expect,
    /// How it is treated.
    pub handling: Handling,
    /// When it is struck, for those whose handling says with what.
    pub mark: Option<Mark>,
    /// What is done to the data before it, by name.
    pub before: Vec<(String, Step)>,
    /// What is done to the data while it runs, at the mark.
    pub meanwhile: Vec<(String, Step)>,
    /// What is done when it is over and before its storage is looked at, however it went.
    pub afterwards: Vec<(String, Step)>,
    /// It comes after all others and alone, since the data are changed for it.
    pub late: bool,
    /// Records that are looked for in what it puts out.
    pub looks_for: Vec<Delivered>,
    /// The fields that make no difference between two of its records, by stream.
    pub leaves_out: Vec<(Descriptor, String)>,
    /// A total time limit, where it is not the command's own.
    pub limit: Option<Duration>,
    /// Asked for once more on purpose: another round is another launch.
    pub round: u32,
    /// What judges it besides.
    pub scrutiny: Scrutiny,
    /// What is launched, where it is not the connector itself. Where that can't be had, the launch is left out with the reason.
    pub instead: Option<Arc<Instead>>,
}

impl Ask {
    /// A launch as usual, with the scenario's config; `spec` gets none.
    pub fn of(command: Command, id: impl Into<String>, purpose: impl Into<String>) -> Ask {
        Ask {
            id: id.into(),
            purpose: purpose.into(),
            command,
            config: (command != Command::Spec).then_some(ConfigFile::Own),
            catalog: None,
            state: None,
            state_text: None,
            stdin: None,
            reads_back: Vec::new(),
            resumes: None,
            expect: Expect::Succeeded,
            handling: Handling::default(),
            mark: None,
            before: Vec::new(),
            meanwhile: Vec::new(),
            afterwards: Vec::new(),
            late: false,
            looks_for: Vec::new(),
            leaves_out: Vec::new(),
            limit: None,
            round: 0,
            scrutiny: Scrutiny::Rules,
            instead: None,
        }
    }

    /// Under another name.
    pub fn named(mut self, id: &str, purpose: &str) -> Ask {
        (self.id, self.purpose) = (id.to_owned(), purpose.to_owned());
        self
    }

    /// With this configured catalog.
    pub fn catalog(mut self, catalog: Value) -> Ask {
        self.catalog = Some(Arc::new(catalog));
        self
    }

    /// With this state.
    pub fn state(mut self, state: Value) -> Ask {
        self.state = Some(Arc::new(state));
        self
    }

    /// With this state, written so.
    pub fn state_written(mut self, state: Value, text: String) -> Ask {
        self.state_text = Some(text.into());
        self.state(state)
    }

    /// With the state of that launch, which is given to it.
    pub fn resuming(mut self, launch: &str, state: Value) -> Ask {
        self.resumes = Some(launch.to_owned());
        self.state(state)
    }

    /// Fed with this.
    pub fn fed(mut self, script: Script) -> Ask {
        self.stdin = Some(Arc::new(script));
        self
    }

    /// What is stored of these streams is read when it is over.
    pub fn reading_back(mut self, streams: impl IntoIterator<Item = Descriptor>) -> Ask {
        self.reads_back.extend(streams);
        self
    }

    /// With another config.
    pub fn config(mut self, config: ConfigFile) -> Ask {
        self.config = Some(config);
        self
    }

    /// Judged by the experiment alone.
    pub fn unjudged(mut self) -> Ask {
        self.scrutiny = Scrutiny::Nothing;
        self
    }

    /// Treated in this way, and judged by the experiment alone.
    pub fn treated(mut self, handling: Handling) -> Ask {
        self.handling = handling;
        self.unjudged()
    }

    /// Struck there, by what its handling says.
    pub fn struck_at(mut self, mark: Mark) -> Ask {
        self.mark = Some(mark);
        self
    }

    /// After all others, and alone: the data are changed for it.
    pub fn late(mut self) -> Ask {
        self.late = true;
        self
    }

    /// These records are looked for in what it puts out.
    pub fn looking_for(mut self, records: Vec<Delivered>) -> Ask {
        self.looks_for = records;
        self
    }

    /// These fields make no difference between two of its records.
    pub fn leaving_out(mut self, fields: Vec<(Descriptor, String)>) -> Ask {
        self.leaves_out = fields;
        self
    }

    /// Judged as one with a wrong config, if it refuses it.
    pub fn refusing(mut self) -> Ask {
        self.expect = Expect::Failed;
        self.scrutiny = Scrutiny::Refusal;
        self
    }

    /// Of something else than the connector, which the experiment alone judges.
    pub fn instead(mut self, instead: Instead) -> Ask {
        self.instead = Some(Arc::new(instead));
        self.unjudged()
    }

    /// Once more: the same launch of another round.
    pub fn round(mut self, round: u32) -> Ask {
        self.round = round;
        self
    }

    /// Ended after so long.
    pub fn within(mut self, limit: Duration) -> Ask {
        self.limit = Some(limit);
        self
    }

    /// Whether it is a launch as the platform makes it, of the connector itself: what it puts out is what another of its kind would.
    pub fn is_ordinary(&self) -> bool {
        matches!(self.config, None | Some(ConfigFile::Own))
            && (self.config.is_some() || self.command == Command::Spec)
            && self.state_text.is_none()
            && self.handling == Handling::default()
            && self.mark.is_none()
            && self.before.is_empty()
            && self.meanwhile.is_empty()
            && !self.late
            && self.instead.is_none()
    }

    /// Whether one launch serves both.
    pub fn is_the_launch_of(&self, other: &Ask) -> bool {
        self.command == other.command
            && self.config == other.config
            && self.catalog == other.catalog
            && self.state == other.state
            && self.state_text == other.state_text
            && self.stdin == other.stdin
            && self.reads_back == other.reads_back
            && self.expect == other.expect
            && self.handling == other.handling
            && self.mark == other.mark
            && self.before == other.before
            && self.meanwhile == other.meanwhile
            && self.afterwards == other.afterwards
            && self.late == other.late
            && self.looks_for == other.looks_for
            && self.leaves_out == other.leaves_out
            && self.limit == other.limit
            && self.round == other.round
            && self.scrutiny == other.scrutiny
            && self.instead == other.instead
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{LocalCommand, Target};
    use serde_json::json;

    #[test]
    fn what_is_asked_for_alike_is_one_launch_whatever_it_is_called() {
        let read = |id: &str| Ask::of(Command::Read, id, "a read").catalog(json!({"streams": []}));
        assert!(read("one").is_the_launch_of(&read("other")));
        assert!(!read("one").is_the_launch_of(&read("one").state(json!([]))));
        assert!(!read("one").is_the_launch_of(&read("one").round(1)));
        assert!(!read("one").is_the_launch_of(&read("one").unjudged()));
        let instead = |image: &str| {
            let counterpart = Counterpart::Launched(Target::Image(image.to_owned()));
            Instead { counterpart, unless: None, reason: None, is_needed: false }
        };
        assert!(!read("one").instead(instead("a:1")).is_the_launch_of(&read("one").unjudged()));
        assert!(!read("one").instead(instead("a:1")).is_the_launch_of(&read("one").instead(instead("a:2"))));
        assert!(read("one").instead(instead("a:1")).is_the_launch_of(&read("other").instead(instead("a:1"))));
    }

    #[test]
    fn a_launch_that_is_disturbed_or_of_something_else_is_not_ordinary() {
        let read = || Ask::of(Command::Read, "one", "a read").catalog(json!({"streams": []}));
        assert!(read().is_ordinary() && read().state(json!([])).round(2).unjudged().is_ordinary());
        assert!(Ask::of(Command::Spec, "spec", "the specification").is_ordinary());
        assert!(!read().late().is_ordinary());
        assert!(!read().struck_at(Mark { states: 1, records: 0 }).is_ordinary());
        assert!(!read().config(ConfigFile::Json(Arc::new(json!({})))).is_ordinary());
        assert!(!Ask { config: None, ..read() }.is_ordinary());
        let counterpart = Counterpart::Launched(Target::Exec(LocalCommand::here("main")));
        let instead = Instead { counterpart, unless: None, reason: None, is_needed: true };
        assert!(!read().instead(instead).is_ordinary());
    }
}
