//! `advanced_auth`, for the rules about OAuth.

use super::{Look, Violation};
use crate::protocol::oauth::{AdvancedAuth, FlowProperty};

impl<'l> Look<'l> {
    /// `advanced_auth` of the first SPEC, on that message's line and nowhere else.
    pub fn advanced_auth(&self) -> Option<AdvancedAuth<'l>> {
        AdvancedAuth::of(self.specification()?)
    }
}

/// A violation at a property of an OAuth schema. Shows what is said of the property.
pub fn at_property(
    look: &Look<'_>,
    property: &FlowProperty<'_>,
    title: impl Into<String>,
    message: String,
) -> Violation {
    Violation::new(title, message).part(look.line, format!("/spec{}", property.pointer()), property.schema)
}
