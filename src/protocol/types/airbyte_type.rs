//! Which Airbyte type a schema declares.

use super::form::{Form, Zone};
use serde_json::{Map, Value};

/// A type of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AirbyteType {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A moment with its zone; also where `format: date-time` stands alone.
    TimestampWithTimezone,
    /// A moment of some local clock.
    TimestampWithoutTimezone,
    /// A time of day with its zone; also where `format: time` stands alone.
    TimeWithTimezone,
    /// A time of day of some local clock.
    TimeWithoutTimezone,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// Bytes, in base64.
    Binary,
    /// A list of values of one type.
    Array,
    /// A list of anything.
    UntypedArray,
    /// An object whose members are declared.
    Object,
    /// An object of anything.
    SchemalessObject,
    /// One of several types.
    Union,
    /// Anything: a JSON column of a database.
    Jsonb,
    /// A whole number as text, a spelling that is retired.
    BigInteger,
    /// Nothing but null.
    Null,
    /// The schema does not say.
    #[default]
    Unknown,
}

impl AirbyteType {
    /// The type that a schema declares, whether or not null is allowed beside it.
    pub fn of(schema: &Value) -> Self {
        let Some(members) = schema.as_object().filter(|members| !members.contains_key("$ref")) else {
            return AirbyteType::Unknown;
        };
        if members.get("airbyte_type").is_some_and(|word| word == "json") {
            return AirbyteType::Jsonb;
        }
        let branches = ["oneOf", "anyOf"].into_iter().find_map(|keyword| members.get(keyword)?.as_array());
        if let Some(branches) = branches {
            let mut real = branches.iter().map(AirbyteType::of).filter(|branch| *branch != AirbyteType::Null);
            return match (real.next(), real.next()) {
                (Some(only), None) => only,
                _ => AirbyteType::Union,
            };
        }
        match words(members).as_slice() {
            [] if members.contains_key("type") => AirbyteType::Null,
            [] => AirbyteType::Unknown,
            [one] => Self::of_word(one, members),
            _ => AirbyteType::Union,
        }
    }

    fn of_word(word: &str, members: &Map<String, Value>) -> Self {
        let has_members = |keyword: &str| {
            members.get(keyword).is_some_and(|value| value.as_object().is_some_and(|members| !members.is_empty()))
        };
        match word {
            "boolean" => AirbyteType::Boolean,
            "integer" => AirbyteType::Integer,
            "number" if members.get("airbyte_type").is_some_and(|word| word == "integer") => AirbyteType::Integer,
            "number" => AirbyteType::Number,
            "string" => Form::of(members).map_or(AirbyteType::String, AirbyteType::of_form),
            "array" if has_members("items") => AirbyteType::Array,
            "array" => AirbyteType::UntypedArray,
            "object" if has_members("properties") => AirbyteType::Object,
            "object" => AirbyteType::SchemalessObject,
            _ => AirbyteType::Unknown,
        }
    }

    fn of_form(form: Form) -> Self {
        match form {
            Form::Date => AirbyteType::Date,
            Form::DateTime(Zone::Forbidden) => AirbyteType::TimestampWithoutTimezone,
            Form::DateTime(_) => AirbyteType::TimestampWithTimezone,
            Form::Time(Zone::Forbidden) => AirbyteType::TimeWithoutTimezone,
            Form::Time(_) => AirbyteType::TimeWithTimezone,
            Form::Base64 => AirbyteType::Binary,
            Form::Digits => AirbyteType::BigInteger,
        }
    }

    /// Whether no value of it is an object, an array or null.
    pub fn is_scalar(self) -> bool {
        use AirbyteType::{Array, Jsonb, Null, Object, SchemalessObject, Union, Unknown, UntypedArray};
        !matches!(self, Array | Jsonb | Null | Object | SchemalessObject | Union | Unknown | UntypedArray)
    }

    /// What a value of it looks like, for people.
    pub fn describe(self) -> &'static str {
        match self {
            AirbyteType::String => "a string",
            AirbyteType::Boolean => "true or false",
            AirbyteType::Date => "a day of the calendar, YYYY-MM-DD",
            AirbyteType::TimestampWithTimezone => "a timestamp with its zone, like 2022-11-22T01:23:45Z",
            AirbyteType::TimestampWithoutTimezone => "a timestamp without zone, like 2022-11-22T01:23:45",
            AirbyteType::TimeWithTimezone => "a time with its zone, like 01:23:45Z",
            AirbyteType::TimeWithoutTimezone => "a time without zone, like 01:23:45",
            AirbyteType::Integer => "an integer",
            AirbyteType::Number => "a number",
            AirbyteType::Binary => "bytes in base64",
            AirbyteType::Array | AirbyteType::UntypedArray => "an array",
            AirbyteType::Object | AirbyteType::SchemalessObject => "an object",
            AirbyteType::Union => "a value of one of the declared types",
            AirbyteType::BigInteger => "a whole number in digits, as a string",
            AirbyteType::Null => "null",
            AirbyteType::Jsonb | AirbyteType::Unknown => "anything",
        }
    }
}

/// The words of `type` but for null, without repetition.
pub(super) fn words(members: &Map<String, Value>) -> Vec<&str> {
    let mut words: Vec<&str> = match members.get("type") {
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    words.retain(|word| *word != "null");
    words.dedup();
    words
}
