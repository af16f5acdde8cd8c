//! How deep a suite looks, what it does to the data, and what it lets a launch use: as users write them.

use airproof::suite::{self, Depth, Overrides, Step, Suite, SuiteError, UsageLimits, When};
use serde_json::json;
use std::env::VarError;
use std::path::Path;
use std::time::Duration;

fn load_in(folder: &Path, overrides: &Overrides) -> Result<Suite, SuiteError> {
    suite::load_in(folder, &[], overrides, &|name| match name {
        "TOKEN" => Ok("s3cret word".to_owned()),
        _ => Err(VarError::NotPresent),
    })
}

fn load(text: &str, overrides: &Overrides) -> Suite {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("airproof.yml"), text).expect("a file");
    load_in(folder.path(), overrides).unwrap_or_else(|error| panic!("{error}"))
}

const PLAIN: &str = "connector: { image: a }\nscenarios: [{ config: {} }]\n";

#[test]
fn each_shipped_suite_is_complete_and_has_the_depth_of_its_name() {
    for depth in Depth::ALL {
        let suite = load(&format!("extends: {}\n{PLAIN}", depth.name()), &Overrides::default());
        assert_eq!((suite.depth, suite.seed, suite.usage), (depth, 1, UsageLimits::default()));
        assert_eq!(suite.limits.step, Duration::from_secs(60));
        let overrides = Overrides {
            depth: Some(depth),
            exec: Some("true".to_owned()),
            config: Some("fixtures/suites/orders/config.json".into()),
            ..Overrides::default()
        };
        let alone = suite::without_file(&[], &overrides).expect("it needs no file");
        assert_eq!((alone.depth, alone.name.as_str()), (depth, depth.name()));
    }
    assert!(Depth::Quick < Depth::Standard && Depth::Standard < Depth::Certification);
}

#[test]
fn the_command_line_puts_its_shipped_suite_under_the_users() {
    let certified = Overrides { depth: Some(Depth::Certification), ..Overrides::default() };
    let plain = load(PLAIN, &Overrides::default());
    assert_eq!((plain.depth, plain.limits.read), (Depth::Standard, Duration::from_secs(30 * 60)));
    let deep = load(PLAIN, &certified);
    assert_eq!((deep.depth, deep.limits.read), (Depth::Certification, Duration::from_secs(2 * 3600)));
    // What the user's own file says stays, but for the depth.
    let own = load(&format!("extends: quick\ndepth: quick\nlimits: {{ read: 7s }}\n{PLAIN}"), &certified);
    assert_eq!((own.depth, own.limits.read), (Depth::Certification, Duration::from_secs(7)));
    assert_eq!(own.limits.discover, Duration::from_secs(600));
    let less = Overrides { depth: Some(Depth::Quick), ..Overrides::default() };
    let shallow = load(&format!("extends: certification\n{PLAIN}"), &less);
    assert_eq!((shallow.depth, shallow.limits.read), (Depth::Quick, Duration::from_secs(30 * 60)));
}

#[test]
fn seed_and_usage_are_read() {
    let suite = load(
        &format!(
            "seed: 18446744073709551615\nusage: {{ memory: 512MiB, cpu: 60s, first_record: 30s, silence: 2m, \
             records_per_second: 0.5 }}\nlimits: {{ step: 5s }}\n{PLAIN}"
        ),
        &Overrides::default(),
    );
    assert_eq!((suite.seed, suite.limits.step), (u64::MAX, Duration::from_secs(5)));
    let usage = UsageLimits {
        memory: Some(512 << 20),
        cpu: Some(Duration::from_secs(60)),
        first_record: Some(Duration::from_secs(30)),
        silence: Some(Duration::from_secs(120)),
        records_per_second: Some(0.5),
    };
    assert_eq!(suite.usage, usage);
}

const CHANGES: &str = r#"
connector: { image: a }
scenarios:
  - name: sandbox
    config: {}
    changes:
      - name: an order
        run: ./shop add-order 'of two words' "${env:TOKEN}"
        delivers:
          - { stream: orders, namespace: shop, key: { id: 7, at: 2024-01-01, price: 1.50, gone: null } }
          - { stream: events, key: { id: "7" } }
      - name: a refund
        when: during
        run: [sh, -c, "exit 0", 7]
        delivers: []
      - name: by request
        request:
          method: PATCH
          url: "http://localhost:8080/orders?token=${env:TOKEN:-x}"
          body: [{ id: 8 }]
        delivers: []
    reset: { request: { url: "http://localhost/reset", headers: { X-Token: "${env:TOKEN}" }, body: all=yes } }
"#;

#[test]
fn changes_are_read_with_their_steps_and_what_comes_of_them() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("shop"), "").expect("a file");
    // A value from the environment is one word, whatever is in it; in a URL it would have to be encoded.
    let text = CHANGES.replace("${env:TOKEN:-x}", "${env:NONE:-x}");
    std::fs::write(folder.path().join("airproof.yml"), text).expect("a file");
    let suite = load_in(folder.path(), &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    let [scenario] = suite.scenarios.as_slice() else { panic!("one scenario") };
    let [order, refund, request] = scenario.changes.as_slice() else { panic!("three changes") };
    let program = folder.path().join("shop").display().to_string();
    let run = |words: &[&str]| Step::Run {
        words: words.iter().map(ToString::to_string).collect(),
        folder: folder.path().to_owned(),
    };
    assert_eq!((order.name.as_str(), order.when), ("an order", When::Between));
    assert_eq!(order.step, run(&[&program, "add-order", "of two words", "s3cret word"]));
    assert_eq!(order.delivers[0].stream.to_string(), "shop.orders");
    let key = json!({"id": 7, "at": "2024-01-01", "price": 1.5, "gone": null});
    assert_eq!(Some(&order.delivers[0].key), key.as_object());
    assert_eq!(Some(&order.delivers[1].key), json!({"id": "7"}).as_object());
    assert_eq!((refund.when, &refund.step), (When::During, &run(&["sh", "-c", "exit 0", "7"])));
    let Step::Request { method, url, headers, body } = &request.step else { panic!("a request") };
    assert_eq!((method.as_str(), url.as_str()), ("PATCH", "http://localhost:8080/orders?token=x"));
    assert!(headers.is_empty() && *body == Some(json!([{"id": 8}])));
    let Some(Step::Request { method, headers, body, .. }) = &scenario.reset else { panic!("a request") };
    assert_eq!((method.as_str(), headers["X-Token"].as_str()), ("POST", "s3cret word"));
    assert_eq!(*body, Some(json!("all=yes")));
    assert_eq!(suite.env_values, ["s3cret word"]);
}
