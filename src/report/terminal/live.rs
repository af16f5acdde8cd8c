//! What is going on: a line for each launch that is over, and what the others are doing meanwhile.

use super::{BOLD, DIM, Manner, Outlet, experiment_line, launch_line, status_of_launch};
use crate::engine::{Event, Progress};
use crate::text;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often a terminal is refreshed.
const REFRESH: Duration = Duration::from_millis(250);

/// How often something is said where there is no terminal.
const SAY: Duration = Duration::from_secs(30);

/// After this much silence, the silence is what a launch is told to be in.
const SILENT: f64 = 10.0;

/// Shows events until no more come. On a terminal, running launches stand below with what they do; elsewhere lines are
/// only added.
pub fn show_live(events: &Receiver<Event>, manner: Manner) {
    let is_terminal = std::io::stderr().is_terminal();
    let mut live = Live {
        running: HashMap::new(),
        bars: MultiProgress::with_draw_target(if is_terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        }),
        is_terminal,
        manner,
        said: Instant::now(),
    };
    loop {
        match events.recv_timeout(REFRESH) {
            Ok(event) => live.show(event),
            Err(RecvTimeoutError::Timeout) => live.refresh(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let _ = live.bars.clear();
}

struct Live {
    running: HashMap<String, (Arc<Progress>, ProgressBar)>,
    bars: MultiProgress,
    is_terminal: bool,
    manner: Manner,
    said: Instant,
}

impl Live {
    fn show(&mut self, event: Event) {
        match event {
            Event::Turn { connector, place, of } => {
                let connector = text::visible(&connector);
                let space = if place > 1 { "\n" } else { "" };
                self.line(&format!("{space}{DIM}connector {place} of {of}:{DIM:#} {BOLD}{connector}{BOLD:#}"));
            }
            Event::Prepared { connector, launches, more } => {
                let connector = text::visible(&connector);
                let more = match more {
                    0 => String::new(),
                    more => format!(", and at most {more} for experiments"),
                };
                let version = env!("CARGO_PKG_VERSION");
                self.line(&format!(
                    "{BOLD}airproof {version}{BOLD:#} {DIM}·{DIM:#} {connector} {DIM}· {} planned{more}{DIM:#}\n",
                    text::plural(launches as u64, "launch")
                ));
            }
            Event::Started { id, progress } => {
                let style = ProgressStyle::with_template("    {spinner} {wide_msg}")
                    .unwrap_or(ProgressStyle::default_spinner());
                let style = if self.manner.ascii { style.tick_chars("|/-\\ ") } else { style };
                let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
                bar.set_message(doing(&id, &progress));
                self.running.insert(id, (progress, bar));
            }
            Event::Ended { facts, findings } => {
                if let Some((_, bar)) = self.running.remove(&facts.id) {
                    bar.finish_and_clear();
                    self.bars.remove(&bar);
                }
                self.line(&launch_line(&facts, status_of_launch(&facts, &findings)));
            }
            Event::Concluded { experiment, findings } => {
                if let Some(worst) = findings.iter().max_by_key(|finding| finding.level) {
                    self.line(&experiment_line(experiment, worst));
                }
            }
            Event::Interrupting { kill: false } => {
                self.line("Interrupted: ending the running launches; what they put out is judged. Again to kill them.");
            }
            Event::Interrupting { kill: true } => self.line("Killing the running launches."),
        }
    }

    fn refresh(&mut self) {
        for (id, (progress, bar)) in &self.running {
            bar.set_message(doing(id, progress));
            bar.tick();
        }
        if !self.is_terminal && self.said.elapsed() >= SAY {
            self.said = Instant::now();
            let lines: Vec<String> = self.running.iter().map(|(id, (progress, _))| doing(id, progress)).collect();
            lines.iter().for_each(|line| self.line(&format!("         … {line}")));
        }
    }

    fn line(&self, line: &str) {
        self.bars.suspend(|| {
            let mut out = Outlet::new(anstream::stdout(), self.manner);
            let _ = writeln!(out, "{line}");
        });
    }
}

/// What a running launch does: how far it is, or how long it has been silent.
fn doing(id: &str, progress: &Progress) -> String {
    let (lines, records, states) = progress.counts();
    let seconds = Duration::from_secs_f64(progress.seconds());
    let so_far = match (records, lines) {
        (0, 0) => "waiting for its first output".to_owned(),
        (0, lines) => text::plural(lines, "line"),
        (records, _) => format!("{}, {}", text::plural(records, "record"), text::plural(states, "state")),
    };
    let silent = progress.silent_seconds();
    let silence = if silent > SILENT { format!(", no output for {silent:.0} s") } else { String::new() };
    let share = progress.share().map(|share| format!("{:.0} %, ", share * 100.0)).unwrap_or_default();
    format!("{id}: {share}{so_far} after {}{silence}", text::duration(seconds))
}
