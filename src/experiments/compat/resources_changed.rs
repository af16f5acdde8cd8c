//! COMPAT-008.

use crate::experiments::control::{Control, Shown, differs};
use crate::experiments::experiment::experiment;
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use crate::text;

/// How many times as much is told, where the least of the target's reads is held against the most of the control's.
const FACTOR: f64 = 1.5;
/// Less of a difference than this is not told: in bytes, and in seconds.
const LEAST_MEMORY: f64 = 32.0 * 1024.0 * 1024.0;
const LEAST_TIME: f64 = 2.0;

experiment! {
    /// This version needs more time or memory.
    ///
    /// # What it checks
    /// `airproof compare` reads with both versions, twice each, side by side. Where the better of the target's reads takes more than
    /// one and a half times as long as the worse of the control's, and two seconds more, or as much more CPU time, or of memory and 32 MiB more, that is
    /// told at INFO: it is measured on a machine that others may share.
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
        source: "two reads each, side by side",
        depth: Quick,
        launches: [
            Launches::one("read.control", "the streams of both, in the other version").of_control(),
            Launches::one("read.control-again", "and once more").of_control(),
            Launches::one("read.target-measured", "by this version, once more").of_control(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let both = Control::of(lab)?;
    let first = lab.first_read()?.complete()?;
    let told = both.fields_told()?;
    let like = |id: &str, purpose: &str| Ok::<_, Halt>(both.read_like(first, id, purpose)?.leaving_out(told.clone()));
    let asks = [
        like("read.control", "the streams of both, in the other version")?,
        like("read.control-again", "once more, for what differs by itself")?.round(1),
        both.read_by_target(first, "read.target-measured", "the streams of both, by this version")?.round(2),
    ];
    let rans = lab.launches(asks)?;
    let (controls, targets) = ([rans[0].complete()?, rans[1].complete()?], [first, rans[2].complete()?]);
    let mut conclusion = Conclusion::of(STATEMENT, rans[2]);
    let memory = |ran: &Ran| ran.exit.as_ref().ok()?.resources.peak_memory.map(|bytes| bytes as f64);
    let cpu = |ran: &Ran| ran.exit.as_ref().ok()?.resources.cpu;
    let time = |ran: &Ran| ran.exit.as_ref().ok().map(|exit| exit.duration.as_secs_f64());
    type Measure<'m> = &'m dyn Fn(&Ran) -> Option<f64>;
    let measures: [(&'static str, Measure<'_>, f64); 3] =
        [("memory", &memory, LEAST_MEMORY), ("CPU time", &cpu, LEAST_TIME), ("time", &time, LEAST_TIME)];
    for (what, measure, least) in measures {
        let (Some(control), Some(target)) = (most(&controls, measure), fewest(&targets, measure)) else { continue };
        conclusion.judged(None);
        if target > control * FACTOR && target - control > least {
            let worded = |value: f64| match what {
                "memory" => text::bytes(value as u64),
                _ => format!("{value:.1} s"),
            };
            let message = format!(
                "the same streams take {} of {what} at least, and {} at most in the other version ({:.1} times)",
                worded(target),
                worded(control),
                target / control
            );
            let shown =
                Shown { launch: rans[2], expected: format!("about {}", worded(control)), actual: worded(target) };
            let word = match what {
                "CPU time" => "cpu-time",
                word => word,
            };
            conclusion
                .found(None, differs(word, Level::Info, "behavioural: it needs more than it did", message, shown));
        }
    }
    if conclusion.outcomes.is_empty() {
        conclusion.inconclusive(None, "inconclusive: the reads were over before anything could be measured");
    }
    Ok(conclusion)
}

fn most(rans: &[&Ran], measure: &dyn Fn(&Ran) -> Option<f64>) -> Option<f64> {
    rans.iter().map(|ran| measure(ran)).collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::max)
}

fn fewest(rans: &[&Ran], measure: &dyn Fn(&Ran) -> Option<f64>) -> Option<f64> {
    rans.iter().map(|ran| measure(ran)).collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::min)
}
