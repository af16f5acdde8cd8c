//! What the full validator asserts of formats: the three that the protocol gives a meaning to, nothing else.
//!
//! A form that is merely tolerated passes here, and so does a moment with or without a zone: `types` grades those.

use crate::protocol::types::{Form, Zone};

/// Says whether a text is a value of a format.
pub(super) type Check = fn(&str) -> bool;

/// The formats that are asserted, each with its check.
pub(super) const ALL: [(&str, Check); 3] = [
    ("date", |text| Form::Date.takes(text)),
    ("time", |text| Form::Time(Zone::Either).takes(text)),
    ("date-time", |text| Form::DateTime(Zone::Either).takes(text)),
];

/// Formats that the validator would assert by itself, and that Airbyte treats as annotations.
pub(super) const ANNOTATIONS: [&str; 14] = [
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];
