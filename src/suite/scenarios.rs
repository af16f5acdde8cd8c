//! The scenarios of a suite, and the one that the command line makes.

use super::diagnose::{Mistake, Place, Span, quoted};
use super::fields::Reader;
use super::files::Named;
use super::previous::WrittenPrevious;
use super::yaml::{Kind, Node};
use super::{Scenario, StreamException, StreamExceptions, Target, expected, slug};
use crate::protocol::{Descriptor, Expect};
use std::path::Path;

/// The keys of a scenario.
pub(super) const KEYS: &[&str] = &[
    "name",
    "config",
    "expect",
    "canaries",
    "catalog",
    "state",
    "streams",
    "changes",
    "reset",
    "setup",
    "teardown",
    "environment",
    "limits",
    "rules",
    "leave_out",
    "specification",
    "records",
    "future_state",
    "file_types",
    "previous",
];
/// The keys that a scenario that is expected to fail has no use for.
const READING: [&str; 7] = ["catalog", "state", "streams", "changes", "reset", "leave_out", "previous"];
/// The keys of a scenario's streams.
pub(super) const STREAM_KEYS: [&str; 3] = ["empty", "skip", "volatile"];
/// The keys of a stream's exception.
pub(super) const EXCEPTION_KEYS: [&str; 3] = ["name", "namespace", "reason"];

/// What the suite says of all its scenarios.
#[derive(Clone, Copy)]
pub(super) struct OfAll<'s> {
    pub limits: Option<&'s Node>,
    pub previous: Option<&'s WrittenPrevious>,
    /// What is launched; None where that is not known for a mistake.
    pub target: Option<&'s Target>,
}

impl Reader<'_> {
    /// All scenarios, with the command line's changes.
    pub fn scenarios(&mut self, node: Option<&Node>, all: OfAll<'_>, complete: bool) -> Vec<Scenario> {
        let mut scenarios = match (&self.overrides.config, node) {
            (Some(config), _) => {
                let previous = all.previous.cloned().zip(all.target).map(|(written, target)| written.of(target));
                vec![Scenario { previous, ..self.scenario_of_option(config) }]
            }
            (None, Some(node)) => self.listed_scenarios(node, all),
            (None, None) => {
                if complete {
                    self.mistakes.push(no_scenario(self.whole_file()));
                }
                Vec::new()
            }
        };
        give_ids(&mut scenarios);
        self.override_inputs(&mut scenarios);
        scenarios
    }

    fn listed_scenarios(&mut self, node: &Node, all: OfAll<'_>) -> Vec<Scenario> {
        let items = self.items(node, "`scenarios`");
        if matches!(&node.kind, Kind::Sequence(items) if items.is_empty()) {
            self.mistakes.push(no_scenario(Place::Span(node.span)));
        }
        let mut names: Vec<(String, Span)> = Vec::new();
        let mut scenarios = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let name = item.get("name").and_then(Node::written);
            let name = name.map_or_else(|| nameless(at), |name| name.trim().to_owned());
            self.scenario = (items.len() > 1).then_some(name);
            let scenario = self.scenario(at, item, all);
            self.scenario = None;
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

    fn scenario(&mut self, at: usize, node: &Node, all: OfAll<'_>) -> Scenario {
        let mut scenario = Scenario { name: nameless(at), ..Scenario::default() };
        if !self.keys(node, "a scenario", KEYS) {
            return scenario;
        }
        if let Some(name) = node.get("name").and_then(|name| self.text(name, "a scenario's `name`")) {
            scenario.name = name.trim().to_owned();
        }
        let words = [("succeeded", Expect::Succeeded), ("failed", Expect::Failed), ("exception", Expect::Exception)];
        let expect = node.get("expect").and_then(|node| self.word(node, "`expect`", &words));
        scenario.expect = expect.unwrap_or_default();
        scenario.setup = self.surroundings(node.get("setup"), "`setup`");
        scenario.teardown = self.surroundings(node.get("teardown"), "`teardown`");
        self.late_files = node.get("setup").map(|_| Vec::new());
        self.inputs_of(&mut scenario, node, all);
        scenario.late_files = self.late_files.take().unwrap_or_default();
        scenario
    }

    /// What a scenario's launches are given, and how they are judged.
    fn inputs_of(&mut self, scenario: &mut Scenario, node: &Node, all: OfAll<'_>) {
        match node.get("config") {
            Some(config) => {
                self.remark_if_not_kept(config);
                let config = self.config(config, scenario);
                scenario.config = config;
            }
            None => {
                let message = format!("the scenario {} has no `config`", quoted(&scenario.name));
                let help = "add `config:` with a mapping or the path of a JSON file; `{}` is an empty one";
                self.mistakes.push(Mistake::at(node.span, message).help(help));
            }
        }
        if let Some(node) = node.get("canaries") {
            scenario.canaries = self.flag(node, "`canaries`");
        }
        if let Some(node) = node.get("environment") {
            scenario.environment = self.environment_of(node);
        }
        if let Some(node) = node.get("limits") {
            scenario.limits = self.limits_over(all.limits, node);
        }
        if let Some(node) = node.get("rules") {
            scenario.rules = self.rules(node);
        }
        if scenario.expect != Expect::Succeeded {
            self.refuse_unused(node);
            return;
        }
        self.refuse_canaries(node, scenario.canaries);
        if let Some(node) = node.get("catalog") {
            let catalog = self.catalog(node, &mut scenario.lacks);
            scenario.catalog = catalog;
        }
        if let Some(node) = node.get("state")
            && let Some(text) = self.text(node, "`state`")
        {
            let path = self.path(node.span, text);
            scenario.state = self
                .is_there(&path, "state", node.span, &mut scenario.lacks)
                .then(|| self.state(&path, node.span))
                .flatten();
        }
        if let Some(node) = node.get("leave_out") {
            scenario.leave_out = self.parts_left_out(node);
        }
        let own = node.get("previous").and_then(|node| self.previous(node));
        let previous = own.map(|own| own.over(all.previous)).or_else(|| all.previous.cloned());
        scenario.previous = previous.zip(all.target).map(|(written, target)| written.of(target));
        if let Some(node) = node.get("streams") {
            scenario.streams = self.exceptions(node);
        }
        let expected = self.expected(node, &mut scenario.lacks);
        scenario.expected = expected;
        self.changes_of(scenario, node);
    }

    /// A scenario that is expected to fail is only checked.
    fn refuse_unused(&mut self, node: &Node) {
        for key in READING.into_iter().chain(expected::keys::KEYS) {
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

    fn exceptions(&mut self, node: &Node) -> StreamExceptions {
        if !self.keys(node, "`streams`", &STREAM_KEYS) {
            return StreamExceptions::default();
        }
        let mut seen = Vec::new();
        let mut list = |key: &str| match node.get(key) {
            Some(list) => self.exception_list(list, key, &mut seen),
            None => Vec::new(),
        };
        let (empty, skip) = (list("empty"), list("skip"));
        let volatile = node.get("volatile").map(|node| self.volatile(node)).unwrap_or_default();
        let lists_empty = node.get("empty").is_some();
        StreamExceptions { empty, lists_empty, skip, volatile }
    }

    /// A list of streams, none of them twice, nor among those that were seen before.
    pub fn exception_list(
        &mut self,
        node: &Node,
        key: &str,
        seen: &mut Vec<(Descriptor, Span)>,
    ) -> Vec<StreamException> {
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

    /// What is an exception, by its name, and why.
    pub fn exception(&mut self, node: &Node, key: &str) -> Option<StreamException> {
        if matches!(&node.kind, Kind::Scalar { .. }) {
            let name = self.text(node, &format!("a stream under `{key}`"))?;
            return Some(StreamException { stream: Descriptor::named(name), reason: None });
        }
        let what = "a stream's exception";
        if !self.keys(node, what, &EXCEPTION_KEYS) {
            return None;
        }
        let name = self.required(node, "name", what);
        let reason = node.get("reason").and_then(|node| self.text(node, "`reason`")).map(str::to_owned);
        let namespace = node.get("namespace").and_then(|node| self.text(node, "`namespace`")).map(str::to_owned);
        Some(StreamException { stream: Descriptor { name: name?, namespace }, reason })
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

/// What a scenario without a name is called, by its place.
fn nameless(at: usize) -> String {
    format!("scenario-{}", at + 1)
}

fn no_scenario(place: Place) -> Mistake {
    let help = "name a config: `--config FILE`, or in the suite `scenarios: [{ name: sandbox, config: FILE }]`";
    Mistake::new(place, "there is no scenario").help(help)
}
