//! The first suite of a connector, made out of its specification: a text that its author goes on with.
//!
//! Pure: what was found out by launches is handed in. No secret is written: the environment has it, or a file of the
//! user's own that the suite names.

mod ignored;
mod placeholder;
mod template;
mod variables;
mod written;

pub use ignored::with_ignored;

use super::Target;
use super::interpolate::escaped;
use crate::protocol::schema::CompiledSchema;
use crate::protocol::{Descriptor, Specification, with_canaries};
use serde_json::Value;
use variables::Variables;
use written::{Form, comment, quoted};

/// Where the schema for editors is put, relative to the suite file.
pub const SCHEMA_FILE: &str = ".airproof/suite.schema.json";

/// How many streams are listed.
const STREAMS: usize = 100;
/// How many places are told in which a config breaks the specification.
const MISFITS: usize = 20;

/// A config that the user has.
#[derive(Debug, Clone, Copy)]
pub struct OwnConfig<'a> {
    /// As the suite is to name it.
    pub path: &'a str,
    /// What it says.
    pub content: &'a Value,
    /// The streams that were discovered with it.
    pub streams: &'a [Descriptor],
}

/// A suite that somebody can go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The text of `airproof.yml`.
    pub text: String,
    /// The environment variables that have to be set, in the order of the config.
    pub variables: Vec<String>,
    /// The fields of the config that somebody has to fill in, in its order; harmless to show.
    pub placeholders: Vec<String>,
    /// Pointers to where the config breaks the specification, as long as nobody has put in something else.
    pub misfits: Vec<String>,
}

/// Drafts the suite of a connector; with a config, around that, else with one made out of the specification.
pub fn draft(target: &Target, specification: &Specification, own: Option<OwnConfig<'_>>) -> Draft {
    let schema = specification.connection_specification();
    let is_destination = specification.is_destination();
    let mut text = beginning(target, is_destination);
    let (variables, placeholders, config) = match own {
        Some(own) => {
            text += &around(own, schema);
            (Vec::new(), Vec::new(), own.content.clone())
        }
        None => {
            let members = template::of(schema, &mut Variables::of(target));
            let variables = template::variables(&members);
            text += &scenarios(&members, !variables.is_empty());
            let placeholders = template::placeholders(&members).iter().map(|name| comment(name)).collect();
            (variables, placeholders, template::config(&members, "a-secret-of-some-length"))
        }
    };
    text += &match is_destination {
        true => DESTINATION.to_owned(),
        false => ending(own.map_or(&[], |own| own.streams)),
    };
    Draft { text, variables, placeholders, misfits: misfits(schema, &config) }
}

/// What a destination's author goes on with.
const DESTINATION: &str = "
# How to see what is stored: without a reader, no row is proven. Each command finds AIRPROOF_NAMESPACE in its environment, a
# reader AIRPROOF_STREAM and AIRPROOF_TABLE, too. `airproof test` writes to namespaces of its own only.
#destination:
#  reader: { run: \"./rows\" }       # prints a JSON object for each row; exit code 3: there is no such table
#  cleaner: { run: \"./drop\" }      # removes all that the namespace holds
#  behaviours: {}                    # what it does where the protocol leaves a choice
";

fn beginning(target: &Target, is_destination: bool) -> String {
    let base = if is_destination { "destination" } else { "standard" };
    let (key, name) = match target {
        Target::Image(image) => ("image", image),
        Target::Exec(command) => ("exec", &command.line),
    };
    format!(
        "# yaml-language-server: $schema={SCHEMA_FILE}\n\
         #\n\
         # What airproof tests of this connector: `airproof test` runs it, `airproof list` shows what that would launch.\n\
         # Editors complete and explain its keys by the schema above; what it does not say is as in the suite `{base}`.\n\n\
         # {} how much is found out, and how many launches that costs.\n\
         extends: {base}\n\n\
         connector:\n  {key}: {}\n\n",
        match is_destination {
            true => "Beside it, `depth: quick`, `standard` or `certification` says",
            false => "quick, standard or certification:",
        },
        quoted(name)
    )
}

/// The scenarios with a config made out of the specification.
fn scenarios(members: &[template::Member], has_secret: bool) -> String {
    let config = |form| {
        let is_empty = !members.iter().any(|member| member.is_written);
        let lines = written::members(members, 6, form);
        let remark = if is_empty && !lines.is_empty() { " {} # Take the braces away with the first `#`." } else { "" };
        let remark = if is_empty && lines.is_empty() { " {}" } else { remark };
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        format!("    config:{remark}\n{lines}")
    };
    let mut text = String::from(
        "scenarios:\n  # A config that works: everything is launched with it. `${env:NAME}` takes a value from your \
         environment, so that no\n  # secret stands here. `config: secrets/config.json` takes all of it from a file.\n",
    );
    text += &format!("  - name: sandbox\n{}", config(Form::Template));
    if has_secret {
        text += "\n  # A config that check must refuse. Unique texts stand in for its secrets, so that none is printed \
                 unnoticed.\n";
        text += &format!("  - name: wrong secret\n    expect: failed\n    canaries: true\n{}", config(Form::Wrong));
    }
    text
}

/// The scenarios around a config of the user's.
fn around(own: OwnConfig<'_>, schema: &Value) -> String {
    let path = quoted(&escaped(own.path));
    let mut text = format!(
        "scenarios:\n  # A config that works: everything is launched with it.\n  - name: sandbox\n    config: {path}\n"
    );
    if with_canaries(own.content, schema, &|_| "canary".to_owned()) != *own.content {
        text += &format!(
            "\n  # The same with unique texts in place of its secrets: check must refuse it, and print none of them.\n  \
             - name: wrong secret\n    config: {path}\n    expect: failed\n    canaries: true\n"
        );
    }
    text
}

/// What can be added.
fn ending(streams: &[Descriptor]) -> String {
    let mut text = String::new();
    if !streams.is_empty() {
        text += "\n# The streams that discover found with this config:\n";
        for stream in streams.iter().take(STREAMS) {
            text += &format!("#   {}\n", comment(&stream.to_string()));
        }
        if let Some(more) = streams.len().checked_sub(STREAMS).filter(|more| *more > 0) {
            text += &format!("#   and {more} more\n");
        }
    }
    text + "\n\
        # Streams that are not like the others belong to their scenario, beside its config:\n\
        #    streams:\n\
        #      empty: [{ name: refunds, reason: \"none in the sandbox\" }]\n\
        #      skip: [{ name: audit_log, reason: \"needs another plan\" }]\n\n\
        # Other levels of rules, by code or name: must, should, info or off. `airproof rules` lists them all.\n\
        #rules:\n\
        #  record-field-undeclared: should\n\n\
        # Violations that are accepted, for a reason and for some time:\n\
        #waivers:\n\
        #  - { rule: STATUS-004, stream: \"ev*\", reason: \"issue 12\", until: 2027-01-31 }\n"
}

/// Where a config breaks the specification. The platform takes `format` for a remark.
fn misfits(schema: &Value, config: &Value) -> Vec<String> {
    let compiled = CompiledSchema::compile_rest(schema).filter(|_| schema.is_object());
    let violations = compiled.map(|compiled| compiled.violations(config, MISFITS)).unwrap_or_default();
    let counts = violations.into_iter().filter(|violation| violation.keyword != "format");
    let mut pointers: Vec<String> = counts.map(|violation| comment(&violation.pointer)).collect();
    pointers.dedup();
    pointers
}

#[cfg(test)]
mod tests;
