//! A suite's tree as YAML: what `airproof migrate` writes.

use super::scalar;
use super::yaml::{Kind, Node};
use serde_json::Value;
use std::fmt::Write as _;

/// Longer lists and mappings are not written on one line.
const LINE: usize = 96;

/// A mapping as a YAML text.
pub(super) fn yaml(root: &Node) -> String {
    let mut text = String::new();
    block(root, 0, &mut text);
    text
}

fn block(node: &Node, indent: usize, out: &mut String) {
    match &node.kind {
        Kind::Mapping(entries) => {
            for (key, entry) in entries {
                let _ = write!(out, "{:indent$}{}:", "", quoted(key));
                value(&entry.value, indent, out);
                if indent == 0 && is_large(&entry.value) {
                    out.push('\n');
                }
            }
        }
        Kind::Sequence(items) => {
            for item in items {
                let _ = write!(out, "{:indent$}-", "");
                let mut below = String::new();
                value(item, indent, &mut below);
                // A mapping begins on the line of its dash.
                match below.strip_prefix('\n') {
                    Some(rest) => out.push_str(&format!(" {}", rest.trim_start())),
                    None => out.push_str(&below),
                }
            }
        }
        Kind::Scalar { .. } => value(node, indent, out),
    }
}

/// What stands behind a key or a dash, with the end of its line.
fn value(node: &Node, indent: usize, out: &mut String) {
    let flow = flow(node);
    let is_short = flow.len() + indent <= LINE;
    match &node.kind {
        Kind::Mapping(entries) if !(entries.is_empty() || is_short && depth(node) < 2 && indent > 0) => {
            out.push('\n');
            block(node, indent + 2, out);
        }
        Kind::Sequence(items) if !(items.is_empty() || is_short && depth(node) < 2) => {
            out.push('\n');
            block(node, indent + 2, out);
        }
        _ => {
            let _ = writeln!(out, " {flow}");
        }
    }
}

fn is_large(node: &Node) -> bool {
    depth(node) > 1
}

fn depth(node: &Node) -> usize {
    match &node.kind {
        Kind::Mapping(entries) => 1 + entries.values().map(|entry| depth(&entry.value)).max().unwrap_or(0),
        Kind::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Kind::Scalar { .. } => 0,
    }
}

/// On one line.
fn flow(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar { text, plain: true } => text.clone(),
        Kind::Scalar { text, plain: false } => quoted(text),
        Kind::Mapping(entries) if entries.is_empty() => "{}".to_owned(),
        Kind::Mapping(entries) => {
            let entries = entries.iter().map(|(key, entry)| format!("{}: {}", quoted(key), flow(&entry.value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Kind::Sequence(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
    }
}

/// Text that reads as itself: bare where it is plainly a word, a path or a sentence of such, in quotes elsewhere.
fn quoted(text: &str) -> String {
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || "_-./ ".contains(letter);
    let begins = text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter == '.');
    let is_text = matches!(scalar::resolve(text), Ok(Value::String(_)))
        && !matches!(text.to_ascii_lowercase().as_str(), "yes" | "no" | "on" | "off" | "y" | "n");
    if is_text && begins && !text.ends_with(' ') && text.chars().all(is_safe) && !text.contains(" -") {
        return text.to_owned();
    }
    // JSON's strings are YAML's, with all that could end a line escaped.
    let json = Value::from(text).to_string();
    json.replace('\u{7f}', "\\u007f")
        .replace('\u{85}', "\\u0085")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::yaml;

    fn same(text: &str) -> String {
        let root = |text: &str| yaml::parse(0, text, &mut Vec::new()).expect("YAML").root;
        let written = super::yaml(&root(text));
        assert_eq!(flow(&root(&written)), flow(&root(text)), "{written}");
        written
    }

    #[test]
    fn what_is_written_reads_as_what_it_was() {
        same("a: { b: [1, \"1\", yes, \"no\", null], c: \"# no: comment\" }\nd: [{ e: \"x\\ny\" }, { f: [] }]\n");
        same("scenarios:\n  - name: \"- dash\"\n    config: secrets/config.json\n    rules: { READ-006: off }\n");
        same("a: \"\\u2028 \\u0085\"\n\"key: odd\": {}\nb: \"{{x}}\"\nc: \" spaces \"\n");
    }

    #[test]
    fn it_is_pleasant_to_read() {
        let written = same(
            "scenarios: [{ name: sandbox, config: secrets/config.json, leave_out: [{ part: read, reason: \"a: b\" }] }]",
        );
        assert_eq!(
            written,
            "scenarios:\n  - name: sandbox\n    config: secrets/config.json\n    leave_out:\n      - { part: read, reason: \"a: b\" }\n\n"
        );
    }
}
