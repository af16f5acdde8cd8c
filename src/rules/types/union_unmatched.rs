use crate::protocol::schema::SchemaViolation;
use crate::protocol::types::{AirbyteType, Fault};
use crate::rules::{Findings, Level, Look, Observer, Violation, Watch, rule, typed};
use crate::text;

rule! {
    /// A value is of none of the types that its field may have, or of several branches of a `oneOf`.
    ///
    /// # What it checks
    /// Where the schema declares several types side by side, `"type": ["string", "integer"]`, `oneOf` or `anyOf`, the
    /// value is of one of them (MUST). Of a `oneOf` exactly one branch takes it (SHOULD otherwise). A `oneOf` of one
    /// type and null is not a union: its values are judged as that type's. A JSON column of a database, `airbyte_type:
    /// json`, takes anything.
    ///
    /// # Why it matters
    /// A destination picks a column by the branch. Of a value that fits none it makes null or text; of one that fits
    /// several, whatever it tries first.
    ///
    /// # Example
    /// With `"value": {"oneOf": [{"type": "string"}, {"type": "integer"}]}` in the schema:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"orders","data":{"value":true},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"value":"true"},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Add a branch for what really comes, and make branches tell themselves apart: leave `integer` out beside
    /// `number`, and give objects a member with a `const`. One type that holds all values is better for every
    /// destination. In Low-code and Python this is the stream's schema; in Java the type that a column is mapped to.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate records with the schema and find both; an `anyOf` passes whatever it
    /// overlaps with.
    UnionUnmatched {
        code: "TYPE-016",
        name: "union-matches-not-one-branch",
        level: Should,
        commands: [Read],
        authority: ProtocolText,
        source: "supported data types: Unions; AirbyteStream.json_schema",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct UnionUnmatched;

impl Observer for UnionUnmatched {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(found) = look.typed() else { return };
        typed::report(Fault::Union, "is of none of its types", look, findings);
        let types = look.stream().and_then(|stream| stream.types.as_ref());
        let is_union = |violation: &&SchemaViolation| {
            let is_branch = matches!(violation.keyword.as_str(), "oneOf" | "anyOf");
            let along = if is_branch { types.map(|types| types.along(&violation.pointer)) } else { None };
            along.is_some_and(|along| along.last() == Some(&AirbyteType::Union) && !along.contains(&AirbyteType::Jsonb))
                && !found.misfits.iter().any(|misfit| misfit.pointer == violation.pointer)
        };
        for violation in look.violations().iter().filter(is_union) {
            self.branches(violation, look, findings);
        }
    }
}

impl UnionUnmatched {
    fn branches(&self, violation: &SchemaViolation, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(stream) = look.stream() else { return };
        let (title, expected, level) = match violation.message.contains("more than one") {
            true => ("is of several of its branches", "a value of exactly one branch", Level::Should),
            false => ("is of none of its branches", "a value of one branch", Level::Must),
        };
        let cause = format!("{} {}", violation.schema_pointer, level.as_str());
        findings.report_stream(&cause, &stream.descriptor, || {
            let field = text::shorten(violation.pointer.trim_start_matches('/'), 80);
            let value = look.data().and_then(|data| data.pointer(&violation.pointer));
            let value = value.map_or(String::new(), |value| text::json(value, 160));
            let at = memchr::memmem::find(look.line.bytes, value.as_bytes()).unwrap_or(0);
            Violation::new(
                format!("`{field}` {title}"),
                format!("`{field}` of `{}` {title}: {value}", stream.descriptor),
            )
            .around(look.line, at)
            .pointer(format!("/record/data{}", violation.pointer))
            .expected(expected, value)
            .level(level)
        });
    }
}
