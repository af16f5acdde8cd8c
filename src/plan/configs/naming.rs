//! What variations are called. Names come from specifications and configurations, so they are bounded and made harmless.

use std::collections::HashSet;

/// A name for people: without control characters, and not endless.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 80;
    let plain = |letter: char| if letter.is_control() || letter == '`' { '\u{fffd}' } else { letter };
    let mut shown: String = name.chars().take(LONGEST).map(plain).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// A text as part of an id: lower case, words joined by `-`. "field" where nothing is left.
pub(super) fn slug(text: &str) -> String {
    const LONGEST: usize = 60;
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = String::new();
    for word in words {
        if slug.len() + word.len() >= LONGEST && !slug.is_empty() {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().take(LONGEST).map(|letter| letter.to_ascii_lowercase()));
    }
    if slug.is_empty() { "field".to_owned() } else { slug }
}

/// Sees to it that no two ids are alike.
#[derive(Default)]
pub(super) struct Ids {
    taken: HashSet<String>,
}

impl Ids {
    /// The id, with a number behind it if it is taken.
    pub(super) fn unique(&mut self, id: &str) -> String {
        let numbered = (2..).map(|number| format!("{id}-{number}"));
        let free = std::iter::once(id.to_owned()).chain(numbered).find(|id| !self.taken.contains(id));
        let free = free.expect("numbers do not end");
        self.taken.insert(free.clone());
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless() {
        assert_eq!(slug("credentials.API_key"), "credentials-api-key");
        assert_eq!(slug("../../日本"), "field");
        assert!(slug(&"x".repeat(500)).len() <= 60);
        assert_eq!(shown("a\u{1b}[31m`b"), "a\u{fffd}[31m\u{fffd}b");
        assert_eq!(shown(&"ä".repeat(500)).chars().count(), 81);
        let mut ids = Ids::default();
        assert_eq!([ids.unique("a"), ids.unique("a"), ids.unique("a-2")], ["a", "a-2", "a-2-2"]);
    }
}
