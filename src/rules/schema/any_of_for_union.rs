use crate::protocol::Kind;
use crate::protocol::schema::vocabulary::is_only_null;
use crate::rules::{Findings, Level, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;

rule! {
    /// A stream's schema has `anyOf`, where Airbyte knows `oneOf`.
    ///
    /// # What it checks
    /// No schema within a stream's `json_schema` has the keyword `anyOf`. Beside a `type` it is reported at INFO:
    /// destinations go by the `type`, and validators by both.
    ///
    /// # Why it matters
    /// Fields that may be of several types are described with `oneOf`, or a list as `type`; `anyOf` is not among
    /// Airbyte's types. Some destinations take it for `oneOf`, others see a field without type, and it becomes text or
    /// null there.
    ///
    /// # Example
    /// ```json
    /// bad:  {"anyOf":[{"type":"string"},{"type":"null"}]}
    /// good: {"type":["null","string"]}
    /// ```
    ///
    /// # How to mend it
    /// For one type or null, a list as `type`; for objects of several kinds, `oneOf`. Pydantic writes `anyOf` for each
    /// `Optional` and `Union`: in the Python CDK, `rename_key(schema, "anyOf", "oneOf")` of
    /// `airbyte_cdk.sources.utils.schema_helpers` makes `oneOf` of all of them.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests refuse `anyOf` in the specification, not in the schemas of streams.
    AnyOfForUnion {
        code: "SCHEMA-004",
        name: "any-of-for-union",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: Unions",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct AnyOfForUnion;

impl Observer for AnyOfForUnion {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            // What stands beside a reference is SCHEMA-002's.
            let Some(Value::Array(branches)) = place.keyword("anyOf").filter(|_| place.keyword("$ref").is_none())
            else {
                continue;
            };
            let has_type = place.keyword("type").is_some();
            let (cause, title, expected) = match branches.iter().filter(|branch| !is_only_null(branch)).count() {
                _ if has_type => {
                    ("beside a type", "`anyOf` beside a `type` says nothing to destinations", "no `anyOf`")
                }
                0 | 1 => ("or null", "`anyOf` says that a field may be null", "a list with \"null\" as `type`"),
                _ => ("several", "`anyOf` says that a field may be one of several", "`oneOf`, or a list as `type`"),
            };
            findings.report_stream(cause, place.descriptor(), || {
                let found = text::json(&Value::Array(branches.iter().take(5).cloned().collect()), 120);
                let message = format!("{} is described with `anyOf`", place.owner());
                let told = place.violation(look, "anyOf", title, message).expected(expected, found);
                if has_type { told.level(Level::Info) } else { told }
            });
        }
    }
}
