//! Records that the suite's author expects, marked off while a read goes on. What came is not held: of each expected
//! record, whether it came, and of the others, how many.

use super::super::difference::unordered;
use crate::protocol::schema::canonical;
use crate::protocol::{ConfiguredCatalog, ConfiguredStream, Descriptor, pick};
use crate::suite::{Compare, ExpectedRecords, FieldPath};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// How many records that nobody expected are remembered of a stream; the others are counted.
const REMEMBERED: usize = 3;
/// How many fields that differ are told of a record.
const FIELDS: usize = 8;

/// What is expected of a read.
#[derive(Debug, Default)]
pub struct Awaited {
    /// By place in the catalog: the streams of which records are expected.
    pub streams: BTreeMap<usize, AwaitedStream>,
    /// Streams of which records are expected, and that the read's catalog does not have, or has twice by name.
    pub unread: Vec<Descriptor>,
}

/// What is expected of one stream.
#[derive(Debug)]
pub struct AwaitedStream {
    /// The places of the expected records among all of them, in file order.
    pub records: Vec<usize>,
    /// By the same order, the line of the record that it came with.
    pub came: Vec<Option<u64>>,
    /// By place in that order, a record that came with the same key: its line, and the fields that differ.
    pub near: BTreeMap<usize, (u64, Vec<String>)>,
    /// How many records came.
    pub count: u64,
    /// How many of them nobody expected, and the lines of the first.
    pub others: (u64, Vec<u64>),
    /// What of a record is compared.
    pub by: By,
    is_in_order: bool,
    cuts: bool,
    primary_key: Vec<Vec<String>>,
    ignore: Vec<FieldPath>,
    /// What each expected record must have, where all is compared.
    wanted: Vec<Map<String, Value>>,
    /// The places of expected records, by what is compared; one for each set of members, where records are cut to it.
    found: Vec<(Option<Map<String, Value>>, Places)>,
    keys: Places,
}

/// The places of expected records, by a hash of what is compared.
type Places = HashMap<u64, Vec<usize>>;

/// What of a record is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Its primary key.
    Key,
    /// That it is one: it has no key.
    Count,
    /// All of it.
    Content,
}

impl Awaited {
    /// What is expected of a read with that catalog.
    pub fn of(expected: &ExpectedRecords, catalog: &ConfiguredCatalog) -> Awaited {
        let mut awaited = Awaited::default();
        for (at, record) in expected.records.iter().enumerate() {
            let Some(place) = place_of(catalog, &record.stream) else {
                if !awaited.unread.contains(&record.stream) {
                    awaited.unread.push(record.stream.clone());
                }
                continue;
            };
            let entry = &catalog.streams[place];
            let stream = awaited.streams.entry(place).or_insert_with(|| AwaitedStream::of(expected, entry));
            stream.expect(at, &record.data);
        }
        awaited
    }

    /// Marks off a record.
    pub fn absorb(&mut self, place: usize, data: &str, line: u64) {
        if let Some(stream) = self.streams.get_mut(&place) {
            stream.absorb(data, line);
        }
    }
}

/// The stream's place in a catalog. Without a namespace it may be in any, if only one has the name.
fn place_of(catalog: &ConfiguredCatalog, stream: &Descriptor) -> Option<usize> {
    let all = || catalog.streams.iter().map(|entry| &entry.stream.descriptor).enumerate();
    let exact = all().find(|(_, own)| *own == stream);
    let mut named = all().filter(|(_, own)| stream.namespace.is_none() && own.name == stream.name);
    let only = named.next().filter(|_| named.next().is_none());
    exact.or(only).map(|(place, _)| place)
}

impl AwaitedStream {
    fn of(expected: &ExpectedRecords, entry: &ConfiguredStream) -> AwaitedStream {
        let own = entry.stream.primary_key();
        let primary_key = if own.is_empty() { entry.primary_key.clone() } else { own };
        let by = match expected.compare {
            Compare::Content => By::Content,
            Compare::Keys if primary_key.is_empty() => By::Count,
            Compare::Keys => By::Key,
        };
        AwaitedStream {
            records: Vec::new(),
            came: Vec::new(),
            near: BTreeMap::new(),
            count: 0,
            others: (0, Vec::new()),
            by,
            is_in_order: expected.is_in_order && by != By::Count,
            cuts: expected.extra_fields,
            primary_key,
            ignore: expected.ignored_of(&entry.stream.descriptor).to_vec(),
            wanted: Vec::new(),
            found: Vec::new(),
            keys: HashMap::new(),
        }
    }

    /// The places of the expected records that did not come, in file order.
    pub fn missing(&self) -> Vec<usize> {
        if self.by == By::Count {
            let came = usize::try_from(self.count).unwrap_or(usize::MAX);
            return self.records.get(came..).unwrap_or_default().to_vec();
        }
        let all = self.records.iter().zip(&self.came);
        all.filter(|(_, came)| came.is_none()).map(|(record, _)| *record).collect()
    }

    fn expect(&mut self, at: usize, data: &Map<String, Value>) {
        let place = self.records.len();
        self.records.push(at);
        self.came.push(None);
        if let Some(key) = self.key_of_tree(data) {
            self.keys.entry(key).or_default().push(place);
        }
        if self.by != By::Content {
            return;
        }
        let data = self.without_ignored(data.clone());
        let shape = self.cuts.then(|| shape_of(&data));
        let hash = self.hash(&data);
        let known = self.found.iter().position(|(known, _)| *known == shape);
        let known = known.unwrap_or_else(|| {
            self.found.push((shape, HashMap::new()));
            self.found.len() - 1
        });
        self.found[known].1.entry(hash).or_default().push(place);
        self.wanted.push(data);
    }

    fn absorb(&mut self, data: &str, line: u64) {
        let turn = usize::try_from(self.count).unwrap_or(usize::MAX);
        self.count += 1;
        let is_expected = match self.by {
            By::Count => turn < self.records.len(),
            By::Key => {
                let places = self.key_of_text(data).and_then(|key| self.keys.get(&key)).cloned().unwrap_or_default();
                self.mark(&places, turn, line)
            }
            By::Content => self.absorb_content(data, turn, line),
        };
        if !is_expected {
            self.others.0 += 1;
            if self.others.1.len() < REMEMBERED {
                self.others.1.push(line);
            }
        }
    }

    /// Says that these expected records are the one that came. Says whether it is one of them.
    fn mark(&mut self, places: &[usize], turn: usize, line: u64) -> bool {
        for place in places.iter().filter(|place| !self.is_in_order || **place == turn) {
            self.came[*place].get_or_insert(line);
            self.near.remove(place);
        }
        !places.is_empty()
    }

    fn absorb_content(&mut self, data: &str, turn: usize, line: u64) -> bool {
        let Ok(data) = serde_json::from_str::<Map<String, Value>>(data) else { return false };
        let key = self.key_of_tree(&data);
        let data = self.without_ignored(data);
        let mut places = Vec::new();
        for (shape, found) in &self.found {
            let hash = match shape {
                Some(shape) => self.hash(&cut(&data, shape)),
                None => self.hash(&data),
            };
            places.extend(found.get(&hash).into_iter().flatten());
        }
        let is_expected = self.mark(&places, turn, line);
        let alike = key.and_then(|key| self.keys.get(&key)).cloned().unwrap_or_default();
        for place in alike {
            if self.came[place].is_none() && !self.near.contains_key(&place) {
                let fields = self.differing(place, &data);
                self.near.insert(place, (line, fields));
            }
        }
        is_expected
    }

    /// The members that a record has otherwise than the expected one.
    fn differing(&self, place: usize, data: &Map<String, Value>) -> Vec<String> {
        let wanted = &self.wanted[place];
        let differs = |name: &&String| {
            let (one, other) = (wanted.get(*name), data.get(*name));
            one.map(unordered) != other.map(unordered)
        };
        let surplus = data.keys().filter(|name| !self.cuts && !wanted.contains_key(*name));
        wanted.keys().chain(surplus).filter(differs).take(FIELDS).cloned().collect()
    }

    fn without_ignored(&self, mut data: Map<String, Value>) -> Map<String, Value> {
        self.ignore.iter().for_each(|path| path.remove_from(&mut data));
        data
    }

    fn hash(&self, data: &Map<String, Value>) -> u64 {
        let value = Value::Object(data.clone());
        let text = if self.is_in_order { canonical(&value) } else { unordered(&value) };
        xxh3_64(text.as_bytes())
    }

    fn key_of_tree(&self, data: &Map<String, Value>) -> Option<u64> {
        let part = |path: &Vec<String>| {
            let (first, rest) = path.split_first()?;
            rest.iter().try_fold(data.get(first)?, |value, name| value.get(name))
        };
        self.key_of(|path| part(path).map_or_else(|| "null".to_owned(), canonical))
    }

    fn key_of_text(&self, data: &str) -> Option<u64> {
        self.key_of(|path| {
            let part = pick(data, path).and_then(|part| serde_json::from_str::<Value>(part).ok());
            part.as_ref().map_or_else(|| "null".to_owned(), canonical)
        })
    }

    /// A hash of the primary key; none where the stream has none.
    fn key_of(&self, part: impl Fn(&Vec<String>) -> String) -> Option<u64> {
        let hash = |hash, path: &Vec<String>| xxh3_64_with_seed(part(path).as_bytes(), hash);
        (!self.primary_key.is_empty()).then(|| self.primary_key.iter().fold(1, hash))
    }
}

/// The members of a record, and of the objects in it, without their values.
fn shape_of(data: &Map<String, Value>) -> Map<String, Value> {
    let member = |value: &Value| value.as_object().map_or(Value::Null, |members| Value::Object(shape_of(members)));
    data.iter().map(|(name, value)| (name.clone(), member(value))).collect()
}

/// The record with only the members that the shape has.
fn cut(data: &Map<String, Value>, shape: &Map<String, Value>) -> Map<String, Value> {
    let member = |value: &Value, shape: &Value| match (value, shape) {
        (Value::Object(members), Value::Object(shape)) => Value::Object(cut(members, shape)),
        _ => value.clone(),
    };
    shape.iter().filter_map(|(name, shape)| Some((name.clone(), member(data.get(name)?, shape)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::ExpectedRecord;
    use serde_json::json;

    /// What becomes of these expected records where those come: the places of the missing ones, and how many others came.
    fn marked(
        expected: ExpectedRecords,
        key: Value,
        wanted: &[Value],
        come: &[Value],
    ) -> (Vec<usize>, u64, Vec<String>) {
        let stream = json!({"name": "a", "source_defined_primary_key": key});
        let catalog = ConfiguredCatalog::from_value(&json!({"streams": [{ "stream": stream }]})).expect("a catalog");
        let record = |data: &Value| ExpectedRecord {
            stream: Descriptor::named("a"),
            data: data.as_object().expect("an object").clone(),
            line: 1,
        };
        let expected = ExpectedRecords { records: wanted.iter().map(record).collect(), ..expected };
        let mut awaited = Awaited::of(&expected, &catalog);
        for (line, data) in come.iter().enumerate() {
            awaited.absorb(0, &data.to_string(), line as u64);
        }
        let stream = &awaited.streams[&0];
        (stream.missing(), stream.others.0, stream.near.values().flat_map(|(_, fields)| fields.clone()).collect())
    }

    fn by_keys() -> ExpectedRecords {
        ExpectedRecords { extra_records: true, ..ExpectedRecords::default() }
    }

    fn by_content() -> ExpectedRecords {
        ExpectedRecords { compare: Compare::Content, ..by_keys() }
    }

    #[test]
    fn keys_alone_are_compared_by_value() {
        let wanted = [json!({"id": 1, "x": "old"}), json!({"id": 2.0}), json!({"id": true})];
        let come = [json!({"id": 2}), json!({"id": 1, "x": "new"}), json!({"id": 3})];
        assert_eq!(marked(by_keys(), json!([["id"]]), &wanted, &come), (vec![2], 1, vec![]));
        let in_order = ExpectedRecords { is_in_order: true, ..by_keys() };
        assert_eq!(marked(in_order.clone(), json!([["id"]]), &wanted[..2], &come).0, [0, 1]);
        assert_eq!(marked(in_order, json!([["id"]]), &[json!({"id": 2}), json!({"id": 1})], &come).0, [0; 0]);
    }

    #[test]
    fn without_a_key_records_are_counted() {
        let (two, three) = ([json!({}), json!({})], [json!({"a": 1}), json!({"a": 2}), json!({"a": 3})]);
        assert_eq!(marked(by_keys(), json!([]), &two, &three), (vec![], 1, vec![]));
        assert_eq!(marked(by_keys(), json!([]), &three, &two), (vec![2], 0, vec![]));
    }

    #[test]
    fn content_is_compared_whatever_the_order_of_lists() {
        let key = json!([["id"]]);
        let wanted = [json!({"id": 1, "tags": ["a", "b"], "n": 1}), json!({"id": 2, "n": 5})];
        let come = [json!({"tags": ["b", "a"], "n": 1.0, "id": 1}), json!({"id": 2, "n": 6, "more": 0})];
        let both = ["n", "more"].map(str::to_owned).to_vec();
        assert_eq!(marked(by_content(), key.clone(), &wanted, &come), (vec![1], 1, both));
        let ignore = [("a".to_owned(), vec![FieldPath::parse("n").expect("a path")])].into_iter().collect();
        let ignoring = ExpectedRecords { ignore, extra_fields: true, ..by_content() };
        assert_eq!(marked(ignoring, key.clone(), &wanted, &come), (vec![], 0, vec![]));
        let in_order = ExpectedRecords { is_in_order: true, ..by_content() };
        assert_eq!(marked(in_order, key, &wanted[..1], &come).0, [0]);
    }

    #[test]
    fn a_stream_is_found_by_name_where_it_is_the_only_one() {
        let stream = |space: &str| json!({"stream": {"name": "a", "namespace": space}});
        let of = |streams: &[Value]| ConfiguredCatalog::from_value(&json!({ "streams": streams })).expect("a catalog");
        let named = Descriptor::named("a");
        assert_eq!(place_of(&of(&[stream("x")]), &named), Some(0));
        assert_eq!(place_of(&of(&[stream("x"), stream("y")]), &named), None);
        let exact = Descriptor { namespace: Some("y".to_owned()), ..named };
        assert_eq!(place_of(&of(&[stream("x"), stream("y")]), &exact), Some(1));
    }
}
