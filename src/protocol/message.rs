//! The message types (protocol: `AirbyteMessage` and what it carries), borrowed from the line that they came on.
//!
//! A payload stays raw JSON until somebody looks at it: a record's `data` is by far the largest part of what a
//! connector prints, and most of it is never needed as a tree.

use super::{Control, Descriptor};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The kind of a message: the value of its `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `RECORD`
    Record,
    /// `STATE`
    State,
    /// `LOG`
    Log,
    /// `SPEC`
    Spec,
    /// `CONNECTION_STATUS`
    ConnectionStatus,
    /// `CATALOG`
    Catalog,
    /// `TRACE`
    Trace,
    /// `CONTROL`
    Control,
    /// `DESTINATION_CATALOG`
    DestinationCatalog,
}

impl Kind {
    /// All nine, in the protocol's order.
    pub const ALL: [Kind; 9] = [
        Kind::Record,
        Kind::State,
        Kind::Log,
        Kind::Spec,
        Kind::ConnectionStatus,
        Kind::Catalog,
        Kind::Trace,
        Kind::Control,
        Kind::DestinationCatalog,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Record => "RECORD",
            Kind::State => "STATE",
            Kind::Log => "LOG",
            Kind::Spec => "SPEC",
            Kind::ConnectionStatus => "CONNECTION_STATUS",
            Kind::Catalog => "CATALOG",
            Kind::Trace => "TRACE",
            Kind::Control => "CONTROL",
            Kind::DestinationCatalog => "DESTINATION_CATALOG",
        }
    }

    /// The envelope member that carries this kind's payload.
    pub fn payload_key(self) -> &'static str {
        match self {
            Kind::Record => "record",
            Kind::State => "state",
            Kind::Log => "log",
            Kind::Spec => "spec",
            Kind::ConnectionStatus => "connectionStatus",
            Kind::Catalog => "catalog",
            Kind::Trace => "trace",
            Kind::Control => "control",
            Kind::DestinationCatalog => "destination_catalog",
        }
    }

    /// The kind of that name, spelled exactly so.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A decoded message.
#[derive(Debug)]
pub enum Message<'a> {
    /// A row of a stream.
    Record(Record<'a>),
    /// A checkpoint. In a box, since records are most of what comes, and every message is as large as the largest.
    State(Box<StateMessage>),
    /// A log line.
    Log(Log<'a>),
    /// The connector's specification.
    Spec(SpecMessage<'a>),
    /// The verdict of `check`.
    ConnectionStatus(ConnectionStatus<'a>),
    /// The streams of a source.
    Catalog(CatalogMessage<'a>),
    /// An error, a status, an estimate, an analytics event.
    Trace(Box<Trace<'a>>),
    /// A change of the configuration that the connector asks for.
    Control(Control<'a>),
    /// The objects of a data activation destination. Nothing here looks inside.
    DestinationCatalog,
}

impl Message<'_> {
    /// This message's kind.
    pub fn kind(&self) -> Kind {
        match self {
            Message::Record(_) => Kind::Record,
            Message::State(_) => Kind::State,
            Message::Log(_) => Kind::Log,
            Message::Spec(_) => Kind::Spec,
            Message::ConnectionStatus(_) => Kind::ConnectionStatus,
            Message::Catalog(_) => Kind::Catalog,
            Message::Trace(_) => Kind::Trace,
            Message::Control(_) => Kind::Control,
            Message::DestinationCatalog => Kind::DestinationCatalog,
        }
    }
}

/// `AirbyteRecordMessage`.
#[derive(Debug, Deserialize)]
pub struct Record<'a> {
    /// The stream's name.
    #[serde(borrow)]
    pub stream: Cow<'a, str>,
    /// The stream's namespace.
    #[serde(borrow, default)]
    pub namespace: Option<Cow<'a, str>>,
    /// The row, as written. Anything but an object is a violation that READ-003 judges.
    #[serde(borrow)]
    pub data: &'a RawValue,
    /// When the row was read, in epoch milliseconds, as written: READ-004 judges its form.
    #[serde(borrow, default)]
    pub emitted_at: Option<&'a RawValue>,
    /// What happened to the row on its way, as written: READ-026 judges its form.
    #[serde(borrow, default)]
    pub meta: Option<&'a RawValue>,
    /// The file that the record is of, as written.
    #[serde(borrow, default)]
    pub file_reference: Option<&'a RawValue>,
}

impl Record<'_> {
    /// Whether the record belongs to the stream that `descriptor` names.
    pub fn is_of(&self, descriptor: &Descriptor) -> bool {
        self.stream == descriptor.name && self.namespace.as_deref() == descriptor.namespace.as_deref()
    }

    /// Whether the platform counts it: its data is an object with something in it.
    pub fn is_counted(&self) -> bool {
        let data = self.data.get();
        data.starts_with('{') && data[1..].trim_start() != "}"
    }

    /// The stream that the record says it is of.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor { name: self.stream.to_string(), namespace: self.namespace.as_ref().map(ToString::to_string) }
    }
}

/// An entry of a record's `meta.changes` (protocol: `AirbyteRecordMessageMetaChange`): what is there and is a string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordChange {
    /// The field.
    pub field: Option<String>,
    /// What happened to it.
    pub change: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl RecordChange {
    /// The reasons that the protocol knows.
    pub const REASONS: [&str; 11] = [
        "SOURCE_RECORD_SIZE_LIMITATION",
        "SOURCE_FIELD_SIZE_LIMITATION",
        "SOURCE_SERIALIZATION_ERROR",
        "SOURCE_RETRIEVAL_ERROR",
        "DESTINATION_RECORD_SIZE_LIMITATION",
        "DESTINATION_FIELD_SIZE_LIMITATION",
        "DESTINATION_SERIALIZATION_ERROR",
        "DESTINATION_TYPECAST_ERROR",
        "PLATFORM_RECORD_SIZE_LIMITATION",
        "PLATFORM_FIELD_SIZE_LIMITATION",
        "PLATFORM_SERIALIZATION_ERROR",
    ];
}

/// The entries of a record's `meta.changes`; none where it has no `meta`. Errs with what is wrong with the list itself.
pub fn changes(record: &Record<'_>) -> Result<Vec<RecordChange>, &'static str> {
    let meta: serde_json::Value =
        record.meta.and_then(|meta| serde_json::from_str(meta.get()).ok()).unwrap_or_default();
    let entries = match (meta.get("changes"), &meta) {
        (_, serde_json::Value::Null) | (None | Some(serde_json::Value::Null), serde_json::Value::Object(_)) => {
            return Ok(Vec::new());
        }
        (Some(serde_json::Value::Array(entries)), _) => entries,
        (Some(_), _) => return Err("`changes` is no list"),
        (None, _) => return Err("`meta` is no object"),
    };
    let text = |entry: &serde_json::Value, member: &str| entry.get(member)?.as_str().map(str::to_owned);
    let change = |entry| RecordChange {
        field: text(entry, "field"),
        change: text(entry, "change"),
        reason: text(entry, "reason"),
    };
    Ok(entries.iter().map(change).collect())
}

/// What a state covers.
#[derive(Debug, Clone, PartialEq)]
pub enum StateScope {
    /// One stream: `type: STREAM`.
    Stream {
        /// The stream.
        descriptor: Descriptor,
        /// Its state, null or absent where it is reset.
        state: serde_json::Value,
    },
    /// The whole source: `type: GLOBAL`.
    Global {
        /// The streams listed, each with its state.
        streams: Vec<(Descriptor, serde_json::Value)>,
        /// What the streams share.
        shared: Option<serde_json::Value>,
    },
    /// The whole source, untyped: `type: LEGACY`, or no type at all.
    Legacy {
        /// The blob.
        data: serde_json::Value,
    },
    /// Shaped like none of them; says why. STATE-001 judges it.
    Misshapen {
        /// What is wrong with its shape.
        why: String,
    },
}

/// `AirbyteStateMessage`.
#[derive(Debug, Clone)]
pub struct StateMessage {
    /// What it covers.
    pub scope: StateScope,
    /// `sourceStats.recordCount`, if present: records since the previous state of the same scope. As written.
    pub record_count: Option<serde_json::Value>,
    /// The payload as it came: what is fed back to the connector.
    pub payload: serde_json::Value,
}

/// `AirbyteLogMessage`.
#[derive(Debug, Deserialize)]
pub struct Log<'a> {
    /// The level, as written.
    #[serde(borrow)]
    pub level: Cow<'a, str>,
    /// The text.
    #[serde(borrow)]
    pub message: Cow<'a, str>,
}

/// A SPEC message; [`super::Specification`] looks inside.
#[derive(Debug)]
pub struct SpecMessage<'a> {
    /// The payload, as written.
    pub payload: &'a RawValue,
}

/// A CATALOG message; [`super::Catalog`] looks inside.
#[derive(Debug)]
pub struct CatalogMessage<'a> {
    /// The payload, as written.
    pub payload: &'a RawValue,
}

/// `AirbyteConnectionStatus`.
#[derive(Debug, Deserialize)]
pub struct ConnectionStatus<'a> {
    /// `SUCCEEDED` or `FAILED`, as written.
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    /// The text that the user sees.
    #[serde(borrow, default)]
    pub message: Option<Cow<'a, str>>,
}

/// `AirbyteTraceMessage`.
#[derive(Debug)]
pub struct Trace<'a> {
    /// When, in epoch milliseconds, as written.
    pub emitted_at: Option<&'a RawValue>,
    /// What.
    pub body: TraceBody<'a>,
}

/// What a TRACE carries.
#[derive(Debug)]
pub enum TraceBody<'a> {
    /// `ERROR`
    Error(ErrorTrace<'a>),
    /// `ESTIMATE`
    Estimate(Estimate<'a>),
    /// `STREAM_STATUS`
    StreamStatus(StreamStatus),
    /// `ANALYTICS`
    Analytics(Analytics<'a>),
    /// A type that the protocol does not know.
    Unknown(String),
}

/// `AirbyteErrorTraceMessage`.
#[derive(Debug, Deserialize)]
pub struct ErrorTrace<'a> {
    /// The text that the user sees.
    #[serde(borrow, default)]
    pub message: Option<Cow<'a, str>>,
    /// The text for the connector's developer.
    #[serde(borrow, default)]
    pub internal_message: Option<Cow<'a, str>>,
    /// `system_error`, `config_error` or `transient_error`.
    #[serde(borrow, default)]
    pub failure_type: Option<Cow<'a, str>>,
    /// The stream that failed, where it is known.
    #[serde(default)]
    pub stream_descriptor: Option<Descriptor>,
}

/// `AirbyteEstimateTraceMessage`, as written: TRACE-009 judges its form.
#[derive(Debug, Deserialize)]
pub struct Estimate<'a> {
    /// `STREAM` or `SYNC`.
    #[serde(borrow, default, rename = "type")]
    pub scope: Option<&'a RawValue>,
    /// The stream's name.
    #[serde(borrow, default)]
    pub name: Option<&'a RawValue>,
    /// The stream's namespace.
    #[serde(borrow, default)]
    pub namespace: Option<&'a RawValue>,
    /// How many records are expected.
    #[serde(borrow, default)]
    pub row_estimate: Option<&'a RawValue>,
    /// How many bytes.
    #[serde(borrow, default)]
    pub byte_estimate: Option<&'a RawValue>,
}

impl Estimate<'_> {
    /// `STREAM` or `SYNC`; None for anything else.
    pub fn scope(&self) -> Option<&'static str> {
        let written = self.scope?.get().trim_matches('"');
        ["STREAM", "SYNC"].into_iter().find(|known| *known == written)
    }

    /// The stream that it says it is of; None where it names none.
    pub fn descriptor(&self) -> Option<Descriptor> {
        let text = |raw: &RawValue| serde_json::from_str(raw.get()).ok();
        Some(Descriptor { name: text(self.name?)?, namespace: self.namespace.and_then(text) })
    }

    /// How many records are expected, where that is a whole number.
    pub fn rows(&self) -> Option<u64> {
        self.row_estimate?.get().parse().ok()
    }
}

/// `AirbyteStreamStatusTraceMessage`.
#[derive(Debug, Deserialize)]
pub struct StreamStatus {
    /// The stream.
    pub stream_descriptor: Descriptor,
    /// `STARTED`, `RUNNING`, `COMPLETE` or `INCOMPLETE`, as written.
    pub status: String,
    /// Why it has that status, as written; null where it is left out.
    #[serde(default)]
    pub reasons: serde_json::Value,
}

/// `AirbyteAnalyticsTraceMessage`.
#[derive(Debug, Deserialize)]
pub struct Analytics<'a> {
    /// The event's name.
    #[serde(borrow, rename = "type")]
    pub event: Cow<'a, str>,
    /// What it says of it, as written: TRACE-012 judges its form.
    #[serde(borrow, default)]
    pub value: Option<&'a RawValue>,
}
