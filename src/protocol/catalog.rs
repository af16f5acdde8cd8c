//! Streams as a source describes them, and as a read is configured (protocol: `AirbyteCatalog`,
//! `ConfiguredAirbyteCatalog`).

use super::{Descriptor, schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// Everything, each time.
    FullRefresh,
    /// What is new since the state.
    Incremental,
}

impl SyncMode {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncMode::FullRefresh => "full_refresh",
            SyncMode::Incremental => "incremental",
        }
    }
}

/// What becomes of what a destination has of a stream already (protocol: `DestinationSyncMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DestinationSyncMode {
    /// It stays, and what comes is added.
    Append,
    /// It is replaced.
    Overwrite,
    /// What comes replaces the rows of the same key.
    AppendDedup,
}

impl DestinationSyncMode {
    /// All of them, in the protocol's order.
    pub const ALL: [DestinationSyncMode; 3] =
        [DestinationSyncMode::Append, DestinationSyncMode::Overwrite, DestinationSyncMode::AppendDedup];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DestinationSyncMode::Append => "append",
            DestinationSyncMode::Overwrite => "overwrite",
            DestinationSyncMode::AppendDedup => "append_dedup",
        }
    }
}

/// A stream of a CATALOG (protocol: `AirbyteStream`), kept as it came beside what is read from it.
#[derive(Debug, Clone)]
pub struct Stream {
    /// Name and namespace. A name that is no string reads as empty.
    pub descriptor: Descriptor,
    /// The stream as the connector wrote it.
    pub raw: Value,
}

impl Stream {
    /// Reads a stream from a catalog's array. Anything goes: the DISC rules judge the form.
    pub fn from_value(raw: &Value) -> Self {
        let text = |key: &str| raw.get(key).and_then(Value::as_str).map(str::to_owned);
        Stream {
            descriptor: Descriptor { name: text("name").unwrap_or_default(), namespace: text("namespace") },
            raw: raw.clone(),
        }
    }

    /// The stream's schema; null where there is none.
    pub fn json_schema(&self) -> &Value {
        self.raw.get("json_schema").unwrap_or(&Value::Null)
    }

    /// Whether the stream's schema declares a field at this path. True for a schema whose root declares nothing at all,
    /// since that is a defect of its own.
    pub fn declares(&self, path: &[String]) -> bool {
        let schema = self.json_schema();
        !schema.get("properties").is_some_and(Value::is_object) || reaches(schema, path)
    }

    /// Whether one of the database CDKs, in Java or Kotlin, described the stream: it has their column of deletions, or
    /// integers as they write them and no field that admits null. They declare every column without null.
    pub fn is_of_a_database(&self) -> bool {
        let Some(fields) = self.json_schema().get("properties").and_then(Value::as_object) else { return false };
        let is_their_integer = |field: &Value| field["type"] == "number" && field["airbyte_type"] == "integer";
        let is_never_null = || fields.values().all(|field| field["type"].is_string());
        fields.contains_key("_ab_cdc_deleted_at") || (fields.values().any(is_their_integer) && is_never_null())
    }

    /// Whether the stream says that it can be read in this mode.
    pub fn supports(&self, mode: SyncMode) -> bool {
        let modes = self.raw.get("supported_sync_modes").and_then(Value::as_array);
        modes.is_some_and(|modes| modes.iter().any(|word| word == mode.as_str()))
    }

    /// Whether the stream says that a full refresh of it can be gone on from a state.
    pub fn is_resumable(&self) -> bool {
        self.raw.get("is_resumable") == Some(&Value::Bool(true))
    }

    /// `default_cursor_field`: the path of the cursor, empty where there is none.
    pub fn default_cursor(&self) -> Vec<String> {
        json_path(self.raw.get("default_cursor_field").unwrap_or(&Value::Null)).unwrap_or_default()
    }

    /// `source_defined_primary_key`: the paths of its parts, empty where there is none.
    pub fn primary_key(&self) -> Vec<Vec<String>> {
        let parts = self.raw.get("source_defined_primary_key").and_then(Value::as_array);
        parts.map(|parts| parts.iter().filter_map(json_path).collect()).unwrap_or_default()
    }

    /// Whether the source chooses the cursor by itself.
    pub fn source_defined_cursor(&self) -> bool {
        self.raw.get("source_defined_cursor").and_then(Value::as_bool).unwrap_or(false)
    }
}

/// The streams of a CATALOG message.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// In the connector's order.
    pub streams: Vec<Stream>,
}

impl Catalog {
    /// Reads a catalog's payload. None where `streams` is no array.
    pub fn from_value(payload: &Value) -> Option<Self> {
        let streams = payload.get("streams")?.as_array()?;
        Some(Catalog { streams: streams.iter().map(Stream::from_value).collect() })
    }
}

/// One stream of a configured catalog.
#[derive(Debug, Clone)]
pub struct ConfiguredStream {
    /// The stream, as discovered or as the user's catalog has it.
    pub stream: Stream,
    /// How it is read.
    pub sync_mode: SyncMode,
    /// The cursor that the read uses: the user's, else the source's. Empty where unknown.
    pub cursor_field: Vec<String>,
    /// The primary key, empty where there is none.
    pub primary_key: Vec<Vec<String>>,
}

/// What a read is asked for: the content of its `--catalog` file.
#[derive(Debug, Clone, Default)]
pub struct ConfiguredCatalog {
    /// In file order.
    pub streams: Vec<ConfiguredStream>,
    /// The file's content.
    pub raw: Value,
}

impl ConfiguredCatalog {
    /// Configures discovered streams for one mode; streams that do not support it are left out, and so are those that
    /// `incremental` cannot be asked for because nothing says what their cursor is, and those without a name.
    pub fn configure<'s>(streams: impl IntoIterator<Item = &'s Stream>, mode: SyncMode) -> Self {
        let mut entries = Vec::new();
        let is_named = |stream: &&Stream| !stream.descriptor.name.is_empty();
        for stream in streams.into_iter().filter(is_named).filter(|stream| stream.supports(mode)) {
            let cursor = stream.default_cursor();
            if mode == SyncMode::Incremental && cursor.is_empty() && !stream.source_defined_cursor() {
                continue;
            }
            let mut entry = json!({
                "stream": stream.raw,
                "sync_mode": mode.as_str(),
                "destination_sync_mode": "append",
            });
            if mode == SyncMode::Incremental && !cursor.is_empty() {
                entry["cursor_field"] = json!(cursor);
            }
            if !stream.primary_key().is_empty() {
                entry["primary_key"] = json!(stream.primary_key());
            }
            entries.push(entry);
        }
        Self::from_value(&json!({ "streams": entries })).unwrap_or_default()
    }

    /// Reads a configured catalog. Errs with what is wrong and where.
    pub fn from_value(raw: &Value) -> Result<Self, String> {
        let streams = raw
            .get("streams")
            .and_then(Value::as_array)
            .ok_or("a configured catalog is an object with an array `streams`")?;
        let streams = streams.iter().enumerate().map(|(at, entry)| configured_stream(at, entry));
        Ok(ConfiguredCatalog { streams: streams.collect::<Result<_, _>>()?, raw: raw.clone() })
    }

    /// The entry of a stream.
    pub fn find(&self, descriptor: &Descriptor) -> Option<&ConfiguredStream> {
        self.streams.iter().find(|entry| entry.stream.descriptor == *descriptor)
    }

    /// The same choice of streams for one mode, each as it was discovered (by name, where none has the namespace): those
    /// that support the mode are read in it. Of the others, `incremental` leaves all out.
    pub fn rediscovered(&self, found: &Catalog, mode: SyncMode) -> Self {
        let stream_of = |entry: &ConfiguredStream| {
            let own = &entry.stream.descriptor;
            let exact = found.streams.iter().find(|stream| stream.descriptor == *own);
            exact.or_else(|| found.streams.iter().find(|stream| stream.descriptor.name == own.name)).cloned()
        };
        let raws = self.raw.get("streams").and_then(Value::as_array).into_iter().flatten();
        let entries = self.streams.iter().zip(raws).filter_map(|(entry, raw)| {
            let stream = stream_of(entry).unwrap_or_else(|| entry.stream.clone());
            let mut raw = raw.clone();
            raw["stream"] = stream.raw.clone();
            let has_cursor = !entry.cursor_field.is_empty() || stream.source_defined_cursor();
            match (stream.supports(mode), mode) {
                (true, SyncMode::Incremental) if !has_cursor && stream.default_cursor().is_empty() => return None,
                (true, _) => raw["sync_mode"] = json!(mode.as_str()),
                (false, SyncMode::Incremental) => return None,
                (false, SyncMode::FullRefresh) => {}
            }
            Some(raw)
        });
        let entries: Vec<Value> = entries.collect();
        Self::from_value(&json!({ "streams": entries })).unwrap_or_default()
    }

    /// The same catalog with only the entries that `keep` wants.
    pub fn retain(&self, keep: impl Fn(&ConfiguredStream) -> bool) -> Self {
        let kept: Vec<bool> = self.streams.iter().map(keep).collect();
        let mut raw = self.raw.clone();
        if let Some(entries) = raw.get_mut("streams").and_then(Value::as_array_mut) {
            let mut at = kept.iter();
            entries.retain(|_| *at.next().unwrap_or(&false));
        }
        let mut at = kept.iter();
        let streams = self.streams.iter().filter(|_| *at.next().unwrap_or(&false)).cloned().collect();
        ConfiguredCatalog { streams, raw }
    }
}

fn configured_stream(at: usize, entry: &Value) -> Result<ConfiguredStream, String> {
    let raw = entry.get("stream").filter(|stream| stream.is_object());
    let stream = Stream::from_value(raw.ok_or_else(|| format!("streams[{at}] has no object `stream`"))?);
    if stream.descriptor.name.is_empty() {
        return Err(format!("streams[{at}].stream has no `name`"));
    }
    let sync_mode = match entry.get("sync_mode").and_then(Value::as_str) {
        None | Some("full_refresh") => SyncMode::FullRefresh,
        Some("incremental") => SyncMode::Incremental,
        Some(other) => return Err(format!("streams[{at}].sync_mode is `{other}`, not full_refresh or incremental")),
    };
    let cursor_field = json_path(entry.get("cursor_field").unwrap_or(&Value::Null))
        .filter(|path| !path.is_empty())
        .unwrap_or_else(|| stream.default_cursor());
    let primary_key = match entry.get("primary_key").and_then(Value::as_array) {
        Some(parts) if !parts.is_empty() => parts.iter().filter_map(json_path).collect(),
        _ => stream.primary_key(),
    };
    Ok(ConfiguredStream { stream, sync_mode, cursor_field, primary_key })
}

/// Reads a path, which the protocol writes as an array of strings.
pub fn json_path(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|part| part.as_str().map(str::to_owned)).collect()
}

/// Whether a path leads to a property that the stream's schema declares, through nested properties, `oneOf`, `anyOf`,
/// `allOf` and local references. A schema that declares nothing at a level, or that leaves the level open on purpose
/// with `additionalProperties`, reaches everything below it.
pub fn reaches(json_schema: &Value, path: &[String]) -> bool {
    schema::declares(json_schema, json_schema, path)
}
