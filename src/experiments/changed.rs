//! Whether what the suite's author changes in the data is delivered.

use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Halt, Lab, Ran};
use crate::protocol::Descriptor;
use crate::rules::{Level, Statement};
use crate::suite::{Change, Delivered, Step, When};
use crate::text;

fn changes<'l>(lab: &Lab<'l>, when: When) -> impl Iterator<Item = &'l Change> {
    lab.scenario.changes.iter().filter(move |change| change.when == when)
}

/// What the changes of that kind must deliver, as far as anybody states it.
pub fn all_sought(lab: &Lab<'_>, when: When) -> Vec<Delivered> {
    changes(lab, when).flat_map(|change| change.delivers.clone()).collect()
}

/// What the changes of that kind must deliver. Halts where the suite has none.
pub fn sought_of(lab: &Lab<'_>, when: When) -> Result<Vec<Delivered>, Halt> {
    let sought = all_sought(lab, when);
    let word = match when {
        When::Between => "between",
        When::During => "during",
    };
    match sought.is_empty() {
        true => Err(Halt::Cannot(format!("the scenario has no `changes` of the kind `{word}` that deliver something"))),
        false => Ok(sought),
    }
}

/// The steps of the changes of that kind, by name.
pub fn steps_of(lab: &Lab<'_>, when: When) -> Vec<(String, Step)> {
    changes(lab, when).map(|change| (change.name.clone(), change.step.clone())).collect()
}

/// The step that puts the data back, where changes were made before.
pub fn resets_of(lab: &Lab<'_>) -> Vec<(String, Step)> {
    let is_changed = changes(lab, When::Between).next().is_some();
    lab.scenario.reset.iter().filter(|_| is_changed).map(|step| ("reset".to_owned(), step.clone())).collect()
}

/// The reads that follow a change.
pub struct Followed<'l> {
    /// What they must deliver.
    pub sought: Vec<Delivered>,
    /// The read in whose middle the changes were made.
    pub before: Option<&'l Ran>,
    /// The read that goes on after them.
    pub second: &'l Ran,
    /// The id of the read after that.
    pub again: &'static str,
    /// The id of the read from the beginning.
    pub whole: &'static str,
}

/// Follows what was not delivered through another read, and to a read from the beginning, and concludes.
pub fn conclude(
    lab: &Lab<'_>,
    statement: Statement,
    level: Level,
    first: &Ran,
    followed: &Followed<'_>,
) -> Result<Conclusion, Halt> {
    let second = followed.second.complete()?;
    let came = |read: &Ran, place: usize| -> Result<bool, Halt> { Ok(read.trail()?.sought[place].1.is_some()) };
    let mut missing = Vec::new();
    for place in 0..followed.sought.len() {
        let before = followed.before.map_or(Ok(false), |read| came(read, place))?;
        if !before && !came(second, place)? {
            missing.push(place);
        }
    }
    let mut conclusion = Conclusion::of(statement, second);
    let mut streams: Vec<&Descriptor> = Vec::new();
    followed.sought.iter().for_each(|it| {
        if !streams.contains(&&it.stream) {
            streams.push(&it.stream)
        }
    });
    if missing.is_empty() {
        streams.into_iter().for_each(|stream| conclusion.judged(Some(stream)));
        return Ok(conclusion);
    }
    let ask = lab.read_like(first, followed.again, "incremental, from the state of the read after the changes")?;
    let ask = ask.late().looking_for(followed.sought.clone()).resuming(&second.id, second.final_state()?);
    let third = lab.launch(ask)?.complete()?;
    let ask = lab.read_like(first, followed.whole, "from the beginning, with the changes")?;
    let whole = lab.launch(ask.late().round(2).looking_for(followed.sought.clone()))?.complete()?;
    for stream in streams {
        let own = missing.iter().copied().filter(|place| followed.sought[*place].stream == *stream);
        let mut lost = Vec::new();
        let mut nowhere = 0;
        for place in own {
            match (came(third, place)?, whole.trail()?.sought[place].1) {
                (true, _) => {}
                (false, Some(line)) => lost.push((place, line)),
                (false, None) => nowhere += 1,
            }
        }
        match (lost.as_slice(), nowhere) {
            ([], 0) => conclusion.judged(Some(stream)),
            ([], _) => {
                conclusion.inconclusive(Some(stream), "inconclusive: no read has the record that the change makes")
            }
            (lost, _) => {
                let told = |(place, line): &(usize, u64)| {
                    let expected = format!("{} in {} or {}", shown(&followed.sought[*place]), second.id, third.id);
                    evidence(&whole.id, Some(*line), expected, "it came in a read from the beginning alone")
                };
                let fault = Fault {
                    cause: "change lost",
                    level,
                    title: "a change of the data is never delivered".to_owned(),
                    message: format!(
                        "{} of `{stream}` that the suite's changes make came neither in {} nor in {}, and a read from the \
                         beginning has {}",
                        text::plural(lost.len() as u64, "record"),
                        second.id,
                        third.id,
                        text::them(lost.len() as u64)
                    ),
                    evidence: lost.iter().map(told).collect(),
                    case: None,
                };
                conclusion.found(Some(stream), fault);
            }
        }
    }
    Ok(conclusion)
}

fn shown(record: &Delivered) -> String {
    text::json(&serde_json::Value::Object(record.key.clone()), 120)
}
