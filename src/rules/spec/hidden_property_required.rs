use crate::protocol::Kind;
use crate::protocol::oauth::{FlowSchema, reach};
use crate::rules::{Findings, FormPlace, Look, Observer, Watch, rule};
use serde_json::Value;
use std::collections::HashSet;

rule! {
    /// A property is hidden from the form and required all the same.
    ///
    /// # What it checks
    /// No property with `"airbyte_hidden": true` is `required` by the object around it, unless it has a `default`, a
    /// `const` or an `enum` with one value, describes an object, or an OAuth flow fills it.
    ///
    /// # Why it matters
    /// The form has no field for it, so nobody who uses the form can fill it in, and the configuration can't be saved.
    /// Only those who write configurations by hand, over the API or Terraform, get past it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"required":["api_version"],"properties":{"api_version":{"type":"string","airbyte_hidden":true}}}
    /// good: {"required":["api_version"],"properties":{"api_version":{"type":"string","airbyte_hidden":true,"default":"v2"}}}
    /// ```
    ///
    /// # How to mend it
    /// Give it a `default`, take it out of `required`, or show it.
    ///
    /// # What Airbyte's tests see
    /// Neither Airbyte's acceptance tests nor the CDK's standard tests look at this.
    HiddenPropertyRequired {
        code: "SPEC-044",
        name: "hidden-property-required",
        level: Info,
        commands: [Spec],
        authority: Inference,
        source: "follows from what the form does with `airbyte_hidden` and `required`",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct HiddenPropertyRequired;

impl Observer for HiddenPropertyRequired {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut filled = None;
        for place in look.form().filter(|place| place.keyword("airbyte_hidden") == Some(&Value::Bool(true))) {
            let Some((name, parent)) = place.property() else { continue };
            let required = parent.get("required").and_then(Value::as_array);
            if required.is_none_or(|required| required.iter().all(|known| known != name)) || fills_itself(&place) {
                continue;
            }
            if filled.get_or_insert_with(|| filled_by_oauth(look)).contains(&place.pointer) {
                continue;
            }
            findings.report("hidden", || {
                let message = format!("{} is required, hidden, and has no default", place.describe());
                place.violation(look, "", "a property is hidden and required", message).expected("a `default`", "none")
            });
        }
    }
}

/// Whether the form knows the value, or one for each property in it.
fn fills_itself(place: &FormPlace<'_, '_>) -> bool {
    let is_single = place.keyword("enum").and_then(Value::as_array).is_some_and(|values| values.len() == 1);
    is_single || ["default", "const", "properties", "oneOf"].iter().any(|keyword| place.keyword(keyword).is_some())
}

/// JSON pointers to the properties that an OAuth flow fills, in whatever branch.
fn filled_by_oauth(look: &Look<'_>) -> HashSet<String> {
    let (Some(auth), Some(form)) = (look.advanced_auth(), look.connection_specification()) else {
        return HashSet::new();
    };
    let outputs = FlowSchema::OUTPUTS.into_iter().flat_map(|schema| auth.properties(schema));
    let found = outputs.filter_map(|output| Some(reach(form, &output.path()?, None).found()));
    found.flatten().map(|found| found.pointer).collect()
}
