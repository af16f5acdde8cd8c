use crate::protocol::scan::{DEEPEST, LONGEST_NUMBER};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// Values are nested very deep, or a number is very long.
    ///
    /// # What it checks
    /// Arrays and objects in a message nest at most 1,000 levels deep, and a number has at most 1,000 characters. The first
    /// 1,000 records of each stream are measured, later ones where a quick look gives a reason.
    ///
    /// # Why it matters
    /// Jackson, the parser of the platform and of the Java destinations, refuses more than that unless it is told otherwise:
    /// the line is taken for text, and the record is lost.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"total":3.333…2,000 digits},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"total":3.3333},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Round numbers to the digits that mean something, or emit them as strings. Emit a tree as one record for each node with
    /// the id of its parent, or as a string of JSON.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this: Python reads longer numbers, and a line
    /// that it can't read is logged and left out.
    ExtremeJson {
        code: "LINE-012",
        name: "extreme-json",
        level: Info,
        commands: [Spec, Check, Discover, Read, Write],
        authority: Inference,
        source: "Jackson: StreamReadConstraints, defaults",
        watches: [Watch::Within],
        about: Launch,
    }
}

#[derive(Default)]
struct ExtremeJson;

impl Observer for ExtremeJson {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(scan) = look.oddities() else { return };
        let mut report = |cause: &str, violation: &dyn Fn() -> Violation| match look.stream() {
            Some(stream) => findings.report_stream(cause, &stream.descriptor, violation),
            None => findings.report(cause, violation),
        };
        if scan.depth > DEEPEST {
            report("depth", &|| {
                let message = format!("arrays and objects nest {} levels deep", scan.depth);
                Violation::new("a message is nested very deep", message)
                    .on(look.line)
                    .expected(format!("at most {DEEPEST} levels"), format!("{} levels", scan.depth))
            });
        }
        if let Some((spot, length)) = &scan.number {
            report("number", &|| {
                let message = format!("the number at `{}` has {length} characters", spot.pointer);
                Violation::new("a number is very long", message)
                    .around(look.line, spot.at)
                    .pointer(spot.pointer.clone())
                    .expected(format!("at most {LONGEST_NUMBER} characters"), format!("{length} characters"))
            });
        }
    }
}
