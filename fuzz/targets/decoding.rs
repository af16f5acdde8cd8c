//! Decoding and judging: no output makes any rule panic, and what is told of it can be told.
//!
//! The first byte chooses the command; the rest is what the connector puts out.

#![no_main]

use airproof::capture::{Inputs, Pass, Secrets};
use airproof::launch::{Channel, Chunk, ExitFacts};
use airproof::protocol::{Command, SecretValue};
use airproof::rules::{Judge, Scene};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use std::time::Duration;

static INPUTS: LazyLock<Inputs> = LazyLock::new(|| Inputs {
    config: Some(serde_json::json!({"api_key": "sk-9f8e7d6c5b4a", "account": {"id": 7}})),
    specification: Some(serde_json::json!({"connectionSpecification": {
        "type": "object",
        "properties": {"api_key": {"type": "string", "airbyte_secret": true}, "account": {"type": "object"}},
    }})),
    catalog: serde_json::from_str(include_str!("../../fixtures/catalogs/orders.json")).ok(),
    ..Inputs::default()
});

static SECRETS: LazyLock<Secrets> =
    LazyLock::new(|| Secrets::new(&[SecretValue { value: "sk-9f8e7d6c5b4a".to_owned(), marked: true }]));

fuzz_target!(|data: &[u8]| {
    let Some((first, output)) = data.split_first() else { return };
    let command = Command::ALL[usize::from(*first) % Command::ALL.len()];
    let secrets = SECRETS.clone();
    let scene = Scene::new("fuzz", command, &INPUTS, Some(1_700_000_000_000)).expect("a scene");
    let streams = scene.descriptors();
    let judge = Judge::new(scene, secrets.clone(), |_| true);
    let mut pass = Pass::new(&streams, secrets, None, judge);
    let chunk = Chunk { channel: Channel::Stdout, bytes: output.to_vec().into(), at: Duration::ZERO };
    pass.feed(&chunk).expect("nothing is stored");
    let (judge, summary, _) = pass.finish(Duration::ZERO);
    let exit = ExitFacts::by_itself(i64::from(first / 128));
    let (findings, _) = judge.conclude(&summary, &exit);
    let told = serde_json::to_string(&findings).expect("findings can be written");
    assert!(!told.contains("sk-9f8e7d6c5b4a"), "a finding shows the secret");
});
