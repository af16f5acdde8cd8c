use crate::protocol::Metadata;
use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};

rule! {
    /// `dockerRepository` is no name of an image, or of another type of connector.
    ///
    /// # What it checks
    /// `dockerRepository` is the name of an image without tag and digest, in lower case: `acme/source-orders`. A name that
    /// begins with `source-` or `destination-` is of the `connectorType` that it says.
    ///
    /// # Why it matters
    /// The platform puts a colon and the version behind it and pulls that. With a tag in it, or an address for browsers,
    /// there is no such image. By the type it knows what to launch.
    ///
    /// # Example
    /// ```yaml
    /// bad:  dockerRepository: https://hub.docker.com/r/acme/source-orders
    /// good: dockerRepository: acme/source-orders
    /// ```
    ///
    /// # How to mend it
    /// Write the name that stands behind `docker pull`, without the tag; that goes into `dockerImageTag`.
    ///
    /// # What Airbyte's tests see
    /// The validator of the metadata service looks for the image at DockerHub. The acceptance tests compare the name
    /// with the image's label.
    RepositoryWrong {
        code: "META-003",
        name: "repository-wrong",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's registry: dockerRepository; Docker's reference grammar",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct RepositoryWrong;

impl Observer for RepositoryWrong {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let Some(repository) = metadata.docker_repository().filter(|name| !name.trim().is_empty()) else { return };
        let found = metadata.get("/dockerRepository");
        if !is_name(repository) {
            findings.report("name", || {
                let title = "`dockerRepository` is no name of an image";
                in_metadata(
                    "dockerRepository",
                    title,
                    "is not what `docker pull` takes",
                    "a name in lower case without a tag",
                    found,
                )
            });
        } else if let Some(told) = contradicted(metadata, repository) {
            findings.report("type", || {
                let (title, message) = ("the name is of another type of connector", "is not what the name says");
                let expected = format!("`{told}`, as in `{repository}`");
                in_metadata("connectorType", title, message, &expected, metadata.get("/connectorType"))
            });
        }
    }
}

/// Whether it is a name as Docker takes it: a host with or without a port, and parts with slashes between them.
fn is_name(repository: &str) -> bool {
    let parts: Vec<&str> = repository.split('/').collect();
    let is_part = |part: &&str| {
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        part.bytes().all(|byte| is_letter(byte) || b"._-".contains(&byte))
            && part.bytes().next().is_some_and(is_letter)
            && part.bytes().last().is_some_and(is_letter)
    };
    let is_host = |part: &str| {
        let (name, port) = part.split_once(':').unwrap_or((part, "0"));
        port.parse::<u16>().is_ok() && is_part(&name.to_ascii_lowercase().as_str())
    };
    match parts.as_slice() {
        [host, rest @ ..] if !rest.is_empty() && host.contains(['.', ':']) => is_host(host) && rest.iter().all(is_part),
        parts => parts.iter().all(is_part),
    }
}

/// The type that the name says, where the file says the other one.
fn contradicted(metadata: &Metadata, repository: &str) -> Option<&'static str> {
    let name = repository.rsplit('/').next()?;
    let told = ["source", "destination"]
        .into_iter()
        .find(|told| name.strip_prefix(told).is_some_and(|rest| rest.starts_with('-')))?;
    let written = metadata.text("/connectorType")?;
    (["source", "destination"].contains(&written) && written != told).then_some(told)
}
