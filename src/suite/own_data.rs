//! Messages of the author's own that a destination is fed.

use super::diagnose::quoted_path;
use super::fields::Reader;
use super::files::Named;
use super::scenario::CatalogSource;
use super::yaml::Node;
use crate::protocol::{ConfiguredCatalog, DestinationSyncMode};
use crate::text;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

/// The keys of one set.
pub(super) const KEYS: [&str; 2] = ["messages", "catalog"];

/// Messages of the author's own, and how their streams are written.
#[derive(Debug, Clone)]
pub struct OwnData {
    /// The file of messages, one a line, as a source puts them out.
    pub messages: PathBuf,
    /// Their streams, with `destination_sync_mode`; `append` where that is left out.
    pub catalog: ConfiguredCatalog,
    /// How each is written, in the catalog's order.
    pub modes: Vec<DestinationSyncMode>,
}

impl Reader<'_> {
    /// The author's own data: a list of sets.
    pub(super) fn own_data(&mut self, node: &Node) -> Vec<OwnData> {
        let sets = self.items(node, "`data`");
        sets.iter().filter_map(|set| self.own_set(set)).collect()
    }

    fn own_set(&mut self, node: &Node) -> Option<OwnData> {
        const WHAT: &str = "a set of data";
        if !self.keys(node, WHAT, &KEYS) {
            return None;
        }
        let (messages, catalog) = (self.required(node, "messages", WHAT), self.required(node, "catalog", WHAT));
        let span_of = |key: &str| node.get(key).map_or(node.span, |value| value.span);
        let messages = messages.map(|text| self.path(span_of("messages"), &text));
        // Looked at before it is opened: a pipe would keep us waiting.
        let looked = messages.as_ref().map(|path| match fs::metadata(path) {
            Ok(about) if !about.is_file() => Err(io::Error::other("it is no file")),
            Ok(_) => File::open(path).map(drop),
            Err(error) => Err(error),
        });
        if let Some(Err(error)) = looked {
            let (path, named) = (messages.clone()?, Named::Here(span_of("messages")));
            self.unreadable(&path, "file of messages", named, &error);
        }
        let (catalog, named) = (self.path(span_of("catalog"), &catalog?), Named::Here(span_of("catalog")));
        let CatalogSource::File { path, catalog, .. } = self.catalog_file(catalog, named) else { return None };
        match modes(&catalog) {
            Ok(modes) => Some(OwnData { messages: messages?, catalog, modes }),
            Err(why) => {
                let message = format!("the catalog {} can't be written: {why}", quoted_path(&path));
                self.unfit(
                    &path,
                    named,
                    message,
                    "a destination writes in the mode `append`, `overwrite` or `append_dedup`",
                );
                None
            }
        }
    }
}

/// How each stream is written.
fn modes(catalog: &ConfiguredCatalog) -> Result<Vec<DestinationSyncMode>, String> {
    if catalog.streams.is_empty() {
        return Err("it has no stream".to_owned());
    }
    let mut seen = HashSet::new();
    if let Some(twice) =
        catalog.streams.iter().map(|entry| &entry.stream.descriptor).find(|stream| !seen.insert(*stream))
    {
        return Err(format!("it has the stream {} twice", text::visible(&twice.to_string())));
    }
    let mode = |place: usize| {
        let named = &catalog.raw["streams"][place]["destination_sync_mode"];
        let known = DestinationSyncMode::ALL.into_iter().find(|mode| named == mode.as_str());
        match (known, named.is_null()) {
            (Some(mode), _) => Ok(mode),
            (None, true) => Ok(DestinationSyncMode::Append),
            (None, false) => {
                Err(format!("streams[{place}].destination_sync_mode is {}", text::visible(&named.to_string())))
            }
        }
    };
    (0..catalog.streams.len()).map(mode).collect()
}
