//! Images: found, pulled where they are missing, described, imported and removed.

use super::daemon::{Daemon, environment, is_missing, root_cause, said};
use crate::launch::{ImageFacts, LaunchError, Subject};
use crate::text;
use bollard::errors::Error;
use bollard::models::ImageInspect;
use bollard::query_parameters::{CreateImageOptionsBuilder, ListImagesOptions, RemoveImageOptionsBuilder};
use bytes::Bytes;
use futures_util::TryStreamExt;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio_util::io::ReaderStream;

const LABELS: &str = "io.airbyte.";

/// The one variable of an image that is looked at.
const ENTRYPOINT: &str = "AIRBYTE_ENTRYPOINT=";

/// A root file system as a tar archive, plain or compressed as the daemon understands it.
#[derive(Debug, Clone)]
pub enum RootFs {
    /// In memory.
    Bytes(Bytes),
    /// A file, which is streamed.
    File(PathBuf),
}

impl Daemon {
    /// Makes an image out of a root file system, names it `tag`, and returns its id. `changes` are instructions as in a
    /// Dockerfile: `ENTRYPOINT ["/connector"]`.
    pub async fn import_image(&self, tag: &str, root: RootFs, changes: &[String]) -> Result<String, LaunchError> {
        let (repository, version) = split_tag(tag);
        let options = CreateImageOptionsBuilder::new()
            .from_src("-")
            .repo(repository)
            .tag(version.unwrap_or("latest"))
            .changes(changes.to_vec());
        let body = match root {
            RootFs::Bytes(bytes) => bollard::body_full(bytes),
            RootFs::File(path) => {
                let file = tokio::fs::File::open(&path).await.map_err(|error| {
                    environment(format!("The image {tag} can't be made from {}: {error}.", path.display()))
                })?;
                bollard::body_try_stream(ReaderStream::with_capacity(file, 256 * 1024))
            }
        };
        let doing = format!("importing the image {tag}");
        let progress = self.docker.create_image(Some(options.build()), Some(body), None);
        progress.try_for_each(|_| async { Ok(()) }).await.map_err(|error| self.trouble(&doing, error))?;
        let made = self.docker.inspect_image(tag).await.map_err(|error| self.trouble(&doing, error))?;
        Ok(made.id.unwrap_or_default())
    }

    /// The id of an image that is here; None where it is not. Nothing is pulled.
    pub async fn image_id(&self, image: &str) -> Result<Option<String>, LaunchError> {
        check_reference(image)?;
        match self.docker.inspect_image(image).await {
            Ok(found) => Ok(found.id),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.trouble(&format!("looking for the image {image}"), error)),
        }
    }

    /// Removes an image, if it is there. Says whether it was.
    pub async fn remove_image(&self, tag: &str) -> Result<bool, LaunchError> {
        let options = RemoveImageOptionsBuilder::new().force(true).build();
        match self.docker.remove_image(tag, Some(options), None).await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(self.trouble(&format!("removing the image {tag}"), error)),
        }
    }

    /// Finds an image, pulls it if it is missing, and describes it.
    pub(super) async fn subject(&self, image: &str) -> Result<Subject, LaunchError> {
        check_reference(image)?;
        let found = match self.docker.inspect_image(image).await {
            Err(error) if is_missing(&error) => self.pull(image).await?,
            other => other.map_err(|error| self.trouble(&format!("looking for the image {image}"), error))?,
        };
        let platform = [&found.os, &found.architecture].map(|part| part.as_deref().unwrap_or("unknown")).join("/");
        let config = found.config.unwrap_or_default();
        let variable = config.env.iter().flatten().find_map(|variable| variable.strip_prefix(ENTRYPOINT));
        let facts = ImageFacts {
            airbyte_entrypoint: variable.map(str::to_owned),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            platform,
            folder: None,
        };
        let labels = config.labels.unwrap_or_default();
        let ours = labels.into_iter().filter_map(|(name, value)| Some((name.strip_prefix(LABELS)?.to_owned(), value)));
        Ok(Subject {
            launcher: "docker".to_owned(),
            name: image.to_owned(),
            image_id: found.id,
            labels: ours.collect::<BTreeMap<_, _>>(),
            image: Some(facts),
            ..Subject::default()
        })
    }

    async fn pull(&self, image: &str) -> Result<ImageInspect, LaunchError> {
        // Without a tag, the daemon would pull every tag that there is.
        let tagged = if image.contains('@') || split_tag(image).1.is_some() { "" } else { ":latest" };
        let options = CreateImageOptionsBuilder::new().from_image(&format!("{image}{tagged}")).build();
        let pulled = self.docker.create_image(Some(options), None, None).try_for_each(|_| async { Ok(()) }).await;
        let found = match pulled {
            Ok(()) => self.docker.inspect_image(image).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(image) => Ok(image),
            Err(error) => Err(self.missing(image, &error).await),
        }
    }

    async fn missing(&self, image: &str, error: &Error) -> LaunchError {
        let words = match error {
            Error::DockerResponseServerError { message, .. } | Error::DockerStreamError { error: message } => {
                format!("the Docker daemon said: {}", said(message))
            }
            other => said(&root_cause(other)),
        };
        let all = self.docker.list_images(None::<ListImagesOptions>).await.unwrap_or_default();
        let names = all.iter().flat_map(|image| &image.repo_tags).map(String::as_str);
        let near = text::nearest(image, names).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
        environment(format!(
            "There is no image `{image}` here, and it could not be pulled; {words}.{near} Build the image, check its name \
             and tag, or fetch it with your own credentials: `docker pull {image}`."
        ))
    }
}

/// The part before the tag, and the tag. The colon of a registry's port is none.
fn split_tag(reference: &str) -> (&str, Option<&str>) {
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (reference, None),
    }
}

/// Refuses what can't be an image's name or id, before the daemon is asked.
fn check_reference(image: &str) -> Result<(), LaunchError> {
    let refuse = |why: &str| Err(LaunchError::Usage(format!("`{}` does not name an image: {why}.", said(image))));
    let strange = |letter: char| !(letter.is_ascii_alphanumeric() || "._-/:@+".contains(letter));
    let (name, _digest) = image.split_once('@').unwrap_or((image, ""));
    let (repository, tag) = split_tag(name);
    let (domain, rest) = repository.split_once('/').unwrap_or_default();
    let path = if domain.contains(['.', ':']) { rest } else { repository };
    if image.is_empty() {
        refuse("it is empty")
    } else if let Some(letter) = image.chars().find(|letter| strange(*letter)) {
        refuse(&format!("the character `{}` can't be in such a name", text::visible(&letter.to_string())))
    } else if repository.split('/').any(|part| part.trim_matches(['.', '-']) != part || part.is_empty()) {
        refuse("each part between slashes has to begin and end with a letter or digit")
    } else if tag.is_some_and(str::is_empty) {
        refuse("there is nothing after the colon")
    } else if path.chars().any(|letter| letter.is_ascii_uppercase()) {
        refuse(&format!("such names are lowercase (`{}`)", repository.to_lowercase()))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images() {
        let digest = format!("airbyte/source-x@sha256:{}", "0".repeat(64));
        let good = ["source-x", "airbyte/source-x:1.2.3-rc.1", "Host.example:5000/a/b:Dev", "localhost/a__b", &digest];
        for image in good {
            assert!(check_reference(image).is_ok(), "{image}");
        }
        for image in ["", "Source-X", "source x", "a//b", "../secrets", "a/..", "source-x:", "-rm", "a?b", "a#b"] {
            assert!(matches!(check_reference(image), Err(LaunchError::Usage(_))), "{image}");
        }
        assert_eq!(split_tag("host:5000/a"), ("host:5000/a", None));
        assert_eq!(split_tag("host:5000/a:1"), ("host:5000/a", Some("1")));
    }
}
