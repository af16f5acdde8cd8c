use crate::protocol::types::Fault;
use crate::rules::{Findings, Look, Observer, Watch, rule, typed};

rule! {
    /// A nested object has a member that the schema does not declare.
    ///
    /// # What it checks
    /// Within objects and arrays that the schema declares with `properties`, each member is among them. An object that
    /// says `additionalProperties`, that has no `properties`, or that is described by branches or a reference is not
    /// judged. Top-level fields are READ-007's; a member that `"additionalProperties": false` forbids is READ-006's.
    ///
    /// # Why it matters
    /// Destinations that make structures of nested objects drop what is not declared, or put it into a column for the
    /// rest that nobody reads. Others keep it as text. It depends on the destination whether the value arrives.
    ///
    /// # Example
    /// With `"address": {"type": "object", "properties": {"city": {"type": "string"}}}`:
    /// ```json
    /// bad:  {"type":"RECORD","record":{"stream":"customers","data":{"address":{"city":"Ulm","zip":"89073"}},"emitted_at":1700000000000}}
    /// good: {"type":"RECORD","record":{"stream":"customers","data":{"address":{"city":"Ulm"}},"emitted_at":1700000000000}}
    /// ```
    ///
    /// # How to mend it
    /// Declare the member, or say `"additionalProperties": true` where the members are not known beforehand (in Low-
    /// code and Python in the stream's schema, in Java in the type of the column), or drop it before the record is
    /// emitted.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests had an option `fail_on_extra_columns` for this; since 3.6 it is parsed and ignored.
    NestedFieldUndeclared {
        code: "READ-008",
        name: "nested-field-undeclared",
        level: Should,
        commands: [Read],
        authority: PlatformBehaviour,
        source: "destinations: additional properties of nested objects",
        watches: [Watch::DoubtfulRecord],
        about: Stream,
    }
}

#[derive(Default)]
struct NestedFieldUndeclared;

impl Observer for NestedFieldUndeclared {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        typed::report(Fault::Undeclared, "is not declared in the schema", look, findings);
    }
}
