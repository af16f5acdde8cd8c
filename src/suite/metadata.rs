//! The `metadata.yaml` of a connector, which Airbyte's repository keeps beside it.
//!
//! It is somebody else's file: what can't be read in it is not there, and no mistake of the suite.

use super::layers::read_text;
use super::yaml::{self, Kind, Node};
use crate::protocol::Metadata;
use std::path::Path;

/// What the file beside a suite says of the connector's image.
pub(super) fn beside(suite: &Path) -> Option<Metadata> {
    let text = read_text(&suite.with_file_name("metadata.yaml")).ok()?;
    let document = yaml::parse(0, &text, &mut Vec::new())?;
    let data = document.root.get("data")?;
    let metadata = Metadata {
        docker_repository: data.get("dockerRepository").and_then(scalar),
        docker_image_tag: data.get("dockerImageTag").and_then(scalar),
    };
    Some(metadata).filter(|metadata| *metadata != Metadata::default())
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
        let suite = folder.path().join("airproof.yml");
        assert_eq!(beside(&suite), None);
        let read = |text: &str| {
            std::fs::write(folder.path().join("metadata.yaml"), text).expect("written");
            beside(&suite)
        };
        let found =
            read("data:\n  connectorType: source\n  dockerRepository: airbyte/source-orders\n  dockerImageTag: 1.10\n");
        let expected = Metadata {
            docker_repository: Some("airbyte/source-orders".to_owned()),
            docker_image_tag: Some("1.10".to_owned()),
        };
        assert_eq!(found, Some(expected));
        assert_eq!(read("data: {}\n"), None);
        assert_eq!(read("data: [\n"), None);
        assert_eq!(read("data: *nowhere\n"), None);
    }
}
