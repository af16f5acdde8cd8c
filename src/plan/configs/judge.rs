//! Judges drafts: one becomes a variation if the schema says of it what it is made for.

use super::{Content, DRAFTS, Kind, MOST, Variation};
use crate::protocol::schema::CompiledSchema;
use serde_json::{Map, Value};

/// A variation that nobody has judged yet: its id may be another's, too.
pub(super) struct Draft {
    pub id: String,
    pub what: String,
    pub pointer: Option<String>,
    pub kind: Kind,
    pub config: Value,
}

/// Says what conforms to the specification.
pub(super) struct Judge {
    schema: CompiledSchema,
    /// Whether all of the specification could be compiled.
    pub is_whole: bool,
}

impl Judge {
    /// None where the specification is none.
    pub(super) fn of(spec: &Value) -> Option<Self> {
        let schema = CompiledSchema::compile_rest(spec).filter(|_| spec.is_object())?;
        Some(Judge { schema, is_whole: CompiledSchema::compile(spec).is_ok() })
    }

    /// Whether a configuration conforms, as far as it counts: the platform takes `format` for a remark, and members whose
    /// names begin with `_` are its own.
    pub(super) fn conforms(&self, config: &Value) -> bool {
        const PLACES: usize = 50;
        let own = |members: &Map<String, Value>| -> Map<String, Value> {
            let members = members.iter().filter(|(name, _)| !name.starts_with('_'));
            members.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let config = config.as_object().map_or_else(|| config.clone(), |members| Value::Object(own(members)));
        self.schema.violations(&config, PLACES).iter().all(|violation| violation.keyword == "format")
    }

    /// Those that break the schema.
    pub(super) fn breaking(&self, drafts: impl IntoIterator<Item = Draft>) -> Vec<Variation> {
        self.judged(drafts, false)
    }

    /// Those that conform to it.
    pub(super) fn conforming(&self, drafts: impl IntoIterator<Item = Draft>) -> Vec<Variation> {
        self.judged(drafts, true)
    }

    fn judged(&self, drafts: impl IntoIterator<Item = Draft>, conforms: bool) -> Vec<Variation> {
        let drafts = drafts.into_iter().take(DRAFTS).filter(|draft| self.conforms(&draft.config) == conforms);
        let made = drafts.map(|Draft { id, what, pointer, kind, config }| Variation {
            id,
            what,
            pointer,
            kind,
            content: Content::Json(config),
        });
        made.take(MOST).collect()
    }
}
