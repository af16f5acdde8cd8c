//! A transcript as one file that a person can write: a JSON header, what came on stderr, what came on stdout.
//!
//! ```text
//! {"command": "read", "exit": 0, "catalog": {"streams": []}}
//! --- stdin
//! {"type":"STATE","state":{"what":"a destination was sent"}}
//! --- command lines
//! sleep 1
//! --- stderr
//! a diagnostic
//! --- stdout
//! {"type":"LOG","log":{"level":"INFO","message":"to the end of the file, byte for byte"}}
//! ```

use super::store::Inputs;
use crate::feed::Sent;
use crate::launch::{Channel, Chunk, Ended, ExitFacts, ImageFacts, Subject};
use crate::protocol::{Command, Expect, Metadata};
use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const STDOUT: &[u8] = b"--- stdout\n";
const STDERR: &[u8] = b"--- stderr\n";
const COMMAND_LINES: &[u8] = b"--- command lines\n";
const STDIN: &[u8] = b"--- stdin\n";

/// What stands above the output.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TranscriptHeader {
    /// The command.
    pub command: Command,
    /// The exit code; 0 where it is left out.
    #[serde(default)]
    pub exit: i64,
    /// Why it was ended by us, if it was.
    #[serde(default)]
    pub ended: Option<Ended>,
    /// Seconds that the process lived on after its last byte on stdout.
    #[serde(default)]
    pub lingered: f64,
    /// Whether a child of the process kept an output open after it was gone.
    #[serde(default)]
    pub outputs_left_open: bool,
    /// The wall clock at the beginning, in epoch milliseconds; unknown where it is left out.
    #[serde(default)]
    pub started_at: Option<i64>,
    /// When stdout arrived: from the line of this number on, so many seconds after the beginning. `[[3, 900]]`.
    #[serde(default)]
    pub arrivals: Vec<(usize, f64)>,
    /// What the scenario is to come to.
    #[serde(default)]
    pub expect: Expect,
    /// The configuration: inline, or a path relative to the file.
    #[serde(default)]
    pub config: Option<serde_json::Value>,
    /// The specification's payload, likewise.
    #[serde(default)]
    pub specification: Option<serde_json::Value>,
    /// The configured catalog, likewise.
    #[serde(default)]
    pub catalog: Option<serde_json::Value>,
    /// The state, likewise.
    #[serde(default)]
    pub state: Option<serde_json::Value>,
    /// The image that was launched; none where it was a local process, or where that is not known.
    #[serde(default)]
    pub image: Option<ImageHeader>,
    /// What the connector's metadata.yaml says of it.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

/// The image that was launched.
#[derive(Debug, Clone, Deserialize)]
pub struct ImageHeader {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its labels under `io.airbyte.`, without that prefix.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// How it is set up.
    #[serde(flatten)]
    pub facts: ImageFacts,
}

/// A transcript file in memory.
#[derive(Debug)]
pub struct TranscriptFile {
    /// The command.
    pub command: Command,
    /// The wall clock at the beginning, in epoch milliseconds.
    pub started_at: Option<i64>,
    /// What was launched, as far as the file says.
    pub subject: Subject,
    /// What the launch was given.
    pub inputs: Inputs,
    /// How it ended.
    pub exit: ExitFacts,
    /// What it put out: command lines first, then stderr; times as far as the header tells them.
    pub chunks: Vec<Chunk>,
}

impl TranscriptFile {
    /// Whether the content is a transcript file, rather than bare output.
    pub fn is_in(content: &[u8]) -> bool {
        content.starts_with(b"{") && memchr::memmem::find(content, STDOUT).is_some_and(|at| content[at - 1] == b'\n')
    }

    /// Reads a transcript file. The error says what is wrong with its header or a file that the header names.
    pub fn parse(content: &[u8], folder: &Path) -> Result<Self, String> {
        let at = memchr::memmem::find(content, STDOUT).ok_or("there is no line `--- stdout`")?;
        let (above, stdout) = (&content[..at], &content[at + STDOUT.len()..]);
        let (above, stderr) = parted(above, STDERR);
        let (above, command_lines) = parted(above, COMMAND_LINES);
        let (header, stdin) = parted(above, STDIN);
        let header: TranscriptHeader =
            serde_json::from_slice(header).map_err(|error| format!("its header is wrong: {error}"))?;
        let lines = command_lines.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| (Channel::CommandLine, line, Duration::ZERO));
        let stdout = arriving(stdout, &header.arrivals).into_iter().map(|(bytes, at)| (Channel::Stdout, bytes, at));
        let output = lines.chain([(Channel::Stderr, stderr, Duration::ZERO)]).chain(stdout);
        let output = output.filter(|(_, bytes, _)| !bytes.is_empty());
        let chunks = output.map(|(channel, bytes, at)| Chunk { channel, bytes: Bytes::copy_from_slice(bytes), at });
        let image = header.image.clone();
        let subject = image.map_or(Subject::default(), |ImageHeader { name, labels, facts }| Subject {
            launcher: "docker".to_owned(),
            name,
            labels,
            image: Some(facts),
            ..Subject::default()
        });
        Ok(TranscriptFile {
            subject,
            command: header.command,
            started_at: header.started_at,
            exit: exit_facts(&header),
            inputs: Inputs {
                config: resolve(header.config, folder)?,
                specification: resolve(header.specification, folder)?,
                catalog: resolve(header.catalog, folder)?,
                state: resolve(header.state, folder)?,
                expect: header.expect,
                metadata: header.metadata,
                sent: (!stdin.is_empty()).then(|| Arc::new(Sent::in_lines(stdin))),
            },
            chunks: chunks.collect(),
        })
    }
}

/// Stdout in the pieces in which it arrived, each with its time.
fn arriving<'s>(stdout: &'s [u8], arrivals: &[(usize, f64)]) -> Vec<(&'s [u8], Duration)> {
    let (mut pieces, mut rest, mut line, mut at) = (Vec::new(), stdout, 1, Duration::ZERO);
    for (from, seconds) in arrivals {
        let before = rest.split_inclusive(|byte| *byte == b'\n').take(from.saturating_sub(line));
        let (piece, remaining) = rest.split_at(before.map(<[u8]>::len).sum());
        pieces.push((piece, at));
        (rest, line, at) = (remaining, line.max(*from), Duration::try_from_secs_f64(*seconds).unwrap_or_default());
    }
    pieces.push((rest, at));
    pieces
}

/// What stands above a line, and below it.
fn parted<'c>(content: &'c [u8], line: &[u8]) -> (&'c [u8], &'c [u8]) {
    match memchr::memmem::find(content, line) {
        Some(at) => (&content[..at], &content[at + line.len()..]),
        None => (content, &[]),
    }
}

fn exit_facts(header: &TranscriptHeader) -> ExitFacts {
    ExitFacts {
        ended: header.ended,
        outputs_left_open: header.outputs_left_open,
        lingered: Duration::try_from_secs_f64(header.lingered).unwrap_or_default(),
        ..ExitFacts::by_itself(header.exit)
    }
}

fn resolve(input: Option<serde_json::Value>, folder: &Path) -> Result<Option<serde_json::Value>, String> {
    let Some(serde_json::Value::String(path)) = &input else { return Ok(input) };
    let file = folder.join(path);
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{} can't be read: {error}", file.display()))?;
    serde_json::from_str(&text).map(Some).map_err(|error| format!("{} is no JSON: {error}", file.display()))
}
