//! From the steps of a suite to what the launching side carries out.

use crate::launch::docker::{ContainerCommand, Workshop};
use crate::launch::step::{StepAction, StepRequest};
use crate::suite::{Connector, Step};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The step of a suite as it is carried out. `name` is what messages call it: the change's name, or `reset`. A command gets
/// the variables of the connector.
pub fn step_request(name: &str, step: &Step, connector: &Connector, workshop: &Arc<Workshop>) -> StepRequest {
    let action = match step {
        Step::Run { words, folder } => StepAction::Run {
            words: words.clone(),
            folder: folder.clone(),
            environment: connector.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        },
        Step::Request { method, url, headers, body } => {
            let mut headers: Vec<_> = headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            let body = match body {
                None => Vec::new(),
                Some(Value::String(text)) => text.clone().into_bytes(),
                Some(value) => {
                    if !is_typed {
                        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
                    }
                    value.to_string().into_bytes()
                }
            };
            StepAction::Request { method: method.clone(), url: url.clone(), headers, body }
        }
        Step::Container { dockerfile, words, secrets, folder } => {
            let (dockerfile, words) = (dockerfile.clone(), words.clone());
            let environment = BTreeMap::new();
            let command =
                ContainerCommand { dockerfile, words, secrets: secrets.clone(), folder: folder.clone(), environment };
            StepAction::Container { workshop: workshop.clone(), command }
        }
    };
    StepRequest { name: name.to_owned(), action }
}

/// The same with more variables for its command.
pub fn with_variables(
    mut step: StepRequest,
    variables: impl IntoIterator<Item = (&'static str, String)>,
) -> StepRequest {
    let environment = match &mut step.action {
        StepAction::Run { environment, .. } => environment,
        StepAction::Container { command, .. } => &mut command.environment,
        StepAction::Request { .. } => return step,
    };
    environment.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
    step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{Overrides, without_file};
    use indexmap::IndexMap;
    use serde_json::json;

    fn connector() -> Connector {
        let config = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(config.path(), "{}").expect("written");
        let overrides =
            Overrides { exec: Some("true".to_owned()), config: Some(config.path().to_owned()), ..Overrides::default() };
        without_file(&[], &overrides).expect("a good suite").connector
    }

    fn sent(headers: &[(&str, &str)], body: Value) -> (Vec<(String, String)>, String) {
        let headers: IndexMap<_, _> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let step = Step::Request { method: "POST".into(), url: "http://shop/".into(), headers, body: Some(body) };
        let workshop = Arc::new(Workshop::new("run", "none", &[]));
        let StepAction::Request { headers, body, .. } = step_request("x", &step, &connector(), &workshop).action else {
            unreachable!("it is a request")
        };
        (headers, String::from_utf8(body).expect("UTF-8"))
    }

    #[test]
    fn a_mapping_is_sent_as_json_and_text_as_it_is() {
        let typed = |value: &str| vec![("Content-Type".to_owned(), value.to_owned())];
        assert_eq!(sent(&[], json!({"id": 7})), (typed("application/json"), "{\"id\":7}".to_owned()));
        assert_eq!(sent(&[("Content-Type", "a/b")], json!([7])), (typed("a/b"), "[7]".to_owned()));
        assert_eq!(sent(&[], json!("id=7")), (Vec::new(), "id=7".to_owned()));
    }
}
