//! USE-001.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::protocol::Kind;
use crate::rules::Level;
use crate::suite::UsageLimits;
use crate::text;
use std::time::Duration;

/// Over less time than this, what a read delivers in a second says nothing.
const LEAST_TIME: Duration = Duration::from_secs(1);

experiment! {
    /// A launch uses more than the suite allows.
    ///
    /// # What it checks
    /// The launches that every suite makes (`spec`, `check`, `discover`, the reads) against the limits under `usage` of the suite: the
    /// most memory at any time, the processor time, the time until a read's first record, the longest time without output, and the
    /// records per second, between a read's first and last. Only limits that the suite sets are judged; none is set
    /// unless you do. What could not be measured (a launch shorter than the look at its memory, a read shorter than a second) is
    /// not judged, and launches of experiments are not: they are disturbed.
    ///
    /// # Why it matters
    /// Memory and time are what a sync costs. A limit in the suite notices the change that doubles them when it is made, not on the
    /// bill, and not when the container is killed.
    ///
    /// # Example
    /// With `usage: { memory: 300 MiB }` in the suite:
    /// ```json
    /// bad:  shop.read.full-refresh used up to 812 MiB
    /// good: shop.read.full-refresh used up to 140 MiB
    /// ```
    ///
    /// # How to mend it
    /// Memory: emit records as they come instead of collecting them, and page through what is large. Time: ask for larger pages, and
    /// for several at once. First record: don't fetch all parents before the first child. If the use is justified, raise the limit.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests measure nothing; their time limits only end a test.
    run {
        code: "USE-001",
        name: "uses-more-than-allowed",
        level: Should,
        commands: [Spec, Check, Discover, Read],
        authority: Inference,
        source: "the suite's own limits under `usage`",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    if lab.usage == UsageLimits::default() {
        return Err(Halt::Cannot("the suite sets no limit".to_owned()));
    }
    let mut launches = vec![lab.spec()?, lab.check()?, lab.discover()?];
    launches.extend(lab.base_reads()?);
    let mut conclusion = Conclusion::of(STATEMENT, launches[launches.len() - 1]);
    for ran in &launches {
        for excess in excesses(&lab.usage, ran) {
            conclusion.found(None, excess);
        }
    }
    if conclusion.findings.is_empty() {
        match launches.iter().any(|ran| ran.exit.is_ok()) {
            true => conclusion.judged(None),
            false => conclusion.inconclusive(None, "nothing was launched"),
        }
    }
    Ok(conclusion)
}

/// What a launch used beyond its limits.
fn excesses(limits: &UsageLimits, ran: &Ran) -> Vec<Fault> {
    let Ok(exit) = &ran.exit else { return Vec::new() };
    let summary = &ran.summary;
    let cpu = exit.resources.cpu.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let silence = Some(summary.longest_gap).filter(|_| !exit.is_cut_short());
    let found = [
        over("memory", limits.memory, exit.resources.peak_memory, text::bytes),
        over("processor time", limits.cpu, cpu, text::duration),
        over("time until the first record", limits.first_record, summary.first_record_at, text::duration),
        over("time without output", limits.silence, silence, text::duration),
        limits.records_per_second.zip(rate(ran)).filter(|(limit, rate)| rate < limit).map(|(limit, rate)| Excess {
            what: "too few records per second",
            actual: format!("{rate:.1} records per second"),
            expected: format!("at least {limit} records per second"),
        }),
    ];
    found.into_iter().flatten().map(|excess| fault(ran, excess)).collect()
}

struct Excess {
    what: &'static str,
    actual: String,
    expected: String,
}

fn over<T: PartialOrd>(
    what: &'static str,
    limit: Option<T>,
    used: Option<T>,
    words: fn(T) -> String,
) -> Option<Excess> {
    let (limit, used) = limit.zip(used).filter(|(limit, used)| used > limit)?;
    Some(Excess {
        what,
        actual: format!("{} of {what}", words(used)),
        expected: format!("at most {} of {what}", words(limit)),
    })
}

/// Records per second between the first and the last, where it was read for long enough.
fn rate(ran: &Ran) -> Option<f64> {
    let (first, last) = (ran.summary.first_record_at?, ran.summary.last_record_at?);
    let time = last.checked_sub(first).filter(|time| *time >= LEAST_TIME)?;
    Some(ran.summary.count(Kind::Record) as f64 / time.as_secs_f64())
}

fn fault(ran: &Ran, excess: Excess) -> Fault {
    Fault {
        cause: excess.what,
        level: Level::Should,
        title: format!("more than the suite allows: {}", excess.what),
        message: format!("{} came to {}, and the suite allows {}", ran.id, excess.actual, excess.expected),
        evidence: vec![evidence(&ran.id, None, excess.expected, excess.actual)],
        case: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::beside::tests::check;

    #[test]
    fn each_limit_is_held_against_what_was_measured() {
        let mut ran = check(0, None);
        let exit = ran.exit.as_mut().expect("it was launched");
        (exit.resources.peak_memory, exit.resources.cpu) = (Some(300 << 20), Some(2.5));
        ran.summary.first_record_at = Some(Duration::from_secs(3));
        ran.summary.last_record_at = Some(Duration::from_secs(13));
        ran.summary.messages[Kind::Record as usize] = 50;
        let causes = |limits: UsageLimits| {
            excesses(&limits, &ran).iter().map(|fault| fault.cause).collect::<Vec<_>>().join(", ")
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let tight = UsageLimits {
            memory: Some(200 << 20),
            cpu: seconds(2),
            first_record: seconds(2),
            silence: seconds(1),
            records_per_second: Some(6.0),
        };
        let loose = UsageLimits {
            memory: Some(300 << 20),
            cpu: seconds(3),
            first_record: seconds(3),
            silence: seconds(1),
            records_per_second: Some(5.0),
        };
        assert_eq!(causes(tight), "memory, processor time, time until the first record, too few records per second");
        assert_eq!(causes(loose), "");
    }
}
