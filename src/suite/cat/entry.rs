//! The entries under `tests` of each category: their options, each as the keys of a scenario of ours.

use super::Translator;
use super::layout::Category;
use super::levels::{ALLOWED_HOSTS, NO_PRIMARY_KEY, SUGGESTED_STREAMS};
use super::tree::{list, mapping, text, word};
use crate::suite::diagnose::{Mistake, Span, quoted};
use crate::suite::yaml::Node;
use crate::text::nearest;

/// The config that an entry has if it names none.
const CONFIG: &str = "secrets/config.json";
/// The specification that an entry of `spec` is compared with if it names none.
const SPECIFICATION: &str = "secrets/spec.json";

/// One entry, as far as our own suites have words for it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub category: Category,
    pub span: Span,
    /// The config's path.
    pub config: Node,
    /// `CLOUD` or `OSS`.
    pub mode: Option<Node>,
    /// The configured catalog's path.
    pub catalog: Option<Node>,
    /// How `check` must end.
    pub expect: &'static str,
    /// More keys of the scenario, in order.
    pub keys: Vec<(&'static str, Node)>,
    /// Levels of rules, by code.
    pub rules: Vec<(&'static str, Node)>,
    /// Time limits, by command.
    pub limits: Vec<(&'static str, Node)>,
}

impl Entry {
    /// What it fails on, as a warning or a note otherwise.
    pub(super) fn must(&mut self, rules: &[&'static str]) {
        let span = self.span;
        self.rules.extend(rules.iter().map(|rule| (*rule, word(span, "must"))));
    }
}

impl Category {
    /// The options of its entries.
    pub(super) fn options(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Category::Spec => &["spec_path", "backward_compatibility_tests_config", "auth_default_method"],
            Category::Connection => &["status"],
            Category::Discovery => &["backward_compatibility_tests_config", "validate_primary_keys_data_type"],
            Category::BasicRead => &super::reads::BASIC_READ,
            Category::FullRefresh => &["configured_catalog_path", "ignored_fields", "client_container_config"],
            Category::Incremental => &super::reads::INCREMENTAL,
            Category::Attributes => &["streams_without_primary_key", "allowed_hosts", "suggested_streams"],
            Category::Documentation => &[],
        };
        let of_all: &[&str] = match self {
            Category::Attributes | Category::Documentation => &["config_path", "timeout_seconds"],
            _ => &["config_path", "timeout_seconds", "deployment_mode"],
        };
        of_all.iter().chain(own).copied().collect()
    }

    /// The command whose time `timeout_seconds` limits.
    fn command(self) -> Option<&'static str> {
        match self {
            Category::Spec => Some("spec"),
            Category::Connection => Some("check"),
            Category::Discovery | Category::Attributes => Some("discover"),
            Category::BasicRead | Category::FullRefresh | Category::Incremental => Some("read"),
            Category::Documentation => None,
        }
    }
}

impl Translator<'_> {
    /// Reads an entry. None where it is no mapping.
    pub(super) fn entry(&mut self, category: Category, node: &Node) -> Option<Entry> {
        let span = node.span;
        if !node.is_null() && node.entries().is_none() {
            self.wrong(node, category.key(), "a list of mappings", "write `- config_path: secrets/config.json`");
            return None;
        }
        self.remark_options(category, node);
        let config = node.get("config_path").and_then(|node| Some((node.span, self.text(node, "config_path")?)));
        let (at, config) = config.unwrap_or((span, CONFIG.to_owned()));
        let mut entry = Entry {
            category,
            span,
            config: text(at, self.updated(&config)),
            mode: node.get("deployment_mode").and_then(|node| self.mode(node)),
            catalog: None,
            expect: "succeeded",
            keys: Vec::new(),
            rules: Vec::new(),
            limits: Vec::new(),
        };
        self.timeout(&mut entry, node);
        match category {
            Category::Spec => self.spec(&mut entry, node),
            Category::Connection => self.connection(&mut entry, node),
            Category::Discovery => self.discovery(&mut entry, node),
            Category::BasicRead => self.basic_read(&mut entry, node),
            Category::FullRefresh => self.full_refresh(&mut entry, node),
            Category::Incremental => self.incremental(&mut entry, node),
            Category::Attributes => self.attributes(node),
            Category::Documentation => {}
        }
        Some(entry)
    }

    fn remark_options(&mut self, category: Category, node: &Node) {
        let known = category.options();
        for (key, given) in node.entries().into_iter().flatten() {
            if known.contains(&key.as_str()) {
                continue;
            }
            let removed = match key.as_str() {
                "validate_output_from_all_streams" => {
                    Some("`streams.empty` says which streams may be empty, and all others may not")
                }
                "cursor_paths" => Some(
                    "STATE-012, STATE-030, STATE-031 and the experiments EXP-01 and EXP-02 look at cursors wherever they are",
                ),
                "threshold_days" => Some("EXP-01 and EXP-02 find by themselves how far a stream looks back"),
                _ => None,
            };
            self.remarks.push(match removed {
                Some(instead) => {
                    let message = format!("`{key}` is an option of former acceptance tests, and no longer needed");
                    Mistake::at(given.key, message).note().help(instead)
                }
                None => {
                    let message = format!("{} is no option of `{}`; it is passed over", quoted(key), category.key());
                    let near = nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                    let help = format!("its options are {}", known.join(", "));
                    Mistake::at(given.key, message).warning().help(help).maybe_help(near)
                }
            });
        }
    }

    fn mode(&mut self, node: &Node) -> Option<Node> {
        let written = self.text(node, "deployment_mode")?;
        let mode = written.to_ascii_uppercase();
        if !["CLOUD", "OSS"].contains(&mode.as_str()) {
            self.wrong(node, "deployment_mode", "cloud or oss", "write one of these words, or remove the line");
            return None;
        }
        Some(text(node.span, mode))
    }

    /// Their limit was for a whole test; ours is for each of its launches.
    fn timeout(&mut self, entry: &mut Entry, node: &Node) {
        let Some(given) = node.get("timeout_seconds") else { return };
        let Some(seconds) = self.seconds(given, "timeout_seconds") else { return };
        let Some(command) = entry.category.command() else {
            let message = format!("`timeout_seconds` does nothing here: `{}` launches nothing", entry.category.key());
            return self.remarks.push(Mistake::at(given.span, message).note());
        };
        entry.limits.push((command, word(given.span, format!("{seconds}s"))));
        // They did not mind a connector that is silent.
        if seconds > 300 {
            entry.limits.push(("silence", word(given.span, format!("{seconds}s"))));
        }
    }

    fn spec(&mut self, entry: &mut Entry, node: &Node) {
        let path = node.get("spec_path").and_then(|node| Some((node.span, self.text(node, "spec_path")?)));
        // Nobody wrote the default path: where there is no such file, nothing is missing.
        let default = self.path(SPECIFICATION);
        let default = self.folder.join(&default).is_file().then(|| text(entry.span, default));
        let written = path.map(|(span, path)| text(span, self.path(&path)));
        entry.keys.extend(written.or(default).map(|path| ("specification", path)));
        self.previous(entry, node, "spec");
        if let Some(method) = node.get("auth_default_method") {
            self.known(method, "auth_default_method", &["oauth", "bypass_reason"]);
            let oauth = method.get("oauth").and_then(|node| self.flag(node, "oauth"));
            if oauth == Some(false) {
                entry.rules.push(("SPEC-047", text(method.span, "off")));
                let reason = method.get("bypass_reason").and_then(|node| self.text(node, "bypass_reason"));
                match reason {
                    Some(reason) => {
                        let what = text(method.span, "auth_default_method");
                        self.bypassed
                            .push(mapping(method.span, [("what", what), ("reason", text(method.span, reason))]));
                    }
                    None => {
                        let message = "`oauth: false` should say why in a `bypass_reason`";
                        self.remarks.push(Mistake::at(method.span, message).warning());
                    }
                }
            }
        }
    }

    fn connection(&mut self, entry: &mut Entry, node: &Node) {
        let Some(status) = node.get("status") else { return };
        let words = [("succeed", "succeeded"), ("failed", "failed"), ("exception", "exception")];
        let Some(written) = self.lower(status, "status", &words.map(|(word, _)| word)) else { return };
        match words.iter().find(|(word, _)| written == *word) {
            Some((_, expect)) => entry.expect = expect,
            None => {
                let message = format!("{} is no status", quoted(&written));
                let near = nearest(&written, words.map(|(word, _)| word)).map(|near| format!("did you mean `{near}`?"));
                let mistake = Mistake::at(status.span, message).help("write succeed, failed or exception");
                self.mistakes.push(mistake.maybe_help(near));
            }
        }
    }

    fn discovery(&mut self, entry: &mut Entry, node: &Node) {
        self.previous(entry, node, "discover");
        if let Some(flag) = node.get("validate_primary_keys_data_type")
            && self.flag(flag, "validate_primary_keys_data_type") == Some(false)
        {
            entry.rules.push(("DISC-014", text(flag.span, "off")));
        }
    }

    /// The version that this one is compared with: they always did, with `latest` unless told otherwise.
    fn previous(&mut self, entry: &mut Entry, node: &Node, command: &'static str) {
        let config = node.get("backward_compatibility_tests_config");
        let span = config.map_or(entry.span, |config| config.span);
        let mut keys = Vec::new();
        let mut version = |key: &str| {
            let node = config?.get(key)?;
            Some(text(node.span, self.text(node, key)?))
        };
        let wanted = version("previous_connector_version").unwrap_or_else(|| text(span, "latest"));
        keys.push(("version", wanted));
        if let Some(disabled) = version("disable_for_version") {
            keys.push(("unless", mapping(disabled.span, [(command, disabled)])));
        }
        if let Some(config) = config {
            let known = ["previous_connector_version", "disable_for_version"];
            self.known(config, "backward_compatibility_tests_config", &known);
        }
        entry.keys.push(("previous", mapping(span, keys)));
    }

    /// Exceptions of the metadata rules: waivers of the whole suite.
    fn attributes(&mut self, node: &Node) {
        let waiver = |span: Span, rule: &str, reason: Node| [("rule", text(span, rule)), ("reason", reason)];
        for (key, rule) in [("allowed_hosts", ALLOWED_HOSTS), ("suggested_streams", SUGGESTED_STREAMS)] {
            let Some(given) = node.get(key) else { continue };
            self.known(given, key, &["bypass_reason"]);
            let Some(reason) = given.get("bypass_reason") else { continue };
            let Some(why) = self.text(reason, "bypass_reason") else { continue };
            self.waivers.push(mapping(reason.span, waiver(reason.span, rule, text(reason.span, why))));
        }
        let without = node.get("streams_without_primary_key");
        for exception in without.map(|list| self.exceptions(list, "streams_without_primary_key")).unwrap_or_default() {
            let span = exception.span;
            let reason = exception.get("reason").cloned();
            let reason = reason.unwrap_or_else(|| text(span, "it has none, as the acceptance tests' config says"));
            let Some(stream) = exception.get("name") else { continue };
            for rule in NO_PRIMARY_KEY {
                let keys = waiver(span, rule, reason.clone()).into_iter().chain([("stream", stream.clone())]);
                self.waivers.push(mapping(span, keys));
            }
        }
    }

    /// A list of things with a name and perhaps a reason; what is text alone is a name.
    pub(super) fn exceptions(&mut self, node: &Node, key: &str) -> Vec<Node> {
        let mut exceptions = Vec::new();
        for item in self.items(node, key) {
            let name = match item.entries() {
                Some(_) => {
                    self.known(item, key, &["name", "bypass_reason"]);
                    item.get("name")
                }
                None => {
                    let message = format!("an entry of `{key}` is a mapping with a `name`; this is read as one");
                    self.remarks.push(Mistake::at(item.span, message).note());
                    Some(item)
                }
            };
            let Some(named) = name.and_then(|name| self.text(name, "name")) else {
                self.wrong(item, key, "a list of mappings with a `name`", "write `- name: …`");
                continue;
            };
            let mut keys = vec![("name", text(item.span, named))];
            let reason =
                item.get("bypass_reason").and_then(|node| Some((node.span, self.text(node, "bypass_reason")?)));
            keys.extend(reason.map(|(span, reason)| ("reason", text(span, reason))));
            exceptions.push(mapping(item.span, keys));
        }
        exceptions
    }

    /// Remarks what a mapping has besides the keys that it can have.
    pub(super) fn known(&mut self, node: &Node, what: &str, known: &[&str]) {
        for (key, entry) in node.entries().into_iter().flatten() {
            if !known.contains(&key.as_str()) {
                let message = format!("{} is no key of `{what}`; it is passed over", quoted(key));
                let near = nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                let help = format!("its keys are {}", known.join(", "));
                self.remarks.push(Mistake::at(entry.key, message).warning().help(help).maybe_help(near));
            }
        }
        if node.entries().is_none() && !node.is_null() {
            self.wrong(node, what, "a mapping", &format!("its keys are {}", known.join(", ")));
        }
    }

    /// A list of plain texts: an argument vector.
    pub(super) fn words(&mut self, node: &Node, key: &str) -> Node {
        let items: Vec<Node> =
            self.items(node, key).iter().filter_map(|item| Some(text(item.span, self.text(item, key)?))).collect();
        list(node.span, items)
    }
}
