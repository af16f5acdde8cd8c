//! The keys of a suite but for its scenarios: connector, limits, rules, waivers.

use super::diagnose::{Mistake, Place, Span, quoted, quoted_path};
use super::fields::Reader;
use super::yaml::{Kind, Node};
use super::{CommandLimits, Connector, Container, LevelSetting, LocalCommand, Mount, Target, Waiver};
use crate::text::nearest;
use globset::{Glob, GlobMatcher};
use indexmap::IndexMap;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The keys of a suite that say what is done: those of a connector's entry and of a profile, too.
pub(super) const KEYS: &[&str] = &[
    "depth",
    "connector",
    "previous",
    "limits",
    "usage",
    "seed",
    "config_updates",
    "scenarios",
    "teardown",
    "rules",
    "waivers",
    "strict",
    "behaviours",
    "bypassed",
    "baselines",
    "documentation",
    "destination",
];
/// The keys of a connector that hold for containers and local commands alike.
pub(super) const CONNECTOR_KEYS: [&str; 4] = ["image", "exec", "environment", "memory"];
/// The keys of a connector that are about containers only.
pub(super) const CONTAINER_KEYS: [&str; 6] = ["network", "hosts", "mounts", "folder", "cpus", "pids"];
/// The keys of a mount.
pub(super) const MOUNT_KEYS: [&str; 3] = ["source", "target", "read_only"];
/// The keys of the limits.
pub(super) const LIMIT_KEYS: [&str; 8] = ["spec", "check", "discover", "read", "write", "silence", "grace", "step"];
/// The keys of a waiver.
pub(super) const WAIVER_KEYS: [&str; 5] = ["rule", "stream", "reason", "owner", "until"];

impl Reader<'_> {
    /// What is launched and with which settings. None where something is missing.
    pub fn connector(&mut self, node: &Node, complete: bool) -> Option<Connector> {
        if !self.keys(node, "`connector`", &[&CONNECTOR_KEYS[..], &CONTAINER_KEYS].concat()) {
            return None;
        }
        let overrides = self.overrides;
        let is_named = overrides.image.is_some() || overrides.exec.is_some();
        let is_named = is_named || ["image", "exec"].iter().any(|key| node.get(key).is_some());
        let (target, mounts) = match is_named {
            true => (self.target(node), None),
            false => self.target_of_folder(complete).unzip(),
        };
        let environment = node.get("environment").map(|node| self.environment_of(node)).unwrap_or_default();
        let memory = self.limit(node, "memory").map(|node| self.size(node, "`memory`"));
        let mut container = self.container(node)?;
        let is_free = |mount: &Mount| container.mounts.iter().all(|own| own.target != mount.target);
        let mounts: Vec<Mount> = mounts.unwrap_or_default().into_iter().filter(is_free).collect();
        container.mounts.extend(mounts);
        Some(Connector { target: target?, environment, memory: memory?, container })
    }

    /// What the command line or the suite names.
    fn target(&mut self, node: &Node) -> Option<Target> {
        let overrides = self.overrides;
        let image = node.get("image");
        let exec = node.get("exec");
        match (&overrides.image, &overrides.exec, image, exec) {
            (Some(_), Some(_), _, _) => {
                let message = "`--image` and `--exec` both say what to launch";
                self.mistakes.push(Mistake::new(Place::Nowhere, message).help("give one of them"));
                None
            }
            (Some(image), None, _, _) => Some(Target::Image(image.clone())),
            (None, Some(exec), _, _) => Some(Target::Exec(LocalCommand::here(exec))),
            (None, None, Some(image), Some(exec)) => {
                let mistake = Mistake::at(exec.span, "`image` and `exec` both say what to launch");
                self.mistakes.push(mistake.also(Some(image.span), "the image").help("keep one of them"));
                None
            }
            (None, None, Some(image), None) => Some(Target::Image(self.image(image)?)),
            (None, None, None, Some(exec)) => {
                self.refuse_container_keys(node);
                let command = self.text(exec, "`exec`")?;
                Some(Target::Exec(LocalCommand::beside(command, &self.sources[exec.span.source].folder)))
            }
            (None, None, None, None) => None,
        }
    }

    /// The name of an image.
    pub fn image(&mut self, node: &Node) -> Option<String> {
        let image = self.text(node, "`image`")?;
        if image.contains(char::is_whitespace) {
            let mistake = Mistake::at(node.span, "an image's name has no spaces");
            self.mistakes.push(mistake.help("a command to run on this machine is `exec`"));
        }
        Some(image.to_owned())
    }

    /// Settings for containers beside `exec` in the same file do nothing, and whoever wrote them should know.
    fn refuse_container_keys(&mut self, node: &Node) {
        let Some(entries) = node.entries() else { return };
        let Some(exec) = entries.get("exec").map(|entry| entry.key) else { return };
        for key in CONTAINER_KEYS {
            if let Some(entry) = entries.get(key).filter(|entry| self.layer(entry.key) == self.layer(exec)) {
                let mistake = Mistake::at(entry.key, format!("`{key}` does nothing for a local command"));
                self.mistakes.push(mistake.also(Some(exec), "launched without a container").help("remove it"));
            }
        }
    }

    pub fn environment_of(&mut self, node: &Node) -> IndexMap<String, String> {
        let Some(entries) = node.entries() else {
            self.wrong(node, "`environment`", "a mapping", Some("write `NAME: value`".to_owned()));
            return IndexMap::new();
        };
        let mut environment = IndexMap::new();
        for (name, entry) in entries {
            if name.is_empty() || name.contains(['=', '\0']) {
                let message = format!("{} cannot be the name of an environment variable", quoted(name));
                self.mistakes.push(Mistake::at(entry.key, message).help("it must not be empty or hold a `=`"));
            }
            let Kind::Scalar { text, .. } = &entry.value.kind else {
                self.wrong(&entry.value, &quoted(name), "text", None);
                continue;
            };
            if let Some(done) = self.interpolated(entry.value.span, text) {
                self.env_values.extend(done.values);
                environment.insert(name.clone(), done.text);
            }
        }
        environment
    }

    fn container(&mut self, node: &Node) -> Option<Container> {
        let network = self.limit(node, "network").and_then(|node| self.text(node, "`network`"));
        let hosts = node.get("hosts").map(|node| self.hosts(node)).unwrap_or_default();
        let mounts = node.get("mounts").map(|node| self.mounts(node)).unwrap_or_default();
        let folder = self.limit(node, "folder").and_then(|node| self.absolute(node, "`folder`"));
        let cpus = self.limit(node, "cpus").map(|node| self.number(node, "`cpus`"));
        let pids = self.limit(node, "pids").map(|node| self.whole(node, "`pids`"));
        Some(Container { network: network?.to_owned(), hosts, mounts, folder: folder?, cpus: cpus?, pids: pids? })
    }

    fn hosts(&mut self, node: &Node) -> Vec<String> {
        let mut hosts = Vec::new();
        for item in self.items(node, "`hosts`") {
            let Some(host) = self.text(item, "a host") else { continue };
            let address = |text: &str| text == "host-gateway" || text.parse::<IpAddr>().is_ok();
            if host.split_once(':').is_none_or(|(name, to)| name.is_empty() || !address(to)) {
                let help = "write \"NAME:ADDRESS\": \"api.example.test:172.17.0.1\"";
                self.mistakes.push(Mistake::at(item.span, "a host must be a name and an IP address").help(help));
            }
            hosts.push(host.to_owned());
        }
        hosts
    }

    fn mounts(&mut self, node: &Node) -> Vec<Mount> {
        let mut mounts = Vec::new();
        for item in self.items(node, "`mounts`") {
            mounts.extend(match &item.kind {
                Kind::Scalar { .. } => self.short_mount(item),
                _ => self.mount(item),
            });
        }
        mounts
    }

    fn mount(&mut self, node: &Node) -> Option<Mount> {
        if !self.keys(node, "a mount", &MOUNT_KEYS) {
            return None;
        }
        let read_only = node.get("read_only").is_some_and(|node| self.flag(node, "`read_only`"));
        let source = self.required(node, "source", "a mount");
        let target = self.required(node, "target", "a mount");
        let (source, target) = (source?, target?);
        self.checked_mount(node.span, &source, &target, read_only)
    }

    fn short_mount(&mut self, node: &Node) -> Option<Mount> {
        let text = self.text(node, "a mount")?;
        let (rest, read_only) = match text.strip_suffix(":ro") {
            Some(rest) => (rest, true),
            None => (text.strip_suffix(":rw").unwrap_or(text), false),
        };
        let Some((source, target)) = rest.rsplit_once(':') else {
            let help = "write \"SOURCE:TARGET\" or \"SOURCE:TARGET:ro\"";
            self.mistakes.push(Mistake::at(node.span, "a mount has a source and a target").help(help));
            return None;
        };
        self.checked_mount(node.span, source, target, read_only)
    }

    fn checked_mount(&mut self, span: Span, source: &str, target: &str, read_only: bool) -> Option<Mount> {
        if !target.starts_with('/') {
            let message = format!("the mount's target {} must be an absolute path", quoted(target));
            self.mistakes.push(Mistake::at(span, message).help("it is a path inside of the container"));
            return None;
        }
        let path = self.path(span, source);
        self.remark_outside(&path, "mount", span);
        match path.canonicalize() {
            Ok(source) => Some(Mount { source, target: target.to_owned(), read_only }),
            Err(_) => {
                let message = format!("there is nothing to mount at {}", quoted_path(&path));
                let help = "a relative path starts at the folder of the suite that names it";
                self.mistakes.push(Mistake::at(span, message).help(help));
                None
            }
        }
    }

    fn absolute(&mut self, node: &Node, what: &str) -> Option<String> {
        let path = self.text(node, what)?;
        if !path.starts_with('/') {
            let message = format!("{what} must be an absolute path of the container");
            self.mistakes.push(Mistake::at(node.span, message).help("begin it with a `/`"));
            return None;
        }
        Some(path.to_owned())
    }

    /// The time limits of each command.
    pub fn limits(&mut self, node: &Node) -> Option<CommandLimits> {
        if !self.keys(node, "`limits`", &LIMIT_KEYS) {
            return None;
        }
        let [spec, check, discover, read, write, silence, grace, step] =
            LIMIT_KEYS.map(|key| self.limit(node, key).map(|node| self.duration(node, &format!("`{key}`"))));
        Some(CommandLimits {
            spec: spec?,
            check: check?,
            discover: discover?,
            read: read?,
            write: write?,
            silence: silence?,
            grace: grace?,
            step: step?,
        })
    }

    /// The limits of a scenario: its own, over those of the suite.
    pub fn limits_over(&mut self, suite: Option<&Node>, own: &Node) -> Option<CommandLimits> {
        if !self.keys(own, "`limits`", &LIMIT_KEYS) {
            return None;
        }
        let mut merged = suite?.clone();
        if let (Kind::Mapping(below), Some(above)) = (&mut merged.kind, own.entries()) {
            below.extend(above.iter().map(|(key, entry)| (key.clone(), entry.clone())));
        }
        self.limits(&merged)
    }

    /// A setting that `standard` always has, so that only an empty value can be missing.
    fn limit<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n Node> {
        let value = node.get(key);
        if value.is_none() {
            let span = node.entries().and_then(|entries| entries.get(key)).map_or(node.span, |entry| entry.key);
            let mistake = Mistake::at(span, format!("`{key}` has no value"));
            self.mistakes.push(mistake.help("remove the line to use the value of the suite below"));
        }
        value
    }

    /// The text of a key that must be there.
    pub fn required(&mut self, node: &Node, key: &str, what: &str) -> Option<String> {
        let Some(value) = node.get(key) else {
            let mistake = Mistake::at(node.span, format!("{what} needs a `{key}`"));
            self.mistakes.push(mistake.help(format!("add `{key}: …`")));
            return None;
        };
        self.text(value, &format!("`{key}`")).map(str::to_owned)
    }

    /// The level of each rule that the suite names, by code. Where layers name one rule by code and by name, the upper
    /// layer counts.
    pub fn rules(&mut self, node: &Node) -> BTreeMap<String, LevelSetting> {
        let words = [
            ("must", LevelSetting::Must),
            ("should", LevelSetting::Should),
            ("info", LevelSetting::Info),
            ("off", LevelSetting::Off),
        ];
        let mut settings: BTreeMap<String, (Span, LevelSetting)> = BTreeMap::new();
        let Some(entries) = node.entries() else {
            self.wrong(node, "`rules`", "a mapping", Some("write `RULE: must`, `should`, `info` or `off`".to_owned()));
            return BTreeMap::new();
        };
        for (rule, entry) in entries {
            let code = self.rule(entry.key, rule);
            let level = self.word(&entry.value, &format!("the level of {}", quoted(rule)), &words);
            let (Some(code), Some(level)) = (code, level) else { continue };
            match settings.get(&code) {
                Some((first, _)) if self.layer(*first) == self.layer(entry.key) => {
                    let message = format!("{} is set twice: by its code and by its name", quoted(&code));
                    let mistake = Mistake::at(entry.key, message).also(Some(*first), "first here");
                    self.mistakes.push(mistake.help("keep one of the two"));
                }
                Some((first, _)) if self.layer(*first) > self.layer(entry.key) => {}
                _ => {
                    settings.insert(code, (entry.key, level));
                }
            }
        }
        settings.into_iter().map(|(code, (_, level))| (code, level)).collect()
    }

    /// The code of a rule that is named by code or name.
    fn rule(&mut self, span: Span, word: &str) -> Option<String> {
        let found = self.known.iter().find(|(code, name)| word.eq_ignore_ascii_case(code) || word == *name);
        if found.is_none() {
            let near = nearest(word, self.known.iter().flat_map(|(code, name)| [*name, *code]));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let mistake = Mistake::at(span, format!("there is no rule {}", quoted(word)));
            self.mistakes.push(mistake.help("`airproof rules` lists them").maybe_help(help));
        }
        found.map(|(code, _)| (*code).to_owned())
    }

    /// The waivers of the suite.
    pub fn waivers(&mut self, node: &Node) -> Vec<Waiver> {
        let mut waivers = Vec::new();
        for item in self.items(node, "`waivers`") {
            if self.keys(item, "a waiver", &WAIVER_KEYS) {
                waivers.extend(self.waiver(item));
            }
        }
        waivers
    }

    fn waiver(&mut self, node: &Node) -> Option<Waiver> {
        let span = node.get("rule").map_or(node.span, |rule| rule.span);
        let rule = self.required(node, "rule", "a waiver").and_then(|rule| self.rule(span, &rule));
        let reason = self.required(node, "reason", "a waiver");
        let stream = node.get("stream").and_then(|node| self.glob(node));
        let until = node.get("until").and_then(|node| self.date(node));
        let owner = node.get("owner").and_then(|node| self.text(node, "`owner`")).map(str::to_owned);
        Some(Waiver { rule: rule?, stream, reason: reason?, owner, is_declared: false, until })
    }

    pub fn glob(&mut self, node: &Node) -> Option<GlobMatcher> {
        let text = self.text(node, "`stream`")?;
        let glob = Glob::new(text).map_err(|error| {
            let message = format!("`stream` is no pattern: {}", error.kind());
            self.mistakes.push(Mistake::at(node.span, message).help("`*` stands for any text, `?` for one character"));
        });
        glob.ok().map(|glob| glob.compile_matcher())
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        let text = self.text(node, "`until`")?;
        let date = text.parse::<Date>().ok().filter(|_| text.len() == "2027-01-31".len());
        if date.is_none() {
            let mistake = Mistake::at(node.span, format!("{} is not a date that exists", quoted(text)));
            self.mistakes.push(mistake.help("write year, month and day: 2027-01-31"));
        }
        date
    }
}
