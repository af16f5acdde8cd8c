//! The Airbyte protocol as data: messages, catalogs, states, specifications and stream schemas.
//!
//! Everything here is pure. It reads no file, starts nothing and knows no rule. Parsing is tolerant: unknown fields and
//! unknown message types are facts that somebody else judges, not errors.

mod catalog;
mod control;
mod cursor;
mod message;
mod message_stream;
mod metadata;
pub mod oauth;
mod pick;
pub mod scan;
pub mod schema;
mod spec;
mod state;
pub mod types;

pub use catalog::{
    Catalog, ConfiguredCatalog, ConfiguredStream, DestinationSyncMode, Stream, SyncMode, json_path, reaches,
};
pub use control::Control;
pub use cursor::{Cursor, FieldDates, cursor_in_state, cursor_place};
pub use message::{
    Analytics, CatalogMessage, ConnectionStatus, ErrorTrace, Estimate, Kind, Log, Message, Record, RecordChange,
    SpecMessage, StateMessage, StateScope, StreamStatus, Trace, TraceBody, changes,
};
pub use metadata::{
    Documentation, Heading, Icon, Link, LinkAnswer, Metadata, Version, below, headings, links, section,
};
pub use pick::{items, members, pick};
pub use spec::{
    SecretPlace, SecretValue, Specification, is_agreed_secret_name, is_distinctive, is_secret_name, possible_secrets,
    secret_places, secret_values, with_canaries,
};
pub use state::{FinalState, Repeats};

use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the protocol's commands: the first argument of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// Describe the configuration that the connector takes.
    Spec,
    /// Say whether a configuration works.
    Check,
    /// List the streams that a configuration reaches.
    Discover,
    /// Deliver records and states.
    Read,
    /// Take records and states, store what they say, and give the states back.
    Write,
}

impl Command {
    /// Every command, in the order in which a run uses them.
    pub const ALL: [Command; 5] = [Command::Spec, Command::Check, Command::Discover, Command::Read, Command::Write];

    /// The word on the connector's command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Command::Spec => "spec",
            Command::Check => "check",
            Command::Discover => "discover",
            Command::Read => "read",
            Command::Write => "write",
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The outcome that a configuration is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// It is good: `check` says SUCCEEDED, and every other command works.
    #[default]
    Succeeded,
    /// It is wrong: `check` says FAILED.
    Failed,
    /// It is wrong, and `check` may end without a status if a TRACE of type ERROR says why.
    Exception,
}

/// Names a stream: the pair of name and namespace (protocol: `StreamDescriptor`).
///
/// An absent and a null namespace are the same; an empty one is not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Descriptor {
    /// The stream's name.
    pub name: String,
    /// The stream's namespace, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

impl Descriptor {
    /// A descriptor without namespace.
    pub fn named(name: impl Into<String>) -> Self {
        Descriptor { name: name.into(), namespace: None }
    }
}

impl fmt::Display for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}
