//! Configurations whose secrets open nothing: other values of the same form.

use super::naming::{shown, slug};
use super::spots::Spots;
use super::{Draft, Judge, Kind};
use crate::protocol::secret_places;
use serde_json::{Map, Number, Value};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// How many secrets are mangled, and how often each is tried until the schema takes it.
const SECRETS: usize = 200;
const TRIES: u64 = 8;

/// With other values of all secrets, then of each alone, those that the specification marks first. A secret of which the
/// schema takes no other value that was tried stays.
pub(super) fn mangled(spots: &Spots<'_>, judge: &Judge, seed: u64) -> Vec<Draft> {
    let mut places = secret_places(spots.config, Some(spots.root));
    places.retain(|place| !place.pointer.starts_with("/_"));
    places.sort_by_key(|place| !place.secret.marked);
    let mut found: Vec<(String, Value)> = Vec::new();
    for place in places.into_iter().take(SECRETS) {
        let value = spots.config.pointer(&place.pointer).unwrap_or(&Value::Null);
        let mut tries = (0..TRIES).filter_map(|attempt| {
            let start = xxh3_64_with_seed(place.pointer.as_bytes(), seed.wrapping_add(attempt));
            other(value, &mut Letters { state: start })
        });
        let other = tries.find(|other| judge.conforms(&spots.with(&place.pointer, other.clone())));
        found.extend(other.map(|other| (place.pointer, other)));
    }
    let mut drafts = Vec::new();
    if found.len() > 1 {
        let mut config = spots.config.clone();
        for (pointer, other) in &found {
            if let Some(place) = config.pointer_mut(pointer) {
                *place = other.clone();
            }
        }
        let (id, what) = ("other-secrets".to_owned(), "with other values of all its secrets".to_owned());
        drafts.push(Draft { id, what, pointer: None, kind: Kind::MangledSecret, config });
    }
    drafts.extend(found.into_iter().map(|(pointer, other)| {
        let field = pointer[1..].replace('/', ".").replace("~1", "/").replace("~0", "~");
        Draft {
            id: format!("other-{}", slug(&field)),
            what: format!("with another value of the secret `{}`", shown(&field)),
            config: spots.with(&pointer, other),
            pointer: Some(pointer),
            kind: Kind::MangledSecret,
        }
    }));
    drafts
}

/// Another value of the same form. None where there is none for certain.
fn other(value: &Value, letters: &mut Letters) -> Option<Value> {
    match value {
        Value::String(text) => other_text(text, letters).map(Value::String),
        Value::Number(number) if number.is_u64() => {
            let other = letters.mangle(&number.to_string());
            other.parse::<u64>().ok().map(|other| Value::Number(Number::from(other)))
        }
        _ => None,
    }
    .filter(|other| other != value)
}

fn other_text(text: &str, letters: &mut Letters) -> Option<String> {
    if let Ok(Value::Object(members)) = serde_json::from_str(text) {
        return serde_json::to_string(&other_document(members, letters)).ok();
    }
    if text.starts_with("-----BEGIN ") {
        // The lines around a key say what it is.
        // Where a key had to fit into one line, its ends of lines are written out.
        let end = if text.contains('\n') { "\n" } else { "\\n" };
        let lines = text.split(end).map(|line| match line.starts_with("-----") {
            true => line.to_owned(),
            false => letters.mangle(line),
        });
        return Some(lines.collect::<Vec<_>>().join(end));
    }
    match text.split_once("://") {
        // Whatever it is sent to stays: nobody else's host is to be asked.
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let (login, host) = authority.rsplit_once('@').map_or(("", authority), |(login, host)| (login, host));
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            match (password, login) {
                ("", "") => Some(format!("{scheme}://{authority}{}", letters.mangle(path))),
                ("", _) => Some(format!("{scheme}://{}@{host}{path}", letters.mangle(user))),
                _ => Some(format!("{scheme}://{user}:{}@{host}{path}", letters.mangle(password))),
            }
        }
        None => Some(letters.mangle(text)),
    }
}

/// A document, a key file for instance, in which secrets have other values: those by name, or each text if none is.
fn other_document(mut members: Map<String, Value>, letters: &mut Letters) -> Value {
    let document = Value::Object(members.clone());
    for place in secret_places(&document, None) {
        let name = place.pointer.trim_start_matches('/');
        if let Some(Value::String(text)) = members.get_mut(name) {
            *text = other_text(text, letters).unwrap_or_default();
        }
    }
    if Value::Object(members.clone()) == document {
        for value in members.values_mut() {
            if let Value::String(text) = value {
                *text = letters.mangle(text);
            }
        }
    }
    Value::Object(members)
}

/// Numbers that look random, the same for the same start (splitmix64).
struct Letters {
    state: u64,
}

impl Letters {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A text of the same length with another letter for each letter and another digit for each digit, of the same case;
    /// what is hexadecimal stays so, the first digit is never 0, and all else stays.
    fn mangle(&mut self, text: &str) -> String {
        let is_hex = |letter: char| !letter.is_ascii_alphabetic() || letter.is_ascii_hexdigit();
        let letters = if text.len() >= 16 && text.chars().all(is_hex) { 6 } else { 26 };
        let mut is_first = true;
        let mangled = text.chars().map(|letter| {
            let (base, count) = match letter {
                'a'..='z' => (b'a', letters),
                'A'..='Z' => (b'A', letters),
                '1'..='9' if is_first => (b'1', 9),
                '0'..='9' => (b'0', 10),
                other => return other,
            };
            is_first = false;
            // At most nine, ten or 26 steps from the base, and never as many as there are: so it is another one.
            let step = 1 + self.next() % (count - 1);
            let at = (u64::from(letter) - u64::from(base) + step) % count;
            char::from(base + u8::try_from(at).unwrap_or_default())
        });
        mangled.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        other_text(text, &mut Letters { state: 7 }).expect("another value")
    }

    #[test]
    fn another_value_has_the_same_form() {
        let form = |text: &str| -> String {
            let class = |letter: char| match letter {
                'a'..='z' => 'a',
                'A'..='Z' => 'A',
                '0'..='9' => '0',
                other => other,
            };
            text.chars().map(class).collect()
        };
        for text in ["sk_live_51Hq9", "hunter22", "550e8400-e29b-41d4-a716-446655440000", "ü-ä7", "7"] {
            let other = of(text);
            assert_eq!(form(&other), form(text));
            let is_kept = |(one, other): (char, char)| one == other && one.is_ascii_alphanumeric();
            assert!(!text.chars().zip(other.chars()).any(is_kept), "{text} {other}");
        }
        assert!(of("0123456789abcdef").chars().all(|letter| letter.is_ascii_hexdigit()));
    }

    #[test]
    fn what_a_value_is_sent_to_stays() {
        let other = of("postgres://me:pw12@db.example.com:5432/shop");
        assert!(other.starts_with("postgres://me:") && other.ends_with("@db.example.com:5432/shop"), "{other}");
        assert!(!other.contains("pw12"));
        let hook = of("https://hooks.example.com/T0/B0");
        assert!(hook.starts_with("https://hooks.example.com/") && !hook.ends_with("/T0/B0"), "{hook}");
    }

    #[test]
    fn key_files_stay_key_files() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n";
        let other_key = of(key);
        assert!(
            other_key.starts_with("-----BEGIN PRIVATE KEY-----\n")
                && other_key.ends_with("-----END PRIVATE KEY-----\n")
        );
        assert!(!other_key.contains("MIIEvQ"));
        let file = serde_json::json!({"type": "service_account", "project_id": "shop", "private_key": key});
        let other: Value = serde_json::from_str(&of(&file.to_string())).expect("JSON");
        assert_eq!((&other["type"], &other["project_id"]), (&file["type"], &file["project_id"]));
        assert_ne!(other["private_key"], file["private_key"]);
    }

    #[test]
    fn numbers_stay_numbers() {
        let other = other(&serde_json::json!(4711), &mut Letters { state: 1 }).expect("another number");
        assert!(other.as_u64().is_some_and(|other| other != 4711 && (1_000..10_000).contains(&other)), "{other}");
    }
}
