//! `acceptance-test-config.yml`, of every era: the config of Airbyte's own acceptance tests, translated into the tree of an
//! `airproof.yml`.
//!
//! What comes out is read, checked and explained like any other suite, and `airproof migrate` writes it down. Each part of
//! it is at the place in the foreign file that it stands for, so that every mistake is shown where it was made. What those
//! tests accepted is accepted; what they refused for a slip of layout is accepted with a note.

#[cfg(test)]
mod documented;
mod entry;
mod layout;
mod lenient;
mod levels;
mod reads;
mod scenarios;
mod tree;

use super::diagnose::{Mistake, Span, quoted};
use super::folder::Folder;
use super::inputs::plain;
use super::interpolate::escaped;
use super::yaml::Node;
use crate::text::nearest;
use layout::{Category, ROOTS, Section};
use std::path::{Component, Path, PathBuf};
use tree::{list, mapping, text, word};

/// The keys at the root of such a file.
const KEYS: [&str; 7] = [
    "connector_image",
    "acceptance_tests",
    "base_path",
    "test_strictness_level",
    "custom_environment_variables",
    "cache_discovered_catalog",
    "tests",
];

/// The names that such a file has.
pub(super) const NAMES: [&str; 2] = ["acceptance-test-config.yml", "acceptance-test-config.yaml"];

/// Whether a document is such a file, by what stands at its root.
pub(super) fn is_one(path: &Path, root: &Node) -> bool {
    let is_named = path.file_name().is_some_and(|name| NAMES.iter().any(|known| name == *known));
    let ours = ["scenarios", "connector", "extends", "connectors"];
    is_named
        || (ours.iter().all(|key| root.get(key).is_none())
            && (root.get("connector_image").is_some() || ROOTS.iter().any(|key| root.get(key).is_some())))
}

/// Where the first gap is of a template from which such a file is made; None where a text is none.
pub(super) fn template(path: &Path, text: &str) -> Option<usize> {
    let is_named = path.extension().is_some_and(|extension| extension == "hbs");
    let has_gap = |line: &str| line.trim_start().starts_with("connector_image:") && line.contains("{{");
    (is_named || text.lines().any(has_gap)).then(|| text.find("{{").unwrap_or(0))
}

/// Reads such a file.
pub(super) struct Translator<'n> {
    root: &'n Node,
    /// The folder of the file.
    folder: PathBuf,
    /// Where its paths start, if not there.
    base: Option<PathBuf>,
    waivers: Vec<Node>,
    /// What nobody looks at, each with its reason.
    bypassed: Vec<Node>,
    teardown: Option<Node>,
    /// Whether something else than what the file names is launched, whatever stands in it.
    pub launches_another: bool,
    /// What can't be read.
    pub mistakes: Vec<Mistake>,
    /// What can be read in spite of it, and what it was taken for.
    pub remarks: Vec<Mistake>,
}

impl<'n> Translator<'n> {
    /// A translator of the document of a file.
    pub fn new(root: &'n Node, folder: &Path) -> Self {
        let (mistakes, remarks) = (Vec::new(), Vec::new());
        let (waivers, bypassed, launches_another) = (Vec::new(), Vec::new(), false);
        let (folder, base, teardown) = (folder.to_owned(), None, None);
        Translator { root, folder, base, waivers, bypassed, teardown, launches_another, mistakes, remarks }
    }

    /// The same as a suite of ours.
    pub fn suite(&mut self) -> Node {
        let root = self.root;
        self.remark_keys();
        if let Some(path) = root.get("base_path")
            && let Some(path) = self.text(path, "base_path")
        {
            // They took it from where they were started.
            self.base = seen_from(&self.folder, Path::new(&path));
        }
        let (sections, container) = self.sections(root);
        if let Some(container) = container {
            self.container_of_all(container);
        }
        let mut keys = Vec::new();
        let connector = self.connector();
        if connector.entries().is_some_and(|entries| !entries.is_empty()) {
            keys.push(("connector", connector));
        }
        if let Some(level) = root.get("test_strictness_level") {
            match self.lower(level, "test_strictness_level", &["high", "low"]).as_deref() {
                Some("high") => keys.push(("strict", word(level.span, "true"))),
                Some("low") | None => {}
                Some(_) => self.wrong(level, "test_strictness_level", "low or high", "write one of these words"),
            }
        }
        keys.push(("scenarios", self.scenarios(&sections)));
        keys.push(("rules", failing(&sections, root.span)));
        if !self.waivers.is_empty() {
            keys.push(("waivers", list(root.span, std::mem::take(&mut self.waivers))));
        }
        let mut bypassed: Vec<Node> =
            sections.iter().filter_map(|(category, section)| bypassed(*category, section)).collect();
        bypassed.append(&mut self.bypassed);
        if !bypassed.is_empty() {
            keys.push(("bypassed", list(root.span, bypassed)));
        }
        keys.extend(self.teardown.take().map(|step| ("teardown", step)));
        mapping(root.span, keys)
    }

    fn remark_keys(&mut self) {
        for (key, entry) in self.root.entries().into_iter().flatten() {
            if key == "cache_discovered_catalog" || key == "cached_discovered_catalog" {
                let message = format!("`{key}` is not needed: what `discover` gives is used by all that need it");
                self.remarks.push(Mistake::at(entry.key, message).note());
            } else if key == "connector-image" {
                let message = "`connector-image` is read as `connector_image`";
                self.remarks.push(Mistake::at(entry.key, message).note());
            } else if !KEYS.contains(&key.as_str()) && !ROOTS.contains(&key.as_str()) {
                let message = format!("{} is no key of such a file; it is passed over", quoted(key));
                let near = nearest(key, KEYS).map(|near| format!("did you mean `{near}`?"));
                let help = format!("its keys are {}", KEYS.join(", "));
                self.remarks.push(Mistake::at(entry.key, message).warning().help(help).maybe_help(near));
            }
        }
    }

    fn connector(&mut self) -> Node {
        let root = self.root;
        let mut keys = Vec::new();
        if let Some(image) = root.get("connector_image").or_else(|| root.get("connector-image"))
            && let Some(name) = self.text(image, "connector_image")
        {
            // They had that image made of the manifest; the one that runs manifests need not be made.
            if name.ends_with(":dev") && Folder::of(&self.folder.join(NAMES[0])).is_manifest_only() {
                self.remark_runner(image.span, &name);
            } else {
                keys.push(("image", text(image.span, name)));
            }
        }
        if let Some(given) = root.get("custom_environment_variables") {
            match given.entries() {
                Some(entries) => {
                    let variables = entries.iter().filter_map(|(name, entry)| {
                        let value = lenient::as_python_text(&entry.value).map(|value| escaped(&value));
                        let span = entry.value.span;
                        // A `$` of theirs is no reference of ours.
                        Some((name.clone(), text(span, value?)))
                    });
                    keys.push(("environment", mapping(given.span, variables.collect::<Vec<_>>())));
                }
                None => self.wrong(given, "custom_environment_variables", "a mapping", "write `NAME: value`"),
            }
        }
        mapping(root.span, keys)
    }

    fn remark_runner(&mut self, span: Span, name: &str) {
        if self.launches_another {
            return;
        }
        let name = quoted(name);
        let why = "this connector is a manifest without code, and runs in the image that runs manifests";
        let help = "to have an image of your own tested instead, name it with `--image`";
        self.remarks.push(Mistake::at(span, format!("{name} is not launched: {why}")).note().help(help));
    }

    /// A path of the file as one of ours, which starts at the folder of the file.
    fn path(&self, written: &str) -> String {
        match &self.base {
            Some(base) => base.join(written).display().to_string(),
            None => written.to_owned(),
        }
    }

    /// A config's path, or that of the newest one that a connector has made of it: they kept those beside it.
    fn updated(&mut self, written: &str) -> String {
        let path = self.path(written);
        let whole = self.folder.join(&path);
        let (Some(stem), Some(folder)) = (whole.file_stem().and_then(|stem| stem.to_str()), whole.parent()) else {
            return path;
        };
        let newest = std::fs::read_dir(folder.join("updated_configurations")).into_iter().flatten().flatten();
        let newest = newest
            .filter(|file| file.file_name().to_str().is_some_and(|name| name.starts_with(&format!("{stem}|"))))
            .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
            .max();
        let from_here = |newest: PathBuf| newest.strip_prefix(&self.folder).unwrap_or(&newest).display().to_string();
        newest.map_or(path, |(_, newest)| from_here(newest))
    }
}

/// A path of the current folder as one of another folder. None where it is that folder itself.
fn seen_from(folder: &Path, path: &Path) -> Option<PathBuf> {
    if path.is_absolute() {
        return Some(path.to_owned());
    }
    let (path, folder) = (plain(path)?, plain(folder)?);
    let common = path.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let seen: PathBuf = up.chain(path.components().skip(common)).collect();
    (!seen.as_os_str().is_empty()).then_some(seen)
}

/// The levels of what fails those tests. What lies beside a connector they judge only where the file has its category.
fn failing(sections: &[(Category, Section<'_>)], span: Span) -> Node {
    let is_tested =
        |wanted| sections.iter().any(|(category, section)| *category == wanted && !section.tests.is_empty());
    let beside: [(Category, &[&'static str]); 2] =
        [(Category::Attributes, &levels::ATTRIBUTES), (Category::Documentation, &levels::DOCUMENTATION)];
    let beside = beside.iter().filter(|(category, _)| is_tested(*category)).flat_map(|(_, rules)| rules.iter());
    let rules: Vec<_> = levels::FAILS.iter().chain(beside).map(|rule| (*rule, word(span, "must"))).collect();
    mapping(span, rules)
}

/// A category that is bypassed and is no part of a scenario, with its reason.
fn bypassed(category: Category, section: &Section<'_>) -> Option<Node> {
    let is_apart = matches!(category, Category::Spec | Category::Attributes | Category::Documentation);
    let (span, reason) = section.bypass.as_ref().filter(|_| is_apart && section.tests.is_empty())?;
    let what = text(*span, category.key());
    Some(mapping(*span, [("what", what), ("reason", text(*span, reason.clone()))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_seen_from_the_folder_of_the_file() {
        let seen =
            |folder: &str, path: &str| seen_from(Path::new(folder), Path::new(path)).map(PathBuf::into_os_string);
        assert_eq!(seen("connectors/source-a", "."), Some("../..".into()));
        assert_eq!(seen("", "fixtures/./a"), Some("fixtures/a".into()));
        assert_eq!(seen("source-a", "source-b/x"), Some("../source-b/x".into()));
        assert_eq!(seen("source-a", "/test_input"), Some("/test_input".into()));
        assert_eq!(seen("./source-a", "source-a/"), None);
    }
}
