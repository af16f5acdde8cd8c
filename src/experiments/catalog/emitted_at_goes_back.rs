//! READ-033.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;

experiment! {
    /// A later read says that it read its records earlier.
    ///
    /// # What it checks
    /// Two full refresh reads, one after the other: no `emitted_at` of a stream in the second lies before the latest of it in
    /// the first. The same instant is fine. A stream without records in either is not judged, nor is a value that is no whole number.
    ///
    /// # Why it matters
    /// Destinations keep the newest version of a row, and where the cursor does not tell, that is the one with the later
    /// `emitted_at`. If it goes back, an old version wins.
    ///
    /// # Example
    /// The same record in two reads, the second a minute after the first:
    /// ```json
    /// bad:  {"stream":"orders","data":{"id":1},"emitted_at":1717200060000}   and   {"stream":"orders","data":{"id":1},"emitted_at":1717200000000}
    /// good: {"stream":"orders","data":{"id":1},"emitted_at":1717200000000}   and   {"stream":"orders","data":{"id":1},"emitted_at":1717200060000}
    /// ```
    ///
    /// # How to mend it
    /// Take `emitted_at` from the clock when the record is made: not from the data, from a cache, or from the machine that is asked.
    ///
    /// # What Airbyte's tests see
    /// The same, over all streams together, and an instant that is the same fails, too.
    run {
        code: "READ-033",
        name: "emitted-at-goes-back",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "docs.airbyte.com: Airbyte protocol, AirbyteRecordMessage; Airbyte connector acceptance tests: TestFullRefresh",
        depth: Standard,
        launches: [Launches::one("read.again", "full refresh, a second time")],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.full_refresh()?.complete()?;
    let second = lab.launch(lab.read_like(first, "read.again", "full refresh, a second time")?)?.complete()?;
    let mut conclusion = Conclusion::of(STATEMENT, second);
    let streams = first.trail()?.streams.iter().zip(&second.trail()?.streams);
    for (entry, (one, two)) in first.catalog()?.streams.iter().zip(streams) {
        let own = &entry.stream.descriptor;
        let (Some((_, latest)), Some((earliest, _))) = (one.emitted, two.emitted) else {
            conclusion.inconclusive(Some(own), "inconclusive: it has no records in both reads, or none with a moment");
            continue;
        };
        if earliest.0 >= latest.0 {
            conclusion.judged(Some(own));
            continue;
        }
        let expected = format!("{} or later, as in the read before", latest.0);
        let fault = Fault {
            cause: "goes back",
            level: Level::Should,
            title: "a later read has an earlier `emitted_at`".to_owned(),
            message: format!(
                "a record of `{own}` in {} says {}, and {}, which was over by then, has one that says {}",
                second.id, earliest.0, first.id, latest.0
            ),
            evidence: vec![evidence(&second.id, Some(earliest.1), expected, earliest.0.to_string())],
            case: Some(second.id.clone()),
        };
        conclusion.found(Some(own), fault);
    }
    Ok(conclusion)
}
