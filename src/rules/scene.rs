//! What a rule knows about a launch besides its output.

use crate::capture::{Decoded, Inputs, Line, Summary};
use crate::feed::Sent;
use crate::launch::Subject;
use crate::protocol::scan::Scan;
use crate::protocol::schema::{CompiledSchema, Glance, Glimpse, Position, SchemaViolation};
use crate::protocol::types::{Typed, TypedSchema};
use crate::protocol::{
    Command, ConfiguredCatalog, Cursor, Descriptor, Expect, Kind, Message, Metadata, Record, Repeats, StateMessage,
    StateScope, Stream, StreamStatus, SyncMode, TraceBody, cursor_in_state,
};
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

/// How many violations of one record are told apart.
const VIOLATIONS: usize = 20;

/// The inputs of the launch under judgement.
#[derive(Debug, Default)]
pub struct Scene {
    /// The launch's id.
    pub launch: String,
    /// The command; none only in a default scene.
    pub command: Option<Command>,
    /// What the scenario is to come to.
    pub expect: Expect,
    /// The configuration that was given.
    pub config: Option<Value>,
    /// The connector's specification, where it is known.
    pub specification: Option<Value>,
    /// The configured catalog that was given.
    pub catalog: Option<ConfiguredCatalog>,
    /// The streams of that catalog, ready to validate records.
    pub streams: Vec<SceneStream>,
    /// The state that was given.
    pub state: Option<Value>,
    /// What a destination was sent.
    pub sent: Option<Arc<Sent>>,
    /// The wall clock when the launch began, in epoch milliseconds; none where the transcript does not say.
    pub started_at: Option<i64>,
    /// The image that was launched; none where it was a local process, or where nothing is known of it.
    pub image: Option<Subject>,
    /// What the connector's metadata.yaml says of it, where one lies beside the suite.
    pub metadata: Option<Metadata>,
    /// Whether an experiment asked for the launch.
    pub is_experiment: bool,
    namesakes: HashMap<String, Vec<usize>>,
}

/// A stream of the configured catalog.
#[derive(Debug)]
pub struct SceneStream {
    /// Its name and namespace.
    pub descriptor: Descriptor,
    /// Its schema, as far as it can be compiled. None where that is no schema (which SCHEMA-001 and SCHEMA-006 say).
    pub schema: Option<CompiledSchema>,
    /// Its types, None likewise.
    pub types: Option<TypedSchema>,
    glance: Glance,
}

impl Scene {
    /// The scene of a launch. Errs when the catalog among the inputs is none.
    pub fn new(launch: &str, command: Command, inputs: &Inputs, started_at: Option<i64>) -> Result<Self, String> {
        let catalog = inputs.catalog.as_ref().map(ConfiguredCatalog::from_value).transpose()?;
        let entries = || catalog.iter().flat_map(|catalog| &catalog.streams);
        let mut namesakes: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, entry) in entries().enumerate() {
            namesakes.entry(entry.stream.descriptor.name.clone()).or_default().push(place);
        }
        let streams = entries().map(|entry| SceneStream::new(&entry.stream));
        Ok(Scene {
            launch: launch.to_owned(),
            command: Some(command),
            expect: inputs.expect,
            config: inputs.config.clone(),
            specification: inputs.specification.clone(),
            streams: streams.collect(),
            catalog,
            state: inputs.state.clone(),
            sent: inputs.sent.clone(),
            started_at,
            image: None,
            metadata: inputs.metadata.clone(),
            is_experiment: false,
            namesakes,
        })
    }

    /// The same scene with what was launched.
    pub fn of(self, subject: &Subject) -> Self {
        Scene { image: subject.image.is_some().then(|| subject.clone()), ..self }
    }

    /// The image, or why rules about images can't judge.
    pub fn has_image(&self) -> Result<(), &'static str> {
        self.image.as_ref().map(drop).ok_or("no image was launched, or nothing is known of it")
    }

    /// The names of the configured streams, in the catalog's order.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        self.streams.iter().map(|stream| stream.descriptor.clone()).collect()
    }

    /// The places of the configured streams that have this name, whatever their namespace.
    pub fn namesakes(&self, name: &str) -> &[usize] {
        self.namesakes.get(name).map_or(&[], Vec::as_slice)
    }

    /// The place of a configured stream.
    pub fn place_of(&self, descriptor: &Descriptor) -> Option<usize> {
        self.namesakes(&descriptor.name).iter().copied().find(|place| self.streams[*place].descriptor == *descriptor)
    }

    /// The place of the stream that an error means: that of its name and namespace, or the only one of its name where
    /// the namespace is left out, as the Python CDK leaves it out there.
    pub fn place_meant(&self, descriptor: &Descriptor) -> Option<usize> {
        let only = || match self.namesakes(&descriptor.name) {
            [only] if descriptor.namespace.is_none() => Some(*only),
            _ => None,
        };
        self.place_of(descriptor).or_else(only)
    }

    /// The place of the stream that a descriptor would name if an empty namespace and none were the same. None where it
    /// names one as it is.
    pub fn place_but_for_emptiness(&self, descriptor: &Descriptor) -> Option<usize> {
        let namespace = match descriptor.namespace.as_deref() {
            None => Some(String::new()),
            Some("") => None,
            Some(_) => return None,
        };
        let other = Descriptor { name: descriptor.name.clone(), namespace };
        self.place_of(&other).filter(|_| self.place_of(descriptor).is_none())
    }

    /// Whether the stream at that place is read incrementally.
    pub fn is_incremental(&self, place: usize) -> bool {
        let entry = self.catalog.as_ref().and_then(|catalog| catalog.streams.get(place));
        entry.is_some_and(|entry| entry.sync_mode == SyncMode::Incremental)
    }

    /// The cursor of a stream in the state that the read was given, where it is a single value.
    pub fn given_cursor(&self, place: usize) -> Option<Cursor> {
        let entry = self.catalog.as_ref()?.streams.get(place)?;
        let states = self.state.as_ref()?.as_array()?.iter().filter_map(|state| state.get("stream"));
        let own = |state: &&Value| {
            let descriptor = state.get("stream_descriptor").cloned().unwrap_or_default();
            serde_json::from_value(descriptor).is_ok_and(|descriptor: Descriptor| descriptor == entry.stream.descriptor)
        };
        cursor_in_state({ states }.find(own)?.get("stream_state")?, &entry.cursor_field)
    }

    /// Whether the scenario's configuration is said to be good, so that the command must work.
    pub fn must_work(&self) -> bool {
        self.command == Some(Command::Spec) || self.expect == Expect::Succeeded
    }
}

impl SceneStream {
    fn new(stream: &Stream) -> Self {
        let declared = stream.json_schema();
        let schema = CompiledSchema::compile_rest(declared);
        SceneStream {
            descriptor: stream.descriptor.clone(),
            types: schema.as_ref().map(|_| TypedSchema::compile(declared)),
            schema,
            glance: Glance::compile(declared),
        }
    }
}

/// A line, as a rule looks at it: what several rules want to know is worked out once.
#[derive(Debug)]
pub struct Look<'l> {
    /// The line.
    pub line: &'l Line<'l>,
    /// The launch.
    pub scene: &'l Scene,
    /// What came so far, this line included.
    pub summary: &'l Summary,
    glimpse: OnceCell<Glimpse>,
    pub(super) scan: OnceCell<Option<Scan>>,
    data: OnceCell<Option<Value>>,
    typed: OnceCell<Option<Typed>>,
    violations: OnceCell<Vec<SchemaViolation>>,
    pub(super) described: OnceCell<Vec<Vec<Position<'l>>>>,
    pub(super) form: OnceCell<Vec<Position<'l>>>,
}

impl<'l> Look<'l> {
    /// A look at a line.
    pub fn new(line: &'l Line<'l>, scene: &'l Scene, summary: &'l Summary) -> Self {
        Look {
            line,
            scene,
            summary,
            glimpse: OnceCell::new(),
            scan: OnceCell::new(),
            data: OnceCell::new(),
            typed: OnceCell::new(),
            violations: OnceCell::new(),
            described: OnceCell::new(),
            form: OnceCell::new(),
        }
    }

    /// The line's message.
    pub fn message(&self) -> Option<&'l Message<'l>> {
        match &self.line.decoded {
            Decoded::Message(message) => Some(message),
            _ => None,
        }
    }

    /// The line's record.
    pub fn record(&self) -> Option<&'l Record<'l>> {
        match self.message()? {
            Message::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The line's state.
    pub fn state(&self) -> Option<&'l StateMessage> {
        match self.message()? {
            Message::State(state) => Some(state),
            _ => None,
        }
    }

    /// The line's stream status.
    pub fn status(&self) -> Option<&'l StreamStatus> {
        match self.message()? {
            Message::Trace(trace) => match &trace.body {
                TraceBody::StreamStatus(status) => Some(status),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where the line's state says the same as the one before it of its scope: that one's line, and whether records
    /// came in between that it should tell of.
    pub fn repeat(&self, repeats: &mut Repeats) -> Option<(u64, bool)> {
        let (state, all) = (self.state()?, self.scene.streams.len());
        let scope = match (&state.scope, self.line.stream) {
            (StateScope::Stream { .. }, place) => place?,
            _ => all,
        };
        let before = repeats.of(scope, state, self.line.number)?;
        let has_more = |place: usize| self.summary.streams[place].last_record > before;
        let between = match scope < all {
            true => has_more(scope),
            false => (0..all).any(|place| self.scene.is_incremental(place) && has_more(place)),
        };
        Some((before, between))
    }

    /// The configured stream that the record, state or status is of.
    pub fn stream(&self) -> Option<&'l SceneStream> {
        self.scene.streams.get(self.line.stream?)
    }

    /// The streams of the first CATALOG, on that message's line and nowhere else: the platform looks at no second one.
    pub fn discovered(&self) -> &'l [Stream] {
        let is_first = matches!(self.message(), Some(Message::Catalog(_))) && self.summary.count(Kind::Catalog) == 1;
        self.summary.catalog.as_ref().filter(|_| is_first).map_or(&[], |catalog| &catalog.streams)
    }

    /// The payload of the first SPEC, on that message's line and nowhere else.
    pub fn specification(&self) -> Option<&'l Value> {
        let is_first = matches!(self.message(), Some(Message::Spec(_))) && self.summary.count(Kind::Spec) == 1;
        self.summary.specification.as_ref().filter(|_| is_first)
    }

    /// Whether a message of that kind was meant to stand on the line, alone or behind another one, and can't be taken
    /// from it. The LINE rules say so; nobody else should miss the message.
    pub fn loses(&self, kind: Kind) -> bool {
        let holds = |bytes: &[u8]| memchr::memmem::find(bytes, format!("\"{}\"", kind.as_str()).as_bytes()).is_some();
        match &self.line.decoded {
            Decoded::Broken(broken) if broken.kind() == Some(kind) => true,
            Decoded::Text { lost: true }
            | Decoded::NonFinite { .. }
            | Decoded::Fragment { .. }
            | Decoded::Torn { .. }
            | Decoded::Deep
            | Decoded::Overlong => holds(self.line.bytes),
            _ => self.line.trailing.and_then(|at| self.line.bytes.get(at..)).is_some_and(holds),
        }
    }

    /// That stream, as the catalog has it.
    pub fn configured(&self) -> Option<&'l Stream> {
        Some(&self.scene.catalog.as_ref()?.streams.get(self.line.stream?)?.stream)
    }

    /// The schema of that stream, as the catalog has it.
    pub fn json_schema(&self) -> Option<&'l Value> {
        self.configured().map(Stream::json_schema)
    }

    /// What a glance at the record's data sees.
    pub fn glimpse(&self) -> Glimpse {
        *self.glimpse.get_or_init(|| match (self.record(), self.stream()) {
            (Some(record), Some(stream)) => stream.glance.glimpse(record.data.get()),
            _ => Glimpse::UNSURE,
        })
    }

    /// Whether a record surely is a non-empty object, of declared fields only, that conforms to its schema and whose
    /// values are all of their types in the protocol's own form. False says nothing: look at [`Look::data`] or
    /// [`Look::typed`].
    pub fn surely_conforms(&self) -> bool {
        self.glimpse().conforms
    }

    /// What of the record's data does not fit the types of its stream. None where all of it surely does, or where there
    /// are no types to compare with.
    pub fn typed(&self) -> Option<&Typed> {
        let walk = || Some(self.stream()?.types.as_ref()?.walk(self.record()?.data.get()));
        self.typed.get_or_init(|| if self.surely_conforms() { None } else { walk() }).as_ref()
    }

    /// How the record's data breaks the schema of its stream, the first ways.
    pub fn violations(&self) -> &[SchemaViolation] {
        self.violations.get_or_init(|| {
            let schema = self.stream().and_then(|stream| stream.schema.as_ref()).filter(|_| !self.surely_conforms());
            let Some(schema) = schema else { return Vec::new() };
            let data = self.data().filter(|data| data.is_object());
            data.map_or(Vec::new(), |data| schema.violations(data, VIOLATIONS))
        })
    }

    /// The record's data as a tree. None where it is no record, or holds a number that no tree can.
    pub fn data(&self) -> Option<&Value> {
        self.data.get_or_init(|| serde_json::from_str(self.record()?.data.get()).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Pass, Secrets, Watcher};
    use crate::launch::{Channel, Chunk};
    use std::time::Duration;

    #[derive(Default)]
    struct Losses(Vec<bool>);

    impl Watcher for Losses {
        fn watch(&mut self, line: &Line<'_>, summary: &Summary) {
            self.0.push(Look::new(line, &Scene::default(), summary).loses(Kind::Spec));
        }
    }

    #[test]
    fn a_message_that_was_meant_and_cannot_be_read_is_lost() {
        let spec = r#"{"type":"SPEC","spec":{"connectionSpecification":{}}}"#;
        let lines = [
            (spec, false),
            (r#"{"type":"SPEC"}"#, true),
            (r#"{"type":"spec","spec":{}}"#, true),
            (r#"{"type":"CATALOG"}"#, false),
            (&format!("spec: {spec}"), true),
            (&format!(r#"{{"type":"LOG","log":{{"level":"INFO","message":"x"}}}} {spec}"#), true),
            (r#"{"type":"LOG","log":{"level":"INFO","message":"\"SPEC\""}}"#, false),
            (r#"the "SPEC" follows"#, false),
            ("{", false),
            (r#"  "type": "SPEC","#, true),
        ];
        let output = lines.iter().map(|(line, _)| format!("{line}\n")).collect::<String>();
        let mut pass = Pass::new(&[], Secrets::default(), None, Losses::default());
        let chunk = Chunk { channel: Channel::Stdout, bytes: output.into(), at: Duration::ZERO };
        pass.feed(&chunk).expect("nothing is stored");
        let (losses, ..) = pass.finish(Duration::ZERO);
        assert_eq!(losses.0, lines.map(|(_, is_lost)| is_lost));
    }
}
