//! What a connector makes secret while it runs: the config in a CONTROL message holds values that nobody knew before.

use crate::protocol::{Control, SecretValue, possible_secrets, secret_values};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A longer line is not held back until it ends, in bytes: no config is as large.
const LONGEST: usize = 256 * 1024;

/// How many values are learned of one launch; a hostile connector can make up new ones for ever.
const MOST: usize = 256;

/// Stands in place of a message whose secrets can't be told from the rest.
const CUT: &[u8] = b"***\n";

/// The word that every such message holds.
const WORD: &[u8] = b"CONTROL";

/// The secrets of a config that came in a CONTROL message. Without a specification, every text of it that could be one.
pub fn secrets_of_update(config: &Value, specification: Option<&Value>) -> Vec<SecretValue> {
    let schema = specification.and_then(|specification| specification.get("connectionSpecification"));
    let mut values = secret_values(config, schema);
    if schema.is_none() {
        values.extend(possible_secrets(config));
    }
    values
}

/// Holds back the last line of an output until it is known to be no CONTROL message.
pub(super) struct ControlScreen {
    specification: Option<Value>,
    held: Vec<u8>,
    /// Whether the rest of a line is let through that was too long to be held.
    is_long: bool,
    learned: Vec<String>,
}

/// What may be stored now, after these secrets are known.
pub(super) struct Screened {
    pub bytes: Vec<u8>,
    pub secrets: Vec<SecretValue>,
}

impl ControlScreen {
    pub fn new(specification: Option<Value>) -> Self {
        ControlScreen { specification, held: Vec::new(), is_long: false, learned: Vec::new() }
    }

    /// Takes the next bytes, and gives all whole lines.
    pub fn push(&mut self, bytes: &[u8]) -> Screened {
        let mut ready = std::mem::take(&mut self.held);
        let before = ready.len();
        ready.extend_from_slice(bytes);
        let ended = memchr::memrchr(b'\n', bytes).map(|at| before + at + 1);
        let begins_long = self.is_long;
        match ended {
            Some(end) => {
                self.is_long = false;
                self.held = ready.split_off(end);
            }
            None if !self.is_long => self.held = std::mem::take(&mut ready),
            None => {}
        }
        if self.held.len() > LONGEST {
            self.is_long = true;
            ready.append(&mut self.held);
        }
        self.screened(ready, begins_long)
    }

    /// Gives what is still held.
    pub fn finish(&mut self) -> Screened {
        let held = std::mem::take(&mut self.held);
        self.screened(held, self.is_long)
    }

    /// Learns from whole lines; the first may be the end of one that was let through.
    fn screened(&mut self, bytes: Vec<u8>, begins_long: bool) -> Screened {
        let mut secrets = Vec::new();
        if memchr::memmem::find(&bytes, WORD).is_none() {
            return Screened { bytes, secrets };
        }
        let mut shown = Vec::with_capacity(bytes.len());
        for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let is_part = at == 0 && begins_long;
            let is_control = !is_part && line.len() <= LONGEST && memchr::memmem::find(line, WORD).is_some();
            match is_control.then(|| config_in(line)).flatten() {
                Some(config) if !self.learn(&config, &mut secrets) => shown.extend_from_slice(CUT),
                _ => shown.extend_from_slice(line),
            }
        }
        Screened { bytes: shown, secrets }
    }

    /// Notes what is new. False where that is too much.
    fn learn(&mut self, config: &Value, secrets: &mut Vec<SecretValue>) -> bool {
        let mut values = secrets_of_update(config, self.specification.as_ref());
        values.retain(|secret| !self.learned.contains(&secret.value));
        if self.learned.len() + values.len() > MOST {
            return false;
        }
        self.learned.extend(values.iter().map(|secret| secret.value.clone()));
        secrets.extend(values);
        true
    }
}

/// The config of a line that is a CONTROL message, whether or not the platform would take it.
fn config_in(line: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        control: Option<&'a RawValue>,
    }
    // Some print a log's beginning on the same line.
    let begin = memchr::memchr(b'{', line)?;
    let envelope: Envelope<'_> = serde_json::from_slice(&line[begin..]).ok()?;
    Control { payload: envelope.control? }.any_config()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn control(token: &str) -> String {
        let config = json!({"refresh_token": token, "name": "main"});
        let control = json!({"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": config}});
        format!("{}\n", json!({"type": "CONTROL", "control": control}))
    }

    fn screen() -> ControlScreen {
        ControlScreen::new(Some(
            json!({"connectionSpecification": {"properties": {"refresh_token": {"airbyte_secret": true}}}}),
        ))
    }

    #[test]
    fn a_secret_is_known_before_its_message_is_stored() {
        let text = format!("a\n{}b CONTROL\n{}c", control("token-2-9f8e"), control("token-3-7d6c"));
        for size in 1..=text.len() {
            let (mut screen, mut known, mut shown) = (screen(), Vec::new(), Vec::new());
            let mut take = |screened: Screened| {
                known.extend(screened.secrets.into_iter().map(|secret| secret.value));
                shown.extend_from_slice(&screened.bytes);
                for token in ["token-2-9f8e", "token-3-7d6c"] {
                    let is_stored = memchr::memmem::find(&shown, token.as_bytes()).is_some();
                    assert!(!is_stored || known.iter().any(|value| value == token), "pieces of {size}");
                }
            };
            text.as_bytes().chunks(size).for_each(|piece| take(screen.push(piece)));
            take(screen.finish());
            assert_eq!(known, ["token-2-9f8e", "token-3-7d6c"]);
            assert_eq!(String::from_utf8_lossy(&shown), text, "pieces of {size}");
        }
    }

    #[test]
    fn what_is_held_and_learned_has_a_bound() {
        let (mut screen, long) = (screen(), vec![b'x'; LONGEST + 1]);
        assert_eq!(screen.push(&long).bytes.len(), LONGEST + 1);
        assert_eq!(screen.push(b"y").bytes, b"y");
        assert_eq!(screen.push(b"z\nw").bytes, b"z\n");
        assert_eq!(screen.push(b"\n").bytes, b"w\n");
        for at in 0..MOST {
            assert_eq!(screen.push(control(&format!("token-{at}")).as_bytes()).secrets.len(), 1);
        }
        assert_eq!(screen.push(control("one-more").as_bytes()).bytes, CUT);
        assert!(screen.push(control("token-1").as_bytes()).bytes.len() > CUT.len());
    }
}
