//! Walking a record's data along the types of its schema, and grading what does not fit.

use super::node::{ARRAY, BOOLEAN, INTEGER, NUMBER, Node, OBJECT, STRING};
use super::number::Whole;
use super::{AirbyteType, Fit, Form, Magnitude, TypedSchema, Zone, integer, magnitude};
use crate::protocol::schema::escaped;
use crate::protocol::schema::reader::{Reader, unescaped};

/// How many misfits of one record are told apart.
const MOST: usize = 60;

/// How much of a value is kept.
const SHOWN: usize = 160;

/// What about a value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No boolean, where one is declared.
    Boolean,
    /// No day.
    Date,
    /// No moment with a zone.
    Zoned,
    /// No moment without zone.
    Unzoned,
    /// No time of day.
    Time,
    /// A number that is no integer.
    Fraction,
    /// An integer that is too large for some.
    Range,
    /// A number that is too precise, large or small for some.
    Precision,
    /// No number.
    NoNumber,
    /// Null, where it is not declared.
    Null,
    /// No base64.
    Encoding,
    /// Of none of the types that are declared side by side.
    Union,
    /// A member of a nested object that is not declared.
    Undeclared,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Worth knowing.
    Note,
    /// Widely taken, or lossy for some.
    Tolerated,
    /// Wrong.
    Wrong,
}

/// A value that does not fit its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What about it.
    pub fault: Fault,
    /// How bad.
    pub grade: Grade,
    /// The field, as people write it: `lines[].price`.
    pub field: String,
    /// JSON pointer into the data.
    pub pointer: String,
    /// The value as written, the beginning of it.
    pub value: String,
    /// Where it begins in the data, in bytes.
    pub at: usize,
    /// What would have been right.
    pub expected: &'static str,
    /// What is wrong with it, in a few words.
    pub what: String,
}

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typed {
    /// The first values that do not fit.
    pub misfits: Vec<Misfit>,
    /// Top-level fields with a moment whose zone the schema leaves open: those that have one.
    pub zoned: u64,
    /// And those that have none.
    pub unzoned: u64,
}

impl Typed {
    /// Whether a value at that pointer, or below it, is among the misfits.
    pub fn tells_of(&self, pointer: &str) -> bool {
        self.misfits.iter().any(|misfit| {
            misfit.pointer.strip_prefix(pointer).is_some_and(|below| below.is_empty() || below.starts_with('/'))
        })
    }
}

impl TypedSchema {
    /// Walks `data`, which is valid JSON. What is no object is another's to tell.
    pub fn walk(&self, data: &str) -> Typed {
        let mut walk = Walk { reader: Reader::new(data), path: Vec::new(), found: Typed::default() };
        if walk.reader.peek() == Some(b'{') {
            walk.object(&self.root);
        }
        walk.found
    }
}

enum Step<'s> {
    Member(std::borrow::Cow<'s, str>),
    Item(usize),
}

struct Walk<'t> {
    reader: Reader<'t>,
    path: Vec<Step<'t>>,
    found: Typed,
}

impl<'t> Walk<'t> {
    /// Walks a value; None where the data end too early.
    fn value(&mut self, node: &Node) -> Option<()> {
        let first = self.reader.peek()?;
        let at = self.reader.place();
        let kind = match first {
            b'{' => OBJECT,
            b'[' => ARRAY,
            b'"' => STRING,
            b'n' => {
                self.reader.scalar()?;
                if !node.is_nullable && !node.is_open() {
                    self.misfit(Fault::Null, Grade::Wrong, "null", at, node, "null is not declared");
                }
                return Some(());
            }
            b't' | b'f' => BOOLEAN,
            _ => NUMBER | INTEGER,
        };
        if node.kinds != 0 && node.kinds & kind == 0 {
            let written = self.reader.taken()?;
            self.wrong_kind(node, kind, written, at);
            return Some(());
        }
        match kind {
            OBJECT => self.object(node),
            ARRAY => self.array(node),
            STRING => self.text(node, at),
            BOOLEAN => self.reader.scalar().map(drop),
            _ => self.number(node, at),
        }
    }

    fn wrong_kind(&mut self, node: &Node, kind: u8, written: &'t str, at: usize) {
        let fault = match node.airbyte_type {
            AirbyteType::Boolean => Fault::Boolean,
            AirbyteType::Integer | AirbyteType::Number => Fault::NoNumber,
            AirbyteType::Union => Fault::Union,
            // A string is declared: a moment as a number is a frequent mistake, anything else no mistake of types.
            _ => match node.form.filter(|_| node.kinds == STRING).and_then(of_moment) {
                Some(fault) => fault,
                None => return,
            },
        };
        let what = match kind {
            OBJECT => "it is an object",
            ARRAY => "it is an array",
            STRING => "it is a string",
            BOOLEAN => "it is a boolean",
            _ => "it is a number",
        };
        self.misfit(fault, Grade::Wrong, written, at, node, what);
    }

    fn object(&mut self, node: &Node) -> Option<()> {
        if node.properties.is_empty() {
            return self.reader.skip().map(drop);
        }
        let mut goes_on = self.reader.opens(b'}')?;
        while goes_on {
            let name = self.reader.member()?;
            let declared = node.properties.get(name.as_ref());
            self.path.push(Step::Member(name));
            match declared {
                Some(node) => self.value(node)?,
                None => {
                    self.reader.peek()?;
                    let at = self.reader.place();
                    let written = self.reader.taken()?;
                    if node.is_closed {
                        self.misfit(Fault::Undeclared, Grade::Tolerated, written, at, node, "it is not declared");
                    }
                }
            }
            self.path.pop();
            goes_on = self.reader.goes_on()?;
        }
        Some(())
    }

    fn array(&mut self, node: &Node) -> Option<()> {
        let Some(items) = &node.items else { return self.reader.skip().map(drop) };
        let (mut goes_on, mut item) = (self.reader.opens(b']')?, 0);
        while goes_on {
            self.path.push(Step::Item(item));
            self.value(items)?;
            self.path.pop();
            item += 1;
            goes_on = self.reader.goes_on()?;
        }
        Some(())
    }

    fn text(&mut self, node: &Node, at: usize) -> Option<()> {
        let (written, is_plain) = self.reader.string()?;
        let Some(form) = node.form.filter(|_| node.kinds & STRING != 0) else { return Some(()) };
        let decoded = if is_plain { None } else { unescaped(written) };
        let text = decoded.as_deref().unwrap_or(written);
        if let (Some(mark), Some(zoned)) = (node.mark, node.mark.and_then(|_| form.zone_of(text))) {
            *(if zoned { &mut self.found.zoned } else { &mut self.found.unzoned }) |= 1 << mark;
        }
        let fault = match form {
            Form::Base64 => Fault::Encoding,
            Form::Digits => Fault::Fraction,
            form => of_moment(form)?,
        };
        let grade = if of_moment(form).is_some() { Grade::Wrong } else { Grade::Tolerated };
        match form.fit(text) {
            Fit::Exact => {}
            Fit::Tolerated(slips) => {
                self.quoted(fault, Grade::Tolerated, written, at, node, &format!("it has {slips}"))
            }
            Fit::No => self.quoted(fault, grade, written, at, node, what_of(form, text)),
        }
        Some(())
    }

    fn number(&mut self, node: &Node, at: usize) -> Option<()> {
        let written = self.reader.scalar()?;
        let is_integer = node.kinds & (INTEGER | NUMBER) == INTEGER;
        if node.kinds == 0 {
            return Some(());
        }
        if is_integer {
            match integer(written) {
                Whole::Literal => {}
                Whole::InValue => {
                    let what = "it is written with a fraction or an exponent";
                    self.misfit(Fault::Fraction, Grade::Tolerated, written, at, node, what);
                    return Some(());
                }
                Whole::No => {
                    self.misfit(Fault::Fraction, Grade::Wrong, written, at, node, "it is no whole number");
                    return Some(());
                }
            }
        }
        let (fault, grade, what) = match magnitude(written, is_integer) {
            Magnitude::Plain => return Some(()),
            Magnitude::BeyondDouble => (Fault::Range, Grade::Note, "it is beyond ±(2^53 − 1)"),
            Magnitude::BeyondInt64 => (Fault::Range, Grade::Tolerated, "it is beyond 64 bits"),
            Magnitude::BeyondNumeric => (Fault::Range, Grade::Tolerated, "it has more than 38 digits"),
            Magnitude::Precise => (Fault::Precision, Grade::Note, "it has more than 17 significant digits"),
            Magnitude::Tiny => (Fault::Precision, Grade::Note, "it is closer to zero than a double holds exactly"),
            Magnitude::Huge => (Fault::Precision, Grade::Tolerated, "it is larger than any double"),
        };
        self.misfit(fault, grade, written, at, node, what);
        Some(())
    }

    fn quoted(&mut self, fault: Fault, grade: Grade, inside: &str, at: usize, node: &Node, what: &str) {
        self.misfit(fault, grade, &format!("\"{inside}\""), at, node, what);
    }

    fn misfit(&mut self, fault: Fault, grade: Grade, written: &str, at: usize, node: &Node, what: &str) {
        if self.found.misfits.len() >= MOST {
            return;
        }
        let (mut field, mut pointer) = (String::new(), String::new());
        for step in &self.path {
            match step {
                Step::Member(name) => {
                    field += if field.is_empty() { "" } else { "." };
                    field += name;
                    pointer = format!("{pointer}/{}", escaped(name));
                }
                Step::Item(item) => {
                    field += "[]";
                    pointer = format!("{pointer}/{item}");
                }
            }
        }
        let mut end = written.len().min(SHOWN);
        while !written.is_char_boundary(end) {
            end -= 1;
        }
        let cut = if end < written.len() { "…" } else { "" };
        let value = format!("{}{cut}", &written[..end]);
        let expected = match fault {
            Fault::Undeclared => "a field that the schema declares",
            _ => node.airbyte_type.describe(),
        };
        self.found.misfits.push(Misfit { fault, grade, field, pointer, value, at, expected, what: what.to_owned() });
    }
}

/// The fault of a text that is no day, moment or time.
fn of_moment(form: Form) -> Option<Fault> {
    match form {
        Form::Date => Some(Fault::Date),
        Form::DateTime(Zone::Forbidden) => Some(Fault::Unzoned),
        Form::DateTime(_) => Some(Fault::Zoned),
        Form::Time(_) => Some(Fault::Time),
        Form::Base64 | Form::Digits => None,
    }
}

/// What is wrong with a text that has not the form.
fn what_of(form: Form, text: &str) -> &'static str {
    let (has_zone, has_none) = ("it has a zone", "it has no zone");
    let (otherwise, what) = match form {
        Form::DateTime(Zone::Needed) => (Form::DateTime(Zone::Either), has_none),
        Form::DateTime(Zone::Forbidden) => (Form::DateTime(Zone::Either), has_zone),
        Form::Time(Zone::Needed) => (Form::Time(Zone::Either), has_none),
        Form::Time(Zone::Forbidden) => (Form::Time(Zone::Either), has_zone),
        Form::Date => return "it has another form, or is no day of the calendar",
        _ => return "it has another form",
    };
    if otherwise.takes(text) { what } else { "it has another form" }
}
