//! What a launch may use without it being a finding.

use super::fields::Reader;
use super::yaml::Node;
use std::time::Duration;

/// The keys of the usage limits.
pub(super) const KEYS: [&str; 5] = ["memory", "cpu", "first_record", "silence", "records_per_second"];

/// Limits whose excess is a finding; none is set unless the suite does. Unlike [`super::CommandLimits`], they end nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct UsageLimits {
    /// The most memory that a launch may have at any time, in bytes.
    pub memory: Option<u64>,
    /// The most processor time that a launch may use, of all its processes.
    pub cpu: Option<Duration>,
    /// The longest time until the first record of a read.
    pub first_record: Option<Duration>,
    /// The longest time without output.
    pub silence: Option<Duration>,
    /// The least records per second that a read may deliver.
    pub records_per_second: Option<f64>,
}

impl Reader<'_> {
    /// The limits that the suite sets.
    pub fn usage(&mut self, node: &Node) -> UsageLimits {
        if !self.keys(node, "`usage`", &KEYS) {
            return UsageLimits::default();
        }
        let mut time = |key: &str| node.get(key).map(|node| self.duration(node, &format!("`{key}`")));
        let (cpu, first_record, silence) = (time("cpu"), time("first_record"), time("silence"));
        UsageLimits {
            memory: node.get("memory").map(|node| self.size(node, "`memory`")),
            cpu,
            first_record,
            silence,
            records_per_second: node.get("records_per_second").map(|node| self.number(node, "`records_per_second`")),
        }
    }
}
