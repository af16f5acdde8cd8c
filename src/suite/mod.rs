//! Suites: which connector, which scenarios, which rules at which level.
//!
//! Takes an `airproof.yml`, what it extends, the environment and the command line, and gives one validated [`Suite`] or
//! all mistakes at once. Everything that a suite names on this machine has been looked at when it is returned; nothing
//! has been launched.

mod around;
mod baselines;
mod behaviours;
mod cat;
mod changes;
mod config_updates;
mod depth;
mod destination;
mod diagnose;
pub mod draft;
mod expected;
mod fields;
mod files;
mod folder;
mod hidden;
mod inputs;
mod interpolate;
mod layers;
mod load;
mod local_command;
mod locate;
mod metadata;
mod migrate;
mod own_data;
mod parts;
mod plain;
mod previous;
mod quantity;
mod reader;
mod scalar;
mod scenario;
mod scenarios;
mod schema;
mod secret_files;
mod settings;
mod several;
mod shard;
mod slug;
mod steps;
mod usage;
mod written;
mod yaml;

pub use around::LateFile;
pub use baselines::{ACCEPTED_RULES, Baselines, NormaliseRule, Normalising, ValueForm};
pub use changes::{Change, Delivered, When};
pub use config_updates::{ConfigUpdates, updated_config};
pub use depth::{Depth, Shipped};
pub use destination::{
    Behaviours, CdcDelete, Commits, Destination, Handled, InvalidValue, Namespaces, RowSource, StorageReader,
    UndeclaredField,
};
pub use expected::{
    Compare, CursorFormat, Expected, ExpectedRecord, ExpectedRecords, ExpectedSpecification, FieldPath, FileTypes,
    FutureState, VolatileField,
};
pub use interpolate::Environment;
pub use load::{Loaded, Unreadable, load, load_all, load_in, without_file};
pub use local_command::LocalCommand;
pub use migrate::{Migrated, migrate};
pub use own_data::OwnData;
pub use parts::{Bypassed, Lack, LeftOut, Part};
pub use plain::plain_yaml;
pub use previous::{Counterpart, Previous, repository};
pub use scenario::{CatalogSource, Scenario, StreamException, StreamExceptions};
pub use schema::SCHEMA;
pub use settings::Setting;
pub use shard::{Shard, Taken, Way};
pub use steps::Step;
pub use usage::UsageLimits;

use crate::protocol::{Command, Descriptor, Metadata};
use globset::GlobMatcher;
use indexmap::IndexMap;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What is tested, and how: complete, with every default filled in.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The suite file; none where the command line alone says what to test.
    pub source: Option<PathBuf>,
    /// What a file with several connectors calls this one; else the folder's name for an `airproof.yml`, or the file's
    /// without extension; the shipped suite's without a file.
    pub name: String,
    /// The name as it stands at the beginning of the ids of launches: as a scenario's, and unique among the connectors
    /// that are tested together. None where it is the only one.
    pub slug: Option<String>,
    /// How much is found out.
    pub depth: Depth,
    /// What sampling and mutation follow from: the same seed gives the same launches.
    pub seed: u64,
    /// What is launched.
    pub connector: Connector,
    /// When a launch is ended.
    pub limits: CommandLimits,
    /// What a launch may use without it being a finding.
    pub usage: UsageLimits,
    /// What is done with the config in a CONTROL message.
    pub config_updates: ConfigUpdates,
    /// At least one, in file order.
    pub scenarios: Vec<Scenario>,
    /// What is done at the end of all, whatever came of it.
    pub teardown: Vec<Step>,
    /// Levels other than the rules' own, by code.
    pub rules: BTreeMap<String, LevelSetting>,
    /// Accepted violations, in file order.
    pub waivers: Vec<Waiver>,
    /// What a strict suite leaves out without a reason, one sentence each. None where it is not strict.
    pub gaps: Option<Vec<String>>,
    /// Where accepted snapshots of the connector's behaviour lie; None where it is not compared with any.
    pub baselines: Option<Baselines>,
    /// What is not looked at as a whole, and why: told in the report.
    pub bypassed: Vec<Bypassed>,
    /// How it is tested as a destination; None where the suite does not say that it is one.
    pub destination: Option<Destination>,
    /// Whether the links of the connector's documentation are requested (`documentation: { links: true }`).
    pub asks_for_links: bool,
    /// What whoever wrote the suite should know: nothing is refused for it.
    pub remarks: Remarks,
    /// Whether it is a file of Airbyte's own acceptance tests, translated.
    pub is_foreign: bool,
    /// What the connector's `metadata.yaml` says of its image, where one lies beside the suite file and can be read. None
    /// where what is launched is the image that runs manifests, which is called otherwise.
    pub metadata: Option<Metadata>,
    /// What the environment filled into configs and the connector's environment: secrets, to be kept out of all that
    /// is stored. Sorted, none empty.
    pub env_values: Vec<String>,
    /// SHA-256 in hex over the text of the suite file and all that it extends.
    pub digest: String,
    /// All that it says in the end, with where that is written; values that may be secrets are covered.
    pub settings: Vec<Setting>,
}

impl Suite {
    /// The id of a launch: what it is for, in the scenario of that place, where it has one.
    pub fn launch_id(&self, scenario: Option<usize>, what: &str) -> String {
        let scenario = scenario.map(|place| self.scenarios[place].id());
        self.slug.as_deref().into_iter().chain(scenario).chain([what]).collect::<Vec<_>>().join(".")
    }

    /// The id of a launch as it would be if the connector were the only one.
    pub fn without_slug<'i>(&self, id: &'i str) -> &'i str {
        let own = self.slug.as_ref().and_then(|slug| id.strip_prefix(slug.as_str())?.strip_prefix('.'));
        own.unwrap_or(id)
    }
}

/// The connector and how its launches are set up.
#[derive(Debug, Clone)]
pub struct Connector {
    /// What is launched.
    pub target: Target,
    /// Variables for the connector, in file order.
    pub environment: IndexMap<String, String>,
    /// What a launch may use, in bytes.
    pub memory: u64,
    /// Settings that only containers have.
    pub container: Container,
}

/// What is launched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An image's name.
    Image(String),
    /// A command of this machine.
    Exec(LocalCommand),
}

/// How containers are set up.
#[derive(Debug, Clone)]
pub struct Container {
    /// The docker network of all commands but `spec`.
    pub network: String,
    /// More lines for /etc/hosts, as `NAME:ADDRESS`.
    pub hosts: Vec<String>,
    /// Files and folders of this machine that the container sees.
    pub mounts: Vec<Mount>,
    /// Where config, catalog and state are: an absolute path in the container.
    pub folder: String,
    /// Processors that a container may use.
    pub cpus: f64,
    /// Processes and threads that a container may have.
    pub pids: u64,
}

/// A file or folder of this machine that the container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Absolute; exists.
    pub source: PathBuf,
    /// Absolute, in the container.
    pub target: String,
    /// Whether the container may not write there.
    pub read_only: bool,
}

/// When a launch is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandLimits {
    /// Total time of `spec`.
    pub spec: Duration,
    /// Total time of `check`.
    pub check: Duration,
    /// Total time of `discover`.
    pub discover: Duration,
    /// Total time of `read`.
    pub read: Duration,
    /// Total time of `write`.
    pub write: Duration,
    /// Time without a byte on stdout or stderr.
    pub silence: Duration,
    /// Time between SIGTERM and SIGKILL.
    pub grace: Duration,
    /// Total time of one step.
    pub step: Duration,
}

impl CommandLimits {
    /// The total time of a command.
    pub fn total(&self, command: Command) -> Duration {
        match command {
            Command::Spec => self.spec,
            Command::Check => self.check,
            Command::Discover => self.discover,
            Command::Read => self.read,
            Command::Write => self.write,
        }
    }
}

impl Suite {
    /// When the launches of a scenario are ended; None is what belongs to no scenario.
    pub fn limits_of(&self, scenario: Option<&Scenario>) -> CommandLimits {
        scenario.and_then(|scenario| scenario.limits).unwrap_or(self.limits)
    }

    /// The level of a rule in a scenario, where a suite sets one; None is what belongs to no scenario.
    pub fn level_of(&self, code: &str, scenario: Option<&Scenario>) -> Option<LevelSetting> {
        let own = scenario.and_then(|scenario| scenario.rules.get(code));
        own.or_else(|| self.rules.get(code)).copied()
    }
}

/// The level that a suite gives a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelSetting {
    /// A violation fails the connector.
    Must,
    /// A violation is a warning.
    Should,
    /// A violation is told.
    Info,
    /// Not judged.
    Off,
}

/// An accepted violation.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The rule's code.
    pub rule: String,
    /// The streams; all where there is none.
    pub stream: Option<GlobMatcher>,
    /// Why it is accepted.
    pub reason: String,
    /// Who sees to it, if the suite says so.
    pub owner: Option<String>,
    /// Whether it follows from a behaviour that the suite declares; what it accepts is told with the
    /// behaviour's other waivers.
    pub is_declared: bool,
    /// The last day on which it is.
    pub until: Option<Date>,
}

impl Waiver {
    /// Whether it is about this rule (by code) and stream. A pattern is compared with the stream's name, and with
    /// `namespace.name`; a waiver with a pattern covers nothing that is about no stream.
    pub fn covers(&self, rule: &str, stream: Option<&Descriptor>) -> bool {
        let matches = |glob: &GlobMatcher| {
            stream.is_some_and(|stream| glob.is_match(&stream.name) || glob.is_match(stream.to_string()))
        };
        self.rule == rule && self.stream.as_ref().is_none_or(matches)
    }
}

/// What the command line says instead of the suite.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// A profile of the suite, laid over it.
    pub profile: Option<String>,
    /// The depth; its shipped suite stands in for the one that the suite extends.
    pub depth: Option<Depth>,
    /// Whether the connector is tested as a destination, whatever the suite extends.
    pub as_destination: bool,
    /// The image to launch.
    pub image: Option<String>,
    /// The command to launch.
    pub exec: Option<String>,
    /// A JSON config, for one scenario instead of the suite's.
    pub config: Option<PathBuf>,
    /// A configured catalog for the first scenario that is expected to succeed.
    pub catalog: Option<PathBuf>,
    /// A state for that scenario.
    pub state: Option<PathBuf>,
}

/// What is to be said of a suite: its mistakes, or what whoever wrote it should know.
#[derive(Debug, Clone, Default)]
pub struct Remarks {
    sources: Vec<diagnose::Source>,
    mistakes: Vec<diagnose::Mistake>,
}

/// What is wrong with a suite: all of it. Shown as text without colours; [`SuiteError::render`] has them.
#[derive(Debug)]
pub struct SuiteError {
    parts: Vec<Remarks>,
    remarks: Vec<Remarks>,
}

/// The text of the shipped suite `standard`.
pub fn standard() -> &'static str {
    Shipped::Depth(Depth::Standard).text()
}
