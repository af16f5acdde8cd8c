//! The entries that read: `basic_read`, `full_refresh`, `incremental`.

use super::Translator;
use super::entry::Entry;
use super::layout::Category;
use super::levels;
use super::scenarios::is_alike;
use super::tree::{list, mapping, text, word};
use crate::suite::diagnose::{Mistake, Span};
use crate::suite::yaml::Node;

/// The options of an entry of `basic_read`, old ones among them.
pub(super) const BASIC_READ: [&str; 13] = [
    "configured_catalog_path",
    "empty_streams",
    "expect_records",
    "validate_schema",
    "validate_state_messages",
    "validate_primary_keys_data_type",
    "validate_stream_statuses",
    "validate_data_points",
    "fail_on_extra_columns",
    "expect_trace_message_on_failure",
    "file_types",
    "ignored_fields",
    "client_container_config",
];
/// The options of an entry of `incremental`, old ones among them.
pub(super) const INCREMENTAL: [&str; 5] = [
    "configured_catalog_path",
    "future_state",
    "future_state_path",
    "skip_comprehensive_incremental_tests",
    "client_container_config",
];
/// The keys of `client_container_config`.
const CONTAINER: [&str; 6] = [
    "client_container_dockerfile_path",
    "secrets_path",
    "setup_command",
    "teardown_command",
    "between_syncs_command",
    "final_teardown_command",
];
/// The keys of `expect_records`, old ones among them.
pub(super) const EXPECTED: [&str; 6] =
    ["path", "bypass_reason", "exact_order", "extra_fields", "extra_records", "ignored_fields"];

impl Translator<'_> {
    pub(super) fn basic_read(&mut self, entry: &mut Entry, node: &Node) {
        self.reading(entry, node);
        // Without the option, no stream was allowed to be empty.
        let (span, streams) = match node.get("empty_streams") {
            Some(empty) => (empty.span, self.exceptions(empty, "empty_streams")),
            None => (entry.span, Vec::new()),
        };
        entry.keys.push(("streams", mapping(span, [("empty", list(span, streams))])));
        self.expected(entry, node);
        self.switch(entry, node, "fail_on_extra_columns", &levels::EXTRA_COLUMNS, (Some("must"), Some("off")));
        // After it, so that it has the last word: without schemas, no column was one too many.
        self.switch(entry, node, "validate_schema", &levels::SCHEMA, (None, Some("off")));
        self.switch(entry, node, "validate_data_points", &levels::DATA_POINTS, (Some("must"), None));
        self.switch(entry, node, "validate_primary_keys_data_type", &levels::PRIMARY_KEYS, (None, Some("off")));
        self.switch(entry, node, "validate_state_messages", &levels::STATE_MESSAGES, (None, Some("off")));
        self.switch(entry, node, "validate_stream_statuses", &levels::STATUSES, (Some("must"), Some("off")));
        self.switch(entry, node, "expect_trace_message_on_failure", &levels::TRACE_ON_FAILURE, (None, Some("off")));
        if let Some(types) = node.get("file_types") {
            self.file_types(entry, types);
        }
    }

    pub(super) fn full_refresh(&mut self, entry: &mut Entry, node: &Node) {
        self.reading(entry, node);
        entry.must(&levels::RECORDS);
        let Some(ignored) = node.get("ignored_fields") else { return };
        let fields = self.by_stream(ignored, "ignored_fields", |item| item);
        entry.keys.push(("streams", mapping(ignored.span, [("volatile", fields)])));
    }

    pub(super) fn incremental(&mut self, entry: &mut Entry, node: &Node) {
        self.reading(entry, node);
        entry.must(&levels::RECORDS);
        let resuming = "skip_comprehensive_incremental_tests";
        self.switch(entry, node, resuming, &levels::RESUMING, (Some("off"), None));
        if let Some(state) = node.get("future_state") {
            self.future_state(entry, state);
        } else if let Some(path) = node.get("future_state_path") {
            let message =
                "`future_state_path` is of the old layout; it is read as `future_state: { future_state_path: … }`";
            self.remarks.push(Mistake::at(path.span, message).note());
            if let Some(named) = self.text(path, "future_state_path") {
                let path = text(path.span, self.path(&named));
                entry.keys.push(("future_state", mapping(path.span, [("path", path)])));
            }
        }
    }

    /// What all three have.
    fn reading(&mut self, entry: &mut Entry, node: &Node) {
        if let Some(catalog) = node.get("configured_catalog_path")
            && let Some(path) = self.text(catalog, "configured_catalog_path")
        {
            entry.catalog = Some(text(catalog.span, self.path(&path)));
        }
        if let Some(container) = node.get("client_container_config") {
            self.container(entry, container);
        }
    }

    /// A flag that sets the level of rules: (where it is true, where it is false).
    fn switch(
        &mut self,
        entry: &mut Entry,
        node: &Node,
        key: &str,
        rules: &'static [&'static str],
        (on, off): (Option<&str>, Option<&str>),
    ) {
        let Some(given) = node.get(key) else { return };
        let level = match self.flag(given, key) {
            Some(true) => on,
            Some(false) => off,
            None => None,
        };
        entry
            .rules
            .extend(level.into_iter().flat_map(|level| rules.iter().map(move |rule| (*rule, text(given.span, level)))));
    }

    /// `expect_records`. Where it has an option of the tests that compared whole records, whole records are compared.
    fn expected(&mut self, entry: &mut Entry, node: &Node) {
        let ignored = node.get("expect_records").and_then(|expected| expected.get("ignored_fields"));
        let ignored = ignored.or_else(|| node.get("ignored_fields"));
        let Some(expected) = node.get("expect_records") else {
            if let Some(ignored) = ignored {
                let message = "`ignored_fields` does nothing here: no records are expected";
                self.remarks.push(Mistake::at(ignored.span, message).note());
            }
            return;
        };
        self.known(expected, "expect_records", &EXPECTED);
        let mut keys: Vec<(&str, Node)> = Vec::new();
        let path = expected.get("path").and_then(|node| Some((node.span, self.text(node, "path")?)));
        if let Some((span, path)) = path {
            keys.push(("path", text(span, self.path(&path))));
        }
        let reason = expected.get("bypass_reason");
        if let Some(reason) = reason.and_then(|node| Some(text(node.span, self.text(node, "bypass_reason")?))) {
            keys.push(("reason", reason));
        }
        if let [("path", _), ("reason", reason)] = keys.as_slice() {
            let message = "`path` and `bypass_reason` exclude each other in the acceptance tests: here the records of `path` are expected";
            self.remarks.push(Mistake::at(reason.span, message).note().help("remove one of them"));
        }
        if keys.is_empty() {
            let message = "`expect_records` says neither where the expected records are nor why there are none";
            self.remarks.push(Mistake::at(expected.span, message).warning().help("add `path` or `bypass_reason`"));
            return;
        }
        let mut flag = |key: &str| expected.get(key).and_then(|node| Some((node.span, self.flag(node, key)?)));
        let (order, fields, records) = (flag("exact_order"), flag("extra_fields"), flag("extra_records"));
        if let Some((span, true)) = order {
            keys.push(("order", word(span, "exact")));
        }
        let is_of_contents = fields.is_some() || records.is_some() || ignored.is_some();
        if is_of_contents {
            keys.push(("compare", word(expected.span, "content")));
        }
        for (key, flag) in [("extra_fields", fields), ("extra_records", records)] {
            keys.extend(flag.map(|(span, flag)| (key, word(span, flag.to_string()))));
        }
        if let Some(ignored) = ignored {
            keys.push(("ignore", self.by_stream(ignored, "ignored_fields", |item| item.get("name").unwrap_or(item))));
        }
        if is_of_contents {
            let message = "the records are compared whole, as the tests did that had these options";
            let help = "current acceptance tests compare keys alone: remove `extra_fields`, `extra_records` and `ignored_fields`";
            self.remarks.push(Mistake::at(expected.span, message).note().help(help));
        }
        entry.keys.push(("records", mapping(expected.span, keys)));
    }

    /// Lists by stream, each item as `take` has it.
    fn by_stream(&mut self, node: &Node, key: &str, take: fn(&Node) -> &Node) -> Node {
        let Some(entries) = node.entries() else {
            self.wrong(node, key, "a mapping", "write `STREAM: [{ name: FIELD, bypass_reason: … }]`");
            return mapping::<&str>(node.span, []);
        };
        let streams: Vec<(String, Node)> = entries
            .iter()
            .map(|(stream, entry)| {
                let items = self.exceptions(&entry.value, key);
                (stream.clone(), list(entry.value.span, items.iter().map(|item| take(item).clone()).collect()))
            })
            .collect();
        mapping(node.span, streams)
    }

    fn future_state(&mut self, entry: &mut Entry, node: &Node) {
        self.known(node, "future_state", &["future_state_path", "missing_streams", "bypass_reason", "cursor_format"]);
        let mut keys: Vec<(&str, Node)> = Vec::new();
        let mut named = |from: &str| node.get(from).and_then(|node| Some((node.span, self.text(node, from)?)));
        let (path, reason) = (named("future_state_path"), named("bypass_reason"));
        // A reason bypasses the file, if both are there.
        match (path, reason) {
            (_, Some((span, reason))) => {
                keys.push(("reason", text(span, reason)));
            }
            (Some((span, path)), None) => keys.push(("path", text(span, self.path(&path)))),
            (None, None) => {}
        }
        if let Some(missing) = node.get("missing_streams") {
            keys.push(("missing", list(missing.span, self.exceptions(missing, "missing_streams"))));
        }
        if let Some(format) = node.get("cursor_format") {
            keys.push(("cursor_format", self.cursor_format(format)));
        }
        if !keys.is_empty() {
            entry.keys.push(("future_state", mapping(node.span, keys)));
        }
    }

    fn cursor_format(&mut self, node: &Node) -> Node {
        self.known(node, "cursor_format", &["format", "streams"]);
        let mut keys = Vec::new();
        let format = |translator: &mut Self, node: &Node| Some(text(node.span, translator.text(node, "format")?));
        keys.extend(node.get("format").and_then(|node| Some(("format", format(self, node)?))));
        let streams = node.get("streams").map(|streams| (streams.span, self.items(streams, "streams")));
        if let Some((span, streams)) = streams {
            let mut list_of = Vec::new();
            for stream in streams {
                self.known(stream, "streams", &["name", "format"]);
                let name = stream.get("name").and_then(|node| Some(text(node.span, self.text(node, "name")?)));
                let own = stream.get("format").and_then(|node| format(self, node));
                if let (Some(name), Some(own)) = (name, own) {
                    list_of.push(mapping(stream.span, [("name", name), ("format", own)]));
                }
            }
            keys.push(("streams", list(span, list_of)));
        }
        mapping(node.span, keys)
    }

    fn file_types(&mut self, entry: &mut Entry, node: &Node) {
        self.known(node, "file_types", &["skip_test", "bypass_reason", "unsupported_types"]);
        let mut keys: Vec<(&str, Node)> = Vec::new();
        let skips = node.get("skip_test").and_then(|node| self.flag(node, "skip_test")).unwrap_or_default();
        if skips {
            let reason =
                node.get("bypass_reason").and_then(|node| Some((node.span, self.text(node, "bypass_reason")?)));
            let none: (Span, String) = (node.span, "the acceptance tests' config says so".to_owned());
            let (span, reason) = reason.unwrap_or(none);
            keys.push(("skip", text(span, reason)));
        } else if let Some(reason) = node.get("bypass_reason") {
            let message = "`bypass_reason` does nothing without `skip_test: true`";
            let help = "say `skip_test: true`, or give each of `unsupported_types` its own reason";
            self.remarks.push(Mistake::at(reason.span, message).warning().help(help));
        }
        if let Some(types) = node.get("unsupported_types") {
            let mut unsupported = Vec::new();
            for item in self.items(types, "unsupported_types") {
                self.known(item, "unsupported_types", &["extension", "bypass_reason"]);
                let mut named = |key: &str| item.get(key).and_then(|node| Some(text(node.span, self.text(node, key)?)));
                let (extension, reason) = (named("extension"), named("bypass_reason"));
                let Some(extension) = extension else { continue };
                let keys = [Some(("extension", extension)), reason.map(|reason| ("reason", reason))];
                unsupported.push(mapping(item.span, keys.into_iter().flatten()));
            }
            keys.push(("unsupported", list(types.span, unsupported)));
        }
        entry.keys.push(("file_types", mapping(node.span, keys)));
    }

    /// The author's container: what is run in it before, after and between.
    fn container(&mut self, entry: &mut Entry, node: &Node) {
        const COMMANDS: [(&str, &str); 3] =
            [("setup_command", "setup"), ("teardown_command", "teardown"), ("between_syncs_command", "changes")];
        self.known(node, "client_container_config", &CONTAINER);
        for (command, key) in COMMANDS {
            let Some(given) = node.get(command) else { continue };
            if key == "changes" && entry.category != Category::Incremental {
                let category = entry.category.key();
                let message =
                    format!("`{command}` does nothing in `{category}`: it stands between the reads of `incremental`");
                self.remarks.push(Mistake::at(given.span, message).note());
                continue;
            }
            let Some(step) = self.step(node, given, command) else { continue };
            entry.keys.push((
                key,
                match key {
                    "changes" => {
                        let unknown = word(given.span, "unknown");
                        let name = text(given.span, "between the syncs");
                        list(
                            given.span,
                            vec![mapping(given.span, [("name", name), ("container", step), ("delivers", unknown)])],
                        )
                    }
                    _ => mapping(given.span, [("container", step)]),
                },
            ));
        }
        if let Some(last) = node.get("final_teardown_command") {
            self.last_step(node, last);
        }
    }

    /// The author's container of all tests: what is run in it when everything is over.
    pub(super) fn container_of_all(&mut self, node: &Node) {
        self.known(node, "client_container_config", &CONTAINER);
        for (key, entry) in node.entries().into_iter().flatten() {
            if ["setup_command", "teardown_command", "between_syncs_command"].contains(&key.as_str()) {
                let message =
                    format!("`{key}` does nothing beside the categories: only `final_teardown_command` is run here");
                let help = "put it into the `client_container_config` of the entries that need it";
                self.remarks.push(Mistake::at(entry.key, message).warning().help(help));
            }
        }
        if let Some(command) = node.get("final_teardown_command") {
            self.last_step(node, command);
        }
    }

    /// A command in the author's container. None, and a mistake, where nothing says how that is built.
    pub(super) fn step(&mut self, container: &Node, command: &Node, key: &str) -> Option<Node> {
        let words = self.words(command, key);
        let Some(dockerfile) = container.get("client_container_dockerfile_path") else {
            let mistake = Mistake::at(container.span, "the client container has no `client_container_dockerfile_path`");
            self.mistakes.push(mistake.help("add the path of its Dockerfile"));
            return None;
        };
        let mut keys = Vec::new();
        let path = self.text(dockerfile, "client_container_dockerfile_path")?;
        keys.push(("dockerfile", text(dockerfile.span, self.path(&path))));
        keys.push(("run", words));
        if let Some(secrets) = container.get("secrets_path")
            && let Some(path) = self.text(secrets, "secrets_path")
        {
            keys.push(("secrets", text(secrets.span, self.path(&path))));
        }
        Some(mapping(command.span, keys))
    }

    /// What is run once at the end of all: the suite's own tear-down.
    pub(super) fn last_step(&mut self, container: &Node, command: &Node) {
        let step = self.step(container, command, "final_teardown_command");
        let Some(step) = step.map(|step| mapping(command.span, [("container", step)])) else { return };
        match &self.teardown {
            Some(known) if !is_alike(known, &step) => {
                let message = "another `final_teardown_command` is the last one already; this one is not run";
                self.remarks.push(Mistake::at(command.span, message).warning().help("keep one for all tests"));
            }
            Some(_) => {}
            None => self.teardown = Some(step),
        }
    }
}
