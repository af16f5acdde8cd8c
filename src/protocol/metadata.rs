//! The file `metadata.yaml` that lies beside a connector in Airbyte's repository, as far as the image is concerned.

use serde::{Deserialize, Serialize};

/// What a connector's image is to be called: part of the member `data` of its metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// The image's name without tag, `airbyte/source-orders`.
    pub docker_repository: Option<String>,
    /// The image's tag, which is the connector's version.
    pub docker_image_tag: Option<String>,
}
