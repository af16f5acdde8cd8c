//! Cursors as numbers that sort as the cursors do, and back.

use super::records::Entry;
use crate::protocol::Cursor;
use jiff::Timestamp;

/// The kinds of cursors whose order is known. Cursors of two kinds can't be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorKind {
    /// Whole numbers.
    Integer,
    /// Other numbers.
    Number,
    /// Moments.
    Moment,
}

/// A cursor as a number that sorts as it does among those of its kind. None where its order is not known, or where it
/// does not fit.
pub fn key_of(cursor: &Cursor) -> Option<(CursorKind, i64)> {
    match cursor {
        Cursor::Integer(number) => Some((CursorKind::Integer, i64::try_from(*number).ok()?)),
        Cursor::Number(number) => {
            let bits = number.to_bits().cast_signed();
            Some((CursorKind::Number, if bits < 0 { bits ^ i64::MAX } else { bits }))
        }
        Cursor::Moment(moment) => Some((CursorKind::Moment, moment.as_microsecond())),
        Cursor::Opaque(_) => None,
    }
    .filter(|(_, key)| *key != Entry::NO_CURSOR)
}

/// The cursor of that key.
pub fn cursor_of(kind: CursorKind, key: i64) -> Cursor {
    match kind {
        CursorKind::Integer => Cursor::Integer(i128::from(key)),
        CursorKind::Number => {
            let bits = if key < 0 { key ^ i64::MAX } else { key };
            Cursor::Number(f64::from_bits(bits.cast_unsigned()))
        }
        CursorKind::Moment => {
            Timestamp::from_microsecond(key).map_or_else(|_| Cursor::Integer(i128::from(key)), Cursor::Moment)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_cursors_do_and_lead_back() {
        for texts in [
            ["-7", "0", "12"],
            ["-2.5", "-0.5", "1e300"],
            ["\"1969-12-31\"", "\"2024-01-01T00:00:00.000001Z\"", "\"2024-01-01T01:00:00+00:00\""],
        ] {
            let cursors = texts.map(|text| Cursor::read(text).expect("a cursor"));
            let keys: Vec<_> = cursors.iter().map(|cursor| key_of(cursor).expect("an order")).collect();
            assert!(keys.is_sorted_by(|one, other| one.0 == other.0 && one.1 < other.1), "{keys:?}");
            for (cursor, (kind, key)) in cursors.iter().zip(keys) {
                assert_eq!(cursor_of(kind, key), *cursor);
            }
        }
        assert_eq!(key_of(&Cursor::Opaque("lsn".to_owned())), None);
    }
}
