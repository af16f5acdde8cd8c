use crate::capture::REDACTED;
use crate::protocol::schema::{CompiledSchema, SchemaViolation};
use crate::rules::{Ending, Findings, Observer, Scene, Violation, rule};
use crate::text;
use serde_json::{Map, Value};

/// How many violations of one configuration are told.
const PLACES: usize = 50;

rule! {
    /// The scenario's good configuration does not conform to the connector's own specification.
    ///
    /// # What it checks
    /// The configuration that `check` was given is validated with `connectionSpecification`, as draft-07. `format` is
    /// not asserted, members at the top whose names begin with `_` are left out, and so are values that a stored
    /// transcript does not show. Judged where the scenario says that the configuration works.
    ///
    /// # Why it matters
    /// The platform validates before it launches, so no user with this configuration gets as far as this test. Either
    /// the specification refuses what the connector takes, or no user can have this configuration.
    ///
    /// # Example
    /// With `"required": ["api_key", "start_date"]` in the specification:
    /// ```json
    /// bad:  {"api_key": "…"}
    /// good: {"api_key": "…", "start_date": "2024-01-01T00:00:00Z"}
    /// ```
    ///
    /// # How to mend it
    /// Look at the member that is named. Where the connector works without it or takes the value, widen the
    /// specification: drop the name from `required`, add the value to `enum`, loosen the `pattern`. Else mend the
    /// scenario's configuration. Where a `oneOf` is violated, list the discriminator in `required` of each branch.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests validate the given configuration with the specification as well.
    ConfigViolatesSpec {
        code: "SPEC-043",
        name: "config-violates-spec",
        level: Must,
        commands: [Check],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_config_match_spec",
        watches: [],
        about: Launch,
        applies: applies,
    }
}

fn applies(scene: &Scene) -> Result<(), &'static str> {
    if !scene.must_work() {
        return Err("the scenario is expected to fail");
    }
    if scene.config.is_none() {
        return Err("the launch's configuration is not known");
    }
    let specification = scene.specification.as_ref().ok_or("the connector's specification is not known")?;
    let schema = specification.get("connectionSpecification").filter(|schema| schema.is_object());
    let schema = schema.ok_or("the specification has no schema")?;
    CompiledSchema::compile(schema).map(|_| ()).map_err(|_| "the specification's schema can't be compiled")
}

#[derive(Default)]
struct ConfigViolatesSpec;

impl Observer for ConfigViolatesSpec {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let scene = ending.scene;
        let schema =
            scene.specification.as_ref().and_then(|specification| specification.get("connectionSpecification"));
        let (Some(schema), Some(config)) = (schema, scene.config.as_ref().and_then(Value::as_object)) else { return };
        let Ok(compiled) = CompiledSchema::compile(schema) else { return };
        let own: Map<String, Value> = config.iter().filter(|(name, _)| !name.starts_with('_')).map(copy).collect();
        let config = Value::Object(own);
        for violation in compiled.violations(&config, PLACES) {
            let value = config.pointer(&violation.pointer).unwrap_or(&Value::Null);
            if violation.keyword == "format" || (violation.keyword != "required" && is_redacted(value)) {
                continue;
            }
            // Two missing members break the same keyword and are two defects.
            let missing = if violation.keyword == "required" { violation.message.as_str() } else { "" };
            findings.report(&format!("{}{missing}", violation.schema_pointer), || describe(&violation, schema, value));
        }
    }
}

fn copy((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// Whether a value, or part of it, is not what the connector was given.
fn is_redacted(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(REDACTED),
        Value::Array(items) => items.iter().any(is_redacted),
        Value::Object(members) => members.values().any(is_redacted),
        _ => false,
    }
}

/// Never shows the value: it may be a secret that nobody marked.
fn describe(violation: &SchemaViolation, schema: &Value, value: &Value) -> Violation {
    let SchemaViolation { pointer, schema_pointer, keyword, message } = violation;
    let at =
        if pointer.is_empty() { "the configuration".to_owned() } else { format!("`{pointer}` of the configuration") };
    let wanted = schema.pointer(schema_pointer).map_or(String::new(), |wanted| text::json(wanted, 160));
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) if keyword == "required" => "an object without it",
        Value::Object(_) => "an object",
    };
    Violation::new(
        format!("{at} does not conform to the specification ({keyword})"),
        format!("{at}: {message} (`connectionSpecification{schema_pointer}`)"),
    )
    .expected(format!("{keyword}: {wanted}"), found)
}
