use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

rule! {
    /// A member stands twice in one object.
    ///
    /// # What it checks
    /// No object within a message has two members of one name, however deep. The first 1,000 records of each stream are
    /// searched, later ones where a quick look gives a reason. Where a member that the protocol names stands twice, so that
    /// the message can't be read, LINE-014 says so.
    ///
    /// # Why it matters
    /// JSON leaves open which of the two counts. The platform and most destinations take the last and drop the other
    /// without a word; some parsers take the first, and some refuse the line.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"id":17,"id":18},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":17,"parent_id":18},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Make records from maps, not from text or lists of pairs: a Python `dict` and a Jackson `ObjectNode` can't hold a name
    /// twice. The usual origin is a query that joins two tables and a row that is written column by column: give the columns
    /// names of their own.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests and the CDK's standard tests do not look at this: their parser keeps the last member.
    MemberStandsTwice {
        code: "LINE-008",
        name: "member-stands-twice",
        level: Should,
        commands: [Spec, Check, Discover, Read, Write],
        authority: ProtocolText,
        source: "airbyte-protocol: serialized JSON; RFC 8259, section 4",
        watches: [Watch::Within],
        about: Launch,
    }
}

#[derive(Default)]
struct MemberStandsTwice;

impl Observer for MemberStandsTwice {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for spot in look.oddities().iter().flat_map(|scan| &scan.repeated) {
            let (cause, place) = match spot.is_free {
                true => ("content", "in what a message carries"),
                false => ("message", "in a message"),
            };
            let describe = || {
                Violation::new(
                    format!("a member stands twice {place}"),
                    format!(
                        "`{}` stands twice in its object; which of the two counts is left to the reader",
                        spot.pointer
                    ),
                )
                .around(look.line, spot.at)
                .pointer(spot.pointer.clone())
            };
            match look.stream() {
                Some(stream) => findings.report_stream(cause, &stream.descriptor, describe),
                None => findings.report(cause, describe),
            }
        }
    }
}
