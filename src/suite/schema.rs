//! The JSON schema of a suite file, for editors: what completes keys and underlines slips while a suite is written. The
//! reader itself does not use it, and says more.

/// The schema, as JSON.
pub const SCHEMA: &str = include_str!("../../suites/airproof.schema.json");

#[cfg(test)]
pub(super) mod tests {
    use super::super::diagnose::Source;
    use super::super::fields::Reader;
    use super::super::{
        Overrides, around, baselines, behaviours, changes, destination, expected, inputs, own_data, parts, previous,
        reader, scenarios, several, steps, usage, yaml,
    };
    use super::SCHEMA;
    use crate::protocol::schema::CompiledSchema;
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};

    /// The keys that the reader knows, by the schema's name of the object.
    fn known() -> BTreeMap<&'static str, Vec<&'static str>> {
        BTreeMap::from([
            ("suite", [&several::OF_THE_FILE[..], reader::KEYS].concat()),
            ("profile", reader::KEYS.to_vec()),
            ("listed_connector", [&["name"][..], reader::KEYS].concat()),
            ("connector", [&reader::CONNECTOR_KEYS[..], &reader::CONTAINER_KEYS].concat()),
            ("mount", reader::MOUNT_KEYS.to_vec()),
            ("limits", reader::LIMIT_KEYS.to_vec()),
            ("usage", usage::KEYS.to_vec()),
            ("documentation", crate::suite::metadata::DOCUMENTATION_KEYS.to_vec()),
            ("scenario", scenarios::KEYS.to_vec()),
            ("streams", scenarios::STREAM_KEYS.to_vec()),
            ("exception", scenarios::EXCEPTION_KEYS.to_vec()),
            ("bypassed", parts::BYPASSED_KEYS.to_vec()),
            ("left_out", parts::LEFT_OUT_KEYS.to_vec()),
            ("catalog", inputs::CATALOG_KEYS.to_vec()),
            ("change", changes::KEYS.to_vec()),
            ("step", around::STEP_KEYS.to_vec()),
            ("container_step", steps::CONTAINER_KEYS.to_vec()),
            ("request", steps::REQUEST_KEYS.to_vec()),
            ("previous", previous::KEYS.to_vec()),
            ("unless", previous::UNLESS_KEYS.to_vec()),
            ("delivered", changes::DELIVERED_KEYS.to_vec()),
            ("behaviour", behaviours::KEYS.to_vec()),
            ("destination", destination::KEYS.to_vec()),
            ("own_data", own_data::KEYS.to_vec()),
            ("storage_step", destination::STEP_KEYS.to_vec()),
            ("storage_reader", destination::READER_KEYS.to_vec()),
            ("destination_behaviours", destination::BEHAVIOUR_KEYS.to_vec()),
            ("baselines", baselines::KEYS.to_vec()),
            ("normalize_rule", baselines::RULE_KEYS.to_vec()),
            ("records", expected::records::KEYS.to_vec()),
            ("future_state", expected::future::FUTURE_STATE_KEYS.to_vec()),
            ("cursor_format", expected::future::CURSOR_FORMAT_KEYS.to_vec()),
            ("stream_format", expected::future::STREAM_FORMAT_KEYS.to_vec()),
            ("file_types", expected::keys::FILE_TYPES_KEYS.to_vec()),
            ("unsupported_file", expected::keys::UNSUPPORTED_KEYS.to_vec()),
            ("waiver", reader::WAIVER_KEYS.to_vec()),
        ])
    }

    fn schema() -> Value {
        serde_json::from_str(SCHEMA).expect("suites/airproof.schema.json is JSON")
    }

    /// Says what of a suite file the schema does not take. Each reference to the environment stands for a text.
    pub(in crate::suite) fn complaints(text: &str) -> Vec<String> {
        let mut mistakes = Vec::new();
        let root = yaml::parse(0, text, &mut mistakes).expect("YAML").root;
        assert!(mistakes.is_empty(), "{text}");
        let overrides = Overrides::default();
        let environment = |_: &str| Ok("a-value".to_owned());
        let mut reader = Reader::new(
            vec![Source::new(String::new(), PathBuf::new(), text.to_owned())],
            mistakes,
            &[],
            &overrides,
            &environment,
        );
        let suite = reader.value(&root);
        let compiled = CompiledSchema::compile(&schema()).expect("a schema");
        let violations = compiled.violations(&suite, 20).into_iter();
        violations.map(|found| format!("{} at `{}`", found.message, found.pointer)).collect()
    }

    #[test]
    fn reader_and_schema_know_the_same_keys() {
        let schema = schema();
        let mut closed = BTreeSet::new();
        for (name, definition) in schema["definitions"].as_object().expect("definitions") {
            if definition.get("properties").is_none() {
                continue;
            }
            closed.insert(name.as_str());
            assert_eq!(definition["additionalProperties"], false, "{name} takes any key");
            for (key, property) in definition["properties"].as_object().expect("properties") {
                let target = property["$ref"].as_str().and_then(|target| schema.pointer(&target[1..]));
                let described = property.get("description").or(target.and_then(|target| target.get("description")));
                assert!(described.is_some(), "{name}: `{key}` has no description");
            }
        }
        assert_eq!(closed, known().into_keys().collect());
        for (name, keys) in known() {
            let properties = schema["definitions"][name]["properties"].as_object().expect("properties");
            let (of_schema, of_reader): (BTreeSet<&str>, BTreeSet<&str>) =
                (properties.keys().map(String::as_str).collect(), keys.into_iter().collect());
            assert_eq!(of_schema, of_reader, "suites/airproof.schema.json and the reader differ about {name}");
        }
    }

    #[test]
    fn shipped_suites_and_examples_conform() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shipped = files(&root.join("suites"), "yml");
        assert!(shipped.len() >= 4, "{shipped:?}");
        for file in shipped.into_iter().chain(files(&root.join("fixtures/suites"), "yml")) {
            let text = fs::read_to_string(&file).expect("a suite");
            assert_eq!(complaints(&text), [""; 0], "{}", file.display());
        }
        let pages = files(&root.join("docs"), "md").into_iter().chain([root.join("README.md")]);
        let mut examples = 0;
        for page in pages {
            let text = fs::read_to_string(&page).expect("a page");
            let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
            let is_suite = |block: &&str| {
                reader::KEYS.iter().any(|key| block.lines().any(|line| line.starts_with(&format!("{key}:"))))
            };
            for block in blocks.filter(is_suite) {
                examples += 1;
                assert_eq!(complaints(block), [""; 0], "{}:\n{block}", page.display());
            }
        }
        assert!(examples > 0, "the README shows a suite");
    }

    #[test]
    fn slips_are_seen() {
        for (slip, at) in [
            ("conector: {}", "``"),
            ("connector: { image: a, exec: b }", "`/connector`"),
            ("previous: { image: a, version: b }", "`/previous`"),
            ("previous: { unless: { check: 1.0.0 } }", "`/previous/unless`"),
            ("limits: { read: 10 }", "`/limits/read`"),
            ("scenarios: [{ name: a }]", "`/scenarios/0`"),
            ("scenarios: [{ config: {}, expect: success }]", "`/scenarios/0/expect`"),
            ("waivers: [{ rule: READ-001 }]", "`/waivers/0`"),
            ("baselines: { path: a, normalize: [{ path: b, sort: true, drop: true }] }", "`/baselines`"),
            ("rules: { READ-001: error }", "`/rules/READ-001`"),
        ] {
            let found = complaints(slip);
            assert!(found.iter().any(|found| found.ends_with(at)), "{slip}: {found:?}");
        }
    }

    fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|end| end == extension)).collect()
    }
}
