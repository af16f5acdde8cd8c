//! The way of a clean message: one borrowing pass over the envelope, payloads left raw where they may be large.

use super::record;
use crate::protocol::{
    Analytics, CatalogMessage, ConnectionStatus, Control, Descriptor, ErrorTrace, Estimate, Kind, Log, Message, Record,
    SpecMessage, StateMessage, StateScope, StreamStatus, Trace, TraceBody, scan::with_pairs_only,
};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Reads the message at the beginning of the text; returns it with where it ends, and the kind of another message whose
/// payload stands beside its own. The error says no more than that the text is no clean message.
pub(super) fn read(text: &str) -> Result<(Message<'_>, usize, Option<Kind>), serde_json::Error> {
    match record::read(text) {
        Some((record, end)) => Ok((Message::Record(record), end, None)),
        None => read_any(text),
    }
}

/// Likewise, of whatever kind and however it is written.
pub(super) fn read_any(text: &str) -> Result<(Message<'_>, usize, Option<Kind>), serde_json::Error> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Envelope<'_>>();
    let envelope = values.next().unwrap_or_else(|| Err(serde_json::Error::custom("nothing here")))?;
    let end = values.byte_offset();
    let KnownKind(kind) = envelope.kind;
    let beside = envelope.beside(kind);
    let missing = || serde_json::Error::custom("no payload");
    let message = match kind {
        Kind::Record => Message::Record(envelope.record.ok_or_else(missing)?),
        Kind::State => Message::State(Box::new(state(envelope.state.ok_or_else(missing)?)?)),
        Kind::Log => Message::Log(log(envelope.log.ok_or_else(missing)?)?),
        Kind::Spec => Message::Spec(SpecMessage { payload: object(envelope.spec)? }),
        Kind::ConnectionStatus => Message::ConnectionStatus(connection_status(envelope.status.ok_or_else(missing)?)?),
        Kind::Catalog => Message::Catalog(CatalogMessage { payload: with_streams(object(envelope.catalog)?)? }),
        Kind::Trace => Message::Trace(Box::new(trace(envelope.trace.ok_or_else(missing)?)?)),
        Kind::Control => Message::Control(Control { payload: object(envelope.control)? }),
        Kind::DestinationCatalog => object(envelope.destination_catalog).map(|_| Message::DestinationCatalog)?,
    };
    Ok((message, end, beside))
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: KnownKind,
    #[serde(borrow, default)]
    record: Option<Record<'a>>,
    #[serde(borrow, default)]
    state: Option<&'a RawValue>,
    #[serde(borrow, default)]
    log: Option<&'a RawValue>,
    #[serde(borrow, default)]
    spec: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "connectionStatus")]
    status: Option<&'a RawValue>,
    #[serde(borrow, default)]
    catalog: Option<&'a RawValue>,
    #[serde(borrow, default)]
    trace: Option<&'a RawValue>,
    #[serde(borrow, default)]
    control: Option<&'a RawValue>,
    #[serde(borrow, default)]
    destination_catalog: Option<&'a RawValue>,
}

impl Envelope<'_> {
    /// The first payload that is there and not of this kind.
    fn beside(&self, own: Kind) -> Option<Kind> {
        let has = |kind: &Kind| match kind {
            Kind::Record => self.record.is_some(),
            Kind::State => self.state.is_some(),
            Kind::Log => self.log.is_some(),
            Kind::Spec => self.spec.is_some(),
            Kind::ConnectionStatus => self.status.is_some(),
            Kind::Catalog => self.catalog.is_some(),
            Kind::Trace => self.trace.is_some(),
            Kind::Control => self.control.is_some(),
            Kind::DestinationCatalog => self.destination_catalog.is_some(),
        };
        Kind::ALL.into_iter().filter(|kind| *kind != own).find(has)
    }
}

struct KnownKind(Kind);

impl<'de> Deserialize<'de> for KnownKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = KnownKind;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message type")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<KnownKind, E> {
                Kind::parse(word).map(KnownKind).ok_or_else(|| E::custom("unknown type"))
            }
        }
        deserializer.deserialize_str(Word)
    }
}

fn object(payload: Option<&RawValue>) -> Result<&RawValue, serde_json::Error> {
    payload
        .filter(|raw| raw.get().starts_with('{'))
        .ok_or_else(|| serde_json::Error::custom("the payload is no object"))
}

fn with_streams(payload: &RawValue) -> Result<&RawValue, serde_json::Error> {
    #[derive(Deserialize)]
    struct Streams {
        #[serde(rename = "streams")]
        _streams: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Streams>(payload.get()).map(|_| payload)
}

/// The platform takes half a surrogate pair in a text, which is LINE-009's to tell; so do this and the next ones.
fn log(payload: &RawValue) -> Result<Log<'_>, serde_json::Error> {
    serde_json::from_str(payload.get()).or_else(|error| {
        let repaired = with_pairs_only(payload.get()).ok_or(error)?;
        let Log { level, message } = serde_json::from_str(&repaired)?;
        Ok(Log { level: Cow::Owned(level.into_owned()), message: Cow::Owned(message.into_owned()) })
    })
}

fn connection_status(payload: &RawValue) -> Result<ConnectionStatus<'_>, serde_json::Error> {
    serde_json::from_str(payload.get()).or_else(|error| {
        let repaired = with_pairs_only(payload.get()).ok_or(error)?;
        let ConnectionStatus { status, message } = serde_json::from_str(&repaired)?;
        Ok(ConnectionStatus { status: Cow::Owned(status.into_owned()), message: owned(message) })
    })
}

fn owned(text: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

fn state(payload: &RawValue) -> Result<StateMessage, serde_json::Error> {
    let text = object(Some(payload))?.get();
    let payload: Value = serde_json::from_str(text).or_else(|error| {
        let repaired = with_pairs_only(text).ok_or(error)?;
        serde_json::from_str(&repaired)
    })?;
    let record_count = payload.pointer("/sourceStats/recordCount").filter(|count| !count.is_null()).cloned();
    let scope = scope(&payload).unwrap_or_else(|why| StateScope::Misshapen { why });
    Ok(StateMessage { scope, record_count, payload })
}

fn scope(payload: &Value) -> Result<StateScope, String> {
    let member = |key: &str| payload.get(key).filter(|value| !value.is_null());
    match payload.get("type").unwrap_or(&Value::Null) {
        Value::String(kind) if kind == "STREAM" => {
            let stream = member("stream").ok_or("its type is STREAM and it has no `stream`")?;
            let (descriptor, state) = stream_state(stream, "stream")?;
            Ok(StateScope::Stream { descriptor, state })
        }
        Value::String(kind) if kind == "GLOBAL" => {
            let global = member("global").ok_or("its type is GLOBAL and it has no `global`")?;
            let listed = global.get("stream_states").and_then(Value::as_array);
            let listed = listed.ok_or("`global.stream_states` is no array")?;
            let streams = listed.iter().map(|entry| stream_state(entry, "global.stream_states[]"));
            let shared = global.get("shared_state").filter(|shared| !shared.is_null()).cloned();
            Ok(StateScope::Global { streams: streams.collect::<Result<_, _>>()?, shared })
        }
        Value::String(kind) if kind != "LEGACY" => Err(format!("its type is `{kind}`, not STREAM, GLOBAL or LEGACY")),
        Value::Null | Value::String(_) if payload.get("data").is_some() => {
            Ok(StateScope::Legacy { data: payload["data"].clone() })
        }
        Value::Null if member("stream").is_some() || member("global").is_some() => {
            Err("it has no `type`, so it reads as LEGACY, and it has no `data`".to_owned())
        }
        Value::Null | Value::String(_) => Err("it is LEGACY and has no `data`".to_owned()),
        _ => Err("its `type` is no string".to_owned()),
    }
}

fn stream_state(entry: &Value, at: &str) -> Result<(Descriptor, Value), String> {
    let descriptor = entry.get("stream_descriptor").ok_or_else(|| format!("`{at}` has no `stream_descriptor`"))?;
    let descriptor = Descriptor::deserialize(descriptor)
        .map_err(|_| format!("`{at}.stream_descriptor` has no string `name`, or a `namespace` that is no string"))?;
    Ok((descriptor, entry.get("stream_state").cloned().unwrap_or(Value::Null)))
}

#[derive(Deserialize)]
struct TracePayload<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    emitted_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    estimate: Option<Estimate<'a>>,
    #[serde(default)]
    stream_status: Option<StreamStatus>,
    #[serde(borrow, default)]
    analytics: Option<Analytics<'a>>,
}

fn trace(payload: &RawValue) -> Result<Trace<'_>, serde_json::Error> {
    let payload: TracePayload<'_> = serde_json::from_str(payload.get())?;
    let missing = || serde_json::Error::custom("no payload");
    let body = match payload.kind.as_str() {
        "ERROR" => TraceBody::Error(error(payload.error.ok_or_else(missing)?)?),
        "ESTIMATE" => TraceBody::Estimate(payload.estimate.ok_or_else(missing)?),
        "STREAM_STATUS" => TraceBody::StreamStatus(payload.stream_status.ok_or_else(missing)?),
        "ANALYTICS" => TraceBody::Analytics(payload.analytics.ok_or_else(missing)?),
        other => TraceBody::Unknown(other.to_owned()),
    };
    Ok(Trace { emitted_at: payload.emitted_at, body })
}

fn error(payload: &RawValue) -> Result<ErrorTrace<'_>, serde_json::Error> {
    serde_json::from_str(payload.get()).or_else(|error| {
        let repaired = with_pairs_only(payload.get()).ok_or(error)?;
        let error: ErrorTrace<'_> = serde_json::from_str(&repaired)?;
        Ok(ErrorTrace {
            message: owned(error.message),
            internal_message: owned(error.internal_message),
            failure_type: owned(error.failure_type),
            stream_descriptor: error.stream_descriptor,
        })
    })
}
