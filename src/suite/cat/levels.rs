//! What the acceptance tests' switches turn on and off, in rules and experiments of ours.

/// What fails the acceptance tests and is a warning otherwise: whoever brings their config gets their verdict.
pub(super) const FAILS: [&str; 13] = [
    "SPEC-014",
    "SPEC-015",
    "SPEC-016",
    "SPEC-028",
    "SPEC-047",
    "SPEC-048",
    "DISC-002",
    "DISC-021",
    "READ-009",
    "STATE-002",
    "STATE-014",
    "STATE-034",
    "READ-033",
];
/// `validate_schema`: records against the schemas of their streams. Fields that those do not declare were part of it.
pub(super) const SCHEMA: [&str; 18] = [
    "READ-006", "READ-007", "READ-008", "READ-009", "TYPE-001", "TYPE-002", "TYPE-003", "TYPE-004", "TYPE-005",
    "TYPE-006", "TYPE-007", "TYPE-008", "TYPE-009", "TYPE-010", "TYPE-011", "TYPE-012", "TYPE-013", "TYPE-016",
];
/// `fail_on_extra_columns`: fields that the schema does not declare.
pub(super) const EXTRA_COLUMNS: [&str; 2] = ["READ-007", "READ-008"];
/// `validate_data_points`: fields that no record has.
pub(super) const DATA_POINTS: [&str; 1] = ["READ-010"];
/// `validate_primary_keys_data_type` of reads: keys that are empty.
pub(super) const PRIMARY_KEYS: [&str; 1] = ["READ-011"];
/// `validate_state_messages`: enough states, none of them of the old kind, each with its count.
pub(super) const STATE_MESSAGES: [&str; 6] =
    ["STATE-002", "STATE-009", "STATE-014", "STATE-015", "STATE-016", "STATE-034"];
/// `validate_stream_statuses`: STARTED, RUNNING, COMPLETE of each stream.
pub(super) const STATUSES: [&str; 6] =
    ["STATUS-001", "STATUS-002", "STATUS-003", "STATUS-006", "STATUS-007", "STATUS-011"];
/// `expect_trace_message_on_failure`: a read that can't work says so.
pub(super) const TRACE_ON_FAILURE: [&str; 2] = ["READ-017", "TRACE-001"];
/// `skip_comprehensive_incremental_tests`: going on from states in the middle.
pub(super) const RESUMING: [&str; 3] = ["EXP-02", "EXP-22", "EXP-30"];
/// What an entry of `full_refresh` or `incremental` fails on besides: no record at all.
pub(super) const RECORDS: [&str; 1] = ["SUITE-009"];
/// What an entry of `connector_attributes` fails on.
pub(super) const ATTRIBUTES: [&str; 3] = ["META-007", "META-009", "META-011"];
/// What an entry of `connector_documentation` fails on.
pub(super) const DOCUMENTATION: [&str; 4] = ["META-017", "META-018", "META-021", "META-022"];
/// `allowed_hosts`, bypassed.
pub(super) const ALLOWED_HOSTS: &str = "META-007";
/// `suggested_streams`, bypassed.
pub(super) const SUGGESTED_STREAMS: &str = "META-009";
/// `streams_without_primary_key`.
pub(super) const NO_PRIMARY_KEY: [&str; 2] = ["DISC-015", "META-011"];
