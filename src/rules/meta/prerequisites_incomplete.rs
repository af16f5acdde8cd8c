use crate::protocol::{Kind, section};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use serde_json::Value;

/// Required properties that are credentials, and words one of which tells of them.
const CREDENTIALS: [&str; 3] = ["credentials", "client_id", "client_secret"];
const TELLING: [&str; 4] = ["account", "auth", "credentials", "access"];

rule! {
    /// The prerequisites in a certified connector's documentation do not name what the specification requires.
    ///
    /// # What it checks
    /// The section Prerequisites of the page names each required property of `connectionSpecification` by its `title`, in
    /// whatever case. For `credentials`, `client_id` and `client_secret` any word about an account, access or authentication
    /// will do. A page without that section is META-017's.
    ///
    /// # Why it matters
    /// Users read there what they need before they begin. What is not named they find out in the middle of the form,
    /// often with another person to ask for it.
    ///
    /// # Example
    /// With the required property `start_date`, titled "Start Date":
    /// ```text
    /// bad:  ## Prerequisites - An account
    /// good: ## Prerequisites - An account - The Start Date from which orders are read
    /// ```
    ///
    /// # How to mend it
    /// Name the property as the form does. What has a good default need not be required.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests of certified connectors and connectors_qa fail.
    PrerequisitesIncomplete {
        code: "META-018",
        name: "prerequisites-incomplete",
        level: Info,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_prerequisites_content",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
        applies: |scene| scene.is_certified().and_then(|()| scene.has_page()),
    }
}

#[derive(Default)]
struct PrerequisitesIncomplete;

impl Observer for PrerequisitesIncomplete {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let page = look.scene.metadata.as_ref().and_then(|metadata| metadata.page());
        let (Some(page), Some(form)) = (page, look.connection_specification()) else { return };
        let Some(told) = section(page, "Prerequisites").map(str::to_lowercase) else { return };
        let required = form.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            let property = form.get("properties").and_then(|properties| properties.get(name));
            let is_hidden = property.is_some_and(|property| property["airbyte_hidden"] == true);
            let title = property.and_then(|property| property.get("title")?.as_str());
            let (is_told, wanted) = match title {
                _ if CREDENTIALS.contains(&name) => {
                    (TELLING.iter().any(|word| told.contains(word)), "an account, access or authentication")
                }
                // SPEC-027 asks for titles.
                None => continue,
                Some(title) => (told.contains(title.trim().to_lowercase().as_str()), title),
            };
            if is_told || is_hidden {
                continue;
            }
            findings.report("missing", || {
                let message = format!("the section Prerequisites does not name `{wanted}`, which `{name}` asks for");
                Violation::new("the prerequisites do not name a required property", message)
                    .part(
                        look.line,
                        format!("/spec/connectionSpecification/properties/{name}"),
                        property.unwrap_or(form),
                    )
                    .expected(format!("`{wanted}` in the section Prerequisites"), "not there")
            });
        }
    }
}
