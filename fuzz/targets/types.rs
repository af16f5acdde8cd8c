//! Types: the quick look and the thorough one agree. What the quick one takes for sure, both others take.
//!
//! The first line is the schema, the rest the record's data.

#![no_main]

use airproof::protocol::schema::{CompiledSchema, Glance};
use airproof::protocol::types::TypedSchema;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Some((schema, data)) = text.split_once('\n') else { return };
    let Ok(schema) = serde_json::from_str::<Value>(schema) else { return };
    let Ok(compiled) = CompiledSchema::compile(&schema) else { return };
    let Ok(tree) = serde_json::from_str::<Value>(data) else { return };
    let typed = TypedSchema::compile(&schema).walk(data.trim());
    let glimpse = Glance::compile(&schema).glimpse(data.trim());
    if glimpse.conforms {
        assert!(compiled.accepts(&tree), "taken for sure, and does not conform: {text}");
        assert!(typed.misfits.is_empty(), "taken for sure, and of another type: {text}");
    }
});
