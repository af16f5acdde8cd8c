//! What a new version of a connector changes about its former one, and whether what was set up with that still works.
//!
//! Pure: two specifications or two catalogs go in, changes come out, each with what it does to configs and connections and
//! what it demands of the version number.

mod containment;

pub use containment::{Containment, Undeclared, containment};
