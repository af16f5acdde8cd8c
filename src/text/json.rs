//! JSON as text, bounded.

use serde_json::Value;
use std::io::{self, Write};

/// The value as JSON text, cut off with an ellipsis after about `most` bytes. Costs no more than what is shown.
pub fn json(value: &Value, most: usize) -> String {
    let mut shown = Bounded { bytes: Vec::new(), most };
    let whole = serde_json::to_writer(&mut shown, value).is_ok();
    let text = String::from_utf8_lossy(&shown.bytes);
    if whole { text.into_owned() } else { format!("{}…", text.trim_end_matches('\u{fffd}')) }
}

/// Takes so many bytes and then refuses.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.most - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        if taken < bytes.len() { Err(io::ErrorKind::WriteZero.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::json;
    use serde_json::json as value;

    #[test]
    fn long_values_are_cut_between_letters() {
        assert_eq!(json(&value!({"a": [1, "x"]}), 20), r#"{"a":[1,"x"]}"#);
        assert_eq!(json(&value!(["ééééé"]), 7), r#"["éé…"#);
    }
}
