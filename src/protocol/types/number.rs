//! Numbers as they are written. No value goes through a float; a float is only asked whether it could hold one.

/// The largest integer below which a double holds each: 2^53 − 1.
const EXACT: u128 = (1 << 53) - 1;

/// How many digits a double tells apart at most, and how many a warehouse's NUMERIC has.
const DOUBLE_DIGITS: usize = 17;
const NUMERIC_DIGITS: usize = 38;

/// How a number stands to being an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// It is one, as written.
    Literal,
    /// Its value is one, but it is written with a fraction or an exponent.
    InValue,
    /// It is none, or none that can be told.
    No,
}

/// What is special about the size or precision of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Magnitude {
    /// Nothing.
    Plain,
    /// An integer beyond ±(2^53 − 1): a double does not hold each of these.
    BeyondDouble,
    /// An integer beyond 64 bits.
    BeyondInt64,
    /// An integer of more than 38 digits.
    BeyondNumeric,
    /// More digits than a double tells apart.
    Precise,
    /// Closer to zero than a double holds in full precision.
    Tiny,
    /// Larger than any double.
    Huge,
}

/// How a JSON number stands to being an integer.
pub fn integer(written: &str) -> Whole {
    let (digits, exponent) = parts(written);
    if exponent.is_none() && !written.contains('.') {
        return Whole::Literal;
    }
    let zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let exponent = exponent.map_or(Some(0), |exponent| exponent.parse::<i64>().ok());
    let Some(exponent) = exponent else { return Whole::No };
    let fraction = digits.split_once('.').map_or("", |(_, fraction)| fraction).trim_end_matches('0');
    let places = match fraction {
        "" => 0 - i64::try_from(digits.split('.').next().map_or(0, trailing_zeros)).unwrap_or(0),
        fraction => i64::try_from(fraction.len()).unwrap_or(i64::MAX),
    };
    let is_finite = written.parse().is_ok_and(|value: f64| value.is_finite());
    if zero || (exponent >= places && is_finite) { Whole::InValue } else { Whole::No }
}

/// What is special about a JSON number; `is_integer` where an integer is declared.
pub fn magnitude(written: &str, is_integer: bool) -> Magnitude {
    let (digits, exponent) = parts(written);
    if is_integer {
        return integer_magnitude(digits, written.starts_with('-'));
    }
    if exponent.is_none() && digits.len() <= DOUBLE_DIGITS {
        return Magnitude::Plain;
    }
    match written.parse::<f64>() {
        Ok(value) if value.is_infinite() => return Magnitude::Huge,
        Ok(value) if value.is_subnormal() || (value == 0.0 && significant(digits) > 0) => return Magnitude::Tiny,
        _ => {}
    }
    if significant(digits) > DOUBLE_DIGITS { Magnitude::Precise } else { Magnitude::Plain }
}

fn integer_magnitude(digits: &str, is_negative: bool) -> Magnitude {
    if digits.contains('.') {
        return Magnitude::Plain;
    }
    let digits = digits.trim_start_matches('0');
    match digits.parse::<u128>() {
        _ if digits.len() > NUMERIC_DIGITS => Magnitude::BeyondNumeric,
        Ok(value) if value > (1 << 63) - u128::from(!is_negative) => Magnitude::BeyondInt64,
        Ok(value) if value > EXACT => Magnitude::BeyondDouble,
        _ => Magnitude::Plain,
    }
}

/// The digits, with the point, and the exponent.
fn parts(written: &str) -> (&str, Option<&str>) {
    let written = written.strip_prefix('-').unwrap_or(written);
    match written.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (written, None),
    }
}

/// How many digits are left without the zeros on both sides.
fn significant(digits: &str) -> usize {
    let is_zero = |letter: char| matches!(letter, '0' | '.');
    digits.trim_matches(is_zero).bytes().filter(u8::is_ascii_digit).count()
}

fn trailing_zeros(digits: &str) -> usize {
    digits.len() - digits.trim_end_matches('0').len()
}
