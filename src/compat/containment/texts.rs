//! Texts and numbers to try: usual ones, those at the edge of what schemas take, and those that match a pattern.

use super::chooser::Chance;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use serde_json::{Number, Value};

/// The longest text that is made, in letters.
const LONGEST: usize = 5_000;
/// How often something that may be repeated without end is repeated at most.
const REPEATED: u32 = 3;

/// Texts of several forms.
pub(super) const USUAL: [&str; 10] = [
    "text",
    "",
    "a",
    "1",
    "2024-01-31",
    "2024-01-31T10:20:30Z",
    "2024-01-31T10:20:30.123456+02:00",
    "10:20:30Z",
    "https://example.com/a?b=c",
    "Zoë ß\n",
];

/// Numbers of several sizes.
pub(super) fn numbers() -> Vec<Number> {
    let whole = [1, 0, -1, 2, 7, 100, 1_000_000, i64::MAX, i64::MIN].map(Number::from);
    whole.into_iter().chain([0.5, -0.25, 1e300].into_iter().filter_map(Number::from_f64)).collect()
}

/// A bound, and its neighbours.
pub(super) fn around(bound: &Value, found: &mut Vec<Number>) {
    if let Some(whole) = bound.as_i64() {
        let neighbours = [Some(whole), whole.checked_sub(1), whole.checked_add(1)];
        found.extend(neighbours.into_iter().flatten().map(Number::from));
    } else if let Some(bound) = bound.as_f64() {
        found.extend([bound, bound - 1.0, bound + 1.0].into_iter().filter_map(Number::from_f64));
        found.extend([bound.floor(), bound.ceil()].into_iter().filter_map(whole));
    }
    if let Some(bound) = bound.as_f64() {
        found.extend([bound - 0.5, bound + 0.5].into_iter().filter_map(Number::from_f64));
    }
}

fn whole(value: f64) -> Option<Number> {
    format!("{value:.0}").parse::<i64>().ok().map(Number::from)
}

/// A text of so many letters.
pub(super) fn of_length(letters: usize) -> Option<String> {
    (letters <= LONGEST).then(|| "x".repeat(letters))
}

/// Texts that match a pattern, as far as it says what they consist of. Empty where it can't be read.
pub(super) fn matching(pattern: &str) -> Vec<String> {
    const TEXTS: u64 = 6;
    const STEPS: usize = 20_000;
    let Ok(hir) = regex_syntax::parse(pattern) else { return Vec::new() };
    let texts = (0..TEXTS).filter_map(|seed| {
        let mut writer = Writer { chance: (seed > 0).then_some(Chance(seed)), text: String::new(), steps: STEPS };
        writer.write(&hir).map(|()| writer.text)
    });
    texts.collect()
}

/// Writes a text that matches: the first of all alternatives, or by chance.
struct Writer {
    chance: Option<Chance>,
    text: String,
    steps: usize,
}

impl Writer {
    fn pick(&mut self, count: usize) -> usize {
        self.chance.as_mut().map_or(0, |chance| chance.below(count))
    }

    /// None where it would be too long.
    fn write(&mut self, hir: &Hir) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        if self.text.len() > LONGEST {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                self.text.push_str(std::str::from_utf8(&literal.0).ok()?);
                Some(())
            }
            HirKind::Class(Class::Unicode(class)) => {
                let place = self.pick(class.ranges().len());
                let range = class.ranges().get(place)?;
                let (first, last) = (u32::from(range.start()), u32::from(range.end()));
                let step = self.pick(last.saturating_sub(first).min(25) as usize + 1);
                let letter = char::from_u32(first + u32::try_from(step).ok()?);
                self.text.push(letter.unwrap_or(range.start()));
                Some(())
            }
            HirKind::Class(Class::Bytes(class)) => {
                let place = self.pick(class.ranges().len());
                self.text.push(char::from(class.ranges().get(place)?.start()));
                Some(())
            }
            HirKind::Repetition(repetition) => self.repeat(repetition),
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part)),
            HirKind::Alternation(parts) => {
                let place = self.pick(parts.len());
                self.write(parts.get(place)?)
            }
        }
    }

    fn repeat(&mut self, repetition: &Repetition) -> Option<()> {
        let most = repetition.max.unwrap_or(repetition.min.saturating_add(REPEATED));
        let more = most.saturating_sub(repetition.min).min(REPEATED);
        // At least once where it may be: empty texts are often refused by something else.
        let is_usual = self.chance.is_none();
        let least = if is_usual && repetition.min == 0 { more.min(1) } else { repetition.min };
        let extra = self.pick(more as usize + 1);
        (0..least as usize + extra).try_for_each(|_| self.write(&repetition.sub))
    }
}
