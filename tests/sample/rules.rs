//! Some rules of the catalogue, as far as the samples need them.

use airproof::protocol::Command::{self, Check, Discover, Read, Spec};
use airproof::rules::Level::{self, Info, Must, Should};

pub struct SampleRule {
    pub code: &'static str,
    pub name: &'static str,
    pub level: Level,
    pub commands: &'static [Command],
    pub by_stream: bool,
}

const fn rule(code: &'static str, name: &'static str, level: Level, commands: &'static [Command]) -> SampleRule {
    SampleRule { code, name, level, commands, by_stream: false }
}

const fn by_stream(code: &'static str, name: &'static str, level: Level) -> SampleRule {
    SampleRule { code, name, level, commands: &[Read], by_stream: true }
}

const ALL: &[Command] = &[Spec, Check, Discover, Read];

pub const RULES: &[SampleRule] = &[
    rule("CLI-006", "exit-code-not-zero", Must, ALL),
    rule("LINE-001", "message-on-several-lines", Must, ALL),
    rule("LINE-002", "trailing-data-on-line", Must, ALL),
    rule("LINE-003", "line-is-no-message", Should, ALL),
    rule("LINE-004", "line-is-not-utf8", Must, ALL),
    rule("LINE-017", "blank-line", Info, ALL),
    rule("SPEC-001", "spec-message-count-wrong", Must, &[Spec]),
    rule("SPEC-003", "specification-is-no-schema", Must, &[Spec]),
    rule("SPEC-023", "property-without-title", Should, &[Spec]),
    rule("SPEC-027", "secret-not-marked", Must, &[Spec]),
    rule("CHECK-001", "status-message-count-wrong", Must, &[Check]),
    rule("DISC-001", "catalog-message-count-wrong", Must, &[Discover]),
    rule("DISC-011", "default-cursor-not-in-schema", Must, &[Discover]),
    rule("SCHEMA-001", "stream-schema-invalid", Must, &[Discover]),
    rule("SCHEMA-010", "timestamp-without-airbyte-type", Should, &[Discover]),
    rule("READ-001", "record-of-unconfigured-stream", Must, &[Read]),
    by_stream("READ-006", "record-violates-schema", Must),
    by_stream("READ-007", "top-level-field-undeclared", Must),
    by_stream("READ-010", "field-never-filled", Info),
    by_stream("READ-012", "primary-key-repeated", Should),
    by_stream("STATE-010", "record-after-last-state", Must),
    by_stream("STATE-012", "state-repeats", Should),
    rule("STATE-015", "state-record-count-wrong", Must, &[Read]),
    by_stream("STATUS-002", "status-sequence-broken", Must),
    rule("TRACE-006", "error-trace-in-success", Must, &[Read]),
    rule("LOG-005", "error-log-in-success", Should, ALL),
    rule("SEC-001", "secret-in-output", Must, ALL),
];
