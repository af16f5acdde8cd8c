//! What a suite says in the end, each value with the file and line that it comes from.

use super::Overrides;
use super::diagnose::{Source, Span};
use super::yaml::{Kind, Node};
use crate::text;

/// How many values are told.
const TOLD: usize = 400;
/// How much of a value is told, in characters.
const SHOWN: usize = 160;
/// Stands for a value that may be a secret.
const HIDDEN: &str = "***";

/// One value of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Where it stands: `limits.read`, `scenarios[0].name`.
    pub key: String,
    /// As it is written; `***` where it may be a secret.
    pub value: String,
    /// The file and line, a shipped suite, or an option of the command line.
    pub origin: String,
}

/// All values, those of the command line first. What it says stands in place of what files say.
pub(super) fn of(root: &Node, sources: &[Source], overrides: &Overrides) -> Vec<Setting> {
    let mut settings = from_command_line(overrides);
    let above = settings.len();
    let names_connector = overrides.image.is_some() || overrides.exec.is_some();
    walk(root, String::new(), &mut |key, span, value| {
        let is_replaced = match key {
            "connector.image" | "connector.exec" => names_connector,
            "depth" => overrides.depth.is_some(),
            _ => false,
        };
        if !is_replaced && settings.len() < above + TOLD {
            settings.push(setting(key, span, value, sources));
        }
    });
    settings
}

fn from_command_line(overrides: &Overrides) -> Vec<Setting> {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let said = [
        ("profile", "--profile", overrides.profile.clone()),
        ("depth", "--suite", overrides.depth.map(|depth| depth.name().to_owned())),
        ("connector.image", "--image", overrides.image.clone()),
        ("connector.exec", "--exec", overrides.exec.clone()),
        ("scenarios[].config", "--config", path(&overrides.config)),
        ("scenarios[].catalog", "--catalog", path(&overrides.catalog)),
        ("scenarios[].state", "--state", path(&overrides.state)),
    ];
    let said = said.into_iter().filter_map(|(key, origin, value)| {
        let value = text::shorten(&value?, SHOWN);
        Some(Setting { key: key.to_owned(), value, origin: origin.to_owned() })
    });
    said.collect()
}

fn walk(node: &Node, key: String, each: &mut dyn FnMut(&str, Span, &str)) {
    match &node.kind {
        Kind::Scalar { text, .. } => each(&key, node.span, text),
        Kind::Sequence(items) if items.is_empty() => each(&key, node.span, "[]"),
        Kind::Sequence(items) => {
            items.iter().enumerate().for_each(|(place, item)| walk(item, format!("{key}[{place}]"), each));
        }
        Kind::Mapping(entries) => {
            for (name, entry) in entries {
                let dot = if key.is_empty() { "" } else { "." };
                walk(&entry.value, format!("{key}{dot}{name}"), each);
            }
        }
    }
}

fn setting(key: &str, span: Span, value: &str, sources: &[Source]) -> Setting {
    let source = sources.get(span.source);
    let is_hidden =
        source.is_none_or(|source| source.hidden.iter().any(|range| range.start < span.end && span.start < range.end));
    let origin = source.map_or(String::new(), |source| match source.shipped {
        Some(_) => source.name.clone(),
        None => {
            let before = source.text.as_bytes().get(..span.start).unwrap_or_default();
            format!("{}:{}", source.name, before.iter().filter(|byte| **byte == b'\n').count() + 1)
        }
    });
    let value = if is_hidden { HIDDEN.to_owned() } else { text::shorten(value, SHOWN) };
    Setting { key: text::shorten(key, SHOWN), value, origin }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{hidden, yaml};
    use std::path::PathBuf;

    #[test]
    fn each_value_knows_its_line_and_secrets_are_hidden() {
        let text = "depth: quick\nscenarios:\n  - name: shop\n    config: { token: hunter2 }\n";
        let mut source = Source::new("shop.yml".to_owned(), PathBuf::new(), text.to_owned());
        let document = yaml::parse(0, text, &mut Vec::new()).expect("it is YAML");
        source.hidden = hidden::values(&document);
        let told = of(&document.root, &[source], &Overrides { image: Some("a:1".to_owned()), ..Overrides::default() });
        let told: Vec<_> = told.iter().map(|it| format!("{} {} {}", it.key, it.value, it.origin)).collect();
        assert_eq!(
            told,
            [
                "connector.image a:1 --image",
                "depth quick shop.yml:1",
                "scenarios[0].name shop shop.yml:3",
                "scenarios[0].config.token *** shop.yml:4",
            ]
        );
    }
}
