use crate::launch::Subject;
use crate::protocol::Metadata;
use crate::rules::{Ending, Findings, Observer, Scene, Violation, rule};

rule! {
    /// The image's labels do not name the connector and its version.
    ///
    /// # What it checks
    /// The image has the labels `io.airbyte.name` and `io.airbyte.version`. Where a `metadata.yaml` lies beside the
    /// suite, they equal its `dockerRepository` and `dockerImageTag`. Else, for an image whose own name begins with
    /// `airbyte/`, they equal that name and, if the tag is a version, the tag.
    ///
    /// # Why it matters
    /// Airbyte's build and release jobs find the earlier version of a connector, and tell which one an image is, by
    /// these labels. An image that was retagged or copied to another registry is known by them alone.
    ///
    /// # Example
    /// With `dockerRepository: airbyte/source-orders` and `dockerImageTag: 1.4.2` in metadata.yaml:
    /// ```json
    /// bad:  LABEL io.airbyte.name=airbyte/source-template io.airbyte.version=0.1.0
    /// good: LABEL io.airbyte.name=airbyte/source-orders io.airbyte.version=1.4.2
    /// ```
    ///
    /// # How to mend it
    /// Set both in the Dockerfile, from arguments of the build, so that they follow the version: `ARG VERSION` and
    /// `LABEL io.airbyte.version=$VERSION`. Images that Airbyte's own build tools make have them.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests compare both labels with metadata.yaml, and stop with an error where there is no such file.
    ImageLabelsWrong {
        code: "SPEC-048",
        name: "image-labels-wrong",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte's acceptance tests: image labels",
        watches: [],
        about: Launch,
        applies: Scene::has_image,
    }
}

#[derive(Default)]
struct ImageLabelsWrong;

impl Observer for ImageLabelsWrong {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(image) = &ending.scene.image else { return };
        let (names, by) = names(ending.scene.metadata.as_ref(), image);
        for (label, wanted) in [("name", names.repository), ("version", names.tag)] {
            let found = image.labels.get(label).filter(|found| !found.is_empty());
            let (cause, title, message) = match (found, &wanted) {
                (None, _) => {
                    ("missing", "a label of the image is missing", "which says what connector it is".to_owned())
                }
                (Some(found), Some(wanted)) if found != wanted => {
                    ("differs", "a label of the image is another connector's", format!("and {by} says otherwise"))
                }
                _ => continue,
            };
            findings.report(cause, || {
                let told = |value: &str| format!("io.airbyte.{label}={value}");
                let expected = told(wanted.as_deref().unwrap_or("…"));
                let actual = found.map_or("no such label".to_owned(), |found| told(found));
                Violation::new(title, format!("it is io.airbyte.{label}, {message}")).expected(expected, actual)
            });
        }
    }
}

/// What an image is to be called, as far as that is known.
#[derive(Default)]
struct Names {
    repository: Option<String>,
    tag: Option<String>,
}

/// What the labels are to say, and by what.
fn names(metadata: Option<&Metadata>, image: &Subject) -> (Names, &'static str) {
    if let Some(metadata) = metadata {
        let (repository, tag) = (metadata.docker_repository(), metadata.docker_image_tag());
        return (Names { repository: repository.map(str::to_owned), tag: tag.map(str::to_owned) }, "metadata.yaml");
    }
    let (name, tag) = match image.name.rsplit_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (image.name.as_str(), None),
    };
    if !name.starts_with("airbyte/") || name.contains('@') {
        return (Names::default(), "");
    }
    let is_version =
        |tag: &&str| tag.split('.').count() == 3 && tag.starts_with(|letter: char| letter.is_ascii_digit());
    let tag = tag.filter(is_version).map(str::to_owned);
    (Names { repository: Some(name.to_owned()), tag }, "the image's own name")
}
