//! Files with secrets: those that a text takes a value from, and who may read them.

use super::diagnose::{Span, quoted_path, reason};
use super::fields::Reader;
use super::interpolate::Unresolved;
use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path};

/// A larger file is no value, in bytes.
const MOST: u64 = 1 << 20;

/// Reads the value in a file: its text, without the line end behind it.
pub(super) fn read(path: &Path) -> Result<String, Unresolved> {
    let unresolved = |why: String| Unresolved {
        message: format!("the file {} cannot be read: {why}", quoted_path(path)),
        help: "a relative path starts at the folder of the suite that names it; write `${file:PATH}`".to_owned(),
        is_absent: true,
    };
    let mut bytes = Vec::new();
    let is_file = std::fs::metadata(path).map(|about| about.is_file() || about.is_dir());
    // Whoever opens a pipe waits for whoever writes to it.
    let opened = is_file.and_then(|is| if is { File::open(path) } else { Err(Error::other("it is no file")) });
    let taken = opened.and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    taken.map_err(|error| unresolved(reason(&error)))?;
    if bytes.len() as u64 > MOST {
        return Err(unresolved(format!("it is larger than {}", crate::text::bytes(MOST))));
    }
    let text = String::from_utf8(bytes).map_err(|_| unresolved(reason(&Error::from(ErrorKind::InvalidData))))?;
    let text = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text)).unwrap_or(&text);
    Ok(text.to_owned())
}

impl Reader<'_> {
    /// Tells of a file in a folder called `secrets` that every user of this machine may read.
    pub fn remark_if_open(&mut self, path: &Path, span: Span) {
        let folder = path.parent().unwrap_or(path);
        let is_secret = folder.components().any(|part| matches!(part, Component::Normal(name) if name == "secrets"));
        let is_open =
            std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o004 != 0);
        if is_secret && is_open {
            let message = format!("every user of this machine may read {}", quoted_path(path));
            let help = format!("take that from the others: chmod o-rwx {}", super::diagnose::shown(path));
            self.remark(span, message, &help);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_without_its_line_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        for (content, value) in [("a b\n", "a b"), ("a\n\n", "a\n"), ("a\r\n", "a"), ("", ""), (" a", " a")] {
            std::fs::write(&path, content).expect("written");
            assert_eq!(read(&path), Ok(value.to_owned()));
        }
        for (content, why) in [(vec![0xff], "not UTF-8"), (vec![b'a'; (1 << 20) + 1], "larger than 1.0 MiB")] {
            std::fs::write(&path, content).expect("written");
            let message = read(&path).expect_err("it is no value").message;
            assert!(message.contains(why), "{message}");
        }
        assert!(read(folder.path()).expect_err("no file").message.contains("it is a folder"));
        assert!(read(&folder.path().join("none")).expect_err("no file").message.contains("no such file"));
    }
}
