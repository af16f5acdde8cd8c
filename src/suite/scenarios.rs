//! The scenarios of a suite, and the one that the command line makes.

use super::diagnose::{Mistake, Place, Span, quoted, quoted_path};
use super::fields::{Reader, kind_of};
use super::files::Named;
use super::yaml::{Kind, Node};
use super::{CatalogSource, Expect, Scenario, StreamException, StreamExceptions, scalar, slug};
use crate::protocol::{ConfiguredCatalog, Descriptor};
use serde_json::Value;
use std::path::{Path, PathBuf};

const KEYS: [&str; 9] = ["name", "config", "expect", "canaries", "catalog", "state", "streams", "changes", "reset"];
/// The catalog that is not a file.
const FROM_DISCOVER: &str = "from discover";

impl Reader<'_> {
    /// All scenarios, with the command line's changes.
    pub fn scenarios(&mut self, node: Option<&Node>, complete: bool) -> Vec<Scenario> {
        let mut scenarios = match (&self.overrides.config, node) {
            (Some(config), _) => vec![self.scenario_of_option(config)],
            (None, Some(node)) => self.listed_scenarios(node),
            (None, None) => {
                if complete {
                    self.mistakes.push(no_scenario(Place::Nowhere));
                }
                Vec::new()
            }
        };
        give_ids(&mut scenarios);
        self.override_inputs(&mut scenarios);
        scenarios
    }

    fn listed_scenarios(&mut self, node: &Node) -> Vec<Scenario> {
        let items = self.items(node, "`scenarios`");
        if matches!(&node.kind, Kind::Sequence(items) if items.is_empty()) {
            self.mistakes.push(no_scenario(Place::Span(node.span)));
        }
        let mut names: Vec<(String, Span)> = Vec::new();
        let mut scenarios = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let scenario = self.scenario(at, item);
            let span = item.get("name").map_or(item.span, |name| name.span);
            if let Some((_, first)) = names.iter().find(|(name, _)| *name == scenario.name) {
                let message = format!("two scenarios have the name {}", quoted(&scenario.name));
                let mistake = Mistake::at(span, message).also(Some(*first), "the first");
                self.mistakes.push(mistake.help("give each scenario a name of its own"));
            }
            names.push((scenario.name.clone(), span));
            scenarios.push(scenario);
        }
        scenarios
    }

    fn scenario(&mut self, at: usize, node: &Node) -> Scenario {
        let mut scenario = Scenario { name: format!("scenario-{}", at + 1), ..Scenario::default() };
        if !self.keys(node, "a scenario", &KEYS) {
            return scenario;
        }
        if let Some(name) = node.get("name").and_then(|name| self.text(name, "a scenario's `name`")) {
            scenario.name = name.trim().to_owned();
        }
        let words = [("succeeded", Expect::Succeeded), ("failed", Expect::Failed)];
        let expect = node.get("expect").and_then(|node| self.word(node, "`expect`", &words));
        scenario.expect = expect.unwrap_or_default();
        match node.get("config") {
            Some(config) => scenario.config = self.config(config),
            None => {
                let message = format!("the scenario {} has no `config`", quoted(&scenario.name));
                let help = "add `config:` with a mapping or the path of a JSON file; `{}` is an empty one";
                self.mistakes.push(Mistake::at(node.span, message).help(help));
            }
        }
        if let Some(node) = node.get("canaries") {
            scenario.canaries = self.flag(node, "`canaries`");
        }
        if scenario.expect == Expect::Failed {
            self.refuse_unused(node);
            return scenario;
        }
        self.refuse_canaries(node, scenario.canaries);
        if let Some(node) = node.get("catalog") {
            scenario.catalog = self.catalog(node);
        }
        if let Some(node) = node.get("state")
            && let Some(text) = self.text(node, "`state`")
        {
            scenario.state = self.state_file(&self.path(node.span, text), Named::Here(node.span));
        }
        if let Some(node) = node.get("streams") {
            scenario.streams = self.exceptions(node);
        }
        self.changes_of(&mut scenario, node);
        scenario
    }

    /// A scenario that is expected to fail is only checked.
    fn refuse_unused(&mut self, node: &Node) {
        for key in ["catalog", "state", "streams", "changes", "reset"] {
            if let Some(entry) = node.entries().and_then(|entries| entries.get(key)) {
                let message = format!("`{key}` has no use in a scenario that is expected to fail");
                let mistake = Mistake::at(entry.key, message).help("only `check` is launched for it: remove the key");
                self.mistakes.push(mistake);
            }
        }
    }

    /// With canaries for secrets no config works.
    fn refuse_canaries(&mut self, node: &Node, wanted: bool) {
        if let Some(canaries) = node.get("canaries").filter(|_| wanted) {
            let message = "`canaries` needs a scenario that is expected to fail: with other secrets, no config works";
            let help = "add `expect: failed`, or remove the key: real secrets are looked for in any case";
            self.mistakes.push(Mistake::at(canaries.span, message).help(help));
        }
    }

    fn config(&mut self, node: &Node) -> Value {
        match &node.kind {
            Kind::Mapping(_) => self.value(node),
            Kind::Scalar { text, plain } if !*plain || matches!(scalar::resolve(text), Ok(Value::String(_))) => {
                let Some(path) = self.interpolated(node.span, text) else { return Value::Null };
                self.config_file(&self.path(node.span, &path.text), Named::Here(node.span))
            }
            _ => {
                self.wrong(node, "`config`", "a mapping or the path of a JSON file", None);
                Value::Null
            }
        }
    }

    /// A YAML value as JSON: plain scalars as YAML's core schema has them, all others as text.
    pub fn value(&mut self, node: &Node) -> Value {
        match &node.kind {
            Kind::Mapping(entries) => {
                entries.iter().map(|(key, entry)| (key.clone(), self.value(&entry.value))).collect()
            }
            Kind::Sequence(items) => items.iter().map(|item| self.value(item)).collect(),
            Kind::Scalar { text, plain } => {
                let Some(done) = self.interpolated(node.span, text) else { return Value::Null };
                self.env_values.extend(done.values);
                if !plain {
                    return Value::String(done.text);
                }
                scalar::resolve(&done.text).unwrap_or_else(|why| {
                    self.mistakes.push(Mistake::at(node.span, why).help("quote it, to hand it on as text"));
                    Value::Null
                })
            }
        }
    }

    fn config_file(&mut self, path: &Path, named: Named) -> Value {
        let Some(config) = self.json(path, "config", named, true) else { return Value::Null };
        if !config.is_object() {
            let message = format!("the config {} must be a JSON object: it is {}", quoted_path(path), kind_of(&config));
            self.unfit(path, named, message, "a config is the object that a connector gets with `--config`");
        }
        config
    }

    fn catalog(&mut self, node: &Node) -> CatalogSource {
        match self.text(node, "`catalog`") {
            None | Some(FROM_DISCOVER) => CatalogSource::Discover,
            Some(text) => self.catalog_file(self.path(node.span, text), Named::Here(node.span)),
        }
    }

    fn catalog_file(&mut self, path: PathBuf, named: Named) -> CatalogSource {
        let Some(raw) = self.json(&path, "catalog", named, false) else { return CatalogSource::Discover };
        match ConfiguredCatalog::from_value(&raw) {
            Ok(catalog) => CatalogSource::File { path, catalog },
            Err(why) => {
                let why = crate::text::visible(&why);
                let message = format!("the catalog {} is not a configured catalog: {why}", quoted_path(&path));
                self.unfit(
                    &path,
                    named,
                    message,
                    "it must be what a connector gets with `--catalog`, not what `discover` gives",
                );
                CatalogSource::Discover
            }
        }
    }

    fn state_file(&mut self, path: &Path, named: Named) -> Option<Value> {
        let state = self.json(path, "state", named, false)?;
        if !state.is_array() && !state.is_object() {
            let message = format!("the state {} must be a JSON array: it is {}", quoted_path(path), kind_of(&state));
            self.unfit(path, named, message, "a state is the list of messages that a connector gets with `--state`");
        }
        Some(state)
    }

    fn exceptions(&mut self, node: &Node) -> StreamExceptions {
        if !self.keys(node, "`streams`", &["empty", "skip"]) {
            return StreamExceptions::default();
        }
        let mut seen = Vec::new();
        let mut list = |key: &str| match node.get(key) {
            Some(list) => self.exception_list(list, key, &mut seen),
            None => Vec::new(),
        };
        StreamExceptions { empty: list("empty"), skip: list("skip") }
    }

    fn exception_list(&mut self, node: &Node, key: &str, seen: &mut Vec<(Descriptor, Span)>) -> Vec<StreamException> {
        let mut list = Vec::new();
        for item in self.items(node, &format!("`{key}`")) {
            let Some(exception) = self.exception(item, key) else { continue };
            if let Some((_, first)) = seen.iter().find(|(stream, _)| *stream == exception.stream) {
                let message = format!("the stream {} is listed twice", quoted(&exception.stream.to_string()));
                let mistake = Mistake::at(item.span, message).also(Some(*first), "first here");
                self.mistakes.push(mistake.help("keep one of the two"));
            }
            seen.push((exception.stream.clone(), item.span));
            list.push(exception);
        }
        list
    }

    fn exception(&mut self, node: &Node, key: &str) -> Option<StreamException> {
        if let Kind::Scalar { text, .. } = &node.kind {
            let message = format!("a stream under `{key}` needs a reason");
            let help = format!("write `{{ name: {}, reason: \"…\" }}`", crate::text::visible(text));
            self.mistakes.push(Mistake::at(node.span, message).help(help));
            return None;
        }
        let what = "a stream's exception";
        if !self.keys(node, what, &["name", "namespace", "reason"]) {
            return None;
        }
        let name = self.required(node, "name", what);
        let reason = self.required(node, "reason", what);
        let namespace = node.get("namespace").and_then(|node| self.text(node, "`namespace`")).map(str::to_owned);
        Some(StreamException { stream: Descriptor { name: name?, namespace }, reason: reason? })
    }

    /// The one scenario of `--config`.
    fn scenario_of_option(&mut self, path: &Path) -> Scenario {
        let config = self.config_file(path, Named::Option("--config"));
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Scenario { name: stem.unwrap_or_else(|| "config".to_owned()), config, ..Scenario::default() }
    }

    /// `--catalog` and `--state` are for the first scenario that is read.
    fn override_inputs(&mut self, scenarios: &mut [Scenario]) {
        let (catalog, state) = (&self.overrides.catalog, &self.overrides.state);
        let any = !scenarios.is_empty();
        let first = scenarios.iter_mut().find(|scenario| scenario.expect == Expect::Succeeded);
        let catalog = catalog.as_ref().map(|path| self.catalog_file(path.clone(), Named::Option("--catalog")));
        let state = state.as_ref().map(|path| self.state_file(path, Named::Option("--state")));
        match first {
            Some(scenario) => {
                scenario.catalog = catalog.unwrap_or_else(|| std::mem::take(&mut scenario.catalog));
                scenario.state = state.unwrap_or_else(|| scenario.state.take());
            }
            None if (catalog.is_some() || state.is_some()) && any => {
                let message = "`--catalog` and `--state` have no scenario to be used in: all are expected to fail";
                let help = "leave them out, or add a scenario that is expected to succeed";
                self.mistakes.push(Mistake::new(Place::Nowhere, message).help(help));
            }
            None => {}
        }
    }
}

fn give_ids(scenarios: &mut [Scenario]) {
    let ids = slug::ids(scenarios.iter().map(|scenario| scenario.name.as_str()), "scenario");
    for (scenario, id) in scenarios.iter_mut().zip(ids) {
        scenario.id = id;
    }
}

fn no_scenario(place: Place) -> Mistake {
    let help = "name a config: `--config FILE`, or in the suite `scenarios: [{ name: sandbox, config: FILE }]`";
    Mistake::new(place, "there is no scenario").help(help)
}
