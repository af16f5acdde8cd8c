//! Versions of connectors: semantic versions.

/// A semantic version, `1.4.2-rc.1`. What stands behind a `+` is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The first number: it grows with what breaks.
    pub major: u64,
    /// The second.
    pub minor: u64,
    /// The third.
    pub patch: u64,
    /// What stands behind the dash, `rc.1`.
    pub pre_release: Option<String>,
}

impl Version {
    /// The version that a text is; none where it is no semantic one.
    pub fn parse(text: &str) -> Option<Self> {
        let (text, build) = split(text, '+');
        let (core, pre_release) = split(text, '-');
        let is_suffix = |suffix: &str| {
            let is_word =
                |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            suffix.split('.').all(is_word)
        };
        if ![build, pre_release].into_iter().flatten().all(is_suffix) {
            return None;
        }
        let mut numbers = core.split('.').map(number);
        let (major, minor, patch) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let pre_release = pre_release.map(str::to_owned);
        numbers.next().is_none().then_some(Version { major, minor, patch, pre_release })
    }

    /// Its three numbers, for comparison.
    pub fn core(&self) -> (u64, u64, u64) {
        (self.major, self.minor, self.patch)
    }

    /// Whether it is the first of a major version, `3.0.0` or what came before that.
    pub fn begins_a_major(&self) -> bool {
        self.minor == 0 && self.patch == 0
    }

    /// Whether it is a candidate for a release, `1.4.2-rc.1`.
    pub fn is_release_candidate(&self) -> bool {
        self.pre_release.as_ref().is_some_and(|suffix| suffix.contains("rc"))
    }
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// A number without leading zeros.
fn number(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_semantic_ones() {
        for text in ["0.0.0", "1.4.2", "10.20.30", "1.4.2-rc.1", "1.4.2-dev.0a1b2c", "1.4.2+build.7", "1.4.2-a-b+c"] {
            assert!(Version::parse(text).is_some(), "{text}");
        }
        for text in
            ["", "1", "1.4", "1.4.2.1", "v1.4.2", "1.04.2", "1.4.x", "1.4.2-", "1.4.2-rc..1", "1.4.+2", "latest"]
        {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version::parse("99999999999999999999.0.0"), None);
    }

    #[test]
    fn suffixes_tell_candidates() {
        let version = |text| Version::parse(text).expect("a version");
        assert!(version("2.0.0-rc.1").is_release_candidate() && version("2.0.0-rc.1").begins_a_major());
        assert!(!version("2.0.0-dev.5").is_release_candidate() && !version("2.1.0").begins_a_major());
        assert!(version("2.10.0").core() > version("2.9.9").core());
    }
}
