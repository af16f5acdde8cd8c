//! A sample of the faults in Docker, and those of the image itself.

use crate::binary::{self, has_docker};
use crate::connector::{self, resolve};
use crate::table::{self, Row};
use libtest_mimic::Failed;
use std::process::Command;

/// Faults of the program that are tried in Docker, too.
const SAMPLE: &[&str] =
    &["healthy", "spec-fails", "check-takes-any-token", "record-on-stderr", "line-cut-off", "secret-in-a-log"];

/// Faults of the image, which `fixtures/connectors/faulty/image` makes, and the rules that they break.
pub const IMAGE_FAULTS: &[(&str, &str)] = &[
    ("image-without-entrypoint-variable", "CLI-012"),
    ("image-with-another-entrypoint-variable", "CLI-012"),
    ("image-with-a-relative-entrypoint", "CLI-012"),
    ("image-of-root", "CLI-013"),
    ("image-without-its-folder", "CLI-013"),
    ("image-without-labels", "SPEC-048"),
];

pub fn faults() -> Result<(), Failed> {
    if !has_docker() {
        return Ok(());
    }
    let registered = connector::rules();
    let program = connector::cases();
    let of_program = program.iter().filter(|case| SAMPLE.contains(&case.name.as_str()));
    let of_program = of_program.map(|case| (case.name.clone(), case.expected(&registered)));
    let of_image = IMAGE_FAULTS.iter().map(|(name, codes)| ((*name).to_owned(), resolve(codes, &registered)));
    let rows = of_program.chain(of_image).map(|(name, expected)| {
        let image = Image::make(&name);
        Row { fired: connector::fired("", &["--image", &image.tag]), name, expected }
    });
    table::judge(rows.collect())
}

/// An image of the faulty source; removed when it is dropped.
struct Image {
    tag: String,
}

impl Image {
    fn make(fault: &str) -> Image {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/faulty/image");
        let made = Command::new(script).arg(connector::program()).arg(fault).output().unwrap();
        assert!(made.status.success(), "{fault}: {}", String::from_utf8_lossy(&made.stderr));
        Image { tag: format!("airproof/faulty:{fault}") }
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
