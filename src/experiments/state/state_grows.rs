//! EXP-14.

use crate::experiments::altered::Measure;
use crate::experiments::altered_verdict::Verdicts;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::state::final_state_settles::next;
use crate::experiments::trail::in_step;
use crate::experiments::{Conclusion, Launches};
use crate::rules::Level;
use crate::text;
use serde_json::Value;

/// How much a state must have grown from one read to the next, in bytes: numbers and dates in it may change.
const LEAST: usize = 16;

experiment! {
    /// A stream's state grows with each read that brings nothing new.
    ///
    /// # What it checks
    /// Four incremental reads in a row, each from the final state of the one before; the third and fourth are made only where
    /// states grow. Of each stream, the size of its last state is compared. Growth is told where no read after the first brought a
    /// record that the first had not, and the state grew by sixteen bytes or more each time: at SHOULD, and at INFO where
    /// lists of partitions grow, since partitions without records may be new. How the size depends on the number of
    /// records is STATE-026's, as far as one read shows it.
    ///
    /// # Why it matters
    /// A state that lists every run or every record that it has seen becomes megabytes in months. Then each message is that
    /// long, databases refuse it, and the connection can only be reset.
    ///
    /// # Example
    /// The final states of two reads, of which the second found nothing:
    /// ```json
    /// bad:  {"cursor":7,"runs":["2024-06-01"]}   then   {"cursor":7,"runs":["2024-06-01","2024-06-02"]}
    /// good: {"cursor":7}   then   {"cursor":7}
    /// ```
    ///
    /// # How to mend it
    /// Keep the greatest cursor, not what led there. Merge slices that touch each other, and drop partitions that the parent no
    /// longer has.
    ///
    /// # What Airbyte's tests see
    /// They do not look at the size of states, and read no more than twice in a row.
    run {
        code: "EXP-14",
        name: "state-grows-without-news",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from where states are kept (STATE-026)",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.from-final-state", "incremental, from the final state"),
            Launches::up_to(0, 1, "read.from-second-state", "incremental, from the final state of that"),
            Launches::up_to(0, 1, "read.from-third-state", "incremental, from the final state of that").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_final_state(lab)?;
    let ask =
        next(lab, &by, by.rest, "read.from-second-state", "incremental, from the final state of the second read")?;
    let third = lab.launch(ask)?.complete()?;
    let mut chain = vec![by.whole, by.rest, third];
    let streams = by.whole.trail()?.streams.len();
    let does_grow = |chain: &[&Ran], place: usize| {
        let sizes: Vec<usize> = chain.iter().map(|read| size(read, place)).collect();
        sizes.windows(2).all(|pair| pair[0] > 0 && pair[1] >= pair[0] + LEAST)
    };
    if (0..streams).any(|place| does_grow(&chain, place)) {
        let ask =
            next(lab, &by, third, "read.from-third-state", "incremental, from the final state of the third read")?;
        chain.push(lab.launch(ask)?.complete()?);
    }
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let news = news(&chain)?;
    for (place, news) in news.into_iter().enumerate() {
        match (size(by.whole, place), does_grow(&chain, place), news) {
            (0, ..) => verdicts.note(place, Err("inconclusive: it has no state of its own".to_owned())),
            (_, false, _) => verdicts.note(place, Ok(())),
            (_, true, true) => {
                verdicts.note(place, Err("inconclusive: its state grows, and new records come".to_owned()));
            }
            (_, true, false) => verdicts.found(Some(place), &by, describe(&chain, place))?,
        }
    }
    verdicts.conclude(&by)
}

fn blob(read: &Ran, place: usize) -> Option<&Value> {
    let entry = read.catalog.as_ref()?.streams.get(place)?;
    read.summary.final_state.of_stream(&entry.stream.descriptor)
}

/// The size of a stream's last state, in bytes; 0 where there is none.
fn size(read: &Ran, place: usize) -> usize {
    blob(read, place).map_or(0, |blob| blob.to_string().len())
}

/// Of each stream, whether a read after the first brought a record that the first did not have.
fn news(chain: &[&Ran]) -> Result<Vec<bool>, Halt> {
    let first = chain[0].trail()?;
    let mut news = vec![false; first.streams.len()];
    for later in &chain[1..] {
        in_step([&first.records, &later.trail()?.records], |group| {
            news[group.stream] |= group.of(0).is_empty();
        })?;
    }
    Ok(news)
}

/// How many partitions a state lists, by what the CDKs call them.
fn partitions(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            usize::from(members.contains_key("partition")) + members.values().map(partitions).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(partitions).sum(),
        _ => 0,
    }
}

fn describe(chain: &[&Ran], place: usize) -> Fault {
    let listed: Vec<usize> = chain.iter().filter_map(|read| blob(read, place)).map(partitions).collect();
    let level = if listed.first() < listed.last() { Level::Info } else { Level::Should };
    let sizes: Vec<String> = chain.iter().map(|read| text::bytes(size(read, place) as u64)).collect();
    let last = chain[chain.len() - 1];
    Fault {
        cause: "grows",
        level,
        title: "a stream's state grows with each read that brings nothing new".to_owned(),
        message: format!("the final states of {} reads in a row had {}", chain.len(), sizes.join(", then ")),
        evidence: vec![evidence(&last.id, None, "a state no larger than before", sizes[sizes.len() - 1].clone())],
        case: Some(last.id.clone()),
    }
}
