//! What a text looks like, whatever its schema says of it.

use super::{Form, Zone};

/// Longer texts have no form: none that has one is longer, but for addresses that nobody reads.
const LONGEST: usize = 2_000;

/// A form that texts are recognised by. Each text has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextForm {
    /// Nothing at all.
    Empty,
    /// A day.
    Date,
    /// A moment with its zone.
    MomentWithZone,
    /// A moment without one.
    MomentWithoutZone,
    /// A time of day.
    Time,
    /// A UUID in its usual form, with four dashes.
    Uuid,
    /// An address of electronic mail.
    Email,
    /// An address with a scheme and two slashes.
    Uri,
    /// A whole number in digits.
    Integer,
    /// A number that is not whole, or has an exponent.
    Number,
}

impl TextForm {
    /// All of them, in their order.
    pub const ALL: [TextForm; 10] = [
        TextForm::Empty,
        TextForm::Date,
        TextForm::MomentWithZone,
        TextForm::MomentWithoutZone,
        TextForm::Time,
        TextForm::Uuid,
        TextForm::Email,
        TextForm::Uri,
        TextForm::Integer,
        TextForm::Number,
    ];

    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            TextForm::Empty => "empty",
            TextForm::Date => "date",
            TextForm::MomentWithZone => "date-time with zone",
            TextForm::MomentWithoutZone => "date-time without zone",
            TextForm::Time => "time",
            TextForm::Uuid => "uuid",
            TextForm::Email => "email",
            TextForm::Uri => "uri",
            TextForm::Integer => "integer in text",
            TextForm::Number => "number in text",
        }
    }

    /// The form of a text; None where it is just text. Days and moments may be in a form that is widely taken for the
    /// protocol's: with a space for the T, or an offset without colon.
    pub fn of(text: &str) -> Option<TextForm> {
        let bytes = text.as_bytes();
        let Some(first) = bytes.first() else { return Some(TextForm::Empty) };
        if bytes.len() > LONGEST {
            return None;
        }
        if bytes.len() == 36 && is_uuid(bytes) {
            return Some(TextForm::Uuid);
        }
        let is_numeric = first.is_ascii_digit() || matches!(first, b'-' | b'+');
        if is_numeric && let Some(form) = numeric(text) {
            return Some(form);
        }
        if is_uri(text) {
            return Some(TextForm::Uri);
        }
        is_email(text).then_some(TextForm::Email)
    }
}

/// Of a text that begins like a number.
fn numeric(text: &str) -> Option<TextForm> {
    let bytes = text.as_bytes();
    if Form::Digits.is_exact(text) {
        return Some(TextForm::Integer);
    }
    match (bytes.len(), bytes.get(4), bytes.get(2)) {
        (10, Some(b'-'), _) if Form::Date.takes(text) => Some(TextForm::Date),
        (16..=60, Some(b'-'), _) => {
            let moment = Form::DateTime(Zone::Either);
            if !moment.takes(text) {
                return None;
            }
            let has_zone = moment.zone_of(text).unwrap_or(false);
            Some(if has_zone { TextForm::MomentWithZone } else { TextForm::MomentWithoutZone })
        }
        (8..=30, _, Some(b':')) if Form::Time(Zone::Either).takes(text) => Some(TextForm::Time),
        (2..=60, _, _) if bytes.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)) => {
            text.parse::<f64>().ok().map(|_| TextForm::Number)
        }
        _ => None,
    }
}

fn is_uuid(text: &[u8]) -> bool {
    let is_right = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.iter().enumerate().all(is_right)
}

fn is_uri(text: &str) -> bool {
    let scheme = text.bytes().take(20).take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    let rest = &text[scheme..];
    scheme > 1 && rest.len() > 3 && rest.starts_with("://") && !has_space(rest)
}

fn is_email(text: &str) -> bool {
    let Some(at) = memchr::memchr(b'@', text.as_bytes()) else { return false };
    let (name, domain) = (&text[..at], &text[at + 1..]);
    let has_dot = domain.find('.').is_some_and(|dot| dot > 0 && dot + 1 < domain.len());
    !name.is_empty() && has_dot && text.len() < 255 && !domain.contains('@') && !has_space(text)
}

fn has_space(text: &str) -> bool {
    text.bytes().any(|byte| byte <= b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_recognised_by_their_form() {
        for (text, form) in [
            ("", Some(TextForm::Empty)),
            ("2024-01-31", Some(TextForm::Date)),
            ("2024-01-31T10:00:00Z", Some(TextForm::MomentWithZone)),
            ("2024-01-31T10:00:00.123+02:00", Some(TextForm::MomentWithZone)),
            ("2024-01-31T10:00:00", Some(TextForm::MomentWithoutZone)),
            ("2024-01-31 10:00:00", Some(TextForm::MomentWithoutZone)),
            ("10:00:00", Some(TextForm::Time)),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", Some(TextForm::Uuid)),
            ("a@example.com", Some(TextForm::Email)),
            ("https://example.com/a?b=c", Some(TextForm::Uri)),
            ("-12", Some(TextForm::Integer)),
            ("12.50", Some(TextForm::Number)),
            ("1-2", None),
            ("2024-13-31", None),
            ("a@b", None),
            ("http://", None),
            ("http://a b", None),
            ("blue", None),
            ("é:é", None),
        ] {
            assert_eq!(TextForm::of(text), form, "{text}");
        }
        assert_eq!(TextForm::ALL.map(|form| form as usize), std::array::from_fn(|at| at));
    }
}
