//! CLI-015.

use crate::experiments::beside::{Look, doubt_of, prove, reads_to_its_end};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::lacks;
use crate::experiments::{Conclusion, Launches};
use crate::launch::{Ended, Handling, Reader};
use crate::plan::Ask;
use crate::rules::Level;
use crate::text;
use std::time::Duration;

/// Of less output nothing is held up: a pipe takes half of it at once.
pub const LEAST_OUTPUT: u64 = 128 << 10;

experiment! {
    /// A read loses records, or fails, when its output is taken slowly.
    ///
    /// # What it checks
    /// The base read with the most output (EXP-19 of the catalogue, too) is made again, and its stdout is taken slowly: over
    /// twice the time that it took, and four seconds more, with pauses. It must succeed and deliver every record, by primary key, that
    /// the base read had. What differs counts if it differs twice, and if a read at full speed still delivers those records
    /// after that. The order of records makes no difference, and states are not compared. A read of less than 128 KiB is inconclusive,
    /// since the pipe holds most of that; so is one that comes to its time limit.
    ///
    /// # Why it matters
    /// Destinations are slower than sources, all day long. A connector that drops what it can't write at once loses data without
    /// a word; one whose connection upstream times out while it waits fails each large sync.
    ///
    /// # Example
    /// ```json
    /// bad:  queue.put_nowait(record)     (and the exception Full is caught)
    /// good: queue.put(record)            (waits until there is room)
    /// ```
    ///
    /// # How to mend it
    /// Write to a blocking stdout, and see that each byte is written: never set it non-blocking, never drop from a full queue.
    /// Bound the queues between threads, and let the threads that fill them wait. Ask the API for the next page when there is
    /// room for it, not by a timer.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests collect the output as fast as it comes; the CDK's standard tests keep all of it in memory.
    run {
        code: "CLI-015",
        name: "slow-reader-loses-records",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from the platform's destinations being slower",
        depth: Certification,
        launches: [
            Launches::one("read.slowly-taken", "the largest read, its output taken slowly"),
            Launches::one("read.slowly-taken-again", "once more").on_doubt(),
            Launches::one("read.afterwards", "at full speed, to see whether all is as before").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let base = largest_read(lab)?;
    let ask = lab.read_like(base, "read.slowly-taken", "the largest read, its output taken slowly")?;
    let ask = ask.treated(Handling { reader: pace(base)?, ..Handling::default() });
    let afterwards = lab.afterwards(base)?;
    let ask = Ask { state: afterwards.state.clone(), ..ask };
    let proof = prove(lab, ask, Some(afterwards), |ran| look(base, ran))?;
    Ok(proof.conclude(STATEMENT, |ran, how| Fault {
        cause: "differs",
        level: Level::Should,
        title: "a read comes to something else when its output is taken slowly".to_owned(),
        message: format!("with its output taken slowly, the read came to something else, twice: {how}"),
        evidence: vec![evidence(&ran.id, None, format!("every record of {}", base.id), how)],
        case: Some(ran.id.clone()),
    }))
}

/// The base read with the most output. Halts where that is too little for anybody to have to wait.
pub fn largest_read<'l>(lab: &Lab<'l>) -> Result<&'l Ran, Halt> {
    let reads = lab.base_reads()?.into_iter().filter(|read| read.succeeded());
    match reads.max_by_key(|read| read.summary.bytes) {
        Some(read) if read.summary.bytes >= LEAST_OUTPUT => Ok(read),
        Some(read) => Err(Halt::Cannot(format!(
            "inconclusive: {} put out {}, and only from {} on has it to wait for its reader",
            read.id,
            text::bytes(read.summary.bytes),
            text::bytes(LEAST_OUTPUT)
        ))),
        None => Err(Halt::Cannot("no read succeeded".to_owned())),
    }
}

/// Half as fast as it came, and four seconds slower; with pauses, two seconds of them in all.
fn pace(base: &Ran) -> Result<Reader, Halt> {
    const PIECE: u64 = 64 << 10;
    let bytes = base.summary.bytes;
    let seconds = base.exit()?.duration.as_secs_f64() * 2.0 + 4.0;
    let stall = Duration::from_secs(2) / u32::try_from(bytes / PIECE).unwrap_or(u32::MAX).max(1);
    Ok(Reader::Slow { bytes_per_second: (bytes as f64 / seconds) as u64, stall })
}

fn look(base: &Ran, ran: &Ran) -> Look {
    // Time in which it waits for us is no silence: a connector that is silent here has stopped working.
    if let Ok(exit) = &ran.exit
        && exit.ended == Some(Ended::Silent)
    {
        return Look::Differs(exit.describe());
    }
    match (doubt_of(ran), reads_to_its_end(ran), base.trail.as_ref().zip(ran.trail.as_ref())) {
        (Some(doubt), ..) => Look::Doubt(doubt),
        (None, Look::Same, Some((all, own))) => match lacks(own, all) {
            Ok(absent) if absent.counts.is_empty() => Look::Same,
            Ok(absent) => {
                let count: u64 = absent.counts.values().sum();
                Look::Differs(format!("{} of {} did not come", text::plural(count, "record"), base.id))
            }
            Err(disk) => Look::Doubt(disk),
        },
        (None, Look::Same, None) => Look::Doubt("the records of a read were not kept".to_owned()),
        (None, look, _) => look,
    }
}
