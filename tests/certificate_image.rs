//! The certificate of a real image, checked against the daemon that has it. Without a daemon the test says SKIPPED; in CI it fails.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use airproof::demo::image;
use airproof::launch::docker::{Daemon, RootFs};
use binary::Place;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use tokio::runtime::Runtime;

/// An image of the test's own, which is removed at its end.
struct Image {
    runtime: Runtime,
    daemon: Daemon,
    tag: String,
}

impl Image {
    /// The demo source under a tag. None where there is no daemon for it.
    fn of_demo(tag: &str, place: &Place) -> Option<Image> {
        let runtime = Runtime::new().unwrap();
        let daemon = match runtime.block_on(Daemon::connect()) {
            Ok(daemon) => daemon,
            Err(error) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "{error}");
                // Past the test harness, which would swallow it.
                let mut stderr = std::io::stderr();
                writeln!(stderr, "SKIPPED, no Docker daemon: {error}").unwrap();
                return None;
            }
        };
        let archive = place.path("image.tar");
        image::write_root(Path::new(env!("CARGO_BIN_EXE_airproof")), &archive).unwrap();
        let changes = image::changes(HashMap::new());
        let import = daemon.import_image(tag, RootFs::File(archive.clone()), &changes);
        runtime.block_on(import).unwrap();
        fs::remove_file(archive).unwrap();
        Some(Image { runtime, daemon, tag: tag.to_owned() })
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = self.runtime.block_on(self.daemon.remove_image(&self.tag));
    }
}

#[test]
fn a_connector_that_meets_certification_is_told_from_another_image() {
    let place = Place::new();
    let tag = format!("airproof/certified:{}", std::process::id());
    let Some(image) = Image::of_demo(&tag, &place) else { return };
    // So many records that a read is not over before it can be killed.
    let config = |token: &str| json!({"access_token": token, "orders": 1_500, "start_date": "2024-01-01"});
    let suite = json!({
        "connector": {"image": tag},
        "scenarios": [
            {"name": "shop", "config": config("demo-7f3a9c1e55")},
            {"name": "wrong token", "config": config("not-a-demo-token"), "expect": "failed"},
        ],
    });
    place.write("airproof.yml", &suite.to_string());
    place.run(&["test", "--suite", "certification", "--format", "json"]).exits(0);
    let certificate: Value =
        serde_json::from_slice(&fs::read(place.path("airproof-report/certificate.json")).unwrap()).unwrap();
    assert_eq!(certificate["predicate"]["reasons"], json!([]));
    let id = image.runtime.block_on(image.daemon.image_id(&tag)).unwrap().unwrap();
    assert_eq!(certificate["subject"][0]["digest"]["sha256"], id.trim_start_matches("sha256:"));

    let verified = place.run(&["verify", "--image", &tag]);
    assert_eq!(verified.code, 0, "{}", verified.told());
    verified.says("VALID, and met").says(&format!("image: {id}")).says("not applicable: CHECK-006: no TRACE came");

    // The same name, with something else behind it.
    drop(image);
    let missing = place.run(&["verify", "--image", &tag]);
    assert_eq!(missing.code, 3, "{}", missing.told());
    missing.says("there is no image");
    let base = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/lib/shell-base");
    assert!(std::process::Command::new(base).status().unwrap().success());
    let other = place.run(&["verify", "--image", binary::IMAGE]);
    assert_eq!(other.code, 2, "{}", other.told());
    other.says("image: another one").says(&format!("is about {id}")).says("NOT VALID");
}
