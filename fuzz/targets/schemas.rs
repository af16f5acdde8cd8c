//! Schemas: whatever stands in one, compiling and walking it ends.

#![no_main]

use airproof::protocol::schema::{
    CompiledSchema, declares, defects, described, field_at, kinds, positions, root_defect, undeclared_required,
};
use airproof::protocol::types::TypedSchema;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(schema) = serde_json::from_slice::<Value>(data) else { return };
    if let Ok(compiled) = CompiledSchema::compile(&schema) {
        let _ = compiled.violations(&schema, 10);
        let _ = compiled.accepts(&serde_json::json!({"id": 1, "note": null, "list": [1.5, "x", {}]}));
    }
    let _ = (defects(&schema, 50, |_| true), root_defect(&schema), undeclared_required(&schema, 50));
    let _ = TypedSchema::compile(&schema).walk(r#"{"id": 1, "note": null, "list": [1.5, "x", {}]}"#);
    for position in positions(&schema).iter().chain(&described(&schema)) {
        let _ = kinds(&schema, position.schema);
        let path: Vec<String> = position.field.split('.').map(str::to_owned).collect();
        let _ = (declares(&schema, &schema, &path), field_at(&schema, &path));
    }
});
