use crate::protocol::Kind;
use crate::rules::{Findings, FormPlace, Level, Look, Observer, Watch, rule};
use serde_json::Value;

/// What the names of keys and certificates have in them.
const NAMES: [&str; 9] = [
    "privatekey",
    "sshkey",
    "rsakey",
    "pem",
    "certificate",
    "clientcert",
    "keyfile",
    "serviceaccountinfo",
    "serviceaccountjson",
];

/// Ends of names that say: not the key itself.
const OTHERS: [&str; 11] =
    ["id", "path", "password", "passphrase", "name", "type", "url", "alias", "fingerprint", "thumbprint", "number"];

/// Words that say: several lines.
const LINES: [&str; 8] = ["pem", "rsa", "openssh", "x.509", "x509", "pkcs8", "begin", "multiline"];

/// Words that say: one line after all.
const ONE_LINE: [&str; 3] = ["base64", "path", "hex"];

rule! {
    /// A key of several lines is to be typed into a field of one line.
    ///
    /// # What it checks
    /// A secret text whose name says that it is a key or certificate (private_key, ssh_key, certificate, key_file,
    /// service_account_info and the like) has `multiline`. Where title or description speak of PEM, RSA, OpenSSH or
    /// X.509 it is reported at SHOULD; by the name alone it is told at INFO, for some keys are one line. An explicit
    /// `"multiline": false`, a `pattern`, and a text that speaks of base64 or of a path are taken at their word.
    ///
    /// # Why it matters
    /// A field of one line drops the line breaks of what is pasted into it, and a key in PEM without them is no key. The
    /// user sees a failed check and can't see why.
    ///
    /// # Example
    /// ```json
    /// bad:  {"private_key":{"type":"string","description":"RSA key of the user.","airbyte_secret":true}}
    /// good: {"private_key":{"type":"string","description":"RSA key of the user.","airbyte_secret":true,"multiline":true}}
    /// ```
    ///
    /// # How to mend it
    /// Add `"multiline": true`. Where the key is one line, say so with `"multiline": false`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at this.
    MultilineMissing {
        code: "SPEC-029",
        name: "multiline-missing",
        level: Should,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: multi-line string inputs",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct MultilineMissing;

impl Observer for MultilineMissing {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        for place in look.shown() {
            let Some((name, _)) = place.property().filter(|(name, _)| is_key(name)) else { continue };
            let has = |keyword: &str| place.keyword(keyword).is_some_and(|value| !value.is_null());
            let is_secret = place.keyword("airbyte_secret").is_some_and(|secret| *secret == Value::Bool(true));
            if !is_secret || !is_text(&place) || ["multiline", "pattern", "enum", "const"].into_iter().any(has) {
                continue;
            }
            let words = words(&place);
            let says = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
            if says(&ONE_LINE) {
                continue;
            }
            let (cause, level) = if says(&LINES) { ("said", Level::Should) } else { ("named", Level::Info) };
            findings.report(cause, || {
                let (is, by) = if level == Level::Should { ("is", "description") } else { ("may be", "name") };
                let title = format!("what {is} a key of several lines has no `multiline`");
                let message = format!("by its {by}, `{name}` {is} a key of several lines; its field has one line");
                place.violation(look, "", title, message).expected("\"multiline\": true", "none").level(level)
            });
        }
    }
}

fn is_key(name: &str) -> bool {
    const LONGEST: usize = 60;
    let plain = name.replace(['_', '-'], "").to_lowercase();
    let is_other = || OTHERS.iter().any(|end| plain.ends_with(end));
    name.len() <= LONGEST && NAMES.iter().any(|known| plain.contains(known)) && !is_other()
}

fn is_text(place: &FormPlace<'_, '_>) -> bool {
    match place.keyword("type") {
        Some(Value::Array(types)) => types.iter().any(|word| word == "string"),
        Some(word) => word == "string",
        None => false,
    }
}

/// The words of title and description, the first of them, in lower case.
fn words(place: &FormPlace<'_, '_>) -> Vec<String> {
    let texts = ["title", "description"].into_iter().filter_map(|keyword| place.keyword(keyword)?.as_str());
    let split = |text: &'_ str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '.').take(500);
        words.map(|word| word.trim_matches('.').to_lowercase()).collect()
    };
    texts.flat_map(split).collect()
}
