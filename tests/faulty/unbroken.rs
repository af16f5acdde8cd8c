//! Rules that no fault breaks, and why.

/// Of what lies beside a connector; `tests/metadata.rs` breaks them all.
const METADATA: &str = "needs a metadata.yaml, which the faulty source has not";

/// Of what was accepted of an earlier run; `tests/baselines.rs` breaks them all.
const BASELINES: &str = "needs baselines that somebody accepted";

/// Of a source and a destination together; `tests/pipe.rs` breaks them.
const PAIR: &str = "needs a destination beside it";

/// By code, with the reason.
pub const RULES: &[(&str, &str)] = &[
    ("DISC-019", "needs a read that asks for files, which no launch does"),
    ("READ-024", "needs a read that is silent for five minutes"),
    ("STATE-027", "needs a read of more than fifteen minutes"),
    ("META-001", METADATA),
    ("META-002", METADATA),
    ("META-003", METADATA),
    ("META-004", METADATA),
    ("META-005", METADATA),
    ("META-006", METADATA),
    ("META-007", METADATA),
    ("META-008", METADATA),
    ("META-009", METADATA),
    ("META-010", METADATA),
    ("META-011", METADATA),
    ("META-012", METADATA),
    ("META-013", METADATA),
    ("META-014", METADATA),
    ("META-015", METADATA),
    ("META-016", METADATA),
    ("META-017", METADATA),
    ("META-018", METADATA),
    ("META-019", METADATA),
    ("META-020", METADATA),
    ("META-021", METADATA),
    ("META-022", METADATA),
    ("BASE-001", BASELINES),
    ("BASE-002", BASELINES),
    ("BASE-003", BASELINES),
    ("BASE-004", BASELINES),
    ("BASE-005", BASELINES),
    ("PIPE-001", PAIR),
    ("PIPE-002", PAIR),
    ("PIPE-003", PAIR),
    ("PIPE-004", PAIR),
];
