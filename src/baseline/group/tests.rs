//! What is one question and what is several, and what an answer does.

use crate::baseline::{Answer, Observed, Question, Run, Snapshot, Store, Subject};
use crate::protocol::Descriptor;
use serde_json::{Value, json};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    (folder, store)
}

/// A stream with these types of fields, and two records with these values.
fn stream(name: &str, fields: &Value, records: [Value; 2]) -> Vec<Snapshot> {
    let stream = || Descriptor::named(name);
    let of = |key: &str| -> Value {
        let fields = fields.as_object().expect("fields").iter();
        fields.map(|(name, types)| (name.clone(), json!({key: types}))).collect()
    };
    let [one, two] = records;
    vec![
        Snapshot { subject: Subject::Catalog(stream()), content: json!({"json_schema": {"properties": of("type")}}) },
        Snapshot { subject: Subject::Shape(stream()), content: json!({"fields": of("types"), "count": "10-99"}) },
        Snapshot { subject: Subject::Records(stream()), content: json!({"records": {"1": one, "2": two}}) },
    ]
}

fn see(store: &Store, snapshots: Vec<Snapshot>) -> Vec<Question> {
    let observed = [Observed { scenario: "sandbox".into(), complete: true, increments: true, snapshots }];
    let run = Run { connector: "shop", scenarios: &["sandbox".into()], observed: &observed, proposals: &[] };
    store.settle(&run, false).expect("settled");
    store.read(Some("shop")).questions(&[])
}

fn accept(store: &Store, snapshots: Vec<Snapshot>) {
    for question in see(store, snapshots) {
        store.answer(&question, Answer::Accept).expect("accepted");
    }
}

fn titles(questions: &[Question]) -> Vec<&str> {
    questions.iter().map(|question| question.title.as_str()).collect()
}

fn id() -> Value {
    json!({"id": ["integer"]})
}

#[test]
fn a_nullable_field_in_fourteen_streams_is_one_question() {
    let (_folder, store) = store();
    let names: Vec<String> = (1..=14).map(|number| format!("stream_{number}")).collect();
    let before = || names.iter().flat_map(|name| stream(name, &id(), [json!({"id": 1}), json!({"id": 2})]));
    let first = see(&store, before().collect());
    assert_eq!(titles(&first), ["first snapshot of 14 streams in scenario `sandbox`: 42 files"]);
    accept(&store, before().collect());
    let fields = json!({"id": ["integer"], "x": ["null", "string"]});
    let after = || {
        let records = || [json!({"id": 1, "x": null}), json!({"id": 2, "x": "new"})];
        names.iter().flat_map(move |name| stream(name, &json!({"id": ["integer"], "x": ["null", "string"]}), records()))
    };
    assert_eq!(fields["x"], json!(["null", "string"]));
    let questions = see(&store, after().collect());
    assert_eq!(titles(&questions), ["new field `x` (null, string) in 14 streams"]);
    assert_eq!((questions[0].spots.len(), questions[0].places()), (42, 56));
    assert_eq!(see(&store, after().collect()), questions, "the id stays");
    store.answer(&questions[0], Answer::Accept).expect("accepted");
    assert!(store.read(None).entries.values().all(|entry| entry.pending.is_none()));
    assert!(see(&store, after().collect()).is_empty());
}

#[test]
fn one_of_several_changes_is_accepted_and_the_others_stay_pending() {
    let (_folder, store) = store();
    let fields = json!({"id": ["integer"], "gone": ["string"], "size": ["integer"]});
    accept(&store, stream("orders", &fields, [json!({"id": 1, "gone": "a", "size": 1}), json!({"id": 2})]));
    let fields = json!({"id": ["integer"], "size": ["string"], "new": ["boolean"]});
    let after = || stream("orders", &fields, [json!({"id": 1, "size": "1", "new": true}), json!({"id": 3})]);
    let questions = see(&store, after());
    let expected = [
        "new field `new` (boolean) in `orders`",
        "field `gone` (string) is gone in `orders`",
        "field `size`: integer → string in `orders`",
        "other values of `id` in `orders`",
    ];
    assert_eq!(titles(&questions), expected);
    store.answer(&questions[2], Answer::Accept).expect("accepted");
    let left = store.read(None).questions(&[]);
    assert_eq!(titles(&left), [expected[0], expected[1], expected[3]]);
    let twice = store.answer(&questions[2], Answer::Accept).expect_err("it was accepted");
    assert_eq!(twice.kind, crate::baseline::TroubleKind::Meanwhile);
    for question in &left {
        store.answer(question, Answer::Reject).expect("rejected");
    }
    assert!(store.read(None).questions(&[]).is_empty());
    assert_eq!(titles(&see(&store, after())), titles(&left), "the next run tells what was rejected");
}

#[test]
fn what_comes_in_a_new_field_belongs_to_it() {
    let (_folder, store) = store();
    let shape = |fields: Value| {
        let subject = Subject::Shape(Descriptor::named("orders"));
        vec![Snapshot { subject, content: json!({"fields": fields}) }]
    };
    accept(&store, shape(json!({"id": {"types": ["integer"]}})));
    let nested = json!({
        "id": {"types": ["integer"]},
        "address": {"types": ["object"]},
        "address.city": {"types": ["string"]},
        "address.street": {"types": ["string"]},
    });
    assert_eq!(titles(&see(&store, shape(nested))), ["new field `address` (object) in `orders`"]);
}

#[test]
fn records_that_come_and_go_are_one_question() {
    let (_folder, store) = store();
    let sample = |keys: &[&str]| {
        let records: Value = keys.iter().map(|key| ((*key).to_owned(), json!({"id": key}))).collect();
        let subject = Subject::Records(Descriptor::named("orders"));
        vec![Snapshot { subject, content: json!({"records": records}) }]
    };
    accept(&store, sample(&["1", "2", "3"]));
    let questions = see(&store, sample(&["1", "4"]));
    assert_eq!(titles(&questions), ["other records in the sample, 1 new and 2 gone, in `orders`"]);
}

#[test]
fn different_types_or_values_are_different_questions() {
    let (_folder, store) = store();
    let two = |first: Value, second: Value| {
        let records = || [json!({"id": 1}), json!({"id": 2})];
        [stream("a", &first, records()), stream("b", &second, records())].concat()
    };
    accept(&store, two(id(), id()));
    let with = |types: &str| json!({"id": ["integer"], "x": [types]});
    let questions = see(&store, two(with("string"), with("integer")));
    assert_eq!(titles(&questions), ["new field `x` (integer) in `b`", "new field `x` (string) in `a`"]);
    assert_ne!(questions[0].id, questions[1].id);
}

#[test]
fn what_is_no_field_is_told_by_its_place() {
    let (_folder, store) = store();
    let modes = |modes: Value| {
        let subject = Subject::Catalog(Descriptor::named("orders"));
        let exits =
            Snapshot { subject: Subject::Exits, content: json!({"check": {"code": modes.as_array().map(Vec::len)}}) };
        vec![Snapshot { subject, content: json!({"supported_sync_modes": modes}) }, exits]
    };
    accept(&store, modes(json!(["full_refresh"])));
    let questions = see(&store, modes(json!(["full_refresh", "incremental"])));
    let expected = [
        "catalog: `/supported_sync_modes` is another in `orders`",
        "exits: `/check/code` is another in scenario `sandbox`",
    ];
    assert_eq!(titles(&questions), expected);
}

#[test]
fn names_that_a_connector_chose_cannot_act_on_a_terminal() {
    let (_folder, store) = store();
    accept(&store, stream("a\u{1b}[2J", &id(), [json!({}), json!({})]));
    let fields = json!({"id": ["integer"], "x\u{1b}]0;\u{202e}": ["string"]});
    let questions = see(&store, stream("a\u{1b}[2J", &fields, [json!({}), json!({})]));
    assert!(titles(&questions).iter().all(|title| !title.contains(['\u{1b}', '\u{202e}'])), "{questions:?}");
}

fn names_and_places(questions: &[Question]) -> Vec<(&str, usize)> {
    questions.iter().map(|question| (question.title.as_str(), question.spots.len())).collect()
}

#[test]
fn a_state_of_another_form_is_one_question_whichever_reads_show_it() {
    let (_folder, store) = store();
    let of = |subject: fn(Descriptor) -> Subject, fields: Value| Snapshot {
        subject: subject(Descriptor::named("orders")),
        content: json!({"types": ["object"], "fields": fields}),
    };
    let text = || json!({"types": ["string"]});
    let former = || json!({"updated_at": text()});
    let now = || json!({"cursor": {"types": ["object"]}, "cursor/value": text(), "cursor/field": text()});
    // A baseline that was made before incremental reads were looked at has none of their states.
    accept(&store, vec![of(Subject::State, former())]);
    let both = |fields: &dyn Fn() -> Value| vec![of(Subject::State, fields()), of(Subject::IncrementalState, fields())];
    let questions = see(&store, both(&former));
    assert_eq!(titles(&questions), ["first snapshot of 1 stream in scenario `sandbox`: 1 file"]);
    accept(&store, both(&former));
    let questions = see(&store, both(&now));
    let told =
        "the state has another form in `orders` (gone: `updated_at`; new: `cursor`, `cursor/field`, `cursor/value`)";
    assert_eq!(names_and_places(&questions), [(told, 2)]);
    accept(&store, both(&now));
    assert_eq!(see(&store, both(&now)), []);
}

#[test]
fn a_stream_that_comes_or_goes_takes_its_messages_along() {
    let (_folder, store) = store();
    let with = |names: &[&str]| {
        let streams: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!("STARTED RECORD+ COMPLETE"))).collect();
        let mut snapshots: Vec<Snapshot> =
            names.iter().flat_map(|name| stream(name, &id(), [json!({"id": 1}), json!({"id": 2})])).collect();
        snapshots
            .push(Snapshot { subject: Subject::Messages, content: json!({"kinds": ["RECORD"], "streams": streams}) });
        snapshots
    };
    accept(&store, with(&["orders"]));
    let questions = see(&store, with(&["orders", "users"]));
    assert_eq!(names_and_places(&questions), [("first snapshot of 1 stream in scenario `sandbox`: 3 files", 4)]);
    accept(&store, with(&["orders", "users"]));
    assert_eq!(see(&store, with(&["orders", "users"])), []);
    let questions = see(&store, with(&["users"]));
    assert_eq!(names_and_places(&questions), [("stream `orders` is no longer there: remove 3 baselines", 4)]);
    store.answer(&questions[0], Answer::Reject).expect("rejected");
    assert_eq!(see(&store, with(&["users"])).len(), 1, "it is told again");
    accept(&store, with(&["users"]));
    assert_eq!(see(&store, with(&["users"])), []);
}

#[test]
fn what_follows_from_another_key_or_a_mode_that_is_gone_is_one_question() {
    let (_folder, store) = store();
    let orders = || Descriptor::named("orders");
    let seen = |key: Value, modes: Value, is_incremental: bool, name: &str, reach: Value| {
        let records = json!({"records": {format!("{name}=1"): {"id": 1, "no": 1}}, "first": format!("{name}=1")});
        let mut snapshots = vec![
            Snapshot {
                subject: Subject::Catalog(orders()),
                content: json!({"source_defined_primary_key": key, "supported_sync_modes": modes}),
            },
            Snapshot { subject: Subject::Shape(orders()), content: json!({"fields": reach}) },
            Snapshot { subject: Subject::Records(orders()), content: records },
        ];
        let state = Snapshot { subject: Subject::IncrementalState(orders()), content: json!({"fields": {}}) };
        snapshots.extend(is_incremental.then_some(state));
        snapshots
    };
    let reaches = |name: &str| json!({name: {"years": {"least": 2024}}});
    let both = || json!(["full_refresh", "incremental"]);
    let before = || seen(json!([["id"]]), both(), true, "id", json!({"id": {"years": {"least": 2024}}, "no": {}}));
    accept(&store, before());
    let rekeyed = || seen(json!([["no"]]), both(), true, "no", json!({"id": {}, "no": reaches("no")["no"]}));
    let questions = see(&store, rekeyed());
    assert_eq!(titles(&questions), ["catalog: `/source_defined_primary_key/0` is another in `orders`"]);
    accept(&store, rekeyed());
    assert_eq!(see(&store, rekeyed()), []);
    let in_full =
        || seen(json!([["no"]]), json!(["full_refresh"]), false, "no", json!({"id": {}, "no": reaches("no")["no"]}));
    let questions = see(&store, in_full());
    assert_eq!(names_and_places(&questions), [("catalog: `/supported_sync_modes` is another in `orders`", 2)]);
    accept(&store, in_full());
    assert_eq!(see(&store, in_full()), []);
}
