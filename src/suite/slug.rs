//! Names as parts of ids and of file names.

use std::collections::HashSet;

/// A name as part of an id: letters and digits of ASCII, dashes between. None where nothing is left.
fn slug(name: &str) -> Option<String> {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    let slug = slug[..slug.len().min(40)].trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// Each name as an id of its own. Names that give the same one are told apart by a number; one that gives none is called
/// `<kind>-<place>`.
pub(super) fn ids<'n>(names: impl IntoIterator<Item = &'n str>, kind: &str) -> Vec<String> {
    let mut taken = HashSet::new();
    let id = |(at, name): (usize, &str)| {
        let plain = slug(name).unwrap_or_else(|| format!("{kind}-{}", at + 1));
        let mut id = plain.clone();
        let mut number = 1;
        while !taken.insert(id.clone()) {
            number += 1;
            id = format!("{plain}-{number}");
        }
        id
    };
    names.into_iter().enumerate().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_safe_in_file_names() {
        assert_eq!(slug("Wrong key / EU").as_deref(), Some("wrong-key-eu"));
        assert_eq!(slug("../../etc").as_deref(), Some("etc"));
        assert_eq!(slug("日本"), None);
        assert_eq!(slug(&"abc ".repeat(40)).map(|slug| slug.len()), Some(39));
    }

    #[test]
    fn no_two_ids_are_alike() {
        assert_eq!(ids(["A b", "a/b", "日本", "日"], "scenario"), ["a-b", "a-b-2", "scenario-3", "scenario-4"]);
    }
}
