//! READ-020.

use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::{StreamTrail, find, lacks};
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use crate::text;

/// Of fewer records that both reads have, nothing is said about a field.
const ENOUGH: usize = 5;

experiment! {
    /// Two full refresh reads, one after the other, do not deliver the same records.
    ///
    /// # What it checks
    /// A full refresh read is made a second time. Records, by primary key, that came in the first and not in the second are looked
    /// for in a third: if they are there again, they were there all the time, and the second read left them out; where others came
    /// meanwhile, pages may have shifted, and it is told at INFO. If they are not, the data moves, and the experiment is inconclusive. A field with another value in nearly all records that both reads have is told at
    /// INFO. It cannot prove that reads are alike: a record that is left out once in a hundred reads is not seen, and without a
    /// primary key a record that changed can't be told from another one.
    ///
    /// # Why it matters
    /// A sync that leaves out other records each time leaves gaps that nobody sees and nobody can reproduce. A field that changes
    /// with each read makes each row look changed: history tables grow with each sync, deduplication by content finds nothing.
    ///
    /// # Example
    /// The same record in two reads of the same data:
    /// ```json
    /// bad:  {"id":1,"name":"Ann","seen_at":"2024-06-01T10:00:00Z"}   and   {"id":1,"name":"Ann","seen_at":"2024-06-01T10:00:07Z"}
    /// good: {"id":1,"name":"Ann"}                                    and   {"id":1,"name":"Ann"}
    /// ```
    ///
    /// # How to mend it
    /// Ask for pages in a fixed order by something unique: pages in no order overlap and leave gaps. Raise the error of a page or a
    /// partition that failed instead of going on without it. Leave the moment of the read out of `data`: `emitted_at` has it.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests read twice and compare record for record, with fields to ignore that the developer has to list by hand;
    /// a record that moved meanwhile fails them. The CDK's standard tests read once.
    run {
        code: "READ-020",
        name: "reads-not-alike",
        level: Should,
        commands: [Read],
        authority: CdkConvention,
        source: "Airbyte connector acceptance tests: TestSequentialReads",
        depth: Standard,
        launches: [
            Launches::one("read.again", "full refresh, a second time"),
            Launches::one("read.third", "full refresh, to see whether what was missing is still there").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.full_refresh()?.complete()?;
    let second = lab.launch(lab.read_like(first, "read.again", "full refresh, a second time")?)?.complete()?;
    let (one, two) = (first.trail()?, second.trail()?);
    let missing = lacks(two, one)?;
    let (third, found) = match missing.counts.is_empty() {
        true => (None, Default::default()),
        false => {
            let ask =
                lab.read_like(first, "read.third", "full refresh, to see whether what was missing is still there")?;
            let third = lab.launch(ask.round(1))?.complete()?;
            (Some(third), find(third.trail()?, &missing)?)
        }
    };
    // Where records come that were not there, pages may shift while they are read, and it need not be the connector.
    let come = lacks(one, two)?;
    let mut conclusion = Conclusion::of(STATEMENT, third.unwrap_or(second));
    for (place, entry) in first.catalog()?.streams.iter().enumerate() {
        let stream = Some(&entry.stream.descriptor);
        let told = text::plural(missing.count_of(place), "record");
        let left_out: Vec<_> =
            missing.of(place).into_iter().filter(|missing| found.contains_key(&(place, missing.identity))).collect();
        if !left_out.is_empty() {
            let came = format!("it comes in {} as well", second.id);
            let line = |line: u64| evidence(&first.id, Some(line), &came, "it did not, and a third read has it again");
            let fault = Fault {
                cause: "left out",
                level: if come.count_of(place) > 0 { Level::Info } else { Level::Should },
                title: "a full refresh read leaves records out that are there".to_owned(),
                message: format!(
                    "{} of `{}` came in {} and in {}, and not in {} between them",
                    text::plural(left_out.len() as u64, "record"),
                    entry.stream.descriptor,
                    first.id,
                    third.map_or("a third read", |third| &third.id),
                    second.id
                ),
                evidence: left_out.iter().take(3).map(|missing| line(missing.entry.line)).collect(),
                case: Some(second.id.clone()),
            };
            conclusion.found(stream, fault);
        } else if missing.count_of(place) > 0 {
            let why = if entry.primary_key.is_empty() { "it has no key to know them again by, or " } else { "" };
            let reason =
                format!("inconclusive: {told} did not come in the second read, nor in a third: {why}the data moves");
            conclusion.inconclusive(stream, reason);
        } else if one.streams[place].records == 0 {
            conclusion.inconclusive(stream, "inconclusive: it has no records");
        } else {
            match volatile((first, &one.streams[place]), (second, &two.streams[place])) {
                Some(fault) => conclusion.found(stream, fault),
                None => conclusion.judged(stream),
            }
        }
    }
    Ok(conclusion)
}

/// Fields that have another value each time, in nearly all records that were compared.
fn volatile((first, one): (&Ran, &StreamTrail), (second, two): (&Ran, &StreamTrail)) -> Option<Fault> {
    const SHOWN: usize = 5;
    let (differing, both) = one.sample.differing(&two.sample);
    let is_volatile = |(_, count): &(String, usize)| both >= ENOUGH && count * 20 >= both * 19;
    let fields: Vec<String> = differing
        .into_iter()
        .filter(is_volatile)
        .map(|(name, count)| format!("`{}` differed in {count} of {both} records", text::shorten(&name, 100)))
        .take(SHOWN)
        .collect();
    (!fields.is_empty()).then(|| Fault {
        cause: "volatile",
        level: Level::Info,
        title: "a field has another value in each read".to_owned(),
        message: format!("of the records that came in {} and in {}, {}", first.id, second.id, fields.join(", ")),
        evidence: vec![evidence(&second.id, None, "the same values as in the read before", fields.join(", "))],
        case: None,
    })
}
