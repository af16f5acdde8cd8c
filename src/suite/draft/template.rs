//! A config made out of a specification: each required property with a value that the schema takes, the optional ones for
//! choice. The specification is the connector's and is not trusted: how deep and how much of it is followed is bounded.

use super::placeholder;
use super::variables::Variables;
use crate::protocol::schema::types;
use serde_json::{Map, Value};

/// How deep configs nest, how many properties are drafted, how many schemas are looked at.
const DEPTH: usize = 10;
const MEMBERS: usize = 500;
const SCHEMAS: usize = 5_000;
/// A longer name is left out: no key of YAML may be much longer.
const LONGEST_NAME: usize = 200;
/// Items of a list that needs some.
const ITEMS: usize = 20;

/// A value of the config.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Drafted {
    /// As it is.
    Value(Value),
    /// Taken from the environment.
    Secret {
        /// The variable's name.
        variable: String,
        /// Whether it is text, and no number.
        is_text: bool,
        /// A value that opens nothing.
        wrong: Value,
    },
    /// An object.
    Mapping(Vec<Member>),
    /// An array.
    List(Vec<Drafted>),
}

/// A property of the config.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    /// Any text.
    pub name: String,
    /// What the specification says of it: title and description, any text; empty where it says nothing.
    pub about: String,
    /// Whether it stands in the config: it has to, or it has a default where nothing has to.
    pub is_written: bool,
    /// Whether the specification has a default for it.
    pub has_default: bool,
    /// Whether nothing of the specification says that the value means anything.
    pub is_placeholder: bool,
    /// What stands there.
    pub value: Drafted,
}

/// The config of a `connectionSpecification`.
pub(super) fn of(specification: &Value, variables: &mut Variables) -> Vec<Member> {
    let mut builder = Builder { root: specification, variables, members: MEMBERS, schemas: SCHEMAS };
    let applying = builder.applying(specification);
    let mut members = builder.mapping(&applying, &mut Vec::new(), false);
    if !members.iter().any(|member| member.is_written) {
        // Forms fill in defaults, and many a connector has only ever seen configs that have them.
        for member in members.iter_mut().filter(|member| matches!(member.value, Drafted::Value(_))) {
            member.is_written = member.has_default;
        }
    }
    members
}

struct Builder<'s, 'v> {
    root: &'s Value,
    variables: &'v mut Variables,
    /// How many more there may be.
    members: usize,
    schemas: usize,
}

/// The schemas that say something about one place.
type Applying<'s> = Vec<&'s Value>;

impl<'s> Builder<'s, '_> {
    /// A schema with its references followed, all of `allOf`, and the first branch of `oneOf` and `anyOf`.
    fn applying(&mut self, schema: &'s Value) -> Applying<'s> {
        let (mut found, mut next): (Applying<'s>, _) = (vec![schema], 0);
        while next < found.len() && self.schemas > 0 {
            self.schemas -= 1;
            let schema = found[next];
            next += 1;
            let target = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
            let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let first = |keyword: &str| list(keyword).iter().find(|branch| branch.get("type") != Some(&"null".into()));
            let more = target.and_then(|pointer| self.root.pointer(pointer)).into_iter();
            let more = more.chain(list("allOf")).chain(first("oneOf")).chain(first("anyOf"));
            let more: Vec<&Value> =
                more.filter(|more| !found.iter().any(|known| std::ptr::eq(*known, *more))).collect();
            found.extend(more);
        }
        found
    }

    fn mapping(&mut self, applying: &[&'s Value], path: &mut Vec<String>, is_secret: bool) -> Vec<Member> {
        let mut properties: Vec<(&'s String, &'s Value)> = Vec::new();
        let own = applying.iter().filter_map(|schema| schema.get("properties")?.as_object());
        for (name, schema) in own.flatten().filter(|(name, _)| name.chars().count() <= LONGEST_NAME) {
            // What tells branches apart is written twice: around them, and with its value inside.
            match properties.iter_mut().find(|(known, _)| *known == name) {
                Some(known) if fixed(schema).is_some() => known.1 = schema,
                Some(_) => {}
                None => properties.push((name, schema)),
            }
        }
        properties.sort_by_key(|(_, schema)| schema.get("order").and_then(Value::as_i64).unwrap_or(i64::MAX));
        let required = |name: &str| {
            let lists = applying.iter().filter_map(|schema| schema.get("required")?.as_array());
            lists.flatten().any(|required| required == name)
        };
        let mut members = Vec::new();
        for (name, schema) in properties {
            if self.members == 0 || path.len() >= DEPTH {
                break;
            }
            self.members -= 1;
            let applying = self.applying(schema);
            let is_written = required(name) || (!path.is_empty() && fixed(schema).is_some());
            path.push(name.clone());
            let (value, is_placeholder) = self.value(&applying, path, is_secret);
            path.pop();
            let about = about(&applying);
            let has_default = !is_placeholder && applying.iter().any(|schema| schema.get("default").is_some());
            members.push(Member { name: name.clone(), about, is_written, has_default, is_placeholder, value });
        }
        members
    }

    /// A value, and whether it is a mere placeholder.
    fn value(&mut self, applying: &[&'s Value], path: &mut Vec<String>, is_secret: bool) -> (Drafted, bool) {
        let is_secret = is_secret || applying.iter().any(|schema| schema.get("airbyte_secret") == Some(&true.into()));
        if let Some(value) = applying.iter().find_map(|schema| fixed(schema)) {
            return (Drafted::Value(value.clone()), false);
        }
        let types: Vec<&str> = applying.iter().filter_map(|schema| types(schema)).flatten().collect();
        let has = |keyword: &str| applying.iter().any(|schema| schema.get(keyword).is_some());
        if types.contains(&"object") || (types.is_empty() && has("properties")) {
            return (Drafted::Mapping(self.mapping(applying, path, is_secret)), false);
        }
        if types.contains(&"array") && !types.contains(&"string") {
            return self.list(applying, path, is_secret);
        }
        if is_secret && !has("enum") {
            let is_text = !types.iter().any(|kind| ["integer", "number"].contains(kind)) || types.contains(&"string");
            let wrong = placeholder::wrong(applying, is_text);
            return (Drafted::Secret { variable: self.variables.name(path), is_text, wrong }, false);
        }
        let (value, means_something) = placeholder::of(applying, &types);
        (Drafted::Value(value), !means_something)
    }

    fn list(&mut self, applying: &[&'s Value], path: &mut Vec<String>, is_secret: bool) -> (Drafted, bool) {
        let keyword = |keyword: &str| applying.iter().find_map(|schema| schema.get(keyword));
        if let Some(known) = placeholder::known(applying).filter(|known| known.is_array()) {
            return (Drafted::Value(known.clone()), false);
        }
        let least = keyword("minItems").and_then(Value::as_u64).map_or(0, |least| least.min(ITEMS as u64));
        let Some(schema) = keyword("items").filter(|items| items.is_object() && path.len() < DEPTH) else {
            return (Drafted::List((0..least).map(|_| Drafted::Value("example".into())).collect()), least > 0);
        };
        let applying = self.applying(schema);
        let items: Vec<(Drafted, bool)> = (0..least).map(|_| self.value(&applying, path, is_secret)).collect();
        let is_placeholder = items.iter().any(|(_, is_placeholder)| *is_placeholder);
        (Drafted::List(items.into_iter().map(|(item, _)| item).collect()), is_placeholder)
    }
}

/// The only value that a schema takes.
fn fixed(schema: &Value) -> Option<&Value> {
    let only = schema.get("enum").and_then(Value::as_array).filter(|values| values.len() == 1);
    schema.get("const").or(only.and_then(|values| values.first()))
}

/// Title and description in one.
fn about(applying: &[&Value]) -> String {
    let text = |keyword: &str| applying.iter().find_map(|schema| schema.get(keyword)?.as_str());
    match (text("title"), text("description")) {
        (Some(title), Some(description)) => format!("{title}: {description}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => String::new(),
    }
}

/// The config with only what is required, and with `text` for each secret. A secret that is a number is one where the
/// text is.
pub(super) fn config(members: &[Member], text: &str) -> Value {
    let required = members.iter().filter(|member| member.is_written);
    Value::Object(required.map(|member| (member.name.clone(), filled(&member.value, text))).collect::<Map<_, _>>())
}

fn filled(value: &Drafted, text: &str) -> Value {
    match value {
        Drafted::Value(value) => value.clone(),
        Drafted::Secret { is_text: false, wrong, .. } => wrong.clone(),
        Drafted::Secret { .. } => text.into(),
        Drafted::Mapping(members) => config(members, text),
        Drafted::List(items) => items.iter().map(|item| filled(item, text)).collect(),
    }
}

/// The variables that have to be set for what is required, in the order of the config.
pub(super) fn variables(members: &[Member]) -> Vec<String> {
    let mut found = Vec::new();
    members.iter().filter(|member| member.is_written).for_each(|member| collect(&member.value, &mut found));
    found
}

/// The fields for which the specification says no value, among those that are required: as `database.host`.
pub(super) fn placeholders(members: &[Member]) -> Vec<String> {
    let mut found = Vec::new();
    for member in members.iter().filter(|member| member.is_written) {
        match &member.value {
            Drafted::Mapping(inner) => {
                found.extend(placeholders(inner).into_iter().map(|name| format!("{}.{name}", member.name)));
            }
            _ if member.is_placeholder => found.push(member.name.clone()),
            _ => {}
        }
    }
    found
}

fn collect(value: &Drafted, found: &mut Vec<String>) {
    match value {
        Drafted::Value(_) => {}
        Drafted::Secret { variable, .. } => found.push(variable.clone()),
        Drafted::Mapping(members) => found.extend(variables(members)),
        Drafted::List(items) => items.iter().for_each(|item| collect(item, found)),
    }
}
