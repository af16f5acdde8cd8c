//! COMPAT-004.

use crate::compat::{Class, Step};
use crate::experiments::compared_records::{Compared, Group, compare};
use crate::experiments::compat_findings::{level_of_run, or_else};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::text;

experiment! {
    /// The two versions read other records.
    ///
    /// # What it checks
    /// `airproof compare` reads the streams that both versions have by both, and compares the records by primary key, all its parts; without
    /// one, as wholes, or by their number where the wholes differ from read to read. The two take turns: what differs between the control's
    /// own reads is no difference, and fields that do are left out, and so are those of which the catalogs tell different things. A null is
    /// as good as no field. Records that the control has in both reads
    /// and the target in neither of two are missing: breaking, a MUST, or a SHOULD where the label of the target begins a new
    /// major version. Records that only the target has, those with other values, and the same ones that come more or less often, are behavioural: a SHOULD.
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
            Launches::one("read.target", "the same by the connector").of_control(),
            Launches::one("read.control-again", "and by the other version, for what differs by itself").of_control(),
            Launches::one("read.target-stable", "the connector, without the fields that differ").of_control().on_doubt(),
            Launches::one("read.control-stable", "and the other version").of_control().on_doubt(),
            Launches::one("read.control-stable-again", "and once more").of_control().on_doubt(),
            Launches::one("read.target-again", "the connector once more").of_control().on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let Compared { control, target, groups, left_out, keyed_otherwise, redacted, unstable } = compare(lab)?;
    let mut conclusion = Conclusion::of(STATEMENT, target);
    for entry in &control.catalog()?.streams {
        let stream = &entry.stream.descriptor;
        if keyed_otherwise.contains(stream) {
            conclusion.inconclusive(Some(stream), "inconclusive: its keys are of another form, by the catalogs");
        } else if redacted.contains(stream) {
            conclusion.inconclusive(Some(stream), "inconclusive: secrets are cut out of its keys in the stored run");
        } else if unstable.contains(stream) && groups.iter().all(|group| group.stream != *stream) {
            let reason = match entry.primary_key.is_empty() {
                true => {
                    "inconclusive: it has no key, and its records differ from read to read; they are as many in both"
                }
                false => "inconclusive: its keys are others in each read; its records are as many in both",
            };
            conclusion.inconclusive(Some(stream), reason);
        } else {
            conclusion.judged(Some(stream));
        }
    }
    for Group { kind, stream, count, lines, fields } in groups {
        let words = kind.words();
        let told = text::plural(count, "record");
        let which = match fields.is_empty() {
            true => String::new(),
            false => format!(" (of those that were looked into: {})", fields.join(", ")),
        };
        let noise = match left_out.iter().filter(|(of, _)| *of == stream).count() as u64 {
            0 => String::new(),
            number => {
                format!("; {} left out, which differ by themselves or in the catalogs", text::plural(number, "field"))
            }
        };
        let step = if words.class == Class::Breaking { Step::Major } else { Step::Minor };
        let message = format!(
            "{}{which}{noise}. That demands a {} version{} ({})",
            words.told(count, &stream),
            step.as_str(),
            or_else(control),
            words.word
        );
        let shown = |line: &(String, u64)| evidence(&line.0, Some(line.1), words.expected, words.actual);
        let fault = Fault {
            cause: words.word,
            level: level_of_run(words.class, lab, control),
            title: format!("{}: {}", words.class.as_str(), words.title),
            message,
            evidence: match lines.is_empty() {
                true => vec![evidence(
                    &target.id,
                    None,
                    format!("as many records as in {}", control.id),
                    words.by_number(&told),
                )],
                false => lines.iter().map(shown).collect(),
            },
            case: Some(target.id.clone()),
        };
        conclusion.found_alone(Some(&stream), &stream.to_string(), fault);
    }
    Ok(conclusion)
}
