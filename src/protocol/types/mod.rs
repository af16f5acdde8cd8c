//! Airbyte's types: which type a schema declares, and whether a value, as it is written, is one of it.
//!
//! The schema that a stream declares is compiled into a tree of types ([`TypedSchema`]). A record's data is walked along it
//! as raw JSON, so that numbers keep all their digits and nothing is built. What does not fit is graded: some deviations
//! are wrong, some are forms that Airbyte's acceptance tests and most destinations take, some are only worth knowing.

mod airbyte_type;
mod form;
mod moment;
mod node;
mod number;
mod text_form;
mod walk;

pub use airbyte_type::AirbyteType;
pub use form::{Fit, Form, Zone};
pub use node::TypedSchema;
pub use number::{Magnitude, integer, magnitude};
pub use text_form::TextForm;
pub use walk::{Fault, Grade, Misfit, Typed};

#[cfg(test)]
mod vectors;
