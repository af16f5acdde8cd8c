//! The `metadata.yaml` of a connector, which Airbyte's repository keeps beside it, and what belongs to it there.
//!
//! They are somebody else's files: what can't be read in them is not there, and no mistake of the suite.

use super::fields::Reader;
use super::scalar;
use super::yaml::{self, Kind, Node};
use crate::protocol::{Documentation, Icon, Metadata};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// The keys of what is asked of the documentation.
pub(super) const DOCUMENTATION_KEYS: [&str; 1] = ["links"];
/// Larger files are not read, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// How far into a file its drawing must have begun, in bytes.
const ICON_BEGINS: u64 = 64 << 10;
/// How far up the repository's root is looked for.
const MAX_FOLDERS: usize = 16;
/// Where the connectors' documentation is published; in the repository, the same path lies below `docs`.
const SITES: [&str; 2] = ["https://docs.airbyte.com/", "https://docs.airbyte.io/"];
/// What says that a file is a connector's: other programs have a `metadata.yaml`, too.
const TELLING: [&str; 3] = ["dockerRepository", "definitionId", "connectorType"];

impl Reader<'_> {
    /// Whether the links of the connector's documentation are to be requested.
    pub fn asks_for_links(&mut self, node: &Node) -> bool {
        let is_one = self.keys(node, "`documentation`", &DOCUMENTATION_KEYS);
        node.get("links").is_some_and(|links| is_one && self.flag(links, "`links`"))
    }
}

/// What the file in a folder says of the connector, with the icon beside it and the page in the same repository.
pub(super) fn in_folder(folder: &Path) -> Option<Metadata> {
    let folder = std::path::absolute(folder).ok()?;
    let text = bounded(&folder.join("metadata.yaml"), MAX_BYTES)?;
    let mut mistakes = Vec::new();
    let document = yaml::parse(0, &text, &mut mistakes)?;
    // What was read in part would seem to lack the rest.
    let data = document.root.get("data").filter(|_| mistakes.is_empty())?;
    TELLING.iter().find(|key| data.get(key).is_some())?;
    let data = json(data);
    let url = data.get("documentationUrl").and_then(Value::as_str).unwrap_or_default();
    let documentation = documentation(&folder, url);
    Some(Metadata { documentation, icon: Some(icon(&folder.join("icon.svg"))), data })
}

/// The value as JSON. Fractions stay as they are written: a version is text, also where it looks like a number.
fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar { text, plain: true } => match scalar::resolve(text) {
            Ok(Value::Number(number)) if number.is_f64() => Value::String(text.clone()),
            Ok(value) => value,
            Err(_) => Value::String(text.clone()),
        },
        Kind::Scalar { text, plain: false } => Value::String(text.clone()),
        Kind::Sequence(items) => items.iter().map(json).collect(),
        Kind::Mapping(entries) => entries.iter().map(|(key, entry)| (key.clone(), json(&entry.value))).collect(),
    }
}

fn icon(path: &Path) -> Icon {
    let Ok(about) = fs::metadata(path) else { return Icon::Missing };
    let bytes = about.len();
    let mut beginning = Vec::new();
    let read = if about.is_file() { File::open(path).ok() } else { None };
    let read = read.and_then(|file| file.take(ICON_BEGINS).read_to_end(&mut beginning).ok());
    match read.is_some() && memchr::memmem::find(&beginning, b"<svg").is_some() {
        true => Icon::Svg { bytes },
        false => Icon::Other { bytes },
    }
}

/// The page of an address, where a folder above this one has the documentation.
fn documentation(folder: &Path, url: &str) -> Option<Documentation> {
    let address = SITES.iter().find_map(|site| url.strip_prefix(site))?;
    let address = address.split(['#', '?']).next().unwrap_or_default().trim_end_matches('/');
    let is_name = |part: &str| {
        !part.starts_with('.') && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let parts: Vec<&str> = address.split('/').collect();
    if parts.len() < 3 || parts[0] != "integrations" || !parts.iter().all(|part| !part.is_empty() && is_name(part)) {
        return None;
    }
    let root = folder.ancestors().take(MAX_FOLDERS).find(|folder| folder.join("docs/integrations").is_dir())?;
    let path = format!("docs/{address}.md");
    let file = root.join(&path);
    match fs::symlink_metadata(&file) {
        Ok(about) if about.is_file() => {
            Some(Documentation { text: Some(bounded(&file, MAX_BYTES)?), path, links: None })
        }
        // Through a link it would be another file's text that is kept.
        Ok(_) => None,
        Err(error) => {
            (error.kind() == std::io::ErrorKind::NotFound).then_some(Documentation { path, text: None, links: None })
        }
    }
}

/// The text of a file that is not larger; none where it is no file or no UTF-8.
fn bounded(path: &Path, most: u64) -> Option<String> {
    // To open a pipe would be to wait for who writes into it.
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut text = String::new();
    File::open(path).ok()?.take(most + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= most).then(|| text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_data_are_read_as_they_are_written() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(in_folder(folder.path()), None);
        let read = |text: &str| {
            fs::write(folder.path().join("metadata.yaml"), text).expect("written");
            in_folder(folder.path()).map(|metadata| metadata.data)
        };
        let found =
            read("data:\n  connectorType: source\n  dockerImageTag: 1.10\n  ab_internal: {ql: 400}\n  tags: []\n");
        let expected =
            json!({"connectorType": "source", "dockerImageTag": "1.10", "ab_internal": {"ql": 400}, "tags": []});
        assert_eq!(found, Some(expected));
        assert_eq!(read("data: {}\n"), None, "another program's");
        assert_eq!(read("data: [\n"), None);
        assert_eq!(read("data: *nowhere\n"), None);
        assert_eq!(
            read("base: &base {name: x}\ndata:\n  name: y\n  name: z\n  connectorType: source\n"),
            None,
            "in part"
        );
        assert_eq!(read(&format!("data: {{connectorType: source, x: {}}}\n", "x".repeat(1 << 20))), None, "too large");
        let level = |level: usize| format!("l{level}: &l{level} [{}]\n", format!("*l{},", level - 1).repeat(10));
        let bomb: String = (1..12).map(level).collect();
        assert_eq!(read(&format!("l0: &l0 [x]\n{bomb}data: {{connectorType: source, x: *l11}}\n")), None, "a bomb");
    }

    #[test]
    fn the_icon_and_the_page_are_found() {
        let root = tempfile::tempdir().expect("a folder");
        let connector = root.path().join("connectors/source-orders");
        fs::create_dir_all(&connector).expect("made");
        let url = "https://docs.airbyte.com/integrations/sources/orders/";
        let write = |url: &str| {
            let text = format!("data: {{connectorType: source, documentationUrl: '{url}'}}\n");
            fs::write(connector.join("metadata.yaml"), text).expect("written");
            in_folder(&connector).expect("metadata")
        };
        let found = write(url);
        assert_eq!((found.icon, found.documentation), (Some(Icon::Missing), None));

        let pages = root.path().join("docs/integrations/sources");
        fs::create_dir_all(&pages).expect("made");
        fs::write(connector.join("icon.svg"), "<?xml version=\"1.0\"?><svg/>").expect("written");
        let path = "docs/integrations/sources/orders.md".to_owned();
        let found = write(url);
        assert_eq!(found.icon, Some(Icon::Svg { bytes: 27 }));
        assert_eq!(found.documentation, Some(Documentation { path: path.clone(), text: None, links: None }));

        fs::write(pages.join("orders.md"), "# Orders\n").expect("written");
        fs::write(connector.join("icon.svg"), "PNG").expect("written");
        let found = write(url);
        assert_eq!(found.icon, Some(Icon::Other { bytes: 3 }));
        assert_eq!(found.page(), Some("# Orders\n"));
        for strange in ["https://docs.airbyte.com/integrations/../../../etc/passwd", "https://docs.example.com/orders"]
        {
            assert_eq!(write(strange).documentation, None, "{strange}");
        }
    }
}
