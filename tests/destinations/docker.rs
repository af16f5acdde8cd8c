//! A sample of the faults in Docker.

use crate::binary::{self, Place, has_docker};
use crate::case::{self, Case};
use crate::program::program;
use crate::table::{self, Row};
use libtest_mimic::Failed;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const SAMPLE: [&str; 4] = ["healthy", "acknowledges-too-early", "append-replaces", "state-number-rounded"];

pub fn faults() -> Result<(), Failed> {
    if !has_docker() {
        return Ok(());
    }
    let sample = case::all().into_iter().filter(|case| SAMPLE.contains(&case.name.as_str()));
    table::judge(sample.map(|case| Row { fired: fired(&case), name: case.name, expected: case.expected }).collect())
}

fn fired(case: &Case) -> std::collections::BTreeSet<String> {
    let fault = if case.name == "healthy" { "none" } else { &case.name };
    let image = Image::make(fault);
    let place = Place::new();
    let data = place.path("data");
    std::fs::create_dir(&data).unwrap();
    // For the user of the image.
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o777)).unwrap();
    let connector = json!({"image": image.tag, "mounts": [{"source": data, "target": "/data"}]});
    case.fired_by(&place, connector, Path::new("/data/out.db"), "data/out.db")
}

/// An image of the SQLite destination; removed when it is dropped.
struct Image {
    tag: String,
}

impl Image {
    fn make(fault: &str) -> Image {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/sqlite/image");
        let made = Command::new(script).arg(program()).arg(fault).output().unwrap();
        assert!(made.status.success(), "{fault}: {}", String::from_utf8_lossy(&made.stderr));
        Image { tag: format!("airproof/sqlite:{fault}") }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let removed = Command::new("docker").args(["rmi", "--force", &self.tag]).output();
        if !removed.is_ok_and(|removed| removed.status.success()) {
            binary::skipped(&format!("the image {} could not be removed", self.tag));
        }
    }
}
