//! YAML beside a suite that is read as data: the same bounds and mistakes as in a suite, without its keys.

use super::SuiteError;
use super::diagnose::{Mistake, Source, Span};
use super::{scalar, yaml};
use serde_json::Value;
use std::path::Path;

/// The content of a YAML file as JSON. Nothing but comments is null.
///
/// # Errors
///
/// All mistakes with line and caret.
pub fn plain_yaml(path: &Path, text: &str) -> Result<Value, SuiteError> {
    let source = Source::of_file(path, text.to_owned());
    let mut mistakes = Vec::new();
    let document = yaml::parse(0, text, &mut mistakes);
    let root = document.filter(|_| mistakes.is_empty()).map(|document| document.root);
    let Some(root) = root else { return Err(SuiteError::new(vec![source], mistakes)) };
    if root.entries().is_some_and(|entries| entries.is_empty()) && !text.contains('{') {
        return Ok(Value::Null);
    }
    scalar::plain(&root).ok_or_else(|| {
        let span = Span { source: 0, start: root.span.start, end: root.span.end };
        SuiteError::new(vec![source], vec![Mistake::at(span, "it has a value that JSON does not have")])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_is_read_with_the_mistakes_of_a_suite() {
        let read = |text: &str| plain_yaml(Path::new("normalize.yml"), text);
        assert_eq!(read("# nothing\n").expect("YAML"), Value::Null);
        let entry = json!([{"stream": "a", "round": 2, "drop": true}]);
        assert_eq!(read("- {stream: a, round: 2, drop: true}\n").expect("YAML"), entry);
        let told = read("- a: 1\n  a: 2\n").expect_err("twice").render(false);
        assert!(told.contains("normalize.yml:2"), "{told}");
        assert!(read("- .nan\n").is_err());
    }
}
