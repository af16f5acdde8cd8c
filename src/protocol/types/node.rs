//! A stream's schema as a tree of types.

use super::airbyte_type::words;
use super::{AirbyteType, Form, Zone};
use foldhash::HashMap;
use serde_json::{Map, Value};

/// How deep declarations are followed. What is deeper is of unknown type.
const DEPTH: usize = 60;

/// How many fields of open type, and of moments whose zone is left open, are told apart.
const MARKS: usize = 64;

pub(super) const BOOLEAN: u8 = 1;
pub(super) const INTEGER: u8 = 2;
pub(super) const NUMBER: u8 = 4;
pub(super) const STRING: u8 = 8;
pub(super) const OBJECT: u8 = 16;
pub(super) const ARRAY: u8 = 32;

/// A stream's schema, compiled into types.
#[derive(Debug)]
pub struct TypedSchema {
    pub(super) root: Node,
    /// The top-level fields, in the schema's order.
    fields: Vec<String>,
    open: Vec<String>,
}

/// A place of the schema that describes a value.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub airbyte_type: AirbyteType,
    /// Which kinds of JSON but null are declared; none where that is open, or where only branches say.
    pub kinds: u8,
    pub is_nullable: bool,
    /// The form that a string has.
    pub form: Option<Form>,
    pub properties: HashMap<String, Node>,
    pub items: Option<Box<Node>>,
    /// Whether members that are not declared are none that the schema admits to.
    pub is_closed: bool,
    /// The place among the top-level fields, for a moment whose zone the schema leaves open.
    pub mark: Option<u32>,
}

impl TypedSchema {
    /// Compiles the schema of a stream.
    pub fn compile(schema: &Value) -> Self {
        let mut root = Node::compile(schema, 0);
        // What is undeclared at the top is another rule's.
        root.is_closed = false;
        let declared = schema.get("properties").and_then(Value::as_object);
        let fields: Vec<String> = declared.into_iter().flat_map(Map::keys).take(MARKS).cloned().collect();
        for (mark, field) in (0..).zip(&fields) {
            let node = root.properties.get_mut(field);
            if let Some(node) = node.filter(|node| node.form == Some(Form::DateTime(Zone::Either))) {
                node.mark = Some(mark);
            }
        }
        let is_open = |field: &&String| root.properties.get(*field).is_some_and(Node::is_open);
        let open = declared.into_iter().flat_map(Map::keys).filter(is_open).take(MARKS).cloned().collect();
        TypedSchema { root, fields, open }
    }

    /// The name of a top-level field by its place.
    pub fn field(&self, mark: u32) -> Option<&str> {
        self.fields.get(mark as usize).map(String::as_str)
    }

    /// The top-level fields that are declared without a type, the first 64.
    pub fn open_fields(&self) -> &[String] {
        &self.open
    }

    /// The types that are declared along a JSON pointer into the data, from the first field on.
    pub fn along(&self, pointer: &str) -> Vec<AirbyteType> {
        let (mut node, mut found) = (&self.root, Vec::new());
        for step in pointer.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            let items = node.items.as_deref().filter(|_| step.parse::<usize>().is_ok());
            let Some(next) = node.properties.get(&name).or(items) else { break };
            found.push(next.airbyte_type);
            node = next;
        }
        found
    }
}

impl Node {
    fn compile(schema: &Value, depth: usize) -> Node {
        let members = schema.as_object().filter(|members| depth < DEPTH && !members.contains_key("$ref"));
        let Some(members) = members else { return Node { is_nullable: true, ..Node::default() } };
        let airbyte_type = AirbyteType::of(schema);
        let branches = ["oneOf", "anyOf"].into_iter().find_map(|keyword| members.get(keyword)?.as_array());
        match (airbyte_type, branches) {
            (AirbyteType::Jsonb, _) => Node { airbyte_type, is_nullable: true, ..Node::default() },
            (_, Some(branches)) => Node::of_branches(airbyte_type, branches, members, depth),
            _ => Node::plain(airbyte_type, members, depth),
        }
    }

    /// Of several branches, or of one and null.
    fn of_branches(airbyte_type: AirbyteType, branches: &[Value], members: &Map<String, Value>, depth: usize) -> Node {
        let is_null = |branch: &&Value| AirbyteType::of(branch) == AirbyteType::Null;
        let takes_null = |branch: &Value| Node::compile(branch, depth + 1).is_nullable;
        match airbyte_type {
            AirbyteType::Union => {
                let mut node = Node::plain(airbyte_type, members, depth);
                node.kinds = 0;
                node.is_closed = false;
                node.is_nullable = branches.iter().any(takes_null);
                node
            }
            _ => {
                let only = branches.iter().find(|branch| !is_null(branch));
                let mut node = only.map_or_else(Node::default, |branch| Node::compile(branch, depth + 1));
                node.is_nullable |= branches.iter().any(|branch| is_null(&branch));
                node
            }
        }
    }

    fn plain(airbyte_type: AirbyteType, members: &Map<String, Value>, depth: usize) -> Node {
        let is_integer = members.get("airbyte_type").is_some_and(|word| word == "integer");
        let kinds = words(members).into_iter().fold(0, |kinds, word| {
            kinds
                | match word {
                    "boolean" => BOOLEAN,
                    "integer" => INTEGER,
                    "number" if is_integer => INTEGER,
                    "number" => NUMBER,
                    "string" => STRING,
                    "object" => OBJECT,
                    "array" => ARRAY,
                    _ => 0,
                }
        });
        let declared = members.get("properties").and_then(Value::as_object);
        let properties: HashMap<String, Node> = declared
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.clone(), Node::compile(schema, depth + 1)))
            .collect();
        let opens = ["additionalProperties", "patternProperties", "allOf", "oneOf", "anyOf", "if"];
        Node {
            airbyte_type,
            kinds,
            is_nullable: allows_null(members),
            form: Form::of(members),
            is_closed: !properties.is_empty() && !opens.iter().any(|keyword| members.contains_key(*keyword)),
            properties,
            items: members
                .get("items")
                .filter(|items| items.is_object())
                .map(|items| Box::new(Node::compile(items, depth + 1))),
            mark: None,
        }
    }

    /// Whether the type says nothing about values.
    pub fn is_open(&self) -> bool {
        self.airbyte_type == AirbyteType::Unknown
    }
}

/// Whether null is among the types, or the types are open.
fn allows_null(members: &Map<String, Value>) -> bool {
    match members.get("type") {
        Some(Value::String(word)) => word == "null",
        Some(Value::Array(words)) => words.iter().any(|word| word == "null"),
        _ => true,
    }
}
