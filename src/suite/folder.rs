//! The folder of a connector as Airbyte's repository has it: which image is launched where the suite names none.

use super::diagnose::{Mistake, quoted};
use super::fields::Reader;
use super::metadata;
use super::{Mount, Target};
use crate::protocol::Metadata;
use std::path::{Path, PathBuf};

/// The image that runs a manifest.
const RUNNER: &str = "airbyte/source-declarative-manifest";
/// Where that image looks for the manifest and for the Python code that it may name.
const CODE: &str = "/airbyte/integration_code/source_declarative_manifest";
const MANIFEST: &str = "manifest.yaml";
const COMPONENTS: &str = "components.py";
/// What a connector with code of its own has beside its manifest, and those with a package of this prefix.
const OWN_CODE: [&str; 4] = ["Dockerfile", "pyproject.toml", "setup.py", "src"];
const PACKAGE: &str = "source_";

/// The folder of a suite file, in which a connector may lie.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    metadata: Option<Metadata>,
}

/// What is launched for a folder.
#[derive(Debug, PartialEq, Eq)]
enum Chosen {
    /// The connector's own image.
    Image(String),
    /// The image that runs the folder's manifest, with what it is to see of the folder.
    Manifest(String, Vec<Mount>),
}

impl Folder {
    /// The folder in which a suite file lies.
    pub fn of(suite: &Path) -> Self {
        let path = suite.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        Folder { metadata: metadata::in_folder(&path), path }
    }

    /// What the metadata say.
    pub fn metadata(&self) -> Option<Metadata> {
        self.metadata.clone()
    }

    /// What to launch; else what was tried, if there was anything.
    fn choose(&self) -> Result<Chosen, Option<String>> {
        if self.is_manifest_only() {
            let image = format!("{RUNNER}:{}", self.runner_tag().unwrap_or("latest"));
            return Ok(Chosen::Manifest(image, self.mounts()));
        }
        let tried = |lacks: &str| Some(format!("`metadata.yaml` beside the suite names no `{lacks}`"));
        let Some(metadata) = &self.metadata else { return Err(None) };
        let repository = metadata.docker_repository().ok_or_else(|| tried("dockerRepository"))?;
        let tag = metadata.docker_image_tag().ok_or_else(|| tried("dockerImageTag"))?;
        let name = format!("{repository}:{tag}");
        if name.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return Err(Some(format!("`metadata.yaml` beside the suite names {}, which is no image", quoted(&name))));
        }
        Ok(Chosen::Image(name))
    }

    /// Whether what lies there says what to launch.
    pub fn names_image(&self) -> bool {
        self.choose().is_ok()
    }

    /// Whether the connector is a manifest that another image runs. A manifest beside code is part of that code.
    pub fn is_manifest_only(&self) -> bool {
        let has = |name: &str| self.path.join(name).exists();
        let is_package = |name: &str| name.starts_with(PACKAGE) && self.path.join(name).is_dir();
        let names = || std::fs::read_dir(&self.path).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let has_code = || OWN_CODE.into_iter().any(has) || names().any(|name| name.to_str().is_some_and(is_package));
        let tags = self.metadata.as_ref().and_then(|metadata| metadata.get("/tags")?.as_array());
        let says_so = tags.is_some_and(|tags| tags.iter().any(|tag| tag == "language:manifest-only"));
        self.path.join(MANIFEST).is_file() && (says_so || !has_code())
    }

    /// The version of the runner that the connector is built on: `6.5.2` of `docker.io/airbyte/…:6.5.2@sha256:…`.
    fn runner_tag(&self) -> Option<&str> {
        let base = self.metadata.as_ref()?.text("/connectorBuildOptions/baseImage")?;
        let (name, tag) = base.split('@').next()?.rsplit_once(':')?;
        let is_tag = tag.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
        (name.ends_with(RUNNER) && is_tag && !tag.is_empty()).then_some(tag)
    }

    fn mounts(&self) -> Vec<Mount> {
        let mount = |name: &str| {
            let source = self.path.join(name).canonicalize().ok().filter(|file| file.is_file())?;
            Some(Mount { source, target: format!("{CODE}/{name}"), read_only: true })
        };
        [MANIFEST, COMPONENTS].into_iter().filter_map(mount).collect()
    }
}

impl Reader<'_> {
    /// What to launch where neither the command line nor the suite names it, with what it has to see. None is a mistake,
    /// unless a layer is missing that may name it.
    pub fn target_of_folder(&mut self, complete: bool) -> Option<(Target, Vec<Mount>)> {
        let tried = match self.folder.as_ref().map(Folder::choose) {
            Some(Ok(Chosen::Image(image))) => return Some((Target::Image(image), Vec::new())),
            Some(Ok(Chosen::Manifest(image, mounts))) => {
                self.runs_manifest = true;
                return Some((Target::Image(image), mounts));
            }
            Some(Err(tried)) => tried,
            None => None,
        };
        if complete {
            let tried = tried.map(|tried| format!(": {tried}")).unwrap_or_default();
            let message = format!("there is no connector to launch{tried}");
            let help = match self.is_foreign {
                true => {
                    "add `connector_image: NAME`, or give `dockerRepository` and `dockerImageTag` in a `metadata.yaml` \
                     beside it; or name it on the command line, for this connector alone: `--image NAME`"
                }
                false => {
                    "name it on the command line (`--image NAME` or `--exec 'COMMAND'`), or in the suite: `connector: { \
                     image: NAME }`"
                }
            };
            self.mistakes.push(Mistake::new(self.whole_file(), message).help(help));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is chosen for a folder with these files; a name that ends with `/` is a folder.
    fn chosen(files: &[(&str, &str)]) -> Result<Chosen, Option<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            match name.ends_with('/') {
                true => std::fs::create_dir(path).expect("made"),
                false => std::fs::write(path, text).expect("written"),
            }
        }
        Folder::of(&folder.path().join("airproof.yml")).choose()
    }

    /// The image that runs a manifest, and the names of the files that it sees.
    fn runner(files: &[(&str, &str)]) -> Option<(String, Vec<String>)> {
        match chosen(files) {
            Ok(Chosen::Manifest(image, mounts)) => {
                assert!(mounts.iter().all(|mount| mount.read_only && mount.source.is_absolute()));
                Some((image, mounts.into_iter().map(|mount| mount.target).collect()))
            }
            _ => None,
        }
    }

    const NAMES: (&str, &str) = ("metadata.yaml", "data: { dockerRepository: airbyte/source-a, dockerImageTag: 1.10 }");
    const MANIFEST_FILE: (&str, &str) = (MANIFEST, "version: 6.0.0");

    #[test]
    fn a_connector_with_code_is_the_image_that_its_metadata_name() {
        let own = || Ok(Chosen::Image("airbyte/source-a:1.10".to_owned()));
        assert_eq!(chosen(&[NAMES]), own());
        for code in ["Dockerfile", "pyproject.toml", "src/", "source_a/"] {
            assert_eq!(chosen(&[NAMES, MANIFEST_FILE, (code, "")]), own(), "{code}");
        }
    }

    #[test]
    fn what_was_tried_is_told() {
        assert_eq!(chosen(&[]), Err(None));
        let tried = |text: &str| chosen(&[("metadata.yaml", text)]).expect_err("nothing to launch").expect("told");
        assert_eq!(
            tried("data: { connectorType: source, dockerImageTag: 1.1 }"),
            "`metadata.yaml` beside the suite names no `dockerRepository`"
        );
        assert_eq!(
            tried("data: { dockerRepository: a/b }"),
            "`metadata.yaml` beside the suite names no `dockerImageTag`"
        );
        assert!(
            tried("data: { dockerRepository: a b, dockerImageTag: 1.1 }").ends_with("`a b:1.1`, which is no image")
        );
    }

    #[test]
    fn a_manifest_runs_in_the_version_that_it_is_built_on() {
        let target = |name: &str| format!("{CODE}/{name}");
        assert_eq!(runner(&[MANIFEST_FILE]), Some((format!("{RUNNER}:latest"), vec![target(MANIFEST)])));
        let on = |base: &str| {
            let text = format!(
                "data: {{ dockerRepository: airbyte/source-a, dockerImageTag: 1.10, tags: [\
                 language:manifest-only], connectorBuildOptions: {{ baseImage: '{base}' }} }}"
            );
            runner(&[("metadata.yaml", &text), MANIFEST_FILE, ("pyproject.toml", "")]).expect("a manifest").0
        };
        assert_eq!(on("docker.io/airbyte/source-declarative-manifest:6.5.2@sha256:01ab"), format!("{RUNNER}:6.5.2"));
        assert_eq!(on("airbyte/source-declarative-manifest"), format!("{RUNNER}:latest"));
        assert_eq!(on("docker.io/airbyte/python-connector-base:2.0.0"), format!("{RUNNER}:latest"));
    }

    #[test]
    fn code_that_the_manifest_names_lies_beside_it() {
        let targets = runner(&[MANIFEST_FILE, (COMPONENTS, "")]).expect("a manifest").1;
        assert_eq!(targets, [MANIFEST, COMPONENTS].map(|name| format!("{CODE}/{name}")));
    }
}
