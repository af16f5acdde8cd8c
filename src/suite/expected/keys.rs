//! Reading what is expected out of a scenario.

use super::{Expected, ExpectedSpecification, FieldPath, FileTypes, VolatileField};
use crate::protocol::Descriptor;
use crate::suite::Lack;
use crate::suite::diagnose::{Mistake, Span, quoted, quoted_path, reason};
use crate::suite::fields::Reader;
use crate::suite::files::Named;
use crate::suite::yaml::{Kind, Node};
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::path::Path;

/// The keys of a scenario that say what is expected.
pub(in crate::suite) const KEYS: [&str; 4] = ["specification", "records", "future_state", "file_types"];
/// The keys of kinds of files.
pub(in crate::suite) const FILE_TYPES_KEYS: [&str; 2] = ["unsupported", "skip"];
/// The keys of a kind of file that cannot be read.
pub(in crate::suite) const UNSUPPORTED_KEYS: [&str; 2] = ["extension", "reason"];

impl Reader<'_> {
    /// All that is expected in a scenario.
    pub fn expected(&mut self, scenario: &Node, lacks: &mut Vec<Lack>) -> Expected {
        Expected {
            specification: scenario.get("specification").and_then(|node| self.expected_specification(node)),
            records: scenario.get("records").and_then(|node| self.expected_records(node, lacks)),
            future_state: scenario.get("future_state").and_then(|node| self.future_state(node, lacks)),
            file_types: scenario.get("file_types").and_then(|node| self.file_types(node)),
        }
    }

    /// The specification of a file. Where it is missing, nothing is compared: so it is with the acceptance tests.
    fn expected_specification(&mut self, node: &Node) -> Option<ExpectedSpecification> {
        let text = self.text(node, "`specification`")?;
        let path = self.path(node.span, text);
        let is_manifest = path.file_stem().is_some_and(|stem| stem == "manifest")
            && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let content = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = format!("the specification {} cannot be read: {}", quoted_path(&path), reason(&error));
                let help = "what the connector puts out is compared with nothing";
                self.remarks.push(Mistake::at(node.span, message.clone()).warning().help(help));
                Err(message)
            }
            _ => Ok(self.specification_file(&path, node.span, is_manifest)?),
        };
        Some(ExpectedSpecification { path, content, is_whole: !is_manifest })
    }

    fn specification_file(&mut self, path: &Path, span: Span, is_manifest: bool) -> Option<Value> {
        const WHAT: &str = "specification";
        let named = Named::Here(span);
        let value = self.json(path, WHAT, named, false)?;
        let found = match is_manifest {
            true => {
                let schema = value.pointer("/spec/connection_specification").filter(|schema| schema.is_object());
                schema.map(|schema| json!({ "connectionSpecification": schema }))
            }
            // A whole SPEC message is what `spec` puts out.
            false => match value.get("spec").filter(|_| value["type"] == "SPEC") {
                Some(payload) => Some(payload.clone()),
                None => value.get("connectionSpecification").is_some().then_some(value),
            },
        };
        if found.is_none() {
            let lacks = if is_manifest { "spec.connection_specification" } else { "connectionSpecification" };
            let message = format!("the specification {} has no `{lacks}`", quoted_path(path));
            self.unfit(path, named, message, "it must be what `spec` puts out: the content of the SPEC message");
        }
        found
    }

    fn file_types(&mut self, node: &Node) -> Option<FileTypes> {
        if !self.keys(node, "`file_types`", &FILE_TYPES_KEYS) {
            return None;
        }
        let skip = node.get("skip").and_then(|node| self.text(node, "`skip`")).map(str::to_owned);
        let mut unsupported = Vec::new();
        let items = node.get("unsupported").map(|node| self.items(node, "`unsupported`")).unwrap_or_default();
        for item in items {
            const WHAT: &str = "a kind of file that is not supported";
            let (extension, reason) = match &item.kind {
                Kind::Scalar { .. } => (self.text(item, WHAT).map(str::to_owned), None),
                _ if !self.keys(item, WHAT, &UNSUPPORTED_KEYS) => continue,
                _ => {
                    let reason = item.get("reason").and_then(|node| self.text(node, "`reason`")).map(str::to_owned);
                    (self.required(item, "extension", WHAT), reason)
                }
            };
            let Some(extension) = extension else { continue };
            if !extension.starts_with('.') || extension.len() < 2 {
                let mistake = Mistake::at(item.span, format!("{} is no extension of files", quoted(&extension)));
                self.mistakes.push(mistake.help("write it with its dot: `.avro`"));
            }
            unsupported.push((extension.to_lowercase(), reason));
        }
        Some(FileTypes { unsupported, skip })
    }

    /// Fields that are not compared between two reads, by stream.
    pub fn volatile(&mut self, node: &Node) -> IndexMap<String, Vec<VolatileField>> {
        by_stream(self, node, "`volatile`", |reader, item| {
            let exception = reader.exception(item, "volatile")?;
            let Descriptor { name, .. } = exception.stream;
            match FieldPath::parse(&name) {
                Ok(path) => Some(VolatileField { path, reason: exception.reason }),
                Err(why) => {
                    reader.mistakes.push(Mistake::at(item.span, why));
                    None
                }
            }
        })
    }
}

/// Lists by the name of a stream.
pub(super) fn by_stream<'a, T>(
    reader: &mut Reader<'a>,
    node: &Node,
    what: &str,
    read: impl Fn(&mut Reader<'a>, &Node) -> Option<T>,
) -> IndexMap<String, Vec<T>> {
    let Some(entries) = node.entries() else {
        reader.wrong(node, what, "a mapping", Some("write `STREAM: [FIELD, FIELD]`".to_owned()));
        return IndexMap::new();
    };
    let list = |(stream, entry): (&String, &crate::suite::yaml::Entry)| {
        let items = reader.items(&entry.value, &format!("the fields of {}", quoted(stream)));
        (stream.clone(), items.iter().filter_map(|item| read(reader, item)).collect())
    };
    entries.iter().map(list).collect()
}
