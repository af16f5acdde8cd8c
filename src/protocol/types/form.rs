//! What the text of a string has to look like.

use super::moment::{Tidied, is_date, moment_zone, time_zone};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// How long a text may be to be brought into the right form: none that can be is longer.
const LONGEST: usize = 60;

/// Whether a zone belongs to a moment or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// It must be there: `airbyte_type` says so.
    Needed,
    /// It must not.
    Forbidden,
    /// The schema does not say.
    Either,
}

/// The form that a schema asks of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A day.
    Date,
    /// A moment.
    DateTime(Zone),
    /// A time of day.
    Time(Zone),
    /// Bytes in base64.
    Base64,
    /// A whole number in digits, the retired spelling of an integer without bounds.
    Digits,
}

/// How a text stands to a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// As the protocol has it.
    Exact,
    /// Not so, but in a form that is widely taken; says what is unusual.
    Tolerated(String),
    /// It does not have the form.
    No,
}

impl Form {
    /// The form that a schema's keywords ask of a string, if they do.
    pub fn of(schema: &Map<String, Value>) -> Option<Form> {
        let word = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
        let zone = |with: &str, without: &str| match word("airbyte_type") {
            Some(word) if word == with => Zone::Needed,
            Some(word) if word == without => Zone::Forbidden,
            _ => Zone::Either,
        };
        match word("format") {
            Some("date") => Some(Form::Date),
            Some("date-time") => Some(Form::DateTime(zone("timestamp_with_timezone", "timestamp_without_timezone"))),
            Some("time") => Some(Form::Time(zone("time_with_timezone", "time_without_timezone"))),
            _ if word("contentEncoding") == Some("base64") => Some(Form::Base64),
            _ if word("airbyte_type") == Some("big_integer") => Some(Form::Digits),
            _ => None,
        }
    }

    /// Whether a text has the form exactly. Cheap where it does.
    pub fn is_exact(self, text: &str) -> bool {
        match self {
            Form::Date => is_date(text),
            Form::DateTime(zone) => moment_zone(text).is_some_and(|zoned| zone.allows(zoned)),
            Form::Time(zone) => time_zone(text).is_some_and(|zoned| zone.allows(zoned)),
            Form::Base64 => STANDARD.decode(text).is_ok(),
            Form::Digits => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
        }
    }

    /// How a text stands to the form.
    pub fn fit(self, text: &str) -> Fit {
        if self.is_exact(text) {
            return Fit::Exact;
        }
        let tidied = match self {
            _ if text.len() > LONGEST => return Fit::No,
            Form::Date => Tidied::date(text),
            Form::DateTime(_) => Tidied::moment(text),
            Form::Time(_) => Tidied::time(text),
            Form::Base64 | Form::Digits => return Fit::No,
        };
        // A missing zone is what Airbyte's own tests and most destinations take, as UTC.
        let takes = match self {
            Form::DateTime(Zone::Needed) => Form::DateTime(Zone::Either),
            form => form,
        };
        if !takes.is_exact(&tidied.text) {
            return Fit::No;
        }
        let slips = if tidied.slips.is_empty() { vec!["no zone"] } else { tidied.slips };
        Fit::Tolerated(slips.join(", "))
    }

    /// Whether a text has the form, or one that is taken for it.
    pub fn takes(self, text: &str) -> bool {
        self.fit(text) != Fit::No
    }

    /// Whether the text, a moment of this form, has a zone; none where that is no question.
    pub fn zone_of(self, text: &str) -> Option<bool> {
        match self {
            Form::DateTime(_) => {
                moment_zone(text).or_else(|| moment_zone(&Tidied::moment(text.get(..LONGEST).unwrap_or(text)).text))
            }
            _ => None,
        }
    }
}

impl Zone {
    fn allows(self, zoned: bool) -> bool {
        match self {
            Zone::Needed => zoned,
            Zone::Forbidden => !zoned,
            Zone::Either => true,
        }
    }
}
