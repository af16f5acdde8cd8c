//! A database of its own, what is written into it, and what is seen of it.

use crate::program::program;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// No sync of these tests takes longer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a sync put out, and how it ended.
pub struct Written {
    pub messages: Vec<Value>,
    pub text: String,
    pub exit: Option<i32>,
}

impl Written {
    /// The messages of a type.
    pub fn of(&self, kind: &str) -> Vec<&Value> {
        self.messages.iter().filter(|message| message["type"] == kind).collect()
    }

    /// What the one error says.
    pub fn error(&self) -> &str {
        let [trace] = self.of("TRACE")[..] else { panic!("one TRACE: {}", self.text) };
        trace["trace"]["error"]["message"].as_str().unwrap()
    }
}

pub struct Database {
    folder: TempDir,
    /// The value of FAULT.
    fault: String,
}

impl Database {
    pub fn new() -> Database {
        Database::with("")
    }

    pub fn with(fault: &str) -> Database {
        Database { folder: tempfile::tempdir().unwrap(), fault: fault.to_owned() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("out.db")
    }

    /// Starts a sync.
    pub fn start(&self, streams: &[Value]) -> Child {
        let [config, catalog] = ["config.json", "catalog.json"].map(|name| self.folder.path().join(name));
        std::fs::write(&config, json!({"path": self.path()}).to_string()).unwrap();
        std::fs::write(&catalog, json!({"streams": streams}).to_string()).unwrap();
        let mut command = Command::new(program());
        command.arg("write").arg("--config").arg(config).arg("--catalog").arg(catalog).env("FAULT", &self.fault);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    }

    /// Writes all of this.
    pub fn write(&self, streams: &[Value], lines: &[String]) -> Written {
        let mut child = self.start(streams);
        let (mut stdin, input) = (child.stdin.take().unwrap(), lines.join("\n"));
        // Who fails does not read on.
        let feeder = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let mut stdout = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text).unwrap()
        });
        let exit = end_of(&mut child);
        feeder.join().unwrap();
        let text = reader.join().unwrap();
        // What is no message stands for itself.
        let message = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line));
        Written { messages: text.lines().map(message).collect(), text, exit }
    }

    /// Sends this, waits for so many states to come back, and kills.
    pub fn write_and_kill(&self, streams: &[Value], lines: &[String], states: usize) {
        let mut child = self.start(streams);
        child.stdin.as_mut().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(out.map(Result::unwrap).filter(|line| line.contains("STATE")).take(states).count(), states);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The rows of a stream that are seen, as they are printed; none where there is no table.
    pub fn text_of(&self, namespace: &str, stream: &str) -> Option<String> {
        let mut command = Command::new(program());
        command.arg("read").arg("--database").arg(self.path());
        let output = command.env("AIRPROOF_NAMESPACE", namespace).env("AIRPROOF_STREAM", stream).output().unwrap();
        match output.status.code() {
            Some(0) => Some(String::from_utf8(output.stdout).unwrap()),
            Some(3) => None,
            other => panic!("{other:?}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// The rows of a stream that are seen; none where there is no table.
    pub fn rows_of(&self, namespace: &str, stream: &str) -> Option<Vec<Value>> {
        let text = self.text_of(namespace, stream)?;
        Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    /// A field of each row of a stream, in order of its values.
    pub fn column(&self, stream: &str, field: &str) -> Vec<String> {
        let rows = self.rows_of("", stream).unwrap();
        let mut values: Vec<String> = rows.iter().map(|row| row[field].to_string()).collect();
        values.sort();
        values
    }

    /// What another command of the reader prints.
    pub fn look(&self, command: &str, namespace: &str) -> String {
        let mut run = Command::new(program());
        run.arg(command).arg("--database").arg(self.path()).env("AIRPROOF_NAMESPACE", namespace);
        let output = run.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// How a sync ended. One that does not is killed.
fn end_of(child: &mut Child) -> Option<i32> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap().code()
}

/// A stream of the catalog: its name, its fields' schemas, and what else its entry has.
pub fn stream(name: &str, properties: Value, with: Value) -> Value {
    let mut entry = json!({
        "stream": {
            "name": name, "json_schema": {"type": "object", "properties": properties},
            "supported_sync_modes": ["full_refresh", "incremental"],
        },
        "sync_mode": "full_refresh",
        "destination_sync_mode": "append",
    });
    for (key, value) in with.as_object().unwrap() {
        match key.as_str() {
            "namespace" => entry["stream"]["namespace"] = value.clone(),
            key => entry[key] = value.clone(),
        }
    }
    entry
}

pub fn record(stream: &str, data: &Value, emitted_at: i64) -> String {
    let record = json!({"stream": stream, "data": data, "emitted_at": emitted_at});
    json!({"type": "RECORD", "record": record}).to_string()
}

pub fn state(stream: &str, number: i64) -> String {
    let descriptor = json!({"name": stream});
    let state = json!({"stream_descriptor": descriptor, "stream_state": {"number": number}});
    json!({"type": "STATE", "state": {"type": "STREAM", "stream": state}}).to_string()
}

pub fn status(stream: &str, status: &str) -> String {
    let told = json!({"stream_descriptor": {"name": stream}, "status": status});
    let trace = json!({"type": "STREAM_STATUS", "emitted_at": 0, "stream_status": told});
    json!({"type": "TRACE", "trace": trace}).to_string()
}
