//! EXP-25.

use crate::experiments::altered::{End, Measure, end_of};
use crate::experiments::altered_verdict::Verdicts;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::trail::{Entry, in_step};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::ConfiguredStream;
use crate::rules::Level;
use crate::text;
use serde_json::{Value, json};

experiment! {
    /// Where the user has chosen another cursor, the old one's value decides what comes.
    ///
    /// # What it checks
    /// Streams whose cursor the user chooses (no `source_defined_cursor`), with a second field of numbers or moments in their
    /// schema. A state from the middle of the read by one cursor is given to a read by the other. Everything must come
    /// that comes by the other cursor without state, or the read must fail and say why. Where records are missing twice
    /// that are still there, it is told at SHOULD if the missing ones are all before those that came by the new cursor, or nothing
    /// came; else, and where the read went on by the old cursor as if nothing had been changed, at INFO.
    ///
    /// # Why it matters
    /// A user who changes the cursor expects the platform to sort it out. A value of `id` that is compared with `version` leaves out
    /// whatever happens to be smaller, for good.
    ///
    /// # Example
    /// A state of `{"id":900}`, and a catalog with `"cursor_field":["version"]`:
    /// ```json
    /// bad:  (SELECT … WHERE version > 900: nothing comes)
    /// good: (everything comes, ordered by version; or: "The cursor of orders has changed from id to version. Reset the stream.")
    /// ```
    ///
    /// # How to mend it
    /// Keep the cursor's name in the state beside its value, compare it with the catalog's, and start over where they differ.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests use one cursor for each stream.
    run {
        code: "EXP-25",
        name: "old-cursor-filters-new",
        level: Should,
        commands: [Read],
        authority: Inference,
        source: "follows from the protocol: the configured cursor is the user's choice",
        depth: Certification,
        launches: [
            Launches::up_to(0, 1, "read.checkpoint", "incremental, from a state in the middle"),
            Launches::up_to(0, 1, "read.other-cursor", "incremental by another cursor, from a state of the first"),
            Launches::up_to(0, 1, "read.other-cursor-whole", "incremental by another cursor, from the beginning"),
            Launches::up_to(0, 2, "read.other-cursor", "both once more").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let by = Measure::by_middle_state(lab)?;
    let streams = &by.whole.catalog()?.streams;
    let others: Vec<Option<String>> = streams.iter().map(other_cursor).collect();
    if others.iter().all(Option::is_none) {
        return Err(Halt::Cannot(
            "no stream leaves its cursor to the user and has two that can be compared".to_owned(),
        ));
    }
    let mut catalog = by.whole.catalog()?.raw.clone();
    for (place, other) in others.iter().enumerate() {
        if let Some(other) = other {
            catalog["streams"][place]["cursor_field"] = json!([other]);
        }
    }
    let whole = by.ask(lab, "read.other-cursor-whole", "incremental by another cursor, from the beginning")?;
    let whole = whole.catalog(catalog.clone());
    let ask = by.ask(lab, "read.other-cursor", "incremental by another cursor, from a state of the first")?;
    let ask = ask.catalog(catalog).state(by.state.clone());
    let reads = lab.launches([whole.clone(), ask.clone()])?;
    let (whole_read, read) = (reads[0].complete()?, reads[1]);
    let mut verdicts = Verdicts::of(STATEMENT, &by);
    let places = (0..streams.len()).filter(|place| others[*place].is_some());
    if let End::Unknown(reason) = end_of(read) {
        return Err(Halt::Cannot(format!("inconclusive: {reason}")));
    }
    let is_doubtful = match end_of(read) {
        End::Came => came(&by, [whole_read, read, read, whole_read])?.iter().any(Came::differs),
        End::Refused { error, .. } => error.is_none(),
        End::Unknown(_) => false,
    };
    let after = match is_doubtful {
        false => vec![read, whole_read],
        true => {
            let again = Ask { id: format!("{}-again", ask.id), ..ask.round(1) };
            let whole_again = Ask { id: format!("{}-again", whole.id), ..whole.round(1) };
            lab.launches([again, whole_again])?
        }
    };
    after[1].complete()?;
    if std::mem::discriminant(&end_of(after[0])) != std::mem::discriminant(&end_of(read)) {
        return Err(Halt::Cannot(format!("inconclusive: {} and {} did not end alike", read.id, after[0].id)));
    }
    let came = match end_of(read) {
        End::Came => came(&by, [whole_read, read, after[0].complete()?, after[1].complete()?])?,
        _ => vec![Came::default(); streams.len()],
    };
    for place in places {
        let other = others[place].as_deref().unwrap_or_default();
        match (end_of(read), came[place].whole) {
            (End::Refused { error: None, how }, _) => verdicts.found(Some(place), &by, crashes(read, &how))?,
            (End::Refused { .. }, _) => verdicts.note(place, Ok(())),
            (_, 0) => verdicts.note(place, Err("inconclusive: it has no records".to_owned())),
            _ if came[place].differs() => {
                verdicts.found(Some(place), &by, came[place].describe((whole_read, read), &streams[place], other))?;
            }
            _ => verdicts.note(place, Ok(())),
        }
    }
    verdicts.conclude(&by)
}

/// Another field that can serve as cursor: of the same type if there is one, and no key rather than one.
fn other_cursor(entry: &ConfiguredStream) -> Option<String> {
    let fields = entry.stream.json_schema().get("properties")?.as_object()?;
    let [cursor] = entry.cursor_field.as_slice() else { return None };
    let own = sort(fields.get(cursor)?)?;
    if entry.stream.source_defined_cursor() {
        return None;
    }
    let is_key = |name: &String| entry.primary_key.iter().any(|path| path.first() == Some(name));
    let others = fields.iter().filter(|(name, _)| *name != cursor && !name.starts_with("_ab"));
    let sorted = others.filter_map(|(name, schema)| Some((sort(schema)? != own, is_key(name), name)));
    sorted.min_by_key(|(differs, is_key, _)| (*differs, *is_key)).map(|(.., name)| name.clone())
}

/// Whether a field is of numbers or of moments.
fn sort(schema: &Value) -> Option<&'static str> {
    let is_of = |word: &str| {
        let types = &schema["type"];
        types == word || types.as_array().is_some_and(|all| all.iter().any(|one| one == word))
    };
    let is_moment = || matches!(schema["format"].as_str(), Some("date" | "date-time"));
    match (is_of("integer") || is_of("number"), is_of("string") && is_moment()) {
        (true, false) => Some("number"),
        (false, true) => Some("moment"),
        _ => None,
    }
}

/// What came of one stream by the other cursor.
#[derive(Default, Clone)]
struct Came {
    whole: u64,
    missing: u64,
    line: Option<u64>,
    /// The greatest other cursor of what is missing, and the least of what came.
    missing_to: Option<i64>,
    came_from: Option<i64>,
    /// Records that came, or did not, against what comes from the state by its own cursor.
    unlike_old: u64,
}

fn came(by: &Measure<'_>, reads: [&Ran; 4]) -> Result<Vec<Came>, Halt> {
    let mut streams = vec![Came::default(); by.whole.trail()?.streams.len()];
    let [whole, read, again, whole_again] = reads;
    let sets = [whole.trail()?, read.trail()?, again.trail()?, whole_again.trail()?, by.rest.trail()?];
    in_step(sets.map(|trail| &trail.records), |group| {
        let stream = &mut streams[group.stream];
        let Some(last) = group.of(0).last() else { return };
        let ordered = Some(last.cursor).filter(|cursor| *cursor != Entry::NO_CURSOR);
        stream.whole += 1;
        let came = !group.of(1).is_empty() || !group.of(2).is_empty();
        stream.unlike_old += u64::from(came == group.of(4).is_empty());
        if came {
            stream.came_from = stream.came_from.map_or(ordered, |least| ordered.map(|own| own.min(least)));
        } else if !group.of(3).is_empty() {
            stream.missing += 1;
            stream.line.get_or_insert(last.line);
            stream.missing_to = stream.missing_to.max(ordered);
        }
    })?;
    Ok(streams)
}

impl Came {
    fn differs(&self) -> bool {
        self.missing > 0
    }

    fn describe(&self, (whole, read): (&Ran, &Ran), stream: &ConfiguredStream, other: &str) -> Fault {
        let is_filtered = match (self.missing_to, self.came_from) {
            (Some(missing_to), Some(came_from)) => missing_to < came_from,
            _ => self.missing == self.whole,
        };
        let old = stream.cursor_field.join(".");
        let other = text::shorten(other, 60);
        let (level, how) = match (self.unlike_old, is_filtered) {
            (0, _) => (Level::Info, format!("what came is what the state brings by `{old}`")),
            (_, true) if self.missing == self.whole => (Level::Should, "nothing came".to_owned()),
            (_, true) => (Level::Should, format!("they are those with the least `{other}`")),
            (_, false) => (Level::Info, format!("they are neither those with the least `{other}` nor all")),
        };
        Fault {
            cause: "filters",
            level,
            title: "records do not come where the user has chosen another cursor".to_owned(),
            message: format!(
                "{} was given a state of the cursor `{old}` and reads by `{other}`: {} of {} did not come, in two attempts; {how}",
                read.id,
                text::count(self.missing),
                text::plural(self.whole, "record"),
            ),
            evidence: vec![evidence(&whole.id, self.line, format!("it comes in {}", read.id), "it did not come")],
            case: Some(read.id.clone()),
        }
    }
}

fn crashes(read: &Ran, how: &str) -> Fault {
    Fault {
        cause: "crashes",
        level: Level::Should,
        title: "a read crashes where the user has chosen another cursor".to_owned(),
        message: format!("{} failed ({how}), and no TRACE/ERROR says why", read.id),
        evidence: vec![evidence(&read.id, None, "a TRACE/ERROR", how)],
        case: Some(read.id.clone()),
    }
}
