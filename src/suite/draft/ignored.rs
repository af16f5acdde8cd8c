//! What version control must not take: secrets and reports.

/// The text of a `.gitignore` with all of these entries, those that it lacks behind what it has. None where it has them
/// all: with or without a `/` at either end.
pub fn with_ignored(text: &str, entries: &[String]) -> Option<String> {
    let bare = |entry: &str| entry.trim().trim_matches('/').to_owned();
    let has = |entry: &&String| text.lines().any(|line| bare(line) == bare(entry));
    let lacking: Vec<&String> = entries.iter().filter(|entry| !has(entry)).collect();
    if lacking.is_empty() {
        return None;
    }
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let lines: String = lacking.into_iter().map(|entry| format!("{entry}\n")).collect();
    Some(format!("{text}{end}{lines}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_added() {
        let entries = ["secrets/".to_owned(), "airproof-report/".to_owned()];
        assert_eq!(with_ignored("", &entries).as_deref(), Some("secrets/\nairproof-report/\n"));
        assert_eq!(with_ignored("# mine\n/secrets", &entries).as_deref(), Some("# mine\n/secrets\nairproof-report/\n"));
        assert_eq!(with_ignored("airproof-report\r\nsecrets/\r\n", &entries), None);
    }
}
