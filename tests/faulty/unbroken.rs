//! Rules that no fault breaks, and why.

/// By code, with the reason.
pub const RULES: &[(&str, &str)] = &[
    ("DISC-019", "needs a read that asks for files, which no launch does"),
    ("READ-024", "needs a read that is silent for five minutes"),
    ("STATE-027", "needs a read of more than fifteen minutes"),
];
