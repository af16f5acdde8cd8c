//! `airproof doctor`

use super::Refusal;
use super::session::runtime;
use crate::demo::image;
use crate::exit::Exit;
use crate::launch::docker::Daemon;
use crate::launch::workspace::Workspace;
use crate::text;
use anstyle::{AnsiColor, Style};
use std::io::Write;
use std::path::Path;

/// Less free space than this is worth a word: transcripts of large reads take some.
const LITTLE_SPACE: u64 = 1 << 30;

/// One line of the examination.
struct Line {
    sound: Soundness,
    what: &'static str,
    found: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Soundness {
    Good,
    Mind,
    Bad,
}

pub(super) fn run() -> Result<Exit, Refusal> {
    let mut lines = vec![
        Line { sound: Soundness::Good, what: "airproof", found: own() },
        temporary_folder(),
        space("temporary space", &std::env::temp_dir()),
        space("report space", Path::new(".")),
    ];
    lines.extend(runtime()?.block_on(daemon()));
    let mut out = anstream::stdout().lock();
    for line in &lines {
        let (word, colour) = match line.sound {
            Soundness::Good => ("ok", AnsiColor::Green),
            Soundness::Mind => ("mind", AnsiColor::Yellow),
            Soundness::Bad => ("no", AnsiColor::Red),
        };
        let style: Style = colour.on_default().bold();
        writeln!(out, "{style}{word:>6}{style:#}  {:<17} {}", line.what, line.found)?;
    }
    let is_sound = lines.iter().all(|line| line.sound != Soundness::Bad);
    let verdict = match is_sound {
        true => "\nImages can be launched here.",
        false => "\nImages can't be launched here yet; local commands (`--exec`) and `airproof judge` need no daemon.",
    };
    writeln!(out, "{verdict}")?;
    Ok(if is_sound { Exit::Passed } else { Exit::Environment })
}

fn own() -> String {
    format!("{} on {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH)
}

fn temporary_folder() -> Line {
    let folder = std::env::temp_dir().display().to_string();
    match Workspace::create("doctor") {
        Ok(_) => Line { sound: Soundness::Good, what: "temporary folder", found: format!("{folder} can be written") },
        Err(error) => Line { sound: Soundness::Bad, what: "temporary folder", found: error.to_string() },
    }
}

fn space(what: &'static str, folder: &Path) -> Line {
    let Ok(facts) = rustix::fs::statvfs(folder) else {
        return Line { sound: Soundness::Mind, what, found: "can't be measured".to_owned() };
    };
    let free = facts.f_bavail * facts.f_frsize;
    let found = format!("{} free in {}", text::bytes(free), folder.display());
    match free < LITTLE_SPACE {
        true => {
            Line { sound: Soundness::Mind, what, found: format!("{found}: transcripts of large reads may not fit") }
        }
        false => Line { sound: Soundness::Good, what, found },
    }
}

async fn daemon() -> Vec<Line> {
    let what = "Docker daemon";
    let daemon = match Daemon::connect().await {
        Ok(daemon) => daemon,
        Err(error) => return vec![Line { sound: Soundness::Bad, what, found: error.to_string() }],
    };
    let facts = match daemon.describe().await {
        Ok(facts) => facts,
        Err(error) => return vec![Line { sound: Soundness::Bad, what, found: error.to_string() }],
    };
    let rootless = if facts.rootless { ", rootless" } else { "" };
    let found =
        format!("{} {} (API {}) at {}{rootless}", facts.engine, facts.version, facts.api_version, facts.address);
    let mut lines = vec![Line { sound: Soundness::Good, what, found }];
    let memory = format!("{} and {} for containers", text::bytes(facts.memory), text::plural(facts.cpus, "processor"));
    lines.push(match facts.limits_memory {
        true => Line { sound: Soundness::Good, what: "limits", found: memory },
        false => Line {
            sound: Soundness::Mind,
            what: "limits",
            found: format!("{memory}, but this daemon can't limit memory: enable the memory cgroup"),
        },
    });
    let found = format!("{} on {}", facts.os, facts.architecture);
    lines.push(match image::runs_on(&facts.architecture) {
        Ok(()) => Line { sound: Soundness::Good, what: "containers", found },
        Err(reason) => Line {
            sound: Soundness::Mind,
            what: "containers",
            found: format!("{found}: {reason}; images must be built for the daemon, and the demo runs as a process"),
        },
    });
    lines
}
