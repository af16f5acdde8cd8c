//! Whether a pattern is one in JavaScript, whose expressions JSON Schema means and which a form runs.
//!
//! As lenient as the most lenient engine: what some JavaScript takes passes, look-behind and modifiers of groups too. So
//! a defect is certain, and none says nothing.

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternDefect {
    /// No JavaScript engine compiles it.
    Refused(&'static str),
    /// JavaScript compiles it, to something that nobody means.
    Misread(&'static str),
}

/// What is wrong with a pattern, the first thing. Linear in its length.
pub fn pattern_defect(pattern: &str) -> Option<PatternDefect> {
    let mut reader = Reader { rest: pattern, groups: Vec::new(), before: Before::Nothing, misread: None };
    match reader.read() {
        Err(reason) => Some(PatternDefect::Refused(reason)),
        Ok(()) => reader.misread.map(PatternDefect::Misread),
    }
}

type Read = Result<(), &'static str>;

/// What a quantifier would repeat.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Atom,
    Quantifier,
}

struct Reader<'p> {
    rest: &'p str,
    /// The open groups: what each is, once closed, to a quantifier.
    groups: Vec<Before>,
    before: Before,
    misread: Option<&'static str>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let next = letters.next()?;
        self.rest = letters.as_str();
        Some(next)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn read(&mut self) -> Read {
        while let Some(letter) = self.next() {
            match letter {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.open()?,
                ')' => self.before = self.groups.pop().ok_or("a `)` closes nothing")?,
                '*' | '+' | '?' => self.repeat(letter)?,
                '{' => self.braces()?,
                '^' | '$' | '|' => self.before = Before::Nothing,
                _ => self.before = Before::Atom,
            }
        }
        if self.groups.is_empty() { Ok(()) } else { Err("a `(` is not closed") }
    }

    fn escape(&mut self) -> Read {
        let letter = self.next().ok_or("it ends in a backslash")?;
        self.before = if matches!(letter, 'b' | 'B') { Before::Nothing } else { Before::Atom };
        // `\u{41}`: a letter with the flag `u`, 41 times the letter u without.
        if let Some(number) = self.rest.strip_prefix('{').filter(|_| letter == 'u') {
            self.skip(bounds(number).map_or(0, |(.., length)| length + 1));
        }
        if matches!(letter, 'A' | 'Z' | 'z') {
            self.misread = self.misread.or(Some("`\\A`, `\\Z` and `\\z` are no anchors there; write `^` and `$`"));
        }
        Ok(())
    }

    /// What is between brackets, the opening one read.
    fn class(&mut self) -> Read {
        const OPEN: &str = "a `[` is not closed";
        if self.rest.starts_with('^') {
            self.skip(1);
        }
        if self.rest.starts_with("[:") && self.rest.chars().take(16).collect::<String>().contains(":]") {
            self.misread = self.misread.or(Some("classes like `[[:alpha:]]` are sets of single letters there"));
        }
        loop {
            let low = match self.next().ok_or(OPEN)? {
                ']' => break,
                '\\' => self.next().ok_or(OPEN).map(|_| None)?,
                letter => Some(letter),
            };
            if !self.rest.starts_with('-') || self.rest.starts_with("-]") {
                continue;
            }
            self.skip(1);
            let high = match self.next().ok_or(OPEN)? {
                '\\' => self.next().ok_or(OPEN).map(|_| None)?,
                letter => Some(letter),
            };
            // Beyond these, engines without the flag `u` see halves of letters.
            let is_plain = |letter: &char| *letter <= '\u{ffff}';
            if let (Some(low), Some(high)) = (low.filter(is_plain), high.filter(is_plain))
                && low > high
            {
                return Err("a range in brackets runs backwards");
            }
        }
        self.before = Before::Atom;
        Ok(())
    }

    /// The beginning of a group, its parenthesis read.
    fn open(&mut self) -> Read {
        let mut closed = Before::Atom;
        if let Some(kind) = self.rest.strip_prefix('?') {
            if kind.starts_with("<=") || kind.starts_with("<!") {
                // The one group that no engine repeats.
                closed = Before::Nothing;
                self.skip(3);
            } else if kind.starts_with([':', '=', '!']) {
                self.skip(2);
            } else if let Some(name) = kind.strip_prefix('<') {
                let (name, _) = name.split_once('>').ok_or("a group's name is not closed")?;
                let is_foreign = |letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric();
                let is_wrong = |letter: char| is_foreign(letter) && !matches!(letter, '_' | '$' | '\\' | '{' | '}');
                if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) || name.contains(is_wrong)
                {
                    return Err("a group's name is no name");
                }
                self.skip(name.len() + 3);
            } else {
                self.skip(modifiers(kind)? + 1);
            }
        }
        self.groups.push(closed);
        self.before = Before::Nothing;
        Ok(())
    }

    fn repeat(&mut self, quantifier: char) -> Read {
        match (self.before, quantifier) {
            (Before::Nothing, _) => return Err("a quantifier has nothing to repeat"),
            (Before::Quantifier, '+') => return Err("JavaScript has no possessive quantifiers (`a++`)"),
            (Before::Quantifier, _) => return Err("a quantifier follows a quantifier"),
            (Before::Atom, _) => {}
        }
        if self.rest.starts_with('?') {
            self.skip(1);
        }
        self.before = Before::Quantifier;
        Ok(())
    }

    /// A quantifier in braces, or a brace that is a letter like any other.
    fn braces(&mut self) -> Read {
        let Some((least, most, length)) = bounds(self.rest) else {
            self.before = Before::Atom;
            return Ok(());
        };
        if least > most {
            return Err("a quantifier's bounds are in the wrong order");
        }
        self.skip(length);
        self.repeat('{')
    }
}

/// The bounds of a quantifier behind its `{`, and its length.
fn bounds(rest: &str) -> Option<(u64, u64, usize)> {
    let end = rest.bytes().take(32).position(|byte| byte == b'}')?;
    let inside = rest.get(..end)?;
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let (least, most) = match inside.split_once(',') {
        None => (number(inside)?, number(inside)?),
        Some((least, "")) => (number(least)?, u64::MAX),
        Some((least, most)) => (number(least)?, number(most)?),
    };
    Some((least, most, inside.len() + 1))
}

/// The length of a group's modifiers, `i:` or `i-s:`, which new engines take.
fn modifiers(kind: &str) -> Result<usize, &'static str> {
    let length = kind.find(|letter: char| !matches!(letter, 'i' | 'm' | 's' | '-')).unwrap_or(kind.len());
    match kind.get(length..).and_then(|rest| rest.chars().next()) {
        Some(':') if length > 0 => Ok(length + 1),
        Some(')') if length > 0 => Err("flags like `(?i)` can't stand in the pattern"),
        _ if kind.starts_with('P') => Err("`(?P<name>…)` is Python's; JavaScript writes `(?<name>…)`"),
        _ if kind.starts_with('>') => Err("JavaScript has no atomic groups (`(?>…)`)"),
        _ if kind.starts_with('#') => Err("JavaScript has no comments in patterns (`(?#…)`)"),
        _ => Err("`(?` is followed by what JavaScript does not know"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_javascript_takes_passes() {
        let fine = [
            "",
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$",
            "^(?!.*password)(?=a)*(?<year>\\d+)\\k<year>(?<=x)(?<!y)$",
            "a{,5}b{c}d{1,2}?e{3,}",
            "]}{",
            "[]|[^]|[\\]-a]|[a-]|[--0]|[\\w-a]",
            "(?i:a)(?-s:b)()*",
            "\\-\\_\\/\\u{41}+\\p{L}",
        ];
        for pattern in fine {
            assert_eq!(pattern_defect(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn what_no_javascript_takes_is_refused() {
        let wrong = [
            "^[a-z", "[z-a]", "(a", "a)", "*a", "a|+", "^*", "\\b+", "a**", "a++", "a{2}{3}", "a{3,1}", "(?<=a)*",
            "\\", "(?P<y>a)", "(?i)a", "(?>a)", "(?#a)", "(?<>a)", "(?<1>a)", "(?<y", "(?", "(?x:a)", "(?i", "[\\",
        ];
        for pattern in wrong {
            let is_refused = matches!(pattern_defect(pattern), Some(PatternDefect::Refused(_)));
            assert!(is_refused, "{pattern}");
        }
        for pattern in ["\\A[a-z]+\\Z", "^[[:alpha:]]+$"] {
            assert!(matches!(pattern_defect(pattern), Some(PatternDefect::Misread(_))), "{pattern}");
        }
    }
}
