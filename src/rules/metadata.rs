//! The connector's metadata, for the rules about it: whether they can judge, and how they tell what stands there.

use super::{Scene, Violation};
use crate::protocol::Metadata;
use crate::text;
use serde_json::Value;

/// How much of a value is shown, in bytes.
const SHOWN: usize = 120;

impl Scene {
    /// Whether there is metadata to judge; the reason if not.
    pub fn has_metadata(&self) -> Result<(), &'static str> {
        self.metadata.as_ref().map(drop).ok_or("no metadata.yaml of a connector that can be read lies beside the suite")
    }

    /// Whether the connector is certified; the reason if not.
    pub fn is_certified(&self) -> Result<(), &'static str> {
        self.has_metadata()?;
        let is_certified = self.metadata.as_ref().is_some_and(Metadata::is_certified);
        if is_certified { Ok(()) } else { Err("the connector is not certified") }
    }

    /// Whether the page of the connector's documentation was found; the reason if not.
    pub fn has_page(&self) -> Result<(), &'static str> {
        self.has_metadata()?;
        let page = self.metadata.as_ref().and_then(Metadata::page);
        page.map(drop)
            .ok_or("the page to which `documentationUrl` leads was not found in a repository around the suite")
    }
}

/// A violation in the file, at a member of its data: `releases.breakingChanges`.
pub fn in_metadata(member: &str, title: &str, message: &str, expected: &str, found: Option<&Value>) -> Violation {
    let actual = found.map_or("nothing".to_owned(), |found| text::json(found, SHOWN));
    Violation::new(title, format!("`{member}` of metadata.yaml {message}")).expected(expected, actual)
}
