//! The excerpt of a line, with what is in question set apart.

/// An excerpt: what stands before the value in question, the value, and what stands behind it.
pub(super) type Apart<'r> = (&'r str, &'r str, &'r str);

/// Splits an excerpt around what is in question, where it is certain which that is: the value that was found, else the member that a JSON
/// pointer into the line names.
pub(super) fn set_apart<'r>(excerpt: &'r str, actual: Option<&str>, pointer: Option<&str>) -> Apart<'r> {
    let value = actual.filter(|value| value.len() > 1);
    let found = value.and_then(|value| Some((once(excerpt, value)?, value.len())));
    match found.or_else(|| member(excerpt, pointer?)) {
        Some((at, length)) => (&excerpt[..at], &excerpt[at..at + length], &excerpt[at + length..]),
        None => (excerpt, "", ""),
    }
}

/// Where a text stands that occurs once.
fn once(excerpt: &str, text: &str) -> Option<usize> {
    let at = excerpt.find(text)?;
    (excerpt.rfind(text) == Some(at)).then_some(at)
}

/// Where the member at a pointer stands in the excerpt of a line, and how long it is: its name, with its value where that is a scalar.
/// The names above it have to stand before it, unless the excerpt begins within the line.
fn member(excerpt: &str, pointer: &str) -> Option<(usize, usize)> {
    let keys = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
    let names: Vec<String> = keys.filter(|name| name.parse::<usize>().is_err()).map(|name| key(&name)).collect();
    let (name, above) = names.split_last()?;
    let at = once(excerpt, name)?;
    if !excerpt.starts_with('…') {
        let mut rest = &excerpt[..at];
        for name in above {
            rest = &rest[rest.find(name.as_str())? + name.len()..];
        }
    }
    let behind = &excerpt[at + name.len()..];
    let value = behind.trim_start().strip_prefix(':')?.trim_start();
    let gap = behind.len() - value.len();
    Some((at, name.len() + scalar(value).map_or(0, |length| gap + length)))
}

/// A name as JSON has it.
fn key(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// How long the scalar is that a text begins with; none where it is none, or is cut off.
fn scalar(text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix('"') {
        let mut is_escaped = false;
        let end = rest.bytes().position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })?;
        return Some(end + 2);
    }
    text.find([',', '}', ']']).filter(|_| !text.starts_with(['{', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_in_question_is_set_apart_where_it_is_certain() {
        let by_value = |excerpt, actual| set_apart(excerpt, Some(actual), None);
        assert_eq!(by_value(r#"{"id":"17"}"#, "\"17\""), ("{\"id\":", "\"17\"", "}"));
        assert_eq!(by_value("17 and 17", "17"), ("17 and 17", "", ""));
        assert_eq!(set_apart("17", None, None), ("17", "", ""));
    }

    #[test]
    fn a_pointer_sets_its_member_apart() {
        let marked = |excerpt, pointer| set_apart(excerpt, Some("it did not come"), Some(pointer)).1;
        let line = r#"{"type":"RECORD","record":{"data":{"id":1,"at": "a \"b\",c"}}}"#;
        assert_eq!(marked(line, "/record/data/at"), r#""at": "a \"b\",c""#);
        assert_eq!(marked(line, "/record/data/id"), r#""id":1"#);
        assert_eq!(marked(line, "/record/data"), r#""data""#, "of what is no scalar, its name");
        assert_eq!(marked(line, "/record/stream"), "");
        assert_eq!(marked(r#"{"type":"string"}"#, "/json_schema/properties/type"), "", "the excerpt is not the line");
        assert_eq!(marked(r#"{"at":1,"data":{"at":2}}"#, "/data/at"), "", "which of the two is not certain");
        assert_eq!(marked("…,\"at\":12}}}", "/record/data/at"), "\"at\":12");
        assert_eq!(marked("…,\"at\":\"20…", "/record/data/at"), "\"at\"", "a value that is cut off");
    }
}
