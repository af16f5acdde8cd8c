//! Every place in the schemas of a discovered catalog, walked once for all rules that look through them.

use super::{Look, Violation};
use crate::protocol::schema::{Position, described};
use crate::protocol::{Descriptor, Stream};
use serde_json::Value;
use std::ops::Deref;

/// How much memory the places of one catalog may take, in bytes. Schemas are hostile: a catalog that needs more is
/// judged by its first streams.
const MEMORY: usize = 128 << 20;

/// A schema within the schema of a stream of the CATALOG.
#[derive(Debug, Clone, Copy)]
pub struct Described<'p, 'l> {
    /// The stream's place in the catalog.
    at: usize,
    /// The stream.
    pub stream: &'l Stream,
    position: &'p Position<'l>,
}

impl<'l> Deref for Described<'_, 'l> {
    type Target = Position<'l>;

    fn deref(&self) -> &Self::Target {
        self.position
    }
}

impl Described<'_, '_> {
    /// The stream's name.
    pub fn descriptor(&self) -> &Descriptor {
        &self.stream.descriptor
    }

    /// The schema of the stream, as a whole.
    pub fn root(&self) -> &Value {
        self.stream.json_schema()
    }

    /// The field and its stream, for people: `` `address.city` of `orders` ``.
    pub fn owner(&self) -> String {
        format!("{} of `{}`", self.describe(), self.stream.descriptor)
    }

    /// JSON pointer, from the message, to a keyword here, or to the schema as a whole where that is empty.
    pub fn pointer_in_message(&self, keyword: &str) -> String {
        let within = if keyword.is_empty() { self.pointer.clone() } else { self.pointer_to(keyword) };
        format!("/catalog/streams/{}/json_schema{within}", self.at)
    }

    /// A violation here, at a keyword or the whole schema. Shows the schema.
    pub fn violation(&self, look: &Look<'_>, keyword: &str, title: impl Into<String>, message: String) -> Violation {
        Violation::new(title, message).part(look.line, self.pointer_in_message(keyword), self.schema)
    }
}

impl<'l> Look<'l> {
    /// Every place in the schemas of the first CATALOG that says something about records, stream by stream, on that
    /// message's line and nowhere else.
    pub fn described(&self) -> impl Iterator<Item = Described<'_, 'l>> {
        let streams = self.described.get_or_init(|| {
            let (mut used, mut found) = (0, Vec::new());
            for stream in self.discovered() {
                if used > MEMORY {
                    break;
                }
                let places = described(stream.json_schema());
                let size = |place: &Position<'_>| size_of_val(place) + place.pointer.len() + place.field.len();
                used += places.iter().map(size).sum::<usize>();
                found.push(places);
            }
            found
        });
        let places = self.discovered().iter().enumerate().zip(streams);
        places.flat_map(|((at, stream), places)| places.iter().map(move |position| Described { at, stream, position }))
    }
}
