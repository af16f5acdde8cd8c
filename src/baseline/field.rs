//! Which field of a stream a change is about, whichever subject shows it: `/json_schema/properties/x` of the catalog,
//! `/fields/x` of the shape and `/records/17/x` of the records are all the field `x`.

use super::Subject;
use super::difference::{named_types, type_of};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// A field of a stream, by its path; `*` stands for the items of a list. `whole` where the change is the field itself
    /// and not something of it.
    Field { path: Vec<String>, whole: bool },
    /// A record of the sample, as a whole.
    Record,
    /// Anything else, at its place.
    Other,
}

/// What a change at this place of a subject is about.
pub(super) fn about(subject: &Subject, pointer: &str) -> About {
    let segments: Vec<String> =
        pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match subject {
        Subject::Catalog(_) => in_schema(&segments),
        Subject::Shape(_) => in_shape(&segments),
        Subject::Records(_) => in_records(&segments),
        _ => About::Other,
    }
}

fn in_schema(segments: &[&str]) -> About {
    let mut rest = match segments {
        ["json_schema" | "schema", rest @ ..] => rest,
        _ => return About::Other,
    };
    let mut path = Vec::new();
    loop {
        rest = match rest {
            ["properties", name, rest @ ..] => {
                path.push((*name).to_owned());
                rest
            }
            ["items", rest @ ..] if !path.is_empty() => {
                path.push("*".to_owned());
                rest
            }
            ["oneOf" | "anyOf" | "allOf", _, rest @ ..] if !path.is_empty() => rest,
            _ if path.is_empty() => return About::Other,
            _ => return About::Field { path, whole: rest.is_empty() },
        }
    }
}

fn in_shape(segments: &[&str]) -> About {
    let mut rest = segments;
    let mut path = Vec::new();
    loop {
        rest = match rest {
            ["fields" | "properties", name, rest @ ..] => {
                path.extend(written_path(name));
                rest
            }
            ["items", rest @ ..] if !path.is_empty() => {
                path.push("*".to_owned());
                rest
            }
            _ if path.is_empty() => return About::Other,
            _ => return About::Field { path, whole: rest.is_empty() },
        }
    }
}

/// The parts of a path that is written as one text: `/address/city`, `address.city`, `tags[]`.
fn written_path(text: &str) -> Vec<String> {
    let parts: Vec<&str> = match text.strip_prefix('/') {
        Some(pointer) => pointer.split('/').collect(),
        None => text.split('.').collect(),
    };
    let mut path = Vec::new();
    for part in parts {
        let name = part.trim_end_matches("[]");
        if !name.is_empty() {
            path.push(match name.parse::<usize>() {
                Ok(_) => "*".to_owned(),
                Err(_) => name.replace("~1", "/").replace("~0", "~"),
            });
        }
        path.extend((0..(part.len() - name.len()) / 2).map(|_| "*".to_owned()));
    }
    path
}

fn in_records(segments: &[&str]) -> About {
    let of_sample = |segment: &&str| ["records", "first", "last", "random", "sample", "sampled"].contains(segment);
    match segments {
        [group, _key] if of_sample(group) => About::Record,
        [group, _key, path @ ..] if of_sample(group) => {
            let path = path.iter().map(|part| if part.parse::<usize>().is_ok() { "*" } else { part });
            About::Field { path: path.map(str::to_owned).collect(), whole: true }
        }
        _ => About::Other,
    }
}

/// The types that a subject says a field has, given what stands at the field itself.
pub(super) fn types(subject: &Subject, value: &Value) -> BTreeSet<String> {
    let named = match subject {
        Subject::Records(_) => return BTreeSet::from([type_of(value).to_owned()]),
        _ => value.get("type").or_else(|| value.get("types")).and_then(named_types),
    };
    named.unwrap_or_default().into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Descriptor;

    #[test]
    fn one_field_is_known_in_every_subject() {
        let stream = || Descriptor::named("orders");
        let (catalog, shape, records) =
            (Subject::Catalog(stream()), Subject::Shape(stream()), Subject::Records(stream()));
        let field =
            |path: &[&str], whole| About::Field { path: path.iter().map(|part| (*part).into()).collect(), whole };
        for (subject, pointer, expected) in [
            (&catalog, "/json_schema/properties/x", field(&["x"], true)),
            (&catalog, "/json_schema/properties/a/properties/b/type", field(&["a", "b"], false)),
            (&catalog, "/json_schema/properties/tags/items/properties/b", field(&["tags", "*", "b"], true)),
            (&catalog, "/json_schema/properties/properties", field(&["properties"], true)),
            (&catalog, "/supported_sync_modes", About::Other),
            (&catalog, "/json_schema/additionalProperties", About::Other),
            (&shape, "/fields/x", field(&["x"], true)),
            (&shape, "/fields/a.b/types", field(&["a", "b"], false)),
            (&shape, "/fields/~1tags~1*~1b", field(&["tags", "*", "b"], true)),
            (&shape, "/fields/tags[].b", field(&["tags", "*", "b"], true)),
            (&shape, "/count", About::Other),
            (&records, "/records/17/x", field(&["x"], true)),
            (&records, "/records/17/tags/3/b", field(&["tags", "*", "b"], true)),
            (&records, "/records/17", About::Record),
            (&records, "/count", About::Other),
            (&Subject::Specification, "/connectionSpecification/properties/x", About::Other),
        ] {
            assert_eq!(about(subject, pointer), expected, "{pointer}");
        }
    }
}
