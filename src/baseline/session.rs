//! A review on a terminal: one question after the other, one key for each answer.

use super::Trouble;
use super::answer::Answer;
use super::question::{Matter, Question};
use super::show;
use super::store::Store;
use super::text_difference::Layout;
use crate::text;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

const KEY: Style = AnsiColor::Cyan.on_default().bold();
const WRONG: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A letter, a digit or a sign.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Escape,
    /// Ctrl-C.
    Interrupt,
    /// Anything else.
    Other,
}

/// Where keys come from.
pub trait Keys {
    /// Waits for the next one.
    fn next(&mut self) -> io::Result<Key>;
    /// The columns of the terminal.
    fn width(&self) -> usize;
}

/// What a review left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Questions that were accepted.
    pub accepted: usize,
    /// Questions that were rejected.
    pub rejected: usize,
    /// Questions without an answer.
    pub open: usize,
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
    /// What kept answers from being carried out.
    pub troubles: Vec<Trouble>,
}

/// What a key means at a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Answer(Answer),
    Skip,
    /// The same for this and all that remain.
    AnswerAll(Answer),
    SkipAll,
    Toggle,
    Evidence,
    Help,
    Quit,
    Interrupt,
    Nothing,
}

fn deed(key: Key) -> Deed {
    match key {
        Key::Char('a') | Key::Enter => Deed::Answer(Answer::Accept),
        Key::Char('r') => Deed::Answer(Answer::Reject),
        Key::Char('s' | ' ') => Deed::Skip,
        Key::Char('A') => Deed::AnswerAll(Answer::Accept),
        Key::Char('R') => Deed::AnswerAll(Answer::Reject),
        Key::Char('S') => Deed::SkipAll,
        Key::Char('d') => Deed::Toggle,
        Key::Char('e') => Deed::Evidence,
        Key::Char('?') => Deed::Help,
        Key::Char('q') | Key::Escape => Deed::Quit,
        Key::Interrupt => Deed::Interrupt,
        Key::Char(_) | Key::Other => Deed::Nothing,
    }
}

/// Goes through the questions. Each answer is carried out at once, so that nothing is lost whenever the review ends.
///
/// # Errors
///
/// Where the terminal is gone. What keeps an answer from being carried out is told, and the review goes on.
pub fn review(store: &Store, questions: &[Question], keys: &mut dyn Keys, out: &mut dyn Write) -> io::Result<Left> {
    let mut left = Left { open: questions.len(), ..Left::default() };
    let mut layout = Layout::Unified;
    let mut of_all = None;
    for (at, question) in questions.iter().enumerate() {
        if of_all.is_none() {
            let counter = format!("[{}/{}]", at + 1, questions.len());
            show(question, &counter, layout, keys.width(), out)?;
        }
        loop {
            let deed = match of_all {
                Some(answer) => Deed::Answer(answer),
                None => deed(keys.next()?),
            };
            match deed {
                Deed::Answer(answer) => carry_out(store, question, answer, &mut left, out)?,
                Deed::AnswerAll(answer) => {
                    of_all = Some(answer);
                    carry_out(store, question, answer, &mut left, out)?;
                }
                Deed::Skip => writeln!(out, "skipped")?,
                Deed::SkipAll | Deed::Quit => return Ok(left),
                Deed::Interrupt => return Ok(Left { interrupted: true, ..left }),
                Deed::Toggle => {
                    layout = if layout == Layout::Unified { Layout::SideBySide } else { Layout::Unified };
                    writeln!(out)?;
                    show::question_with_difference(question, layout, keys.width(), out)?;
                    prompt(out)?;
                    continue;
                }
                Deed::Evidence => {
                    writeln!(out, "all places:")?;
                    show::evidence(question, out)?;
                    prompt(out)?;
                    continue;
                }
                Deed::Help => {
                    help(out)?;
                    prompt(out)?;
                    continue;
                }
                Deed::Nothing => continue,
            }
            break;
        }
    }
    Ok(left)
}

fn carry_out(
    store: &Store,
    question: &Question,
    answer: Answer,
    left: &mut Left,
    out: &mut dyn Write,
) -> io::Result<()> {
    match (store.answer(question, answer), answer) {
        (Ok(()), Answer::Accept) => {
            left.accepted += 1;
            left.open -= 1;
            writeln!(out, "accepted {DIM}{}{DIM:#}", question.title)
        }
        (Ok(()), Answer::Reject) => {
            left.rejected += 1;
            left.open -= 1;
            writeln!(out, "rejected {DIM}{}{DIM:#}", question.title)
        }
        (Err(trouble), _) => {
            writeln!(out, "{WRONG}not carried out:{WRONG:#} {trouble}")?;
            left.troubles.push(trouble);
            Ok(())
        }
    }
}

fn show(question: &Question, counter: &str, layout: Layout, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let rule = "─".repeat(width.saturating_sub(counter.chars().count() + 1));
    writeln!(out, "\n{DIM}{counter} {rule}{DIM:#}")?;
    show::question_with_difference(question, layout, width, out)?;
    if question.matter == Matter::Gone {
        writeln!(out, "Accepting removes the baselines.")?;
    }
    prompt(out)
}

fn prompt(out: &mut dyn Write) -> io::Result<()> {
    let key = |key: &str, word: &str| format!("{KEY}{key}{KEY:#} {word}");
    let keys = [
        key("a", "accept"),
        key("r", "reject"),
        key("s", "skip"),
        key("d", "diff"),
        key("e", "evidence"),
        key("q", "quit"),
        key("?", "help"),
    ];
    write!(out, "\n{} ", keys.join("  "))?;
    out.flush()
}

fn help(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "help:")?;
    for (key, meaning) in [
        ("a, Enter", "accept: the baselines say so from now on"),
        ("r", "reject: the baselines stay; the next run tells it again if it is still so, but for a mask"),
        ("s, Space", "skip: it stays pending"),
        ("A, R, S", "the same for this one and all that remain"),
        ("d", "the difference in one column or in two"),
        ("e", "evidence: all places"),
        ("q, Esc", "quit: what was answered stays answered"),
    ] {
        writeln!(out, "  {KEY}{key:<9}{KEY:#} {meaning}")?;
    }
    Ok(())
}

impl Left {
    /// What came of it, in one sentence.
    pub fn told(&self) -> String {
        let mut parts = vec![format!("{} accepted", text::count(self.accepted as u64))];
        parts.extend((self.rejected > 0).then(|| format!("{} rejected", text::count(self.rejected as u64))));
        parts.push(format!("{} open", text::count(self.open as u64)));
        format!("Questions: {}.", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{Observed, Run, Snapshot, Subject};
    use serde_json::json;

    /// Keys that were pressed beforehand.
    struct Pressed(Vec<Key>);

    impl Keys for Pressed {
        fn next(&mut self) -> io::Result<Key> {
            if self.0.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(self.0.remove(0)) }
        }

        fn width(&self) -> usize {
            30
        }
    }

    /// Three changes of which each is a question.
    fn pressed(keys: &[Key]) -> (Left, String, Vec<String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let see = |number: u64| {
            let content = json!({"a": number, "b": number, "c": number});
            let snapshots = vec![Snapshot { subject: Subject::Specification, content }];
            let observed = [Observed { scenario: "s".into(), complete: true, increments: true, snapshots }];
            let run = Run { connector: "shop", scenarios: &["s".into()], observed: &observed, proposals: &[] };
            store.settle(&run, false).expect("settled");
            store.read(None).questions(&[])
        };
        store.answer(&see(1)[0], Answer::Accept).expect("accepted");
        let mut out = anstream::StripStream::new(Vec::new());
        let left = review(&store, &see(2), &mut Pressed(keys.to_vec()), &mut out).expect("a review");
        let accepted = store.entry("s", &Subject::Specification).expect("read").and_then(|entry| entry.accepted);
        let accepted = accepted.expect("a baseline");
        let taken = ["a", "b", "c"].into_iter().filter(|key| accepted[*key] == 2).map(str::to_owned).collect();
        (left, String::from_utf8(out.into_inner()).expect("UTF-8"), taken)
    }

    fn counts(left: &Left) -> (usize, usize, usize) {
        (left.accepted, left.rejected, left.open)
    }

    #[test]
    fn each_key_does_what_it_says() {
        let (left, told, taken) = pressed(&[Key::Char('x'), Key::Char('a'), Key::Char('r'), Key::Char('s')]);
        assert_eq!((counts(&left), taken), ((1, 1, 1), vec!["a".to_owned()]));
        assert!(told.contains("[1/3]") && told.contains("[3/3]") && told.contains("-   \"a\": 1"), "{told}");
        let (left, _, taken) = pressed(&[Key::Enter, Key::Char(' '), Key::Escape]);
        assert_eq!((counts(&left), taken.len()), ((1, 0, 2), 1));
        let (left, _, taken) = pressed(&[Key::Char('s'), Key::Char('A')]);
        assert_eq!((counts(&left), taken), ((2, 0, 1), vec!["b".to_owned(), "c".to_owned()]));
        assert_eq!(counts(&pressed(&[Key::Char('R')]).0), (0, 3, 0));
        assert_eq!(counts(&pressed(&[Key::Char('a'), Key::Char('S')]).0), (1, 0, 2));
    }

    #[test]
    fn looking_is_no_answer_and_what_was_answered_stays() {
        let (left, told, taken) =
            pressed(&[Key::Char('d'), Key::Char('e'), Key::Char('?'), Key::Char('a'), Key::Interrupt]);
        assert_eq!((counts(&left), left.interrupted, taken.len()), ((1, 0, 2), true, 1));
        assert!(told.contains("specification in `s` /a: 1 → 2") && told.contains("A, R, S"), "{told}");
    }
}
