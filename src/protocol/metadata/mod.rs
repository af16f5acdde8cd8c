//! The file `metadata.yaml` that lies beside a connector in Airbyte's repository, and what belongs to it there: the icon
//! and the page of the connector's documentation.

mod links;
mod page;
mod version;

pub use links::{Link, LinkAnswer, links};
pub use page::{Heading, below, headings, section};
pub use version::Version;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// From this `ab_internal.ql` on, Airbyte's acceptance tests hold a connector to be certified.
const CERTIFIED_QUALITY: i64 = 400;

/// What is known of a connector besides what it puts out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// The member `data` of the file, an object. Whole numbers and booleans are such; all else, a version that looks like
    /// a fraction too, is text as it is written.
    pub data: Value,
    /// The file `icon.svg` beside it; none where nobody looked for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<Icon>,
    /// The page of the connector's documentation; none where there is no place to look for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Documentation>,
}

/// What lies at `icon.svg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Icon {
    /// No file.
    Missing,
    /// A file with an SVG drawing in it.
    Svg {
        /// The file's size.
        bytes: u64,
    },
    /// A file with something else in it.
    Other {
        /// The file's size.
        bytes: u64,
    },
}

/// The page to which `documentationUrl` leads in Airbyte's repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documentation {
    /// Where it is to lie in the repository, `docs/integrations/sources/orders.md`.
    pub path: String,
    /// Its Markdown; none where the repository has no such file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its links and what became of them; none where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<Link>>,
}

impl Metadata {
    /// What stands at a JSON pointer of the data; none where that is missing or null.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.data.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The text at a JSON pointer of the data.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// The image's name without tag, `airbyte/source-orders`.
    pub fn docker_repository(&self) -> Option<&str> {
        self.text("/dockerRepository")
    }

    /// The image's tag, which is the connector's version.
    pub fn docker_image_tag(&self) -> Option<&str> {
        self.text("/dockerImageTag")
    }

    /// That tag, where it is a version.
    pub fn version(&self) -> Option<Version> {
        Version::parse(self.docker_image_tag()?)
    }

    /// Whether it is a connector that Airbyte vouches for: of that quality, or of that level of support.
    pub fn is_certified(&self) -> bool {
        let quality = self.get("/ab_internal/ql").and_then(Value::as_i64);
        quality.is_some_and(|quality| quality >= CERTIFIED_QUALITY) || self.text("/supportLevel") == Some("certified")
    }

    /// Whether it calls itself a source.
    pub fn is_source(&self) -> bool {
        self.text("/connectorType") == Some("source")
    }

    /// The documentation's Markdown, where it was found.
    pub fn page(&self) -> Option<&str> {
        self.documentation.as_ref()?.text.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn certified_is_what_the_acceptance_tests_or_the_level_say() {
        let certified = |data| Metadata { data, ..Metadata::default() }.is_certified();
        assert!(certified(json!({"ab_internal": {"ql": 400}})));
        assert!(certified(json!({"supportLevel": "certified"})));
        assert!(!certified(json!({"ab_internal": {"ql": 300}, "supportLevel": "community"})));
        assert!(!certified(json!({"ab_internal": {"ql": "400"}})));
        assert!(!certified(json!(null)));
    }
}
