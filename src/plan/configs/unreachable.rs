//! Configurations whose hosts can't be reached.

use super::naming::shown;
use super::spots::{Spot, Spots};
use super::{Draft, Judge, Kind};
use crate::protocol::secret_places;
use serde_json::{Value, json};

/// An address that is kept for documents (RFC 5737): no network has it, so nobody is asked for anything.
const SILENT: &str = "192.0.2.1";

/// The connector's own machine, at a port where nothing listens.
const CLOSED: (&str, u16) = ("127.0.0.1", 1);

/// How many fields are changed.
const FIELDS: usize = 20;

/// Formats of JSON Schema that say that a text names a host, and names of fields that do.
const FORMATS: [&str; 5] = ["uri", "url", "hostname", "ipv4", "idn-hostname"];
const NAMES: [&str; 8] = ["host", "hostname", "url", "uri", "server", "endpoint", "domain", "address"];

/// Schemes of what is no host on a network.
const ELSEWHERE: [&str; 6] = ["file", "s3", "gs", "gcs", "azure", "abfss"];

/// With all hosts replaced by a silent one, and by one that refuses.
pub(super) fn hosts(spots: &Spots<'_>, judge: &Judge) -> Vec<Draft> {
    let secrets = secret_places(spots.config, Some(spots.root));
    let is_secret = |spot: &Spot<'_>| secrets.iter().any(|secret| secret.pointer == spot.pointer);
    let fields: Vec<(&Spot<'_>, &str)> = spots
        .fields()
        .filter(|spot| !spot.schemas.is_empty() && !is_secret(spot))
        .filter_map(|spot| Some((spot, spot.value.as_str()?)))
        .filter(|(spot, text)| names_a_host(spot, text))
        .take(FIELDS)
        .collect();
    let of = |id: &str, what: (&str, &str), (host, port): (&str, Option<u16>)| {
        let changed: Vec<(&Spot<'_>, Value)> = fields
            .iter()
            .filter_map(|(spot, text)| Some((*spot, json!(with_host(text, host, port)?))))
            .filter(|(spot, value)| judge.conforms(&spots.with(&spot.pointer, value.clone())))
            .collect();
        let mut config = spots.config.clone();
        for (spot, value) in &changed {
            if let Some(place) = config.pointer_mut(&spot.pointer) {
                *place = value.clone();
            }
        }
        let (first, others) = changed.split_first()?;
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        Some(Draft {
            id: id.to_owned(),
            what: format!(
                "whose `{}`{more} {}",
                shown(&first.0.field),
                if others.is_empty() { what.0 } else { what.1 }
            ),
            pointer: others.is_empty().then(|| first.0.pointer.clone()),
            kind: Kind::UnreachableHost,
            config,
        })
    };
    let silent = of("silent-host", ("is a host that never answers", "are hosts that never answer"), (SILENT, None));
    let closed = of(
        "closed-port",
        ("is a host that takes no connection", "are hosts that take no connection"),
        (CLOSED.0, Some(CLOSED.1)),
    );
    [silent, closed].into_iter().flatten().collect()
}

fn names_a_host(spot: &Spot<'_>, text: &str) -> bool {
    let is_format = spot.keyword("format").and_then(Value::as_str).is_some_and(|format| FORMATS.contains(&format));
    let name = spot.name.unwrap_or_default().to_ascii_lowercase();
    let is_name = || name.rsplit(['_', '-']).next().is_some_and(|last| NAMES.contains(&last));
    let looks_like_one = || text.contains("://") || text.contains('.') || text == "localhost" || name.ends_with("host");
    (is_format || is_name()) && looks_like_one()
}

/// The text with another host, everything else as it was; with another port where one is given and the text is a URL or
/// has one. None where it is no host.
fn with_host(text: &str, host: &str, port: Option<u16>) -> Option<String> {
    if let Some((scheme, rest)) = text.split_once("://") {
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let login = authority.rsplit_once('@').map(|(login, _)| format!("{login}@")).unwrap_or_default();
        let own = authority.rsplit('@').next().unwrap_or_default();
        if own.is_empty() || ELSEWHERE.contains(&scheme.to_ascii_lowercase().as_str()) {
            return None;
        }
        let port = port.map(|port| format!(":{port}")).or_else(|| Some(format!(":{}", port_of(own)?)));
        return Some(format!("{scheme}://{login}{host}{}{path}", port.unwrap_or_default()));
    }
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    match text.rsplit_once(':') {
        Some((name, number)) if !name.is_empty() && name.chars().all(is_plain) => {
            let own: u16 = number.parse().ok()?;
            Some(format!("{host}:{}", port.unwrap_or(own)))
        }
        None if !text.is_empty() && text.chars().all(is_plain) => Some(host.to_owned()),
        _ => None,
    }
}

fn port_of(host: &str) -> Option<u16> {
    host.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Content, unreachable};
    use super::*;

    #[test]
    fn only_the_host_is_another_one() {
        let silent = |text: &str| with_host(text, SILENT, None);
        let closed = |text: &str| with_host(text, CLOSED.0, Some(CLOSED.1));
        for (text, expected) in [
            ("https://api.example.com/v1?a=b", "https://192.0.2.1/v1?a=b"),
            ("http://me:pw@example.com:8080", "http://me:pw@192.0.2.1:8080"),
            ("db.example.com", "192.0.2.1"),
            ("db.example.com:5432", "192.0.2.1:5432"),
        ] {
            assert_eq!(silent(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(closed("https://api.example.com/v1").as_deref(), Some("https://127.0.0.1:1/v1"));
        assert_eq!(closed("db.example.com:5432").as_deref(), Some("127.0.0.1:1"));
        for text in ["s3://bucket/key", "file:///tmp/x", "", "two words", "a:b"] {
            assert_eq!(silent(text), None, "{text}");
        }
    }

    #[test]
    fn hosts_are_known_by_format_and_name_and_the_schema_holds() {
        let spec = json!({"properties": {
            "host": {"type": "string"}, "base_url": {"type": "string"}, "site": {"type": "string", "format": "uri"},
            "cloud_url": {"type": "string", "pattern": "example\\.com$"}, "domain": {"type": "string"},
            "note": {"type": "string"},
        }});
        let config = json!({
            "host": "db", "base_url": "https://api.example.com", "site": "http://shop.example.com/a",
            "cloud_url": "https://x.example.com", "domain": "tulips", "note": "https://nobody.example.com",
            "undeclared_url": "https://api.example.com",
        });
        let found = unreachable(&spec, &config);
        assert_eq!(found.iter().map(|one| &*one.id).collect::<Vec<_>>(), ["silent-host", "closed-port"]);
        assert_eq!(found[0].what, "whose `host` and 2 more are hosts that never answer");
        let Content::Json(changed) = &found[0].content else { panic!("a document") };
        let mut expected = config.clone();
        expected["host"] = json!(SILENT);
        expected["base_url"] = json!("https://192.0.2.1");
        expected["site"] = json!("http://192.0.2.1/a");
        assert_eq!(*changed, expected);
        assert!(unreachable(&spec, &json!({"note": "https://nobody.example.com"})).is_empty());
    }
}
