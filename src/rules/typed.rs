//! Telling values that do not fit their type: what the rules about types have in common.

use super::{Findings, Level, Look, Violation};
use crate::capture::REDACTED;
use crate::protocol::types::{Fault, Grade, Misfit};
use crate::text;

/// How much of a field's name is told.
const SHOWN: usize = 80;

/// Reports the values of the record that have that fault. `title` goes on from the field's name: `is no boolean`.
pub(super) fn report(fault: Fault, title: &str, look: &Look<'_>, findings: &mut Findings<'_>) {
    report_known(fault, title, None, look, findings);
}

/// Likewise, as known behaviour of a kit.
pub(super) fn report_known(
    fault: Fault,
    title: &str,
    kit: Option<&'static str>,
    look: &Look<'_>,
    findings: &mut Findings<'_>,
) {
    let (Some(typed), Some(stream)) = (look.typed(), look.stream()) else { return };
    // A value that we cut out ourselves was another one.
    let is_own = |misfit: &&Misfit| misfit.fault == fault && !misfit.value.contains(REDACTED);
    for misfit in typed.misfits.iter().filter(is_own) {
        let field = text::shorten(&misfit.field, SHOWN);
        let level = level_of(misfit);
        // What a kit does it does to every field: that is one cause.
        let cause = match kit {
            Some(kit) => kit.to_owned(),
            None => format!("{field} {}", level.map_or("", Level::as_str)),
        };
        findings.report_stream(&cause, &stream.descriptor, || {
            let is_moment = matches!(fault, Fault::Date | Fault::Zoned | Fault::Unzoned | Fault::Time);
            let title = if is_moment && misfit.grade == Grade::Tolerated { "has an unusual form" } else { title };
            let message = format!("`{field}` of `{}`: {}, {}", stream.descriptor, misfit.what, misfit.value);
            let title = if kit.is_some() { format!("fields: {title}") } else { format!("`{field}` {title}") };
            let violation = Violation::new(title, message)
                .around(look.line, place(misfit, look))
                .pointer(format!("/record/data{}", misfit.pointer))
                .expected(misfit.expected, misfit.value.clone());
            let violation = match level {
                Some(level) => violation.level(level),
                None => violation,
            };
            match kit {
                Some(kit) => violation.known_of(kit),
                None => violation,
            }
        });
    }
}

/// The level of a grade; None for the rule's own.
fn level_of(misfit: &Misfit) -> Option<Level> {
    match misfit.grade {
        Grade::Note => Some(Level::Info),
        Grade::Tolerated => Some(Level::Should),
        // Their rule weighs what is merely ambiguous.
        Grade::Wrong if misfit.fault == Fault::Union => Some(Level::Must),
        Grade::Wrong => None,
    }
}

/// Where in the line the value begins.
fn place(misfit: &Misfit, look: &Look<'_>) -> usize {
    let data = look.record().map_or("", |record| record.data.get()).as_bytes();
    let beginning = &data[..data.len().min(64)];
    memchr::memmem::find(look.line.bytes, beginning).map_or(0, |at| at + misfit.at)
}
