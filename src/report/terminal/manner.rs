//! What a terminal can show, and what else reads it.

use std::borrow::Cow;

/// What stands in lines that are folded: prose of ours and the connector's, nothing that is copied as a command.
const PROSE: [&str; 4] = ["   = what: ", "   = why: ", "   = help: ", "  · "];

/// Less than this is no width that anything can be folded to.
const NARROWEST: usize = 20;

/// How lines are to be written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// How many columns there are; None where lines are not folded, as in a pipe.
    pub width: Option<usize>,
    /// Whether the symbols of ours are written in ASCII.
    pub ascii: bool,
    /// Whether a CI looks for commands in what is printed: `::error::` and `##[error]`.
    pub guards: bool,
}

impl Manner {
    /// What the variables of the environment say, by name; the width is not among them. Where they name no encoding, it
    /// is taken for UTF-8, as machines of CIs are.
    pub fn of(variable: impl Fn(&str) -> Option<String>, width: Option<usize>) -> Manner {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(given);
        let is_utf8 = |locale: &String| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        };
        Manner {
            width,
            ascii: locale.is_some_and(|locale| !is_utf8(&locale)),
            guards: given("GITHUB_ACTIONS").is_some() || given("TF_BUILD").is_some(),
        }
    }

    /// A line, without its end, as it is to be written: one line or several.
    pub fn written(self, line: &str) -> String {
        let lines = match self.width.filter(|width| *width >= NARROWEST) {
            Some(width) => fold(line, width),
            None => vec![Cow::Borrowed(line)],
        };
        let lines = lines.into_iter().map(|line| if self.ascii { Cow::Owned(in_ascii(&line)) } else { line });
        let lines = lines.map(|line| if self.guards { guarded(line) } else { line });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// What is left of a line without styles.
fn plain(line: &str) -> String {
    anstream::adapter::strip_str(line).to_string()
}

/// A line in several where it is prose and too long, those after the first below its text; the padding of a column is
/// taken out where the line has no room for it.
fn fold(line: &str, width: usize) -> Vec<Cow<'_, str>> {
    let shown = plain(line);
    if shown.chars().count() <= width {
        return vec![Cow::Borrowed(line)];
    }
    let Some(start) = PROSE.iter().find(|start| shown.starts_with(**start)) else {
        return vec![Cow::Owned(without_padding(line))];
    };
    let indent = " ".repeat(start.chars().count().min(5));
    let (mut lines, mut current, mut used) = (Vec::new(), String::new(), 0);
    for word in line.split_inclusive(' ') {
        let length = plain(word.trim_end()).chars().count();
        if used + length > width && !current.trim().is_empty() && used > start.chars().count() {
            lines.push(current.trim_end().to_owned());
            (current, used) = (indent.clone(), indent.len());
        }
        current += word;
        used += plain(word).chars().count();
    }
    lines.push(current);
    lines.into_iter().map(Cow::Owned).collect()
}

/// The line with one space where there are more, but for those that it begins with.
fn without_padding(line: &str) -> String {
    let is_status = |line: &str| plain(line).trim_start().starts_with(|letter: char| letter.is_ascii_uppercase());
    if !is_status(line) {
        return line.to_owned();
    }
    let mut kept = String::with_capacity(line.len());
    let mut begun = false;
    for letter in line.chars() {
        if letter == ' ' && begun && kept.ends_with(' ') {
            continue;
        }
        begun |= letter != ' ';
        kept.push(letter);
    }
    kept
}

/// Our symbols in ASCII. What else is not ASCII is the connector's, and stays.
fn in_ascii(line: &str) -> String {
    line.chars().fold(String::with_capacity(line.len()), |mut shown, letter| {
        match letter {
            '·' => shown.push('-'),
            '…' => shown.push_str("..."),
            '→' => shown.push_str("\\t"),
            '⏎' => shown.push_str("\\n"),
            '␡' => shown.push_str("\\x7f"),
            '⋮' => shown.push(':'),
            '\u{2400}'..='\u{241f}' => shown.push_str(&format!("\\x{:02x}", letter as u32 - 0x2400)),
            other => shown.push(other),
        }
        shown
    })
}

/// The line so that no CI takes it for a command: `##[` and `##vso[` anywhere, `::` behind nothing but blanks.
fn guarded(line: Cow<'_, str>) -> Cow<'_, str> {
    let shown = plain(&line);
    let begins = shown.trim_start().starts_with("::");
    let has = |text: &str| ["##[", "##vso["].iter().any(|mark| text.to_ascii_lowercase().contains(mark));
    if !begins && !has(&shown) {
        return line;
    }
    // Styles could stand between the letters that make the mark.
    let mut broken = shown;
    while has(&broken) {
        broken = broken.replace("##", "# #");
    }
    match begins {
        true => Cow::Owned(broken.replacen("::", ": : ", 1)),
        false => Cow::Owned(broken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(variables: &[(&str, &str)]) -> Manner {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Manner::of(variable, None)
    }

    #[test]
    fn a_locale_without_utf_8_gets_ascii() {
        for (variables, ascii) in [
            (&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")][..], true),
            (&[("LC_ALL", ""), ("LANG", "de_DE.utf8")], false),
            (&[("LC_CTYPE", "POSIX")], true),
            (&[], false),
        ] {
            assert_eq!(manner(variables).ascii, ascii, "{variables:?}");
        }
        let ascii = Manner { ascii: true, ..Manner::default() };
        assert_eq!(ascii.written("a · b… ␛[1m⏎ Zürich"), "a - b... \\x1b[1m\\n Zürich");
    }

    #[test]
    fn no_line_is_a_command_of_a_ci() {
        let guards = manner(&[("GITHUB_ACTIONS", "true")]);
        for line in [
            "##[error]x",
            "   | a ##[group]b",
            "::error::x",
            "\t  ::set-env x",
            "#\x1b[1m#[x]",
            "##VSO[task]",
            "###[x]",
        ] {
            let written = guards.written(line);
            assert!(!plain(&written).contains("##["), "{written}");
            assert!(!plain(&written).to_lowercase().contains("##vso["), "{written}");
            assert!(!plain(&written).trim_start().starts_with("::"), "{written}");
        }
        assert_eq!(guards.written("a::b ## c"), "a::b ## c", "what is none stays");
        assert_eq!(Manner::default().written("##[error]x"), "##[error]x");
    }

    #[test]
    fn prose_is_folded_and_commands_are_not() {
        let narrow = Manner { width: Some(30), ..Manner::default() };
        assert_eq!(
            narrow.written("   = why: Without it the platform can't tell what came."),
            "   = why: Without it the\n     platform can't tell what\n     came."
        );
        let command = "   = again: airproof test --case sandbox.read.again";
        assert_eq!(narrow.written(command), command);
        assert_eq!(
            narrow.written("    PASS spec                  188 ms  1 message"),
            "    PASS spec 188 ms 1 message"
        );
        let excerpt = "   |   {\"a\":    1, \"b\":    2, \"c\":   3}";
        assert_eq!(narrow.written(excerpt), excerpt, "evidence is shown as it came");
    }
}
