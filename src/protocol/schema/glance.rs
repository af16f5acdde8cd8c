//! Accepting a record at a glance: straight from its bytes, without building a tree.
//!
//! Building a tree of a record costs twice what validating it does, and nearly every record of a healthy connector
//! conforms. So the common part of JSON Schema is compiled into a shape that reads the bytes once. That they are valid
//! JSON was seen when the line was decoded, so that here strings and numbers are only passed over. It only ever says
//! "surely conforms" or "look closer"; whoever looks closer builds the tree and asks the full validator. A keyword that
//! the shape does not know makes it say "look closer", never yes.

use super::Glimpse;
use super::reader::Reader;
use crate::protocol::types::{AirbyteType, Form, Magnitude, Zone, magnitude};
use foldhash::{HashMap, HashMapExt};
use serde_json::Value;

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const INTEGER: u8 = 4;
const FRACTION: u8 = 8;
const STRING: u8 = 16;
const OBJECT: u8 = 32;
const ARRAY: u8 = 64;
/// A number that some consumers can't hold: fine only where nothing is declared.
const ODD_NUMBER: u8 = 128;
const ANYTHING: u8 = 255;

/// So many characters of a number are surely held by everybody.
const SAFE_INTEGER: usize = 15;
const SAFE_NUMBER: usize = 17;

/// Keywords that say nothing about which values conform.
const SILENT: [&str; 14] = [
    "$schema",
    "$id",
    "id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "airbyte_type",
    "definitions",
    "readOnly",
    "writeOnly",
    "deprecated",
    "example",
];

/// A stream's schema, compiled for the glance.
#[derive(Debug)]
pub struct Glance {
    root: Shape,
}

#[derive(Debug)]
struct Shape {
    /// The JSON types that are accepted; none where only the full validator knows.
    types: u8,
    form: Option<Form>,
    /// The place among the top-level fields, for a moment whose zone the schema leaves open.
    mark: Option<u32>,
    items: Option<Box<Shape>>,
    properties: Option<Properties>,
}

#[derive(Debug)]
struct Properties {
    /// In the schema's order, which is most often the record's.
    shapes: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
    /// One bit for each property that must be there.
    required: u64,
    /// Whether undeclared members are fine with everybody.
    open: bool,
}

impl Glance {
    /// Compiles the schema of a stream. The top level is closed: an undeclared field is a reason to look closer.
    pub fn compile(schema: &Value) -> Self {
        let mut root = Shape::compile(schema, 0);
        root.types &= OBJECT;
        match &mut root.properties {
            Some(properties) => properties.close(),
            None => root.types = 0,
        }
        Glance { root }
    }

    /// Whether `data`, which is valid JSON, is a non-empty object with declared fields only that surely conforms to the
    /// schema.
    pub fn accepts(&self, data: &str) -> bool {
        self.glimpse(data).conforms
    }

    /// The same, and what else is seen on the way.
    pub fn glimpse(&self, data: &str) -> Glimpse {
        let mut reader = Reader::new(data);
        let conforms = reader.value(&self.root).is_some_and(|members| members > 0);
        reader.seen.concluded(conforms)
    }
}

impl Shape {
    const UNSURE: Shape = Shape { types: 0, form: None, mark: None, items: None, properties: None };

    /// No members, if values of that kind are accepted.
    fn has(&self, kind: u8) -> Option<usize> {
        (self.types & kind != 0).then_some(0)
    }

    fn compile(schema: &Value, depth: usize) -> Shape {
        let members = match schema {
            Value::Bool(true) => return Shape { types: ANYTHING, ..Shape::UNSURE },
            Value::Object(members) if depth < 60 => members,
            _ => return Shape::UNSURE,
        };
        if AirbyteType::of(schema) == AirbyteType::Jsonb {
            return Shape { types: ANYTHING, ..Shape::UNSURE };
        }
        let mut shape = Shape { types: ANYTHING, form: Form::of(members), ..Shape::UNSURE };
        for (keyword, value) in members {
            match keyword.as_str() {
                "type" => match types(value) {
                    Some(types) => shape.types &= types,
                    None => return Shape::UNSURE,
                },
                "contentEncoding" if shape.form != Some(Form::Base64) => return Shape::UNSURE,
                "items" => shape.items = Some(Box::new(Shape::compile(value, depth + 1))),
                "format" | "contentEncoding" | "properties" | "required" | "additionalProperties" => {}
                silent if SILENT.contains(&silent) => {}
                _ => return Shape::UNSURE,
            }
        }
        if members.get("airbyte_type").is_some_and(|word| word == "integer") && shape.types & FRACTION != 0 {
            shape.types &= !FRACTION;
        }
        match Properties::compile(members, depth) {
            Ok(properties) => shape.properties = properties,
            Err(()) => return Shape::UNSURE,
        }
        shape
    }
}

impl Properties {
    /// None where the schema does not constrain members; an error where only the full validator knows.
    fn compile(members: &serde_json::Map<String, Value>, depth: usize) -> Result<Option<Self>, ()> {
        let stated = match members.get("additionalProperties") {
            None => None,
            Some(Value::Bool(stated)) => Some(*stated),
            Some(_) => return Err(()),
        };
        let Some(declared) = members.get("properties") else {
            return if members.contains_key("required") || stated == Some(false) { Err(()) } else { Ok(None) };
        };
        let declared = declared.as_object().ok_or(())?;
        // Where it is not said that others are fine, a rule has something to say about them.
        let open = stated.unwrap_or(declared.is_empty());
        let shapes: Vec<(String, Shape)> =
            declared.iter().map(|(name, schema)| (name.clone(), Shape::compile(schema, depth + 1))).collect();
        let mut places = HashMap::new();
        places.extend(shapes.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)));
        let mut required = 0;
        for name in
            members.get("required").map_or(Ok([].as_slice()), |names| names.as_array().map(Vec::as_slice).ok_or(()))?
        {
            let place = name.as_str().and_then(|name| places.get(name)).filter(|place| **place < 64).ok_or(())?;
            required |= 1 << place;
        }
        Ok(Some(Properties { shapes, places, required, open }))
    }

    /// As the top level of a record: undeclared fields are not fine, and where zones are left open, they are noted.
    fn close(&mut self) {
        self.open = false;
        for (mark, (_, shape)) in (0..u64::BITS).zip(&mut self.shapes) {
            shape.mark = Some(mark).filter(|_| shape.form == Some(Form::DateTime(Zone::Either)));
        }
    }
}

fn types(value: &Value) -> Option<u8> {
    let one = |word: &Value| {
        Some(match word.as_str()? {
            "null" => NULL,
            "boolean" => BOOLEAN,
            "integer" => INTEGER,
            "number" => INTEGER | FRACTION,
            "string" => STRING,
            "object" => OBJECT,
            "array" => ARRAY,
            _ => return None,
        })
    };
    match value {
        Value::Array(words) => words.iter().try_fold(0, |types, word| Some(types | one(word)?)),
        word => one(word),
    }
}

/// Reading along a shape. Each step is None where what stands there does not surely conform.
impl Reader<'_> {
    /// Reads a value; returns the number of members that an object had.
    fn value(&mut self, shape: &Shape) -> Option<usize> {
        match self.peek()? {
            b'{' => self.object(shape),
            b'[' => self.array(shape),
            b'"' => {
                let (text, is_plain) = self.string()?;
                let conforms = shape.form.is_none_or(|form| is_plain && form.is_exact(text));
                if let Some(mark) = shape.mark.filter(|_| conforms) {
                    self.seen.moment(mark, shape.form.and_then(|form| form.zone_of(text)));
                }
                shape.has(STRING).filter(|_| conforms)
            }
            b'n' => self.scalar().and_then(|_| shape.has(NULL)),
            b't' | b'f' => self.scalar().and_then(|_| shape.has(BOOLEAN)),
            _ => self.scalar().and_then(number).and_then(|kind| shape.has(kind)),
        }
    }

    fn array(&mut self, shape: &Shape) -> Option<usize> {
        shape.has(ARRAY)?;
        let Some(items) = &shape.items else { return self.skip() };
        let mut goes_on = self.opens(b']')?;
        while goes_on {
            self.value(items)?;
            goes_on = self.goes_on()?;
        }
        Some(0)
    }

    fn object(&mut self, shape: &Shape) -> Option<usize> {
        shape.has(OBJECT)?;
        let Some(properties) = &shape.properties else { return self.skip() };
        let (mut next, mut seen, mut filled, mut count) = (0, 0_u64, 0, 0);
        let mut goes_on = self.opens(b'}')?;
        while goes_on {
            let place = self.name(properties, next)?;
            self.peek().filter(|byte| *byte == b':')?;
            self.at += 1;
            match place {
                Some(place) => {
                    let bit = 1_u64.checked_shl(u32::try_from(place).unwrap_or(64)).unwrap_or(0);
                    self.seen.member(seen & bit != 0, bit == 0 && place < next);
                    next = place + 1;
                    seen |= bit;
                    filled |= if self.peek()? == b'n' { 0 } else { bit };
                    self.value(&properties.shapes[place].1)?;
                }
                None if properties.open => drop(self.skip()?),
                None => return None,
            }
            count += 1;
            goes_on = self.goes_on()?;
        }
        // The outermost object ends last.
        self.seen.filled = filled;
        (seen & properties.required == properties.required).then_some(count)
    }

    /// Passes over a member's name: its place among the declared properties, where the next in order is tried first.
    fn name(&mut self, properties: &Properties, next: usize) -> Option<Option<usize>> {
        let inside = self.text.as_bytes().get(self.at + 1..)?;
        if let Some((expected, _)) = properties.shapes.get(next)
            && inside.strip_prefix(expected.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'"'))
        {
            self.at += expected.len() + 2;
            return Some(Some(next));
        }
        let (name, is_plain) = self.string()?;
        is_plain.then(|| properties.places.get(name).copied())
    }
}

/// What kind of number is written: an integer that everybody holds, another number that everybody holds, or neither.
/// None where it is too large for the validator.
fn number(written: &str) -> Option<u8> {
    if written.len() <= SAFE_INTEGER && written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Some(INTEGER);
    }
    let is_short = written.len() <= SAFE_NUMBER && !written.bytes().any(|byte| matches!(byte, b'e' | b'E'));
    if is_short && written.contains('.') {
        return Some(FRACTION);
    }
    match magnitude(written, false) {
        Magnitude::Huge => None,
        // An integer that long may be one that some can't hold.
        Magnitude::Plain if written.contains(['.', 'e', 'E']) => Some(FRACTION),
        _ => Some(ODD_NUMBER),
    }
}

#[cfg(test)]
mod tests {
    use super::super::CompiledSchema;
    use super::*;
    use serde_json::json;

    #[test]
    fn never_accepts_what_the_validator_refuses() {
        let schemas = [
            json!({"type": "object", "properties": {"a": {"type": ["null", "integer"]}, "b": {"type": "string", "format": "date"}}}),
            json!({"properties": {"a": {"type": "number"}, "b": {"enum": ["x"]}}, "required": ["a"]}),
            json!({"properties": {"a": {"type": "array", "items": {"type": "string"}}, "b": true}, "additionalProperties": false}),
            json!({"properties": {"a": {"type": "object", "properties": {"c": {"type": "boolean"}}, "required": ["c"]}}}),
            json!({"properties": {"a": {"minimum": 3}}, "minProperties": 2}),
        ];
        let values = [
            "{}",
            r#"{"a":1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1.5}"#,
            r#"{"a":null,"b":"2024-01-01"}"#,
            r#"{"a":1,"b":"x"}"#,
            r#"{"a":["x",null]}"#,
            r#"{"a":["x"],"b":{}}"#,
            r#"{"a":{"c":true}}"#,
            r#"{"a":{}}"#,
            r#"{"z":1}"#,
            "[]",
            "1",
            r#"{"a":12345678901234567890123}"#,
            r#"{"a":-1e2,"b":"2024-01-01"}"#,
            r#"{"a":1e-2}"#,
            " { \"a\" : [ \"x\" , \"\" ] ,\t\"b\" : [ ] } ",
            r#"{"a":["]}\"\\"],"b":{"c":["{",{}]}}"#,
            r#"{"\u0061":"x"}"#,
            r#"{"b":"2024-01-0\u0039"}"#,
            r#"{"b":"2024-01-0\u0058"}"#,
            r#"{"a":1,"a":"x"}"#,
        ];
        let mut accepted = 0;
        for schema in &schemas {
            let (glance, full) = (Glance::compile(schema), CompiledSchema::compile(schema).expect("a schema"));
            for text in values {
                let value: Value = serde_json::from_str(text).expect("JSON");
                if glance.accepts(text) {
                    accepted += 1;
                    assert!(full.accepts(&value), "{schema} took {text}");
                }
            }
        }
        assert!(accepted >= 12, "the glance took only {accepted}");
    }

    #[test]
    fn a_text_that_is_cut_off_is_not_accepted() {
        let glance = Glance::compile(&json!({"type": "object", "properties": {"a": {}, "b": {"items": {}}}}));
        let text = r#"{"a":{"c":[1,"\\x and more than is looked at byte by byte\"",null]},"b":[true,-1.5]}"#;
        assert!(glance.accepts(text));
        assert!((0..text.len()).all(|end| !glance.accepts(&text[..end])));
    }

    #[test]
    fn undeclared_fields_and_empty_records_want_a_closer_look() {
        let glance = Glance::compile(&json!({"type": "object", "properties": {"a": {}}}));
        assert!(glance.accepts(r#"{"a":[1,{"b":2}]}"#));
        assert!(!glance.accepts(r#"{"a":1,"b":2}"#));
        assert!(!glance.accepts("{}"));
    }
}
