//! What of a new version breaks what was set up with the one before it: from changes, which `compat` finds and classes, to
//! findings. Pure: what is not certain to break is not said to.

mod report;
#[cfg(test)]
mod tests;

pub(super) use report::{Versions, instead, report};

use crate::compat::{Change, Class, What};
use crate::rules::Level;

/// What Airbyte's acceptance tests fail on in a version that was never released with them.
const UNRELEASED: &[&str] = &["BS11"];

/// How much a change weighs. None where nothing breaks and nobody else says so.
pub(super) fn level(change: &Change) -> Option<Level> {
    match (change.class(), change.what()) {
        // Configs and connections outlive these, one way or another.
        (
            Class::Breaking,
            What::PrimaryKey
            | What::SyncModes
            | What::SourceDefinedCursor
            | What::Oauth
            | What::DestinationModes
            | What::Ability,
        ) => Some(Level::Should),
        (Class::Breaking, _) => Some(Level::Must),
        (_, What::FieldRemoved | What::FieldRenamed) => Some(Level::Info),
        // They take no config that they refuse.
        _ if !change.rule.cat.is_empty() && change.rule.cat != UNRELEASED => Some(Level::Should),
        (Class::Behavioural, What::Pattern) if change.after.is_some() => Some(Level::Info),
        _ => None,
    }
}
