use crate::rules::{Ending, Findings, Observer, Scene, Violation, rule};

rule! {
    /// The image runs its connector as root.
    ///
    /// # What it checks
    /// The image's USER is set, and it is neither `root` nor the id 0. Whether that user may write to `/airbyte`, the
    /// connector's working directory, is not looked at.
    ///
    /// # Why it matters
    /// A connector handles what strangers send: files, archives, answers of servers. As root, a hole in any library is a
    /// hole in the container's wall, and clusters that forbid root refuse to start the image at all.
    ///
    /// # Example
    /// ```json
    /// bad:  FROM debian:bookworm                        (no USER: it is root)
    /// good: RUN useradd --create-home --home-dir /airbyte airbyte
    ///       USER airbyte
    /// ```
    ///
    /// # How to mend it
    /// Make a user that owns `/airbyte`, and name it with USER after everything is installed. The newer
    /// ones of Airbyte's base images for Python and Java have the user `airbyte`; TypeScript: node's images have the
    /// user `node`.
    ///
    /// # What Airbyte's tests see
    /// Nothing: neither the acceptance tests nor those of the CDKs look at the image's user.
    ImageRunsAsRoot {
        code: "CLI-013",
        name: "image-runs-as-root",
        level: Should,
        commands: [Spec],
        authority: ProtocolText,
        source: "airbyte-protocol-docker: requirements on images",
        watches: [],
        about: Launch,
        applies: Scene::has_image,
    }
}

#[derive(Default)]
struct ImageRunsAsRoot;

impl Observer for ImageRunsAsRoot {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(image) = ending.scene.image.as_ref().and_then(|subject| subject.image.as_ref()) else { return };
        // `user:group`: the group gives away nothing by itself.
        let user = image.user.split(':').next().unwrap_or_default();
        let is_root = user.is_empty() || user == "root" || (!user.is_empty() && user.bytes().all(|byte| byte == b'0'));
        if is_root {
            let actual =
                if user.is_empty() { "no USER, which is root".to_owned() } else { format!("USER {}", image.user) };
            findings.report("root", || {
                Violation::new("the image runs as root", "the connector has every right within its container")
                    .expected("a USER other than root", actual)
            });
        }
    }
}
