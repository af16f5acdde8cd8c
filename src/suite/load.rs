//! From what the user names to suites: files found, layers laid, connectors told apart, all mistakes of all at once.

use super::diagnose::{Mistake, Span, quoted, quoted_path};
use super::fields::Reader;
use super::folder::Folder;
use super::layers::{self, Layers};
use super::scenarios::OfAll;
use super::several::{self, Listed, Split};
use super::{Environment, Overrides, Remarks, Shipped, Suite, SuiteError, locate, settings, slug};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Reads the suite of one connector: a suite file, or the `airproof.yml` of a folder. `known` are the codes and names of
/// all rules. Errs where it is about several connectors.
pub fn load(path: &Path, known: &[(&str, &str)], overrides: &Overrides) -> Result<Suite, SuiteError> {
    load_in(path, known, overrides, &|name| std::env::var(name))
}

/// Like [`load`], with another environment than the process has.
pub fn load_in(
    path: &Path,
    known: &[(&str, &str)],
    overrides: &Overrides,
    environment: &Environment<'_>,
) -> Result<Suite, SuiteError> {
    let Loaded { suites, unreadable } = load_all_in(path, known, overrides, environment)?;
    let count = suites.len() + unreadable.len();
    let mut suites = suites.into_iter();
    match (suites.next(), count) {
        (Some(suite), 1) => Ok(suite),
        _ => {
            let message = format!("there are {count} connectors, and one is wanted");
            Err(SuiteError::plain(message, "name the suite of one of them"))
        }
    }
}

/// The connectors that a path means.
#[derive(Debug)]
pub struct Loaded {
    /// Those that can be tested, at least one. Each has a slug where there are several connectors, readable or not.
    pub suites: Vec<Suite>,
    /// The others, in the order in which they were found.
    pub unreadable: Vec<Unreadable>,
}

/// A connector, one of several, whose suite cannot be used.
#[derive(Debug)]
pub struct Unreadable {
    /// What reports would call it.
    pub name: String,
    /// Its suite file, or the folder that should have one.
    pub path: PathBuf,
    /// All that is wrong with that.
    pub error: SuiteError,
}

impl Unreadable {
    /// That it is not tested, and why, in one sentence; the whole error has the places and what to do.
    pub fn summary(&self) -> String {
        let path = quoted_path(&self.path);
        let (why, first) = match (self.error.count(), self.error.first()) {
            (0 | 1, first) => ("a mistake:".to_owned(), first),
            (count, first) => (format!("{count} mistakes; the first:"), first),
        };
        format!("{}: not tested, since its suite {path} has {why} {first}", crate::text::visible(&self.name))
    }
}

/// Reads the suites of all connectors that a path means, at least one: those that a suite file lists, or those of the
/// folders in a folder. Where some of several cannot be used, the others are given with them. Errs where none can, or
/// where what is wrong is about all of them: the list itself, the command line, a name that two have.
pub fn load_all(path: &Path, known: &[(&str, &str)], overrides: &Overrides) -> Result<Loaded, SuiteError> {
    load_all_in(path, known, overrides, &|name| std::env::var(name))
}

fn load_all_in(
    path: &Path,
    known: &[(&str, &str)],
    overrides: &Overrides,
    environment: &Environment<'_>,
) -> Result<Loaded, SuiteError> {
    let mut walk = Walk {
        overrides,
        unread: Vec::new(),
        profiles: Vec::new(),
        open: Vec::new(),
        entered: BTreeSet::new(),
        unreadable: Vec::new(),
        wrong: Vec::new(),
    };
    for file in locate::suites(path)? {
        walk.enter(file);
    }
    let Walk { unread, profiles, mut unreadable, mut wrong, .. } = walk;
    let unknown = overrides.profile.as_ref().filter(|wanted| !profiles.contains(wanted));
    if let (Some(wanted), true, false) = (unknown, wrong.is_empty(), unread.is_empty()) {
        wrong.push(SuiteError::new(Vec::new(), vec![several::unknown_profile(wanted, &profiles)]));
    }
    let count = unread.len() + unreadable.len();
    wrong.extend(refuse_overrides(overrides, count));
    wrong.extend(same_names(&unread));
    let mut suites = Vec::new();
    for Unread { layers, file, name } in unread {
        match read(layers, Some(file.clone()), name.clone(), known, overrides, environment) {
            Ok(suite) => suites.push(suite),
            Err(error) => unreadable.push(Unreadable { name, path: file, error }),
        }
    }
    if !wrong.is_empty() || suites.is_empty() {
        return Err(SuiteError::all(wrong.into_iter().chain(unreadable.into_iter().map(|one| one.error))));
    }
    if count > 1 {
        let slugs = slug::ids(suites.iter().map(|suite| suite.name.as_str()), "connector");
        suites.iter_mut().zip(slugs).for_each(|(suite, slug)| suite.slug = Some(slug));
    }
    Ok(Loaded { suites, unreadable })
}

/// A suite that the command line makes alone: a connector and a config, on top of the shipped suite of its depth
/// (`standard` unless it names one).
pub fn without_file(known: &[(&str, &str)], overrides: &Overrides) -> Result<Suite, SuiteError> {
    if let Some(wanted) = &overrides.profile {
        return Err(SuiteError::new(Vec::new(), vec![several::unknown_profile(wanted, &[])]));
    }
    let depth = Shipped::Depth(overrides.depth.unwrap_or_default());
    let shipped = if overrides.as_destination { Shipped::Destination } else { depth };
    let name = shipped.name().to_owned();
    read(layers::of_shipped(overrides)?, None, name, known, overrides, &|name| std::env::var(name))
}

/// A connector of which is known what its files say, not yet what that means.
struct Unread {
    layers: Layers,
    file: PathBuf,
    name: String,
}

/// The way through suite files that name others.
struct Walk<'a> {
    overrides: &'a Overrides,
    unread: Vec<Unread>,
    /// The names of all profiles that were met, in order.
    profiles: Vec<String>,
    /// The files that led here.
    open: Vec<PathBuf>,
    /// All files that were entered.
    entered: BTreeSet<PathBuf>,
    /// Connectors whose suites were not even found or taken apart.
    unreadable: Vec<Unreadable>,
    /// What is wrong with lists of connectors.
    wrong: Vec<SuiteError>,
}

impl Walk<'_> {
    fn enter(&mut self, file: PathBuf) {
        self.entered.extend(file.canonicalize());
        let layers = match layers::of_file(&file, self.overrides) {
            Ok(layers) => layers,
            Err(error) => return self.cannot_read(file, error),
        };
        for profile in several::profiles(&layers.root) {
            if !self.profiles.iter().any(|known| known == profile) {
                self.profiles.push(profile.to_owned());
            }
        }
        match several::split(layers, self.overrides.profile.as_deref()) {
            Split::One(layers) => {
                let name = locate::name_of(&file);
                self.unread.push(Unread { layers, file, name });
            }
            Split::Several(layers, listed) => {
                self.open.extend(file.canonicalize());
                self.list(&file, layers, listed);
                self.open.pop();
            }
        }
    }

    fn list(&mut self, file: &Path, mut layers: Layers, listed: Vec<Listed>) {
        let mut mistakes = std::mem::take(&mut layers.mistakes);
        for item in listed {
            match item {
                Listed::Here(name, layers) => self.unread.push(Unread { layers, file: file.to_owned(), name }),
                Listed::Nowhere(path, mistake) => {
                    self.cannot_read(path, SuiteError::new(layers.sources.clone(), vec![*mistake]));
                }
                Listed::Elsewhere(path, span) => match locate::suites(&path) {
                    Ok(files) => files.into_iter().for_each(|file| mistakes.extend(self.enter_from(span, file))),
                    Err(error) => self.cannot_read(path, error),
                },
            }
        }
        if !mistakes.is_empty() {
            self.wrong.push(SuiteError::new(layers.sources, mistakes));
        }
    }

    fn cannot_read(&mut self, path: PathBuf, error: SuiteError) {
        self.unreadable.push(Unreadable { name: locate::name_of(&path), path, error });
    }

    /// Enters a file that a list names there, unless it is about the same connectors once more.
    fn enter_from(&mut self, span: Span, file: PathBuf) -> Option<Mistake> {
        let real = file.canonicalize().ok();
        let message = match real {
            Some(real) if self.open.contains(&real) => "`connectors` goes round in a circle: this leads here again",
            Some(real) if self.entered.contains(&real) => "this suite is listed already",
            _ => {
                self.enter(file);
                return None;
            }
        };
        Some(Mistake::at(span, message).help("remove it from the list"))
    }
}

/// What the command line says of one connector can't be meant for several.
fn refuse_overrides(overrides: &Overrides, connectors: usize) -> Option<SuiteError> {
    let given = [
        ("--image", overrides.image.is_some()),
        ("--exec", overrides.exec.is_some()),
        ("--config", overrides.config.is_some()),
        ("--catalog", overrides.catalog.is_some()),
        ("--state", overrides.state.is_some()),
    ];
    let (option, _) = given.into_iter().find(|(_, is_given)| *is_given && connectors > 1)?;
    let message = format!("`{option}` is about one connector, and there are {connectors}");
    Some(SuiteError::plain(message, "leave it out, or name the suite of one of them"))
}

/// A name that two connectors have, of whatever file.
fn same_names(unread: &[Unread]) -> Option<SuiteError> {
    let mut taken = BTreeSet::new();
    let twice = unread.iter().find(|suite| !taken.insert(&suite.name))?;
    let files: Vec<String> =
        unread.iter().filter(|suite| suite.name == twice.name).map(|suite| quoted_path(&suite.file)).collect();
    let name = quoted(&twice.name);
    let message = format!("{} connectors are called {name}: {}", files.len(), files.join(", "));
    Some(SuiteError::plain(message, "list each once, and rename what is not the same"))
}

fn read(
    layers: Layers,
    source: Option<PathBuf>,
    name: String,
    known: &[(&str, &str)],
    overrides: &Overrides,
    environment: &Environment<'_>,
) -> Result<Suite, SuiteError> {
    let Layers { sources, root, over, complete, is_foreign, mistakes, remarks, digest } = layers;
    let folder = source.as_deref().map(Folder::of);
    let settings = settings::of(&root, &sources, overrides);
    let reader = Reader::new(sources, mistakes, known, overrides, environment);
    let mut reader = Reader { over, folder, remarks, is_foreign, ..reader };
    let connector = root.get("connector").and_then(|node| reader.connector(node, complete));
    let depth = reader.depth(root.get("depth"));
    let seed = root.get("seed").map_or(1, |node| reader.whole_or_zero(node, "`seed`"));
    let usage = root.get("usage").map(|node| reader.usage(node)).unwrap_or_default();
    let limits = root.get("limits").and_then(|node| reader.limits(node));
    let config_updates = reader.config_updates(root.get("config_updates"));
    let previous = root.get("previous").and_then(|node| reader.previous(node));
    let target = connector.as_ref().map(|connector| &connector.target);
    let all = OfAll { limits: root.get("limits"), previous: previous.as_ref(), target };
    let scenarios = reader.scenarios(root.get("scenarios"), all, complete);
    let teardown = reader.surroundings(root.get("teardown"), "`teardown`");
    let rules = root.get("rules").map(|node| reader.rules(node)).unwrap_or_default();
    let mut waivers = root.get("waivers").map(|node| reader.waivers(node)).unwrap_or_default();
    waivers.extend(root.get("behaviours").map(|node| reader.behaviours(node)).unwrap_or_default());
    let bypassed = root.get("bypassed").map(|node| reader.bypassed(node)).unwrap_or_default();
    let baselines = root.get("baselines").and_then(|node| reader.baselines(node));
    let asks_for_links = root.get("documentation").is_some_and(|node| reader.asks_for_links(node));
    let destination = root.get("destination").and_then(|node| reader.destination(node));
    let strict = root.get("strict").is_some_and(|node| reader.flag(node, "`strict`"));
    let gaps = strict.then(|| reader.gaps(&scenarios));
    let Reader { sources, mistakes, remarks, env_values, folder, runs_manifest, .. } = reader;
    match (connector, limits) {
        (Some(connector), Some(limits)) if mistakes.is_empty() => Ok(Suite {
            source,
            name,
            slug: None,
            depth,
            seed,
            connector,
            limits,
            usage,
            config_updates,
            scenarios,
            teardown,
            rules,
            waivers,
            gaps,
            baselines,
            bypassed,
            destination,
            asks_for_links,
            remarks: Remarks::new(sources, remarks),
            is_foreign,
            metadata: folder.filter(|_| !runs_manifest).and_then(|folder| folder.metadata()),
            env_values: env_values.into_iter().collect(),
            digest,
            settings,
        }),
        _ => Err(SuiteError::new(sources, mistakes).beside(remarks)),
    }
}
