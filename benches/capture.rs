//! What judging costs: a container that prints a million records, drained to nowhere and read as `airproof test` reads.
//!
//! `cargo bench --bench capture` prints ratios and MiB, no times: those say nothing about another machine. Both ways of
//! reading alternate, and each ratio is of two neighbours, so that a noisy machine disturbs both alike. This program is
//! the connector, too: in the container it is started with `demo-source`, and for a peak of memory with `peak`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod peak;

use airproof::capture::Inputs;
use airproof::demo::{image, source};
use airproof::engine::judge_launch;
use airproof::launch::docker::{Daemon, DockerLauncher, DockerSettings, RootFs, labels};
use airproof::launch::{Handling, InputFile, LaunchRequest, Launcher, Limits, Stdin, Stop};
use airproof::protocol::{Command, Kind};
use serde_json::{Value, json};
use std::error::Error;
use std::process::{self, ExitCode};
use std::time::{Duration, Instant};

const IMAGE: &str = "airproof/bench-source:dev";

/// How many records the ratio and the greater peak are of, and the lesser peak.
const MANY: u64 = 1_000_000;
const FEW: u64 = 10_000;

/// How often both ways are measured.
const ROUNDS: usize = 5;

/// What the bench is to show: the judged read in so much more time, and so many MiB.
const RATIO: f64 = 1.6;
const PEAK: f64 = 64.0;
const GROWTH: f64 = 8.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["demo-source", command @ ..] => {
            let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
            return ExitCode::from(source::main(&command, &mut std::io::stdout().lock()));
        }
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

/// Makes the image, measures, removes the image.
async fn measure_in_image() -> Outcome<()> {
    let daemon = Daemon::connect().await?;
    image::runs_on(&daemon.describe().await?.architecture)?;
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("image.tar");
    image::write_root(&std::env::current_exe()?, &archive)?;
    daemon.import_image(IMAGE, RootFs::File(archive), &image::changes(labels("bench"))).await?;
    let measured = measure(&daemon).await;
    daemon.remove_image(IMAGE).await?;
    measured
}

async fn measure(daemon: &Daemon) -> Outcome<()> {
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let drained = drain(daemon, MANY).await?;
        let judged = judge(daemon, MANY).await?;
        ratios.push(judged.as_secs_f64() / drained.as_secs_f64());
        println!("round {round}: the judged read takes {:.2} times what draining takes", ratios[round - 1]);
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ROUNDS / 2];
    let (few, many) = (peak::of_own(FEW)?, peak::of_own(MANY)?);
    println!("judged read of {MANY} records over draining the container to nowhere: {ratio:.2} (at most {RATIO})");
    println!("peak memory at {FEW} records: {few:.1} MiB");
    println!("peak memory at {MANY} records: {many:.1} MiB (at most {PEAK})");
    println!("difference: {:.1} MiB (at most {GROWTH})", many - few);
    Ok(())
}

async fn print_peak(records: &str) -> Outcome<()> {
    judge(&Daemon::connect().await?, records.parse()?).await?;
    peak::print()
}

/// How long a read takes whose output nobody looks at.
async fn drain(daemon: &Daemon, records: u64) -> Outcome<Duration> {
    let (request, _) = read(records)?;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(receiver);
    let began = Instant::now();
    let exit = launcher(daemon).launch(&request, sender, &Stop::default()).await?;
    if !exit.succeeded() {
        return Err(format!("the source ended with {}", exit.describe()).into());
    }
    Ok(began.elapsed())
}

/// How long a read takes that is stored and judged by every rule.
async fn judge(daemon: &Daemon, records: u64) -> Outcome<Duration> {
    let (request, inputs) = read(records)?;
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let (summary, findings) = judge_launch(&launcher(daemon), &request, inputs, folder.path()).await?;
    let took = began.elapsed();
    if summary.count(Kind::Record) != records {
        return Err(format!("{records} records were expected; {}", summary.account()).into());
    }
    match findings.first() {
        Some(finding) => Err(format!("the source is healthy, and {} says: {}", finding.rule, finding.message).into()),
        None => Ok(took),
    }
}

/// As a suite that says nothing else has it: two CPUs.
fn launcher(daemon: &Daemon) -> DockerLauncher {
    let settings = DockerSettings { cpus: Some(2.0), ..DockerSettings::new(IMAGE) };
    DockerLauncher::new(daemon.clone(), settings, &format!("bench-{}", process::id()))
}

/// A full refresh of the stream `orders` with so many records, and what it is given.
fn read(records: u64) -> Outcome<(LaunchRequest, Inputs)> {
    let config = json!({"access_token": "demo-7d1c0f2ab94e", "orders": records});
    let file = tempfile::NamedTempFile::new()?;
    serde_json::to_writer(&file, &config)?;
    let discovered = said(&["discover", "--config", &file.path().display().to_string()])?;
    let streams = discovered["catalog"]["streams"].as_array().ok_or("discover delivered no catalog")?;
    let orders = streams.iter().find(|stream| stream["name"] == "orders").ok_or("there is no stream `orders`")?;
    let entry = json!({"stream": orders, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"});
    let catalog = json!({"streams": [entry]});
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let request = LaunchRequest {
        id: "read".to_owned(),
        command: Command::Read,
        inputs: vec![
            InputFile { option: "config", content: serde_json::to_vec(&config)? },
            InputFile { option: "catalog", content: serde_json::to_vec(&catalog)? },
        ],
        stdin: Stdin::Closed,
        limits: Limits { total: minutes(10), silence: minutes(1), grace: minutes(1), memory: None },
        network: false,
        environment: Default::default(),
        handling: Handling::default(),
    };
    let specification = said(&["spec"])?["spec"].take();
    let inputs = Inputs {
        config: Some(config),
        specification: Some(specification),
        catalog: Some(catalog),
        ..Inputs::default()
    };
    Ok((request, inputs))
}

/// The message that the source puts out on a command, run here.
fn said(command: &[&str]) -> Outcome<Value> {
    let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
    let mut output = Vec::new();
    source::main(&command, &mut output);
    Ok(serde_json::from_slice(&output)?)
}
