use crate::protocol::Kind;
use crate::protocol::schema::Place;
use crate::protocol::schema::vocabulary::{is_json_column, is_only_null, named_types};
use crate::rules::{Described, Findings, Look, Observer, Watch, rule};
use crate::text;
use serde_json::Value;
use std::collections::BTreeSet;

rule! {
    /// A field may be of several types.
    ///
    /// # What it checks
    /// Each `type` in a stream's schema names one type, and `null` beside it if need be; each `oneOf` without a `type`
    /// has one branch, and one for null. The columns that Airbyte's database sources make for JSON are left out:
    /// `"airbyte_type": "json"` with a `oneOf`. `anyOf` is SCHEMA-004's.
    ///
    /// # Why it matters
    /// Few destinations have a column type for "text or number". Most store such a field as text, or as JSON, whichever
    /// of the types a value has, and some do not behave as expected. Users have to cast it in every query.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":["null","string","integer"]}
    /// good: {"type":["null","string"]}
    /// ```
    ///
    /// # How to mend it
    /// Choose the type that holds all values, and emit them as that: `number` for integers and fractions, `string` for
    /// codes with and without letters. Python CDK: a `TypeTransformer` with `DefaultSchemaNormalization` casts records to
    /// the schema; Low-code: `schema_normalization: Default` on the record selector. For objects of several kinds, one
    /// object with the fields of all, each nullable.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not mind unions.
    FieldOfSeveralTypes {
        code: "SCHEMA-007",
        name: "field-of-several-types",
        level: Should,
        commands: [Discover],
        authority: ProtocolText,
        source: "supported data types: Unions",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct FieldOfSeveralTypes;

impl Observer for FieldOfSeveralTypes {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.described() {
            let Some((keyword, what)) = union(&place) else { continue };
            findings.report_stream(&what, place.descriptor(), || {
                let found = text::json(place.keyword(keyword).unwrap_or(&Value::Null), 120);
                let expected = match what.as_str() {
                    "integer or number" => "\"number\", which holds both",
                    _ => "one type, and null beside it if need be",
                };
                let message = format!("{} may be {what}", place.owner());
                place.violation(look, keyword, format!("a field may be {what}"), message).expected(expected, found)
            });
        }
    }
}

/// The keyword that makes a union of this schema, and its types in words.
fn union(place: &Described<'_, '_>) -> Option<(&'static str, String)> {
    let (schema, is_root) = (place.schema, place.field.is_empty());
    let is_of_others = matches!(place.place, Place::Branch { keyword, .. } if keyword != "oneOf");
    if is_of_others || schema.get("$ref").is_some() || is_json_column(schema) {
        return None;
    }
    match (schema.get("type"), schema.get("oneOf")) {
        (Some(_), _) => {
            let types = named_types(schema);
            (types.len() > 1).then(|| ("type", types.join(" or ")))
        }
        // A root without a type is DISC-006's; branches without one are SCHEMA-005's.
        (None, Some(Value::Array(branches))) if !is_root => {
            let typed = || branches.iter().filter(|branch| branch.get("type").is_some() && !is_only_null(branch));
            let types: BTreeSet<&str> = typed().flat_map(named_types).collect();
            let types: Vec<&str> = types.into_iter().collect();
            (typed().nth(1).is_some()).then(|| match types.as_slice() {
                [only] => ("oneOf", format!("one of several kinds of {only}")),
                all => ("oneOf", all.join(" or ")),
            })
        }
        _ => None,
    }
}
