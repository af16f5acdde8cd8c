//! The demo source's commands, as any connector has them.

use super::orders;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Write};

/// Customers never change in number.
const CUSTOMERS: u64 = 25;

/// How many states a stream gets, at most, besides the last.
const CHECKPOINTS: u64 = 5;

/// How much is written at once.
const BUFFER: usize = 64 * 1024;

/// Appends the record of that number, with that `emitted_at`.
type WriteRecord = fn(&mut Vec<u8>, u64, &str);

/// Why a command ends without doing what it was asked for.
enum Failure {
    /// The caller's fault: told to the user.
    Config(String),
    /// The reader is gone; there is nobody left to tell.
    Output,
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Failure::Output
    }
}

/// Runs a command of the demo source, `["read", "--config", "…", …]`, and returns its exit code.
pub fn main(arguments: &[String], out: &mut impl Write) -> u8 {
    let result = Inputs::read(arguments).and_then(|inputs| match arguments.first().map(String::as_str) {
        Some("spec") => Ok(say(out, &specification())?),
        Some("check") => Ok(check(&inputs.config, out)?),
        Some("discover") => inputs.settings().and_then(|_| Ok(say(out, &catalog())?)),
        Some("read") => inputs.settings().and_then(|settings| read(&inputs, &settings, out)),
        _ => Err(Failure::Config("usage: spec | check | discover | read, with --config, --catalog, --state".into())),
    });
    match result.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => 0,
        Err(Failure::Output) => 1,
        Err(Failure::Config(message)) => {
            let error = json!({"message": message, "failure_type": "config_error"});
            let _ =
                say(out, &json!({"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": now(), "error": error}}));
            let _ = out.flush();
            1
        }
    }
}

#[derive(Default)]
struct Inputs {
    config: Value,
    catalog: Value,
    state: Value,
}

struct Settings {
    orders: u64,
}

impl Inputs {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut inputs = Inputs::default();
        for pair in arguments.get(1..).unwrap_or_default().chunks(2) {
            let [option, path] = pair else { return Err(Failure::Config(format!("{} needs a file", pair[0]))) };
            let place = match option.as_str() {
                "--config" => &mut inputs.config,
                "--catalog" => &mut inputs.catalog,
                "--state" => &mut inputs.state,
                other => return Err(Failure::Config(format!("unknown option {other}"))),
            };
            let text = fs::read_to_string(path).map_err(|error| Failure::Config(format!("{option}: {error}")))?;
            *place = serde_json::from_str(&text).map_err(|error| Failure::Config(format!("{option}: {error}")))?;
        }
        Ok(inputs)
    }

    fn settings(&self) -> Result<Settings, Failure> {
        settings(&self.config).map_err(Failure::Config)
    }

    /// The state's value for a stream's cursor: the last word counts.
    fn cursor(&self, stream: &str, field: &str) -> Option<&Value> {
        let states = self.state.as_array()?;
        let own =
            states.iter().rfind(|state| state.pointer("/stream/stream_descriptor/name") == Some(&json!(stream)))?;
        own.pointer("/stream/stream_state")?.get(field)
    }
}

fn settings(config: &Value) -> Result<Settings, String> {
    let token = config.get("access_token").and_then(Value::as_str).ok_or("access_token is missing")?;
    if !token.starts_with("demo-") {
        return Err("The access token was refused: tokens of the demo shop begin with \"demo-\".".into());
    }
    let orders = config.get("orders").map_or(Some(1000), Value::as_u64).filter(|orders| *orders > 0);
    if !config.get("start_date").is_none_or(is_day) {
        return Err("start_date is no day of the form YYYY-MM-DD".into());
    }
    Ok(Settings { orders: orders.ok_or("orders is no whole number above 0")? })
}

fn is_day(value: &Value) -> bool {
    let is_in_form = |(letter, form): (char, char)| if form == '-' { letter == '-' } else { letter.is_ascii_digit() };
    let form = "0000-00-00";
    value.as_str().is_some_and(|text| text.len() == form.len() && text.chars().zip(form.chars()).all(is_in_form))
}

fn specification() -> Value {
    let properties = json!({
        "access_token": {"type": "string", "title": "Access token", "description": "Begins with demo-.", "airbyte_secret": true, "order": 0},
        "orders": {"type": "integer", "title": "Orders", "description": "How many orders the shop has.", "minimum": 1, "default": 1000, "order": 1},
        "start_date": {"type": "string", "title": "Start date", "description": "Unused; the shop opened on 2024-01-01.", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "order": 2},
    });
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Demo shop",
        "type": "object",
        "required": ["access_token"],
        "properties": properties,
    });
    json!({"type": "SPEC", "spec": {"connectionSpecification": schema, "protocol_version": "0.2.0"}})
}

fn check(config: &Value, out: &mut impl Write) -> io::Result<()> {
    let status = match settings(config) {
        Ok(_) => json!({"status": "SUCCEEDED"}),
        Err(message) => json!({"status": "FAILED", "message": message}),
    };
    say(out, &json!({"type": "CONNECTION_STATUS", "connectionStatus": status}))
}

fn catalog() -> Value {
    let incremental = json!(["full_refresh", "incremental"]);
    let stream = |name: &str, key: &str, cursor: Option<&str>, properties: Value| {
        let mut stream = json!({
            "name": name,
            "json_schema": {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": properties},
            "supported_sync_modes": ["full_refresh"],
            "source_defined_primary_key": [[key]],
        });
        if let Some(cursor) = cursor {
            stream["supported_sync_modes"] = incremental.clone();
            stream["source_defined_cursor"] = json!(true);
            stream["default_cursor_field"] = json!([cursor]);
            stream["is_resumable"] = json!(true);
        }
        stream
    };
    let line = json!({"type": "object", "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer"}}});
    let moment = json!({"type": "string", "format": "date-time", "airbyte_type": "timestamp_with_timezone"});
    let order = json!({
        "id": {"type": "integer"}, "customer_id": {"type": "integer"}, "status": {"type": "string"},
        "total": {"type": "number"}, "note": {"type": ["null", "string"]},
        "lines": {"type": "array", "items": line}, "updated_at": moment,
    });
    let customer = json!({"id": {"type": "integer"}, "name": {"type": "string"}, "vip": {"type": "boolean"}});
    let event = json!({"sequence": {"type": "integer"}, "order_id": {"type": "integer"}, "kind": {"type": "string"}});
    json!({"type": "CATALOG", "catalog": {"streams": [
        stream("customers", "id", None, customer),
        stream("orders", "id", Some("updated_at"), order),
        stream("events", "sequence", Some("sequence"), event),
    ]}})
}

fn read(inputs: &Inputs, settings: &Settings, out: &mut impl Write) -> Result<(), Failure> {
    let configured = inputs.catalog.get("streams").and_then(Value::as_array);
    let configured = configured.ok_or_else(|| Failure::Config("the configured catalog has no streams".into()))?;
    let mut missing = Vec::new();
    for entry in configured {
        let name = entry.pointer("/stream/name").and_then(Value::as_str).unwrap_or_default();
        let is_incremental = match entry.get("sync_mode").and_then(Value::as_str) {
            None | Some("full_refresh") => false,
            Some("incremental") => true,
            Some(other) => return Err(Failure::Config(format!("there is no sync mode {other}"))),
        };
        let (total, cursor, write): (u64, _, WriteRecord) = match name {
            "customers" => (CUSTOMERS, None, orders::customer),
            "orders" => (settings.orders, Some("updated_at"), orders::order),
            "events" => (settings.orders / 2, Some("sequence"), orders::event),
            other => {
                // The others are read nevertheless.
                missing.push(other);
                continue;
            }
        };
        let state = cursor.filter(|_| is_incremental).and_then(|field| inputs.cursor(name, field));
        // Whatever stands at the state's cursor comes again: a tie must not be cut in two.
        let first = state.map_or(1, |state| (1..=total).find(|number| &cursor_of(name, *number) == state).unwrap_or(1));
        read_stream(name, first..=total, write, out)?;
    }
    match missing.as_slice() {
        [] => Ok(()),
        missing => Err(Failure::Config(format!("the demo shop has no stream {}", missing.join(", ")))),
    }
}

fn read_stream(
    name: &str,
    numbers: std::ops::RangeInclusive<u64>,
    write: WriteRecord,
    out: &mut impl Write,
) -> io::Result<()> {
    say(out, &log(&format!("reading {name}")))?;
    say(out, &status(name, "STARTED"))?;
    say(out, &status(name, "RUNNING"))?;
    let (last, emitted_at) = (*numbers.end(), now().to_string());
    // One state after another that says the same would save nothing.
    let every = if cursor_field(name).is_some() { (last / CHECKPOINTS).max(1) } else { u64::MAX };
    let (mut buffer, mut since) = (Vec::with_capacity(2 * BUFFER), 0_u64);
    for number in numbers {
        write(&mut buffer, number, &emitted_at);
        since += 1;
        if number.is_multiple_of(every) && number != last {
            serde_json::to_writer(&mut buffer, &state(name, number, since))?;
            buffer.push(b'\n');
            since = 0;
        }
        if buffer.len() >= BUFFER {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    say(out, &state(name, last, since))?;
    say(out, &status(name, "COMPLETE"))
}

fn cursor_of(name: &str, number: u64) -> Value {
    let mut moment = Vec::new();
    orders::moment(&mut moment, number);
    match name {
        "orders" => json!(String::from_utf8_lossy(&moment)),
        _ => json!(number),
    }
}

fn cursor_field(name: &str) -> Option<&'static str> {
    match name {
        "orders" => Some("updated_at"),
        "events" => Some("sequence"),
        _ => None,
    }
}

fn state(name: &str, number: u64, records: u64) -> Value {
    let stream_state = match cursor_field(name) {
        Some(field) if number > 0 => json!({ field: cursor_of(name, number) }),
        _ => json!({"complete": true}),
    };
    json!({"type": "STATE", "state": {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": name}, "stream_state": stream_state},
        "sourceStats": {"recordCount": records as f64},
    }})
}

fn status(name: &str, status: &str) -> Value {
    let status = json!({"stream_descriptor": {"name": name}, "status": status});
    json!({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": now(), "stream_status": status}})
}

fn log(message: &str) -> Value {
    json!({"type": "LOG", "log": {"level": "INFO", "message": message}})
}

fn say(out: &mut impl Write, message: &Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, message)?;
    out.write_all(b"\n")
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
