//! COMPAT-008.

use crate::experiments::control::{Control, Shown, differs};
use crate::experiments::experiment::{Fault, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use crate::text;

/// How many times as much is told, where the least of the target's reads is held against the most of the control's.
const FACTOR: f64 = 1.5;
/// Less of a difference than this is not told: in bytes, and in seconds.
const LEAST_MEMORY: f64 = 32.0 * 1024.0 * 1024.0;
const LEAST_TIME: f64 = 2.0;
const LEAST_TRAFFIC: f64 = 1024.0 * 1024.0;

experiment! {
    /// This version needs more time, memory or network traffic.
    ///
    /// # What it checks
    /// `airproof compare` reads with both versions, twice each, in turn. Where the better of the target's reads takes more than
    /// one and a half times as long as the worse of the control's, and two seconds more, or as much more CPU time, or of memory and 32 MiB more, or, in a container, of network traffic and 1 MiB more, that is
    /// told at INFO: it is measured on a machine that others may share. What a stored run needed (`--control-run`) was measured elsewhere, and is
    /// not held against anything.
    ///
    /// # Why it matters
    /// The platform gives a connector a fixed amount of memory. What needs twice as much is killed at customers that have more data than
    /// the sandbox.
    ///
    /// # Example
    /// ```text
    /// bad:  1.4.0 reads within 120 MiB, 1.5.0 needs 260 MiB for the same records
    /// good: both within 120 MiB
    /// ```
    ///
    /// # How to mend it
    /// Look for what is now held in memory or asked for twice.
    ///
    /// # What Airbyte's tests see
    /// Nothing.
    run {
        code: "COMPAT-008",
        name: "resources-changed",
        level: Info,
        commands: [Read],
        authority: Inference,
        source: "two reads each, in turn",
        depth: Quick,
        launches: [
            Launches::one("read.control", "the streams of both, in the other version").of_control(),
            Launches::one("read.control-again", "and once more").of_control(),
            Launches::one("read.target", "by this version, in between").of_control(),
        ],
    }
}

/// What is measured: its word, what it is called, how it is read, and the least difference that is told.
struct Measure {
    word: &'static str,
    what: &'static str,
    of: fn(&Ran) -> Option<f64>,
    least: f64,
}

const MEASURES: [Measure; 4] = [
    Measure { word: "memory", what: "memory", of: memory, least: LEAST_MEMORY },
    Measure { word: "cpu-time", what: "CPU time", of: cpu, least: LEAST_TIME },
    Measure { word: "network", what: "network traffic", of: traffic, least: LEAST_TRAFFIC },
    Measure { word: "time", what: "time", of: time, least: LEAST_TIME },
];

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    if both.is_stored {
        return Err(Halt::Cannot(
            "the other version is a stored run: what it needed was measured at another time, and maybe on another machine"
                .to_owned(),
        ));
    }
    let first = lab.first_read()?.complete()?;
    let [before, launch, after] = both.in_turn(first)?;
    let (controls, targets) = ([before, after], [first, launch]);
    let mut conclusion = Conclusion::of(STATEMENT, launch);
    for measure in &MEASURES {
        let (Some(control), Some(target)) = (most(&controls, measure), fewest(&targets, measure)) else { continue };
        conclusion.judged(None);
        if target > control * FACTOR && target - control > measure.least {
            conclusion.found(None, needs_more(measure, launch, control, target));
        }
    }
    if conclusion.outcomes.is_empty() {
        conclusion.inconclusive(None, "inconclusive: the reads were over before anything could be measured");
    }
    Ok(conclusion)
}

fn needs_more(measure: &Measure, launch: &Ran, control: f64, target: f64) -> Fault {
    let worded = |value: f64| match measure.word {
        "memory" | "network" => text::bytes(value as u64),
        _ => format!("{value:.1} s"),
    };
    let message = format!(
        "the same streams take {} of {} at least, and {} at most in the other version ({:.1} times)",
        worded(target),
        measure.what,
        worded(control),
        target / control
    );
    let shown = Shown { launch, expected: format!("about {}", worded(control)), actual: worded(target) };
    differs(measure.word, Level::Info, "behavioural: it needs more than it did", message, shown)
}

fn memory(ran: &Ran) -> Option<f64> {
    ran.exit.as_ref().ok()?.resources.known_peak().map(|bytes| bytes as f64)
}

fn cpu(ran: &Ran) -> Option<f64> {
    ran.exit.as_ref().ok()?.resources.cpu
}

fn traffic(ran: &Ran) -> Option<f64> {
    let used = &ran.exit.as_ref().ok()?.resources;
    Some(used.received?.saturating_add(used.sent?) as f64)
}

fn time(ran: &Ran) -> Option<f64> {
    ran.exit.as_ref().ok().map(|exit| exit.duration.as_secs_f64())
}

fn most(rans: &[&Ran], measure: &Measure) -> Option<f64> {
    rans.iter().map(|ran| (measure.of)(ran)).collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::max)
}

fn fewest(rans: &[&Ran], measure: &Measure) -> Option<f64> {
    rans.iter().map(|ran| (measure.of)(ran)).collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::min)
}
