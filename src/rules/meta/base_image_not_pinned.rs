use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};

rule! {
    /// The base image is not named by its digest.
    ///
    /// # What it checks
    /// `connectorBuildOptions.baseImage`, where there is one, ends with `@sha256:` and 64 hexadecimal digits.
    ///
    /// # Why it matters
    /// A tag can be moved. The same version, built again, is another connector then, and whoever can push the base image
    /// is in every connector that is built on it.
    ///
    /// # Example
    /// The digest is shortened:
    /// ```yaml
    /// bad:  baseImage: docker.io/airbyte/python-connector-base:4.0.2
    /// good: baseImage: docker.io/airbyte/python-connector-base:4.0.2@sha256:9fdb1888…
    /// ```
    ///
    /// # How to mend it
    /// Append the digest that `docker buildx imagetools inspect` shows for the tag.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service looks for the image with that digest at DockerHub. The acceptance tests do
    /// not look.
    BaseImageNotPinned {
        code: "META-015",
        name: "base-image-not-pinned",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's metadata service: validate_metadata_base_images_in_dockerhub",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct BaseImageNotPinned;

impl Observer for BaseImageNotPinned {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let image = metadata.get("/connectorBuildOptions/baseImage");
        if image.is_none_or(|image| image.as_str().is_some_and(is_pinned)) {
            return;
        }
        findings.report("digest", || {
            let title = "the base image is not named by its digest";
            in_metadata(
                "connectorBuildOptions.baseImage",
                title,
                "can become another image",
                "@sha256:… at its end",
                image,
            )
        });
    }
}

fn is_pinned(image: &str) -> bool {
    let digest = image.split_once("@sha256:").map_or("", |(_, digest)| digest);
    digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
}
