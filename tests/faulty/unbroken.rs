//! Rules that no fault breaks, and why.

/// By code, with the reason.
pub const RULES: &[(&str, &str)] = &[
    ("READ-024", "needs a read that is silent for five minutes"),
    ("STATE-027", "needs a read of more than fifteen minutes"),
];
