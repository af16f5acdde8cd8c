//! Configurations of which one field has a value that its schema refuses.

use super::naming::{shown, slug};
use super::spots::{Spot, Spots, is_of};
use super::{Draft, Kind};
use crate::protocol::schema::types;
use crate::protocol::secret_places;
use serde_json::{Number, Value, json};
use std::collections::HashSet;

/// The longest text that is made to be too long, in characters.
const LONGEST: u64 = 10_000;

/// A text that is no number, no date, no list and nothing else that somebody may have declared.
const NO_SUCH: &str = "no-such-value";

/// With a value of another type, one that no lenient reader takes for the declared one, in each field that has a type.
pub(super) fn of_wrong_type(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let wrong = move |spot: &Spot<'_>| {
        let (wanted, found, value) = foreign(&spot.schemas)?;
        let what = format!("with {found} in place of {wanted} in `{}`", shown(&spot.field));
        Some(draft(spots, spot, Kind::WrongType, "wrong-type-of", what, value))
    };
    // What tells branches apart has a kind of its own for values that are no branch's.
    spots.fields().filter(move |spot| !spots.is_discriminator(spot)).filter_map(wrong)
}

/// With a value that is not among those of the `enum`, in each place that has one.
pub(super) fn outside_enum(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let outside = move |spot: &Spot<'_>| {
        let allowed = spot.keyword("enum")?.as_array()?;
        let value = other_than(allowed)?;
        let what = format!("whose `{}` is not among the values of its `enum`", shown(&spot.field));
        Some(draft(spots, spot, Kind::OutsideEnum, "outside-enum-of", what, value))
    };
    places(spots).filter(move |spot| !spots.is_discriminator(spot)).filter_map(outside)
}

/// With another value than the `const`, in each field that has one and does not tell branches apart.
pub(super) fn outside_const(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let outside = move |spot: &Spot<'_>| {
        let value = other_than(std::slice::from_ref(spot.keyword("const")?))?;
        let what = format!("whose `{}` is not the only value that it may have", shown(&spot.field));
        Some(draft(spots, spot, Kind::OutsideConst, "outside-const-of", what, value))
    };
    places(spots).filter(move |spot| !spots.is_discriminator(spot)).filter_map(outside)
}

/// With a text that does not match the `pattern`, in each place that has one and is no secret.
pub(super) fn off_pattern(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let secrets = secrets(spots);
    let off = move |spot: &Spot<'_>| {
        spot.keyword("pattern").filter(|_| spot.value.is_string())?;
        let draft = |text: &str| {
            let what = format!("whose `{}` does not match its `pattern`", shown(&spot.field));
            draft(spots, spot, Kind::OffPattern, "off-pattern-of", what, json!(text))
        };
        // A pattern takes one of them or the other, hardly ever both. Of those that it refuses, the first counts.
        let compiled =
            crate::protocol::schema::CompiledSchema::compile(&json!({"pattern": spot.keyword("pattern")?})).ok()?;
        [NO_SUCH, "~ no such value ~", "?"].into_iter().find(|text| !compiled.accepts(&json!(text))).map(draft)
    };
    places(spots).filter(move |spot| !secrets.contains(&spot.pointer)).filter_map(off)
}

/// Beyond each bound of a number or a length, in each place that is no secret.
pub(super) fn out_of_bounds(spots: &Spots<'_>) -> impl Iterator<Item = Draft> {
    let secrets = secrets(spots);
    let beyond = move |spot: &Spot<'_>| {
        let found = [below(spot), above(spot), too_short(spot), too_long(spot), too_few(spot)];
        let drafts = found.into_iter().flatten().map(|(id, how, value)| {
            draft(spots, spot, Kind::OutOfBounds, id, format!("whose `{}` {how}", shown(&spot.field)), value)
        });
        drafts.collect::<Vec<_>>()
    };
    places(spots).filter(move |spot| !secrets.contains(&spot.pointer)).flat_map(beyond)
}

/// Fields and items, the root left out.
fn places<'s, 'a>(spots: &'s Spots<'a>) -> impl Iterator<Item = &'s Spot<'a>> {
    spots.all.iter().filter(|spot| spot.parent.is_some() && !spot.pointer.starts_with("/_"))
}

fn secrets(spots: &Spots<'_>) -> HashSet<String> {
    secret_places(spots.config, Some(spots.root)).into_iter().map(|place| place.pointer).collect()
}

fn draft(spots: &Spots<'_>, spot: &Spot<'_>, kind: Kind, id: &str, what: String, value: Value) -> Draft {
    let config = spots.with(&spot.pointer, value);
    Draft { id: format!("{id}-{}", slug(&spot.field)), what, pointer: Some(spot.pointer.clone()), kind, config }
}

/// What is wanted and what is given, in words, and a value that no reader can rightly take for what is wanted.
fn foreign(schemas: &[&Value]) -> Option<(&'static str, &'static str, Value)> {
    let mut wanted = schemas.iter().find_map(|schema| types(schema))?;
    wanted.retain(|kind| *kind != "null");
    let object = json!({"not": "expected"});
    Some(match wanted.as_slice() {
        ["string"] => ("text", "an object", object),
        ["boolean"] => ("true or false", "an object", object),
        ["array"] => ("an array", "an object", object),
        ["integer" | "number"] | ["integer", "number"] | ["number", "integer"] => {
            ("a number", "a text that is none", json!(NO_SUCH))
        }
        ["object"] => ("an object", "a text", json!(NO_SUCH)),
        [] => return None,
        several if !several.contains(&"object") => ("a single value or a list", "an object", object),
        _ => return None,
    })
}

/// A value of the type of the values, and none of them. None where no such value is certain.
fn other_than(values: &[Value]) -> Option<Value> {
    let first = values.iter().find(|value| !value.is_null())?;
    let candidate = match first {
        Value::String(_) => json!(NO_SUCH),
        Value::Number(_) => {
            let all = values.iter().filter_map(Value::as_i64);
            json!(all.max()?.checked_add(1)?)
        }
        _ => return None,
    };
    (!values.contains(&candidate)).then_some(candidate)
}

type Beyond = Option<(&'static str, &'static str, Value)>;

fn below(spot: &Spot<'_>) -> Beyond {
    let value = stepped(spot, ["minimum", "exclusiveMinimum"], -1)?;
    Some(("below-minimum-of", "is below its minimum", value))
}

fn above(spot: &Spot<'_>) -> Beyond {
    let value = stepped(spot, ["maximum", "exclusiveMaximum"], 1)?;
    Some(("above-maximum-of", "is above its maximum", value))
}

/// The bound of a number, and one step further.
fn stepped(spot: &Spot<'_>, keywords: [&str; 2], step: i8) -> Option<Value> {
    let bound = keywords.iter().find_map(|keyword| spot.keyword(keyword)).filter(|_| is_of(spot.value, "number"))?;
    let whole = bound.as_i64().map(|bound| bound.checked_add(step.into()).map(Number::from));
    whole.unwrap_or_else(|| Number::from_f64((bound.as_f64()? + f64::from(step)).trunc())).map(Value::Number)
}

fn too_short(spot: &Spot<'_>) -> Beyond {
    let (shortest, text) = (spot.keyword("minLength")?.as_u64()?, spot.value.as_str()?);
    let length = usize::try_from(shortest.checked_sub(1)?).ok()?;
    let cut: String = text.chars().take(length).collect();
    Some(("too-short", "is shorter than its `minLength`", json!(cut)))
}

fn too_long(spot: &Spot<'_>) -> Beyond {
    let (longest, text) = (spot.keyword("maxLength")?.as_u64()?, spot.value.as_str()?);
    let length = usize::try_from(longest).ok().filter(|_| longest < LONGEST)? + 1;
    let letters = if text.is_empty() { "x" } else { text };
    let long: String = letters.chars().cycle().take(length).collect();
    Some(("too-long", "is longer than its `maxLength`", json!(long)))
}

fn too_few(spot: &Spot<'_>) -> Beyond {
    let fewest = spot.keyword("minItems")?.as_u64()?;
    (fewest > 0 && spot.value.is_array()).then(|| ("no-items-in", "has no items, and needs some", json!([])))
}
