//! The layouts that an `acceptance-test-config.yml` has had: today's, the one before it, and what lies between.

use super::Translator;
use crate::suite::diagnose::{Mistake, Span, quoted};
use crate::suite::fields::found;
use crate::suite::yaml::{Kind, Node};
use crate::text::nearest;

/// What is tested, in the order of the acceptance tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Category {
    Spec,
    Connection,
    Discovery,
    BasicRead,
    FullRefresh,
    Incremental,
    Attributes,
    Documentation,
}

impl Category {
    pub const ALL: [Category; 8] = [
        Category::Spec,
        Category::Connection,
        Category::Discovery,
        Category::BasicRead,
        Category::FullRefresh,
        Category::Incremental,
        Category::Attributes,
        Category::Documentation,
    ];

    /// Its key in the file.
    pub(super) fn key(self) -> &'static str {
        match self {
            Category::Spec => "spec",
            Category::Connection => "connection",
            Category::Discovery => "discovery",
            Category::BasicRead => "basic_read",
            Category::FullRefresh => "full_refresh",
            Category::Incremental => "incremental",
            Category::Attributes => "connector_attributes",
            Category::Documentation => "connector_documentation",
        }
    }

    /// Whether it is about reading streams.
    pub(super) fn reads(self) -> bool {
        matches!(self, Category::BasicRead | Category::FullRefresh | Category::Incremental)
    }
}

/// A category as the file has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Section<'n> {
    /// Whether the file has it at all.
    pub is_there: bool,
    /// Why it is bypassed, and where that stands.
    pub bypass: Option<(Span, String)>,
    /// Its entries.
    pub tests: Vec<&'n Node>,
}

/// The keys that the mapping of all categories may have, as in the file.
pub(super) const ROOTS: [&str; 3] = ["acceptance_tests", "tests", "acceptance-tests"];
const CONTAINER: &str = "client_container_config";

impl<'n> Translator<'n> {
    /// The categories, in order, and the client container of them all.
    pub(super) fn sections(&mut self, root: &'n Node) -> (Vec<(Category, Section<'n>)>, Option<&'n Node>) {
        let mut sections: Vec<(Category, Section<'n>)> =
            Category::ALL.into_iter().map(|category| (category, Section::default())).collect();
        let mut container = None;
        let is_legacy = root.get("tests").is_some();
        // Where both stand, the acceptance tests take the old one.
        let Some(key) =
            ["tests", "acceptance_tests", "acceptance-tests"].into_iter().find(|key| root.get(key).is_some())
        else {
            let mistake = Mistake::at(root.span, "the file has no `acceptance_tests`");
            self.mistakes
                .push(mistake.help("add `acceptance_tests:` with `spec`, `connection`, `basic_read` and so on"));
            return (sections, None);
        };
        self.remark_layout(root, key);
        let Some(all) = root.get(key) else { return (sections, None) };
        let Some(entries) = all.entries() else {
            self.wrong(
                all,
                key,
                "a mapping of categories",
                "its keys are `spec`, `connection`, `basic_read` and so on",
            );
            return (sections, None);
        };
        for (name, entry) in entries {
            if name == CONTAINER {
                container = Some(&entry.value);
                continue;
            }
            let plain = name.replace('-', "_");
            if plain != *name && Category::ALL.iter().any(|category| category.key() == plain) {
                let message = format!("{} is read as `{plain}`", quoted(name));
                self.remarks.push(Mistake::at(entry.key, message).note());
            }
            match sections.iter_mut().find(|(category, _)| category.key() == plain) {
                Some((_, section)) => *section = self.section(&plain, &entry.value, is_legacy),
                None if name == "interleaved_streams" => {
                    let message = "`interleaved_streams` was never tested, and is not here";
                    self.remarks.push(Mistake::at(entry.key, message).note());
                }
                None => {
                    let near = nearest(name, Category::ALL.map(Category::key));
                    let mistake = Mistake::at(entry.key, format!("{} is no category; it is passed over", quoted(name)));
                    let help = format!("categories are {}", Category::ALL.map(Category::key).join(", "));
                    let near = near.map(|near| format!("did you mean `{near}`?"));
                    self.remarks.push(mistake.warning().help(help).maybe_help(near));
                }
            }
        }
        (sections, container)
    }

    fn remark_layout(&mut self, root: &Node, key: &str) {
        let Some(entry) = root.entries().and_then(|entries| entries.get(key)) else { return };
        let message = match key {
            "tests" => "this is the old layout, with `tests:` at the root; it is read as it was meant",
            "acceptance-tests" => "`acceptance-tests` is read as `acceptance_tests`",
            _ => return,
        };
        let help = "`airproof migrate` writes it anew as an `airproof.yml`";
        self.remarks.push(Mistake::at(entry.key, message).note().help(help));
    }

    fn section(&mut self, name: &str, node: &'n Node, is_legacy: bool) -> Section<'n> {
        if node.is_null() {
            return Section::default();
        }
        let section = Section { is_there: true, ..Section::default() };
        match &node.kind {
            Kind::Sequence(items) => {
                if !is_legacy {
                    let message = format!("`{name}` is a list, as in the old layout; it is read as its `tests`");
                    self.remarks.push(Mistake::at(node.span, message).note());
                }
                Section { tests: items.iter().collect(), ..section }
            }
            Kind::Mapping(entries) => {
                let keys = ["tests", "bypass_reason"];
                for (key, entry) in entries.iter().filter(|(key, _)| !keys.contains(&key.as_str())) {
                    let message = format!("{} beside the `tests` of `{name}` does nothing", quoted(key));
                    let near = nearest(key, keys).map(|near| format!("did you mean `{near}`?"));
                    self.remarks.push(Mistake::at(entry.key, message).warning().maybe_help(near));
                }
                let bypass = node.get("bypass_reason");
                let bypass = bypass.and_then(|node| Some((node.span, self.text(node, "bypass_reason")?)));
                let tests: Vec<&Node> = match node.get("tests") {
                    Some(tests) => self.items(tests, "tests").iter().collect(),
                    None => Vec::new(),
                };
                Section { bypass, tests, ..section }
            }
            Kind::Scalar { .. } => {
                let mistake =
                    Mistake::at(node.span, format!("`{name}` must be a mapping with `tests` or `bypass_reason`"));
                self.mistakes.push(mistake.label(format!("this is {}", found(node))));
                section
            }
        }
    }
}
