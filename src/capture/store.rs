//! The transcript on disk: a folder for each launch with its output, compressed and without secrets, the arrival of
//! each piece of it, and a manifest.

use super::Secrets;
use super::control_screen::{ControlScreen, Screened};
use super::redact::Redactor;
use crate::feed::Sent;
use crate::launch::{Channel, Chunk, ExitFacts, Subject};
use crate::protocol::{Command, Expect, Metadata, SecretValue, possible_secrets, secret_values};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How much of stderr is stored; diagnostics beyond it are counted, not kept.
const STDERR_KEPT: u64 = 64 * 1024 * 1024;

/// zstd's level: fast enough to hide behind the launch.
const LEVEL: i32 = -3;

/// The names of the files.
const MANIFEST: &str = "manifest.json";
const STDOUT: &str = "stdout.zst";
const STDERR: &str = "stderr.zst";
const ARRIVALS: &str = "arrivals.zst";
const FILES: [&str; 4] = [MANIFEST, STDOUT, STDERR, ARRIVALS];

/// What a launch was given, as far as judging it needs that. Secrets are cut out of what is stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Inputs {
    /// The configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<serde_json::Value>,
    /// The connector's specification, from the run's `spec`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specification: Option<serde_json::Value>,
    /// The configured catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<serde_json::Value>,
    /// The state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<serde_json::Value>,
    /// What the suite says of the scenario: whether it must work.
    #[serde(default)]
    pub expect: Expect,
    /// What the connector's metadata.yaml says of it, where one lies beside the suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// What was sent on stdin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Arc<Sent>>,
}

impl Inputs {
    /// The secret values of the config. Without a specification, every text of it that could be one.
    pub fn secret_values(&self) -> Vec<SecretValue> {
        let schema = self.specification.as_ref().and_then(|specification| specification.get("connectionSpecification"));
        let mut values: Vec<_> = self.config.iter().flat_map(|config| secret_values(config, schema)).collect();
        if schema.is_none() {
            values.extend(self.config.iter().flat_map(possible_secrets));
        }
        values
    }
}

/// Everything about a stored launch but its output.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this folder; 1.
    pub version: u32,
    /// The launch's id within its run.
    pub id: String,
    /// The command.
    pub command: Command,
    /// What was launched.
    pub subject: Subject,
    /// The wall clock when it began, in epoch milliseconds.
    pub started_at: i64,
    /// What it was given.
    pub inputs: Inputs,
    /// How it ended; none where the run was killed before it did.
    pub exit: Option<ExitFacts>,
    /// Bytes of stderr that were not kept.
    #[serde(default)]
    pub stderr_dropped: u64,
    /// Whether it was launched as the platform does it: undisturbed, with the scenario's own config, and before anybody changed the
    /// data for an experiment. False where nobody noted it.
    #[serde(default)]
    pub is_ordinary: bool,
}

/// The files of a transcript while a launch runs.
pub(super) struct OpenTranscript {
    folder: PathBuf,
    stdout: Output,
    stderr: Output,
    arrivals: zstd::Encoder<'static, BufWriter<File>>,
    manifest: Manifest,
}

struct Output {
    file: zstd::Encoder<'static, BufWriter<File>>,
    redactor: Redactor,
    /// What holds back lines that may hold new secrets; messages come on stdout alone.
    screen: Option<ControlScreen>,
    /// How many bytes may still be stored.
    room: u64,
}

impl Output {
    fn create(file: &Path, secrets: &Secrets, room: u64) -> io::Result<Self> {
        Ok(Output { file: compressed(file)?, redactor: secrets.filter(), screen: None, room })
    }

    /// Gives the secrets that became known by it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<Vec<SecretValue>> {
        match self.screen.as_mut().map(|screen| screen.push(bytes)) {
            Some(screened) => self.write_screened(&screened).map(|()| screened.secrets),
            None => self.redactor.push(bytes, &mut self.file).map(|()| Vec::new()),
        }
    }

    fn write_screened(&mut self, screened: &Screened) -> io::Result<()> {
        if !screened.secrets.is_empty() {
            self.redactor.learn(&screened.secrets);
        }
        self.redactor.push(&screened.bytes, &mut self.file)
    }

    fn finish(mut self) -> io::Result<()> {
        if let Some(screened) = self.screen.as_mut().map(ControlScreen::finish) {
            self.write_screened(&screened)?;
        }
        self.redactor.finish(&mut self.file)?;
        self.file.finish()?.flush()
    }
}

impl OpenTranscript {
    /// See [`super::TranscriptWriter::create`].
    pub fn create(folder: &Path, mut manifest: Manifest, secrets: &Secrets) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let inputs = &mut manifest.inputs;
        let Inputs { config, specification, catalog, state, expect: _, metadata, sent } = inputs;
        for input in [config, specification, catalog, state].into_iter().flatten() {
            *input = secrets.redact_json(input);
        }
        if let Some(metadata) = metadata {
            metadata.data = secrets.redact_json(&metadata.data);
            for page in metadata.documentation.iter_mut().flat_map(|page| &mut page.text) {
                *page = secrets.redact(page).into_owned();
            }
        }
        if let Some(sent) = sent {
            conceal_sent(Arc::make_mut(sent), secrets);
        }
        for text in manifest.subject.texts_of_image() {
            *text = secrets.redact(text).into_owned();
        }
        let screen = Some(ControlScreen::new(manifest.inputs.specification.clone()));
        let open = OpenTranscript {
            stdout: Output { screen, ..Output::create(&folder.join(STDOUT), secrets, u64::MAX)? },
            stderr: Output::create(&folder.join(STDERR), secrets, STDERR_KEPT)?,
            arrivals: compressed(&folder.join(ARRIVALS))?,
            folder: folder.to_owned(),
            manifest,
        };
        write_json(&open.folder.join(MANIFEST), &open.manifest)?;
        Ok(open)
    }

    /// Stores the next piece of output.
    pub fn write(&mut self, chunk: &Chunk) -> io::Result<()> {
        let (output, word) = match chunk.channel {
            Channel::Stdout => (&mut self.stdout, 'o'),
            Channel::Stderr => (&mut self.stderr, 'e'),
            // No output: a transcript is what the connector put out.
            Channel::CommandLine => return Ok(()),
        };
        let kept = usize::try_from(output.room).unwrap_or(usize::MAX).min(chunk.bytes.len());
        self.manifest.stderr_dropped += (chunk.bytes.len() - kept) as u64;
        if kept == 0 {
            return Ok(());
        }
        output.room -= kept as u64;
        let secrets = output.write(&chunk.bytes[..kept])?;
        if !secrets.is_empty() {
            self.stderr.redactor.learn(&secrets);
        }
        writeln!(self.arrivals, "{word} {kept} {}", chunk.at.as_micros())
    }

    /// Completes the transcript, and says how many bytes of stderr were not kept.
    pub fn finish(mut self, exit: &ExitFacts) -> io::Result<u64> {
        for output in [self.stdout, self.stderr] {
            output.finish()?;
        }
        self.arrivals.finish()?.flush()?;
        self.manifest.exit = Some(exit.clone());
        write_json(&self.folder.join(MANIFEST), &self.manifest)?;
        Ok(self.manifest.stderr_dropped)
    }
}

fn conceal_sent(sent: &mut Sent, secrets: &Secrets) {
    for sent in &mut sent.states {
        sent.state = secrets.redact(&sent.state).into_owned();
    }
}

fn compressed(file: &Path) -> io::Result<zstd::Encoder<'static, BufWriter<File>>> {
    zstd::Encoder::new(BufWriter::new(File::create(file)?), LEVEL)
}

fn write_json(file: &Path, content: &impl Serialize) -> io::Result<()> {
    fs::write(file, serde_json::to_vec_pretty(content)?)
}

/// A transcript that was stored earlier.
#[derive(Debug)]
pub struct StoredTranscript {
    folder: PathBuf,
    /// Everything but the output.
    pub manifest: Manifest,
}

impl StoredTranscript {
    /// Opens the folder of a launch. The error names the file and what is wrong with it.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let file = folder.join(MANIFEST);
        let text = fs::read_to_string(&file).map_err(|error| format!("{} can't be read: {error}", file.display()))?;
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|error| format!("{} is no manifest: {error}", file.display()))?;
        if manifest.version != 1 {
            return Err(format!("{} has version {}, and this airproof reads 1", file.display(), manifest.version));
        }
        Ok(StoredTranscript { folder: folder.to_owned(), manifest })
    }

    /// Notes what was sent, where that was known at the end alone: in the manifest on disk as well, without secrets.
    pub fn note_sent(&mut self, mut sent: Sent, secrets: &Secrets) -> io::Result<()> {
        conceal_sent(&mut sent, secrets);
        self.manifest.inputs.sent = Some(Arc::new(sent));
        write_json(&self.folder.join(MANIFEST), &self.manifest)
    }

    /// Whether a path is a folder with nothing in it but the files of a transcript, or of the beginning of one.
    pub fn is_all_of(folder: &Path) -> bool {
        let is_known = |entry: fs::DirEntry| FILES.iter().any(|name| entry.file_name() == *name);
        folder.is_dir() && fs::read_dir(folder).is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(is_known)))
    }

    /// Whether a folder holds a transcript.
    pub fn is_at(folder: &Path) -> bool {
        folder.join(MANIFEST).is_file()
    }

    /// Reads the output again, piece by piece in the order of arrival. A transcript that was cut off by a killed run
    /// is read as far as it goes.
    pub fn replay(&self, mut each: impl FnMut(Chunk)) -> io::Result<()> {
        let open = |name: &str| -> io::Result<_> { zstd::Decoder::new(File::open(self.folder.join(name))?) };
        let (mut stdout, mut stderr) = (open(STDOUT)?, open(STDERR)?);
        for arrival in BufReader::new(open(ARRIVALS)?).lines() {
            let Some((channel, length, at)) = arrival.ok().as_deref().and_then(parse_arrival) else { break };
            let source: &mut dyn Read = if channel == Channel::Stdout { &mut stdout } else { &mut stderr };
            let mut bytes = Vec::new();
            source.take(length).read_to_end(&mut bytes)?;
            if !bytes.is_empty() {
                each(Chunk { channel, bytes: bytes.into(), at });
            }
        }
        // Cutting secrets out changes lengths, so the arrivals may not reach to the end.
        let may_be_cut_off = self.manifest.exit.is_none();
        for (channel, rest) in [(Channel::Stdout, &mut stdout as &mut dyn Read), (Channel::Stderr, &mut stderr)] {
            replay_rest((channel, rest), may_be_cut_off, &mut each)?;
        }
        Ok(())
    }
}

fn replay_rest(
    (channel, rest): (Channel, &mut dyn Read),
    may_be_cut_off: bool,
    each: &mut impl FnMut(Chunk),
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match rest.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => each(Chunk { channel, bytes: buffer[..length].to_vec().into(), at: Duration::ZERO }),
            Err(error) if may_be_cut_off && error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn parse_arrival(line: &str) -> Option<(Channel, u64, Duration)> {
    let mut parts = line.split(' ');
    let channel = match parts.next()? {
        "o" => Channel::Stdout,
        "e" => Channel::Stderr,
        _ => return None,
    };
    let (length, micros) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((channel, length, Duration::from_micros(micros)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SecretValue;

    #[test]
    fn what_is_stored_comes_back_without_its_secrets() {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = Secrets::new(&[SecretValue { value: "hunter2-hunter2".into(), marked: true }]);
        let manifest = Manifest {
            version: 1,
            id: "a".into(),
            command: Command::Check,
            subject: Subject::default(),
            started_at: 0,
            inputs: Inputs { config: Some(serde_json::json!({"password": "hunter2-hunter2"})), ..Inputs::default() },
            exit: None,
            stderr_dropped: 0,
            is_ordinary: true,
        };
        let mut writer = OpenTranscript::create(folder.path(), manifest, &secrets).expect("a writer");
        for (channel, text) in
            [(Channel::Stdout, "one hunter2-"), (Channel::CommandLine, "sh"), (Channel::Stdout, "hunter2 two\n")]
                .into_iter()
                .chain([(Channel::Stderr, "oops\n")])
        {
            let chunk = Chunk { channel, bytes: text.into(), at: Duration::from_millis(3) };
            writer.write(&chunk).expect("stored");
        }
        let exit = ExitFacts { duration: Duration::from_secs(1), ..ExitFacts::by_itself(0) };
        writer.finish(&exit).expect("finished");

        let stored = StoredTranscript::open(folder.path()).expect("a transcript");
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        stored
            .replay(|chunk| match chunk.channel {
                Channel::Stdout => stdout.extend_from_slice(&chunk.bytes),
                _ => stderr.extend_from_slice(&chunk.bytes),
            })
            .expect("replayed");
        assert_eq!(
            (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)),
            ("one *** two\n".into(), "oops\n".into())
        );
        assert_eq!(stored.manifest.inputs.config, Some(serde_json::json!({"password": "***"})));
        assert_eq!(stored.manifest.exit, Some(exit));
    }
}
