//! COMPAT-004.

use crate::compat::{Class, Step};
use crate::experiments::compared_records::{Compared, Group, compare};
use crate::experiments::compat_findings::{level_of, may_break};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::text;

experiment! {
    /// The two versions read other records.
    ///
    /// # What it checks
    /// `airproof compare` reads the streams that both versions have by both, and compares the records by primary key, all its parts; without
    /// one, as wholes. The control reads twice, before and after: what differs between its own reads is no difference, and fields that do
    /// are left out, and so are those of which the catalogs tell different things. Records that the control has in both reads
    /// and the target in neither of two are missing: breaking, a MUST, or a SHOULD where the label of the target begins a new
    /// major version. Records that only the target has, and those with other values, are behavioural: a SHOULD.
    ///
    /// # Why it matters
    /// What no longer comes is lost for everybody who upgrades, and nothing says so: the sync succeeds.
    ///
    /// # Example
    /// ```text
    /// bad:  1.4.0 reads 1,200 orders, 1.5.0 reads 600 of them
    /// good: the same 1,200 by both
    /// ```
    ///
    /// # How to mend it
    /// Look at the first of the records that are named, in both transcripts. What is meant to change belongs into the changelog.
    ///
    /// # What Airbyte's tests see
    /// Nothing. Their regression tests, which needed Airbyte's own connections, compared by the first part of the key.
    run {
        code: "COMPAT-004",
        name: "records-changed",
        level: Must,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "Airbyte: semantic versioning for connectors; live tests: records by primary key",
        depth: Quick,
        launches: [
            Launches::one("read.control", "the streams of both, in the other version").of_control(),
            Launches::one("read.control-again", "and once more, for what differs by itself").of_control(),
            Launches::one("read.target", "the same by the connector, without the fields that differ").of_control(),
            Launches::one("read.control-stable", "and by the other version, twice").of_control().on_doubt(),
            Launches::one("read.target-again", "the connector once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let Compared { control, target, groups, left_out, keyed_otherwise } = compare(lab)?;
    let may_break = may_break(lab, control);
    let mut conclusion = Conclusion::of(STATEMENT, target);
    for entry in &control.catalog()?.streams {
        let stream = &entry.stream.descriptor;
        match keyed_otherwise.contains(stream) {
            true => {
                conclusion.inconclusive(Some(stream), "inconclusive: its keys are of another form, by the catalogs")
            }
            false => conclusion.judged(Some(stream)),
        }
    }
    for Group { kind, stream, count, lines, fields } in groups {
        let words = kind.words();
        let told = text::plural(count, "record");
        let which = match fields.is_empty() {
            true => String::new(),
            false => format!(" (of those that were looked into: {})", fields.join(", ")),
        };
        let noise = match left_out {
            0 => String::new(),
            number => {
                format!("; {} left out, which differ by themselves or in the catalogs", text::plural(number, "field"))
            }
        };
        let step = if words.class == Class::Breaking { Step::Major } else { Step::Minor };
        let message = format!(
            "{told} of `{stream}` {}{which}{noise}. That demands a {} version ({})",
            words.happens,
            step.as_str(),
            words.word
        );
        let shown = |line: &(String, u64)| evidence(&line.0, Some(line.1), words.expected, words.actual);
        let fault = Fault {
            cause: words.word,
            level: level_of(words.class, may_break),
            title: format!("{}: {}", words.class.as_str(), words.title),
            message,
            evidence: lines.iter().map(shown).collect(),
            case: Some(target.id.clone()),
        };
        conclusion.found_alone(Some(&stream), &stream.to_string(), fault);
    }
    Ok(conclusion)
}
