//! DEST-035.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{failure_of, fault, seen};
use crate::feed::Target;
use crate::protocol::Descriptor;
use crate::rules::Level;
use crate::suite::Depth;

experiment! {
    /// A sync of many streams, whose records come by turns, fails or loses some.
    ///
    /// # What it checks
    /// Fifty streams, in a certification five hundred, are written in one sync: one record of each, then the next of each, then the third;
    /// then a state and a COMPLETE of each. What is stored of five of them is read. Only what a plain write has shown to work is
    /// tried so.
    ///
    /// What proves a fault: the write fails, or not all states come back, or not each record of the five is stored once.
    ///
    /// What could fool it: the time limit of a write (`limits.write`), where a table takes seconds to make.
    ///
    /// # Why it matters
    /// Databases have thousands of tables, and sources read several at once. What holds a buffer, a file or a connection for each works in
    /// every test of two streams, and dies in the first sync of a real schema.
    ///
    /// # Example
    /// ```json
    /// sent: {"stream":"a","data":{"id":1}} {"stream":"b","data":{"id":1}} {"stream":"a","data":{"id":2}}
    /// bad:  a has the id 1 (the second part of `a` was lost)
    /// good: a has the ids 1 and 2
    /// ```
    ///
    /// # How to mend it
    /// Hold no connection, file or thread for each stream, and no buffer of a fixed size for each: a small heap is soon full. Flush the
    /// largest buffer when all together are too large. Do not take the next stream's first record for the end of the one before.
    ///
    /// # What Airbyte's tests see
    /// The suite of the bulk CDK writes twenty streams. For other languages there are none.
    run {
        code: "DEST-035",
        name: "many-streams",
        level: Should,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: streams are multiplexed",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.many-streams", "records of many streams by turns"),
        ],
    }
}

const TURNS: u64 = 3;

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let count = if lab.depth == Depth::Certification { 500 } else { 50 };
    let streams: Vec<Descriptor> =
        (1..=count).map(|number| lab.stream("many", &format!("stream_{number:03}"))).collect();
    let targets: Vec<Target> = streams.iter().map(|stream| Target::append(stream.clone(), people())).collect();
    let write = (1..=TURNS).fold(Write::to(targets), |write, turn| {
        let record = |write: Write, (stream, number): (&Descriptor, u64)| {
            write.record(stream, person(number * 10 + turn, "Ada", 1))
        };
        streams.iter().zip(1..).fold(write, record)
    });
    // The first, the last, and some between.
    let sample: Vec<usize> = (0..5).map(|part| part * (streams.len() - 1) / 4).collect();
    let read = sample.iter().map(|place| streams[*place].clone()).collect();
    let ask = write.finish().ask_reading("write.many-streams", &format!("{count} streams by turns"), read);
    let ran = lab.launch(ask.unjudged())?;

    let mut conclusion = Conclusion::of(STATEMENT, ran);
    conclusion.judged(None);
    judge_end(&mut conclusion, ran, count)?;
    if ran.succeeded() {
        for place in sample {
            judge_rows(&mut conclusion, ran, &streams[place], place as u64 + 1);
        }
    }
    Ok(conclusion)
}

fn judge_end(conclusion: &mut Conclusion, ran: &Ran, count: u64) -> Result<(), Halt> {
    if let Some(how) = failure_of(ran)? {
        let message = format!("{} wrote {count} streams by turns, and fails: {how}", ran.id);
        let title = "a sync of many streams fails";
        conclusion.found(None, fault(ran, ("fails", Level::Should), title, message, ("exit code 0", how)));
    } else if ran.states_back() < count {
        let back = ran.states_back();
        let message = format!("{} wrote {count} streams with a state each; {back} states came back", ran.id);
        let title = "not all states of many streams come back";
        let told = (format!("{count} states"), format!("{back} states"));
        conclusion.found(None, fault(ran, ("states", Level::Should), title, message, told));
    }
    Ok(())
}

fn judge_rows(conclusion: &mut Conclusion, ran: &Ran, stream: &Descriptor, number: u64) {
    let Some(found) = seen(conclusion, ran, stream).map(ids) else { return };
    conclusion.judged(Some(stream));
    let wanted: Vec<String> = (1..=TURNS).map(|turn| (number * 10 + turn).to_string()).collect();
    if found != wanted {
        let message = format!("after {} the stream holds {}, and {} were written", ran.id, told(&found), told(&wanted));
        let title = "records of many streams that come by turns are lost, doubled or mixed";
        let fault = fault(ran, ("rows", Level::Should), title, message, (told(&wanted), told(&found)));
        conclusion.found(Some(stream), fault);
    }
}
