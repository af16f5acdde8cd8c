//! Picking single values out of raw JSON, without building a tree of the rest.

use super::schema::reader::Reader;

/// The value at `path` of valid JSON, as written: the first, where a member stands twice. None where there is none.
/// Reads no further than to its end.
pub fn pick<'j>(json: &'j str, path: &[String]) -> Option<&'j str> {
    let (name, rest) = path.split_first()?;
    let mut reader = Reader::new(json);
    reader.peek().filter(|first| *first == b'{')?;
    let mut goes_on = reader.opens(b'}')?;
    while goes_on {
        if reader.member()? == name.as_str() {
            let found = reader.taken()?;
            return if rest.is_empty() { Some(found) } else { pick(found, rest) };
        }
        reader.peek()?;
        reader.skip()?;
        goes_on = reader.goes_on()?;
    }
    None
}

/// The members of a valid JSON object, each name with its value as written. None where it is no object.
pub fn members(json: &str) -> Option<impl Iterator<Item = (std::borrow::Cow<'_, str>, &str)>> {
    let mut reader = Reader::new(json);
    reader.peek().filter(|first| *first == b'{')?;
    let mut goes_on = reader.opens(b'}')?;
    Some(std::iter::from_fn(move || {
        if !goes_on {
            return None;
        }
        let member = (reader.member()?, reader.taken()?);
        goes_on = reader.goes_on()?;
        Some(member)
    }))
}

/// The items of a valid JSON array, each as written. None where it is no array.
pub fn items(json: &str) -> Option<impl Iterator<Item = &str>> {
    let mut reader = Reader::new(json);
    reader.peek().filter(|first| *first == b'[')?;
    let mut goes_on = reader.opens(b']')?;
    Some(std::iter::from_fn(move || {
        if !goes_on {
            return None;
        }
        let item = reader.taken()?;
        goes_on = reader.goes_on()?;
        Some(item)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_as_written() {
        let json = r#"{"a": {"b": 1.50, "c": "x"}, "n": 12345678901234567890123}"#;
        let path = |parts: &[&str]| parts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(pick(json, &path(&["a", "b"])), Some("1.50"));
        assert_eq!(pick(json, &path(&["n"])), Some("12345678901234567890123"));
        assert_eq!(pick(json, &path(&["a", "x"])), None);
        assert_eq!(pick(json, &path(&["n", "x"])), None);
        assert_eq!(
            pick(r#" { "x" : [ {} , "}" ] , "\u0061" : { "b" : "\"," } }"#, &path(&["a", "b"])),
            Some(r#""\",""#)
        );
        let all: Vec<(String, &str)> =
            members(json).expect("an object").map(|(name, value)| (name.into(), value)).collect();
        assert_eq!(all[1], ("n".to_owned(), "12345678901234567890123"));
        assert_eq!(items(r#"[1.50, {"a": [2]}]"#).expect("an array").collect::<Vec<_>>(), ["1.50", r#"{"a": [2]}"#]);
        assert!(items("{}").is_none() && items("[ ]").is_some_and(|mut items| items.next().is_none()));
        assert!(members("[]").is_none() && members("{}").is_some_and(|mut members| members.next().is_none()));
    }
}
