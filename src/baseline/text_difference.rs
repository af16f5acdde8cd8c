//! The difference of two texts, for people: unified or side by side, with the words marked that differ.

use crate::text;
use anstyle::{AnsiColor, Style};
use serde_json::Value;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};
use std::io::{self, Write};
use std::time::Duration;
use unicode_width::UnicodeWidthChar;

/// Lines of each side that are looked at, and lines that are shown.
const MOST_LINES: usize = 4_000;
const MOST_SHOWN: usize = 60;
/// Lines around a change.
const CONTEXT: usize = 3;
/// Characters of a line that are looked at.
const LONGEST_LINE: usize = 1_000;
/// Bytes of a value that are shown.
const MOST_BYTES: usize = 64 << 10;
/// How long an exact difference is looked for; then an approximate one is shown.
const DEADLINE: Duration = Duration::from_millis(500);
/// Narrower than this, side by side is shown unified.
const NARROWEST: usize = 60;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const DIM: Style = Style::new().dimmed();

/// How a difference is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One column: what goes above what comes.
    Unified,
    /// Two columns.
    SideBySide,
}

/// Writes how two values differ, as JSON text, in so many columns of a terminal. What is not there is empty.
pub fn difference(
    before: Option<&Value>,
    after: Option<&Value>,
    layout: Layout,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let layout = if width < NARROWEST { Layout::Unified } else { layout };
    let rows = rows(before, after, layout);
    let hidden = rows.len().saturating_sub(MOST_SHOWN);
    for row in rows.iter().take(MOST_SHOWN) {
        row.write(width, out)?;
    }
    if hidden > 0 {
        writeln!(out, "{DIM}  … {} more{DIM:#}", text::plural(hidden as u64, "line"))?;
    }
    Ok(())
}

fn rows(before: Option<&Value>, after: Option<&Value>, layout: Layout) -> Vec<Row> {
    let (old, new) = (lines(before), lines(after));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).timeout(DEADLINE).diff_slices(&old, &new);
    let mut rows = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            rows.push(Row::Gap);
        }
        for op in group {
            match layout {
                Layout::SideBySide => beside(&diff, op, &mut rows),
                Layout::Unified => below(&diff, op, &mut rows),
            }
        }
    }
    rows
}

/// A line of a difference in one column: its sign (`-`, `+`, or a blank where both have it; `⋮` where lines are left out),
/// and its pieces, each with whether it is what differs.
pub type SignedLine = (char, Vec<(bool, String)>);

/// How two values differ, as JSON text in one column, and how many lines of it are left out at the end.
pub(super) fn signed_lines(before: Option<&Value>, after: Option<&Value>) -> (Vec<SignedLine>, usize) {
    let mut told = rows(before, after, Layout::Unified);
    let more = told.len().saturating_sub(MOST_SHOWN);
    told.truncate(MOST_SHOWN);
    let lines = told.into_iter().map(|row| match row {
        Row::One(sign, pieces) => (sign, pieces),
        Row::Gap | Row::Two(..) => ('⋮', Vec::new()),
    });
    (lines.collect(), more)
}

/// A value as lines of JSON, harmless and bounded.
fn lines(value: Option<&Value>) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    // A value that is larger than what is shown is not laid out: it would be for nothing.
    let laid_out = match text::json(value, MOST_BYTES) {
        cut if cut.ends_with('…') => cut,
        _ => format!("{value:#}"),
    };
    laid_out.lines().take(MOST_LINES).map(|line| text::visible(&text::shorten(line, LONGEST_LINE))).collect()
}

/// Pieces of a line, and whether each is marked.
type Pieces = Vec<(bool, String)>;

enum Row {
    Gap,
    One(char, Pieces),
    Two(Option<(char, Pieces)>, Option<(char, Pieces)>),
}

fn sign(tag: ChangeTag) -> char {
    match tag {
        ChangeTag::Equal => ' ',
        ChangeTag::Delete => '-',
        ChangeTag::Insert => '+',
    }
}

/// The lines of one operation, each with the words that differ marked.
fn signed(diff: &TextDiff<'_, '_, str>, op: &DiffOp) -> Vec<(char, Pieces)> {
    let changes = diff.iter_inline_changes(op);
    let line = |change: similar::InlineChange<'_, str>| {
        let pieces = change.iter_strings_lossy().map(|(marked, text)| (marked, text.into_owned()));
        (sign(change.tag()), pieces.collect())
    };
    changes.map(line).collect()
}

fn below(diff: &TextDiff<'_, '_, str>, op: &DiffOp, rows: &mut Vec<Row>) {
    rows.extend(signed(diff, op).into_iter().map(|(sign, pieces)| Row::One(sign, pieces)));
}

fn beside(diff: &TextDiff<'_, '_, str>, op: &DiffOp, rows: &mut Vec<Row>) {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for line in signed(diff, op) {
        match line.0 {
            '-' => old.push(line),
            '+' => new.push(line),
            _ => {
                old.push(line.clone());
                new.push(line);
            }
        }
    }
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    loop {
        match (old.next(), new.next()) {
            (None, None) => break,
            (left, right) => rows.push(Row::Two(left, right)),
        }
    }
}

impl Row {
    fn write(&self, width: usize, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Row::Gap => writeln!(out, "{DIM}  ⋮{DIM:#}"),
            Row::One(sign, pieces) => {
                write_side(*sign, pieces, width, false, out)?;
                writeln!(out)
            }
            Row::Two(left, right) => {
                let half = (width - 3) / 2;
                let nothing = (' ', Vec::new());
                let (sign, pieces) = left.as_ref().unwrap_or(&nothing);
                write_side(*sign, pieces, half, true, out)?;
                write!(out, "{DIM} │ {DIM:#}")?;
                let (sign, pieces) = right.as_ref().unwrap_or(&nothing);
                write_side(*sign, pieces, half, false, out)?;
                writeln!(out)
            }
        }
    }
}

/// One side of a line, cut to so many columns, and filled up to them if wanted.
fn write_side(sign: char, pieces: &Pieces, width: usize, fill: bool, out: &mut dyn Write) -> io::Result<()> {
    let style = match sign {
        '-' => OLD,
        '+' => NEW,
        _ => Style::new(),
    };
    let marked = style.bold().underline();
    write!(out, "{style}{sign} {style:#}")?;
    let mut left = width.saturating_sub(2);
    for (is_marked, piece) in pieces {
        let style = if *is_marked { marked } else { style };
        let (cut, used) = cut(piece, left);
        write!(out, "{style}{cut}{style:#}")?;
        left -= used;
        if cut.len() < piece.len() {
            break;
        }
    }
    match fill {
        true => write!(out, "{:left$}", ""),
        false => Ok(()),
    }
}

/// As much of a text as so many columns hold, and how many it takes. The last one is an ellipsis where it is cut.
fn cut(text: &str, width: usize) -> (String, usize) {
    let columns = |letter: char| letter.width().unwrap_or(0);
    if text.chars().map(columns).sum::<usize>() <= width {
        return (text.to_owned(), text.chars().map(columns).sum());
    }
    let (mut kept, mut used) = (String::new(), 0);
    for letter in text.chars() {
        if used + columns(letter) + 1 > width {
            break;
        }
        used += columns(letter);
        kept.push(letter);
    }
    if used < width {
        kept.push('…');
        used += 1;
    }
    (kept, used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(before: Option<Value>, after: Option<Value>, layout: Layout, width: usize) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        difference(before.as_ref(), after.as_ref(), layout, width, &mut out).expect("written");
        String::from_utf8(out.into_inner()).expect("UTF-8")
    }

    #[test]
    fn one_column_shows_what_goes_above_what_comes() {
        let told = told(Some(json!({"a": 1, "b": "x y"})), Some(json!({"a": 1, "b": "x z"})), Layout::Unified, 40);
        assert_eq!(told, "  {\n    \"a\": 1,\n-   \"b\": \"x y\"\n+   \"b\": \"x z\"\n  }\n");
    }

    #[test]
    fn two_columns_are_aligned_also_with_wide_letters() {
        let told = told(Some(json!(["漢字", 1])), Some(json!(["漢字", 2, 3])), Layout::SideBySide, 61);
        let widths = told.lines().map(|line| line.split('│').next().unwrap_or_default());
        let widths: Vec<usize> =
            widths.map(|left| left.chars().map(|letter| letter.width().unwrap_or(0)).sum()).collect();
        assert!(widths.iter().all(|width| *width == 30), "{told}");
        assert!(told.contains("-   1") && told.contains("+   3"), "{told}");
    }

    #[test]
    fn words_that_differ_are_marked() {
        let mut out = Vec::new();
        let (before, after) = (json!("one two three"), json!("one 2 three"));
        difference(Some(&before), Some(&after), Layout::Unified, 80, &mut out).expect("written");
        let told = String::from_utf8(out).expect("UTF-8");
        let marked = NEW.bold().underline();
        assert!(told.contains(&format!("{marked}2{marked:#}")), "{told:?}");
    }

    #[test]
    fn what_a_connector_wrote_cannot_act_nor_flood() {
        let hostile = json!({"a\u{1b}[2J": "\u{202e}x", "long": "y".repeat(200_000)});
        let told = told(None, Some(hostile), Layout::Unified, 80);
        assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}') && told.len() < 10_000, "{told}");
        let many: Value = (0..3_000).collect();
        let told = super::tests::told(Some(json!([])), Some(many), Layout::Unified, 80);
        assert!(told.lines().count() <= MOST_SHOWN + 1 && told.contains("… 2,943 lines more"), "{told}");
    }
}
