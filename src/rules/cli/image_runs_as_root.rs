use crate::launch::FolderAccess;
use crate::rules::{Ending, Findings, Level, Observer, Scene, Violation, rule};

rule! {
    /// The image runs its connector as root, or as a user that may not write where connectors do.
    ///
    /// # What it checks
    /// The image's USER is set, and it is neither `root` nor the id 0; and the folder `/airbyte`, which belongs to the
    /// connector, is there and that user may write to it, as far as the image's files say. That the folder is not there
    /// is told at INFO.
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
        let expected = format!("a folder /airbyte that {} may write to", image.user);
        match image.folder {
            Some(FolderAccess::ReadOnly) if !is_root => findings.report("folder", || {
                let message = "what it writes to its own folder fails: caches, files of its own, byte code";
                Violation::new("the image's user may not write to /airbyte", message).expected(expected, "read only")
            }),
            Some(FolderAccess::Missing) => findings.report("folder", || {
                let message = "connectors have this folder to write to";
                let violation = Violation::new("the image has no folder /airbyte", message).level(Level::Info);
                violation.expected(expected, "no such folder")
            }),
            _ => {}
        }
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
