//! What feeding costs: a container that takes a million records and gives its states back, fed as `airproof test` feeds a
//! destination, and fed from a file by the command line of Docker.
//!
//! `cargo bench --bench feed` prints ratios and MiB, no times. Both ways alternate, and each ratio is of two neighbours, so
//! that a noisy machine disturbs both alike. This program is the destination, too: in the container it is started with
//! `demo-source`, and for a peak of memory with `peak`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod peak;

use airproof::capture::Inputs;
use airproof::demo::image;
use airproof::engine::judge_launch;
use airproof::feed::{Act, Script, Sent, Supply, Target, configured_catalog, record, state_of_stream};
use airproof::launch::docker::{Daemon, DockerLauncher, DockerSettings, RootFs, labels};
use airproof::launch::{Handling, InputFile, LaunchRequest, Limits, Stdin};
use airproof::protocol::{Command, Descriptor, Kind};
use serde_json::json;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const IMAGE: &str = "airproof/bench-sink:dev";

/// How many records the ratio and the greater peak are of, and the lesser peak; and how many there are to a state.
const MANY: u64 = 1_000_000;
const FEW: u64 = 10_000;
const RECORDS_A_STATE: u64 = 10_000;

/// How often both ways are measured.
const ROUNDS: usize = 5;

/// What the bench is to show: so much of the speed of a bare pipe, and so many MiB.
const RATIO: f64 = 0.8;
const GROWTH: f64 = 8.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["demo-source", "write", ..] => sink().map_err(Into::into),
        ["peak", records] => runtime().and_then(|runtime| runtime.block_on(print_peak(records))),
        _ => runtime().and_then(|runtime| runtime.block_on(measure_in_image())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("NOTHING WAS MEASURED: {error}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// The destination: takes all lines, and gives the states back with nothing added.
fn sink() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), BufWriter::new(io::stdout().lock()));
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if line.starts_with(br#"{"type":"STATE""#) {
            output.write_all(&line)?;
            output.flush()?;
        }
        line.clear();
    }
    output.flush()
}

/// Makes the image, measures, removes the image.
async fn measure_in_image() -> Outcome<()> {
    let daemon = Daemon::connect().await?;
    image::runs_on(&daemon.describe().await?.architecture)?;
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("image.tar");
    image::write_root(&std::env::current_exe()?, &archive)?;
    daemon.import_image(IMAGE, RootFs::File(archive), &image::changes(labels("bench"))).await?;
    let measured = measure(&daemon, folder.path()).await;
    daemon.remove_image(IMAGE).await?;
    measured
}

async fn measure(daemon: &Daemon, folder: &Path) -> Outcome<()> {
    let file = write_messages(folder, MANY)?;
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let piped = pipe(&file)?;
        let fed = feed(daemon, &file, MANY).await?;
        ratios.push(piped.as_secs_f64() / fed.as_secs_f64());
        println!("round {round}: fed with {:.2} of the speed of a bare pipe", ratios[round - 1]);
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ROUNDS / 2];
    let (few, many) = (peak::of_own(FEW)?, peak::of_own(MANY)?);
    println!("speed of feeding {MANY} records, judged, over a bare pipe from a file: {ratio:.2} (at least {RATIO})");
    println!("peak memory at {FEW} records: {few:.1} MiB");
    println!("peak memory at {MANY} records: {many:.1} MiB");
    println!("difference: {:.1} MiB (at most {GROWTH})", many - few);
    Ok(())
}

async fn print_peak(records: &str) -> Outcome<()> {
    let (folder, records) = (tempfile::tempdir()?, records.parse()?);
    let file = write_messages(folder.path(), records)?;
    feed(&Daemon::connect().await?, &file, records).await?;
    peak::print()
}

/// A file of so many records and their states.
fn write_messages(folder: &Path, records: u64) -> Outcome<PathBuf> {
    let (file, stream) = (folder.join("messages.jsonl"), stream());
    let mut messages = BufWriter::new(File::create(&file)?);
    for id in 1..=records {
        let data = format!(r#"{{"id":{id},"name":"name {id:016x}","updated_at":"2024-01-01T00:00:00Z"}}"#);
        writeln!(messages, "{}", record(&stream, data, 1_700_000_000_000))?;
        if id.is_multiple_of(RECORDS_A_STATE) {
            let blob = format!(r#"{{"airproof":{id}}}"#);
            writeln!(messages, "{}", state_of_stream(&stream, blob, RECORDS_A_STATE))?;
        }
    }
    messages.flush()?;
    Ok(file)
}

/// How long the container takes with a file on its stdin and nobody who looks at its output.
fn pipe(file: &Path) -> Outcome<Duration> {
    let mut command = process::Command::new("docker");
    command.args(["run", "--rm", "-i", "--network", "none", "--log-driver", "none", "--cpus", "2", IMAGE, "write"]);
    command.stdin(File::open(file)?).stdout(Stdio::null());
    let began = Instant::now();
    let status = command.status()?;
    if status.success() { Ok(began.elapsed()) } else { Err(format!("the sink ended with {status}").into()) }
}

/// How long it takes to feed it as a suite does, with what comes back stored and judged by every rule.
async fn feed(daemon: &Daemon, file: &Path, records: u64) -> Outcome<Duration> {
    let (script, catalog) = (Script::default().with(Act::Send(Supply::File(file.to_owned()))), catalog());
    let inputs =
        Inputs { catalog: Some(catalog.clone()), sent: Some(Arc::new(Sent::by(&script)?)), ..Inputs::default() };
    let hour = Duration::from_secs(3600);
    let request = LaunchRequest {
        id: "write".to_owned(),
        command: Command::Write,
        inputs: vec![InputFile { option: "catalog", content: serde_json::to_vec(&catalog)? }],
        stdin: Stdin::Script(Arc::new(script)),
        limits: Limits { total: hour, silence: hour, grace: Duration::from_secs(10), memory: None },
        network: false,
        environment: Default::default(),
        handling: Handling::default(),
    };
    let settings = DockerSettings { cpus: Some(2.0), ..DockerSettings::new(IMAGE) };
    let launcher = DockerLauncher::new(daemon.clone(), settings, &format!("bench-{}", process::id()));
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let (summary, _) = judge_launch(&launcher, &request, inputs, folder.path()).await?;
    let took = began.elapsed();
    let states = records / RECORDS_A_STATE;
    match summary.count(Kind::State) == states {
        true => Ok(took),
        false => Err(format!("{states} states were expected; {}", summary.account()).into()),
    }
}

fn stream() -> Descriptor {
    Descriptor::named("people")
}

fn catalog() -> serde_json::Value {
    let schema = json!({"type": "object", "properties": {
        "id": {"type": "integer"}, "name": {"type": "string"}, "updated_at": {"type": "string", "format": "date-time"},
    }});
    configured_catalog(&[Target::append(stream(), schema)])
}
