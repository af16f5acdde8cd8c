//! What a new version of a connector changes about its former one, and whether what was set up with that still works.
//!
//! Pure: two specifications or two catalogs go in, changes come out, each with what it does to configs and connections and
//! what it demands of the version number.

mod catalog;
mod change;
mod containment;
mod rules;
mod schema;
mod semver;
mod spec;
#[cfg(test)]
mod tests;

pub use catalog::changes_of_catalog;
pub use change::{Change, Class, Step, What};
pub use containment::{Containment, Undeclared, containment};
pub use rules::{ALL as RULES, Rule};
pub use schema::TooLarge;
pub use semver::{Labels, check_labels};
pub use spec::changes_of_spec;
