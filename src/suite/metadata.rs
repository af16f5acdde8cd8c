//! The `metadata.yaml` of a connector, which Airbyte's repository keeps beside it.
//!
//! It is somebody else's file: what can't be read in it is not there, and no mistake of the suite.

use super::layers::read_text;
use super::yaml::{self, Kind, Node};
use crate::protocol::Metadata;
use std::path::Path;

/// What the file says, as far as we have a use for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MetadataFile {
    /// What the connector's image is to be called.
    pub image: Metadata,
    /// The image that the connector's is built on.
    pub base_image: Option<String>,
    /// Whether it says that the connector is nothing but a manifest.
    pub says_manifest_only: bool,
}

/// The file in a folder; None where there is none that can be read.
pub(super) fn in_folder(folder: &Path) -> Option<MetadataFile> {
    let text = read_text(&folder.join("metadata.yaml")).ok()?;
    let document = yaml::parse(0, &text, &mut Vec::new())?;
    let data = document.root.get("data")?;
    let tags = match data.get("tags").map(|node| &node.kind) {
        Some(Kind::Sequence(tags)) => tags.as_slice(),
        _ => &[],
    };
    Some(MetadataFile {
        image: Metadata {
            docker_repository: data.get("dockerRepository").and_then(scalar),
            docker_image_tag: data.get("dockerImageTag").and_then(scalar),
        },
        base_image: data.get("connectorBuildOptions").and_then(|options| options.get("baseImage")).and_then(scalar),
        says_manifest_only: tags.iter().filter_map(scalar).any(|tag| tag == "language:manifest-only"),
    })
}

/// As written: a version is text, also where it looks like a number.
fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Scalar { text, .. } => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_image_is_called_is_read_and_the_rest_is_not_minded() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(in_folder(folder.path()), None);
        let read = |text: &str| {
            std::fs::write(folder.path().join("metadata.yaml"), text).expect("written");
            in_folder(folder.path())
        };
        let found =
            read("data:\n  connectorType: source\n  dockerRepository: airbyte/source-orders\n  dockerImageTag: 1.10\n");
        let image = Metadata {
            docker_repository: Some("airbyte/source-orders".to_owned()),
            docker_image_tag: Some("1.10".to_owned()),
        };
        assert_eq!(found, Some(MetadataFile { image, ..MetadataFile::default() }));
        let found = read("data:\n  tags: [language:manifest-only]\n  connectorBuildOptions: { baseImage: a/b:1 }\n");
        assert!(found.is_some_and(|file| file.says_manifest_only && file.base_image.as_deref() == Some("a/b:1")));
        assert_eq!(read("data: { other: 1 }\n"), Some(MetadataFile::default()));
        assert_eq!(read("data: [\n"), None);
        assert_eq!(read("data: *nowhere\n"), None);
    }
}
