use crate::protocol::schema::CompiledSchema;
use crate::rules::{Ending, Findings, Observer, Scene, config_form, rule};
use serde_json::Value;

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
    CompiledSchema::compile_rest(schema).map(drop).ok_or("the specification's schema can't be compiled")
}

#[derive(Default)]
struct ConfigViolatesSpec;

impl Observer for ConfigViolatesSpec {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let scene = ending.scene;
        let specification = scene.specification.as_ref();
        let schema = specification.and_then(|specification| specification.get("connectionSpecification"));
        let (Some(schema), Some(config)) = (schema, scene.config.as_ref().and_then(Value::as_object)) else { return };
        for misfit in config_form::misfits(schema, config, "the configuration") {
            findings.report(&misfit.cause, || misfit.violation);
        }
    }
}
