//! Suites as users write them: what is read, and what is said about every mistake.

use airproof::protocol::Expect;
use airproof::protocol::{Command, Descriptor};
use airproof::suite::{self, CatalogSource, LevelSetting, LocalCommand, Overrides, Suite, SuiteError, Target};
use serde_json::json;
use std::env::VarError;
use std::path::{Path, PathBuf};
use std::time::Duration;

const KNOWN: [(&str, &str); 3] =
    [("READ-006", "record-violates-schema"), ("READ-010", "primary-key-repeated"), ("STATE-010", "state-grows")];

fn environment(name: &str) -> Result<String, VarError> {
    match name {
        "REGION" => Ok("eu-west-1".to_owned()),
        "ORDERS_API_KEY" => Ok("hunter22".to_owned()),
        _ => Err(VarError::NotPresent),
    }
}

fn load(path: impl AsRef<Path>, overrides: &Overrides) -> Result<Suite, SuiteError> {
    suite::load_in(path.as_ref(), &KNOWN, overrides, &environment)
}

/// A suite of one file in a folder of its own.
fn load_text(text: &str) -> Result<Suite, SuiteError> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("airproof.yml"), text).expect("a file");
    load(folder.path(), &Overrides::default())
}

fn mistakes(path: &str, overrides: &Overrides) -> String {
    load(path, overrides).expect_err("the suite has mistakes").to_string()
}

/// Every suite in the folder is refused, with the words in its snapshot.
#[test]
fn all_mistakes_are_shown_where_they_are() {
    let mut files: Vec<PathBuf> = std::fs::read_dir("fixtures/suites/mistakes")
        .expect("the folder is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    assert!(files.len() > 10);
    for file in files {
        let name = file.file_stem().expect("a stem").to_string_lossy().into_owned();
        let shown = mistakes(file.to_str().expect("UTF-8"), &Overrides::default());
        assert!(!shown.contains("hunter2"), "{shown}");
        insta::assert_snapshot!(name, shown);
    }
}

#[test]
fn what_metadata_says_of_the_image_is_read_beside_a_suite() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("airproof.yml", "connector: { image: a/b:dev }\nscenarios: [{ config: {} }]\n");
    assert_eq!(load(folder.path(), &Overrides::default()).expect("a good suite").metadata, None);
    write("metadata.yaml", "data: { dockerRepository: a/b, dockerImageTag: 0.1.0 }\n");
    let metadata = load(folder.path(), &Overrides::default()).expect("a good suite").metadata.expect("it is there");
    assert_eq!((metadata.docker_repository(), metadata.docker_image_tag()), (Some("a/b"), Some("0.1.0")));
}

#[test]
fn colours_come_only_when_asked_for() {
    let error = load("fixtures/suites/mistakes/typos.yml", &Overrides::default()).expect_err("has mistakes");
    assert_eq!(error.count(), 3);
    assert!(error.render(true).contains('\x1b'));
    assert!(!error.render(false).contains('\x1b'));
}

#[test]
fn files_that_are_not_there_are_named() {
    let config =
        |path: &str| Overrides { image: Some("a/b:dev".to_owned()), config: Some(path.into()), ..Overrides::default() };
    let without_file =
        |overrides: &Overrides| suite::without_file(&KNOWN, overrides).expect_err("has mistakes").to_string();
    let shown = [
        mistakes("fixtures/suites/nowhere.yml", &Overrides::default()),
        mistakes("fixtures/catalogs", &Overrides::default()),
        mistakes("fixtures/suites/acceptance-test-config.yml", &Overrides::default()),
        without_file(&Overrides::default()),
        without_file(&config("fixtures/suites/nowhere.json")),
        without_file(&config("fixtures/suites/mistakes/broken.json")),
        without_file(&config("fixtures/suites/mistakes/list.json")),
    ]
    .join("\n\n");
    assert!(!shown.contains("hunter2"), "{shown}");
    insta::assert_snapshot!("missing-files", shown);
}

#[test]
fn layers_are_laid_over_each_other() {
    let suite = load("fixtures/suites/orders", &Overrides::default()).expect("a good suite");
    assert_eq!(suite.name, "orders");
    assert_eq!(suite.source.as_deref(), Some(Path::new("fixtures/suites/orders/airproof.yml")));
    assert_eq!(suite.digest.len(), 64);
    let connector = &suite.connector;
    assert_eq!(connector.target, Target::Image("airbyte/source-orders:dev".to_owned()));
    assert_eq!(connector.container.network, "none");
    assert_eq!(connector.container.folder, "/airproof");
    assert_eq!(connector.memory, 512 << 20);
    let variables: Vec<String> = connector.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(variables, ["REGION=eu-west-1", "TEAM=shop", "RETRIES=3"]);
    let data = Path::new("fixtures/suites/orders/data").canonicalize().expect("is there");
    let mounts: Vec<_> = connector.container.mounts.iter().map(|mount| (&mount.target[..], mount.read_only)).collect();
    assert_eq!(mounts, [("/local", true), ("/more", false)]);
    assert!(connector.container.mounts.iter().all(|mount| mount.source == data));
    assert_eq!(suite.limits.total(Command::Read), Duration::from_secs(90));
    assert_eq!(suite.limits.total(Command::Check), Duration::from_secs(30));
    assert_eq!(suite.limits.total(Command::Spec), Duration::from_secs(60));
    let rules: Vec<_> = suite.rules.iter().map(|(code, level)| (&code[..], *level)).collect();
    assert_eq!(
        rules,
        [("READ-006", LevelSetting::Off), ("READ-010", LevelSetting::Should), ("STATE-010", LevelSetting::Info)]
    );
}

#[test]
fn waivers_cover_their_rule_and_streams() {
    let suite = load("fixtures/suites/orders", &Overrides::default()).expect("a good suite");
    let [waiver] = suite.waivers.as_slice() else { panic!("one waiver") };
    let events = Descriptor { name: "events".to_owned(), namespace: Some("shop".to_owned()) };
    assert!(waiver.covers("STATE-010", Some(&events)));
    assert!(!waiver.covers("STATE-010", Some(&Descriptor::named("orders"))));
    assert!(!waiver.covers("STATE-010", None) && !waiver.covers("READ-006", Some(&events)));
    assert_eq!(waiver.until.map(|date| date.to_string()).as_deref(), Some("2027-01-31"));
}

#[test]
fn scenarios_keep_the_types_of_their_values() {
    let suite = load("fixtures/suites/orders", &Overrides::default()).expect("a good suite");
    let [sandbox, file, wrong] = suite.scenarios.as_slice() else { panic!("three scenarios") };
    assert_eq!([sandbox.id(), file.id(), wrong.id()], ["sandbox-eu", "sandbox-eu-2", "scenario-3"]);
    assert_eq!(
        sandbox.config,
        json!({
            "api_key": "hunter22",
            "page_size": 100,
            "quoted": "100",
            "plain": 1.5,
            "start_date": "2024-01-01",
            "flag": "yes",
            "really": true,
            "nothing": null,
            "literal": "${env:ORDERS_API_KEY}",
            "nested": [{"token": "Bearer hunter22"}],
        })
    );
    assert_eq!(suite.env_values, ["eu-west-1", "hunter22"]);
    assert!(matches!(&sandbox.catalog, CatalogSource::File { catalog, .. } if catalog.streams.len() == 1));
    assert_eq!(sandbox.state.as_ref().and_then(|state| state.as_array()).map(Vec::len), Some(1));
    assert_eq!(sandbox.streams.empty[0].stream.to_string(), "shop.refunds");
    assert_eq!(sandbox.streams.skip[0].why(), "needs an enterprise plan");
    assert_eq!(file.config, json!({"api_key": "from a file"}));
    assert_eq!((file.expect, wrong.expect), (Expect::Succeeded, Expect::Failed));
}

#[test]
fn the_command_line_overrides_the_suite() {
    let folder = PathBuf::from("fixtures/suites/orders");
    let overrides = Overrides {
        exec: Some("python main.py".to_owned()),
        config: Some(folder.join("config.json")),
        catalog: Some(folder.join("catalog.json")),
        state: Some(folder.join("state.json")),
        ..Overrides::default()
    };
    let alone = suite::without_file(&KNOWN, &overrides).expect("needs no file");
    assert_eq!((alone.name.as_str(), alone.source.as_ref()), ("standard", None));
    for suite in [alone, load(&folder, &overrides).expect("a good suite")] {
        assert_eq!(suite.connector.target, Target::Exec(LocalCommand::here("python main.py")));
        let [scenario] = suite.scenarios.as_slice() else { panic!("one scenario") };
        assert_eq!((scenario.name.as_str(), scenario.id()), ("config", "config"));
        assert_eq!(scenario.config, json!({"api_key": "from a file"}));
        assert!(scenario.state.is_some() && matches!(scenario.catalog, CatalogSource::File { .. }));
    }
}

#[test]
fn an_override_excuses_what_it_replaces_and_nothing_else() {
    let overrides = Overrides {
        image: Some("a/b:dev".to_owned()),
        config: Some("fixtures/suites/orders/config.json".into()),
        ..Overrides::default()
    };
    assert!(load("fixtures/suites/mistakes/nothing.yml", &overrides).is_ok());
    assert!(load("fixtures/suites/mistakes/both-targets.yml", &overrides).is_ok());
    assert!(load("fixtures/suites/mistakes/files.yml", &overrides).is_ok());
    assert!(load("fixtures/suites/mistakes/rules.yml", &overrides).is_err());
    let both = Overrides { exec: Some("main".to_owned()), ..overrides };
    assert!(mistakes("fixtures/suites/mistakes/nothing.yml", &both).contains("`--image` and `--exec`"));
    let catalog = Overrides { catalog: Some("fixtures/suites/orders/catalog.json".into()), ..Overrides::default() };
    let text = "connector: { image: a }\nscenarios: [{ config: {}, expect: failed }]\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("airproof.yaml"), text).expect("a file");
    assert!(load(folder.path(), &Overrides::default()).is_ok());
    assert!(load(folder.path(), &catalog).expect_err("no use").to_string().contains("no scenario to be used in"));
}

#[test]
fn a_program_beside_the_suite_is_found_from_anywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("main.py"), "").expect("a file");
    let target = |exec: &str| {
        let text = format!("connector: {{ exec: \"{exec}\" }}\nscenarios: [{{ config: {{}} }}]\n");
        std::fs::write(folder.path().join("orders.yml"), text).expect("a file");
        let suite = load(folder.path().join("orders.yml"), &Overrides::default()).expect("a good suite");
        assert_eq!(suite.name, "orders");
        let Target::Exec(command) = suite.connector.target else { panic!("a command") };
        assert_eq!(command.folder.as_deref(), Some(folder.path()));
        command.line.replace(folder.path().to_str().expect("UTF-8"), "<folder>")
    };
    assert_eq!(target("./main.py --fast"), "<folder>/main.py --fast");
    assert_eq!(target("'./main.py' 'a b'"), "<folder>/main.py 'a b'");
    assert_eq!(target("python -u  main.py 'a b'"), "python -u  main.py 'a b'");
    assert_eq!(target("python 'main.py'"), "python 'main.py'");
    assert_eq!(target("main.py -c 'main.py x'"), "main.py -c 'main.py x'");
    assert_eq!(target("python other.py it's"), "python other.py it's");
    assert_eq!(target("./other.py"), "./other.py");
    assert_eq!(target("/bin/cat"), "/bin/cat");
}

#[test]
fn aliases_bounds_and_foreign_line_ends_are_handled() {
    let aliased = "connector: { image: a }\nscenarios:\n  - config: &c { k: [1] }\n  - config: *c\n";
    let suite = load_text(aliased).expect("a good suite");
    assert_eq!(suite.scenarios[1].config, json!({"k": [1]}));
    let windows = format!("\u{feff}{}", aliased.replace('\n', "\r\n"));
    assert_eq!(load_text(&windows).expect("a good suite").scenarios[0].config, json!({"k": [1]}));
    let refused = |text: &str| load_text(text).expect_err("is refused").to_string();
    let shown = refused(&format!("# äöü 🙂\r\n{}", windows.trim_start_matches('\u{feff}').replace("image", "imäge")));
    assert!(shown.contains(":2:14") && shown.contains("^^^^^ unknown key"), "{shown}");
    assert!(refused(&"[".repeat(100)).contains("levels deep"));
    let bomb: String = (1..9).map(|at| format!("a{at}: &a{at} [{}]\n", format!("*a{},", at - 1).repeat(9))).collect();
    assert!(refused(&format!("a0: &a0 [x,x,x,x,x,x,x,x]\n{bomb}")).contains("aliases written out"));
    assert!(refused("a: &a [*a]\n").contains("inside of what it stands for"));
    assert!(refused("a: b\0\n").contains("NUL"));
    assert!(refused("").contains("no connector"));
}

/// Whatever is cut off or broken, there is an answer.
#[test]
fn no_text_makes_it_panic() {
    let good = std::fs::read_to_string("fixtures/suites/orders/airproof.yml").expect("is there");
    for end in (0..good.len()).step_by(3).filter(|end| good.is_char_boundary(*end)) {
        let _ = load_text(&good[..end]).map_err(|error| error.render(true));
    }
    let mut seed = 7_u64;
    for _ in 0..300 {
        let mut letters: Vec<char> = good.chars().collect();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % letters.len();
            letters[at] = ['{', '}', '[', '"', '\'', ':', '\n', '&', '*', '!', '|', '%', 'é', '\t', '-', '?']
                [(seed >> 20) as usize % 16];
        }
        let _ = load_text(&letters.iter().collect::<String>()).map_err(|error| error.to_string());
    }
}
