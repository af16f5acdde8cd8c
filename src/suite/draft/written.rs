//! A drafted config as lines of YAML. All names and texts may be hostile: none of them ends a line, a comment or a quote,
//! and none is taken for a reference to the environment.

use super::super::interpolate::escaped;
use super::template::{Drafted, Member};
use crate::suite::scalar;
use crate::text;
use serde_json::Value;

/// How long a comment may be, in characters.
const LONGEST_COMMENT: usize = 150;

/// What is written of a config.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// All of it: explained, with references for secrets, and what is optional behind `#`.
    Template,
    /// What is required, with wrong secrets.
    Wrong,
}

/// The lines of a mapping's members, indented; none where there is nothing to write.
pub(super) fn members(members: &[Member], indent: usize, form: Form) -> Vec<String> {
    let mut lines = Vec::new();
    let (required, optional): (Vec<_>, Vec<_>) = members.iter().partition(|member| member.is_written);
    for required in &required {
        if form == Form::Template {
            lines.extend(remarks(required, indent));
        }
        lines.extend(member(required, indent, form));
    }
    if form == Form::Template && !optional.is_empty() {
        let margin = " ".repeat(indent);
        lines.push(format!("{margin}# What follows is optional: remove the `#` before a key that you need."));
        for optional in optional {
            lines.extend(remarks(optional, indent));
            // Whoever takes the signs away has what was meant.
            let hidden =
                member(optional, 0, Form::Template).into_iter().filter(|line| !line.trim_start().starts_with('#'));
            lines.extend(hidden.map(|line| format!("{margin}#{line}")));
        }
    }
    lines
}

fn remarks(member: &Member, indent: usize) -> Vec<String> {
    let margin = " ".repeat(indent);
    let mut lines = Vec::new();
    if !member.about.is_empty() {
        lines.push(format!("{margin}# {}", comment(&member.about)));
    }
    if member.is_placeholder && member.is_written {
        lines.push(format!("{margin}# This is a placeholder: put in what your connector needs."));
    }
    lines
}

fn member(member: &Member, indent: usize, form: Form) -> Vec<String> {
    let margin = " ".repeat(indent);
    let key = key(&member.name);
    match &member.value {
        Drafted::Mapping(inner) => {
            let lines = members(inner, indent + 2, form);
            let is_empty = !inner.iter().any(|member| member.is_written);
            let mut all = vec![format!("{margin}{key}:{}", if is_empty { " {}" } else { "" })];
            all.extend(lines);
            all
        }
        value => vec![format!("{margin}{key}: {}", flow(value, form))],
    }
}

/// A value in one line.
fn flow(value: &Drafted, form: Form) -> String {
    match value {
        Drafted::Value(value) => json(value),
        Drafted::Secret { wrong, .. } if form == Form::Wrong => json(wrong),
        Drafted::Secret { variable, is_text: true, .. } => format!("\"${{env:{variable}}}\""),
        // Quoted, it would be text.
        Drafted::Secret { variable, .. } => format!("${{env:{variable}}}"),
        Drafted::Mapping(members) => {
            let required = members.iter().filter(|member| member.is_written);
            let members: Vec<String> =
                required.map(|member| format!("{}: {}", quoted(&member.name), inner(&member.value, form))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Drafted::List(items) => {
            format!("[{}]", items.iter().map(|item| inner(item, form)).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A value inside of brackets, where a plain reference would end at its brace.
fn inner(value: &Drafted, form: Form) -> String {
    match value {
        Drafted::Secret { variable, .. } if form == Form::Template => format!("\"${{env:{variable}}}\""),
        other => flow(other, form),
    }
}

fn json(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(&escaped(text)),
        Value::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{}: {}", quoted(name), json(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        plain => plain.to_string(),
    }
}

/// A key, in quotes unless it is a plain word.
fn key(name: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let begins = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    let is_text = matches!(scalar::resolve(name), Ok(Value::String(_)));
    if begins && is_text && name.chars().all(is_word) { name.to_owned() } else { quoted(name) }
}

/// A text in double quotes, in which only what is plain stands as it is.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            letter if text::visible(letter.encode_utf8(&mut [0; 4])).chars().eq([letter]) => quoted.push(letter),
            letter => quoted.push_str(&format!("\\U{:08X}", letter as u32)),
        }
    }
    quoted.push('"');
    quoted
}

/// Any text as a comment: one line, harmless, and not endless.
pub(super) fn comment(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(LONGEST_COMMENT).collect();
    text::shorten(&text::visible(&text::shorten(&words.join(" "), LONGEST_COMMENT)), LONGEST_COMMENT)
}
