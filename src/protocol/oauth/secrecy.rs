//! Which outputs of an OAuth flow are secret, by their names.

use super::super::is_secret_name;

/// Whether what an OAuth flow puts into the configuration is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutputSecrecy {
    /// Anybody may read it: an id, an address, a date.
    Open,
    /// Its name does not say.
    Unclear,
    /// It gives access.
    Secret,
}

/// Words that end the names of open values.
const OPEN: [&str; 24] = [
    "at",
    "date",
    "domain",
    "email",
    "endpoint",
    "environment",
    "expiration",
    "expires",
    "expiry",
    "host",
    "id",
    "ids",
    "in",
    "name",
    "region",
    "scope",
    "scopes",
    "subdomain",
    "time",
    "type",
    "uri",
    "url",
    "username",
    "version",
];

/// Words in the names of values that give access.
const SECRET: [&str; 13] = [
    "assertion",
    "bearer",
    "cookie",
    "credential",
    "jwt",
    "key",
    "passphrase",
    "password",
    "secret",
    "session",
    "signature",
    "ticket",
    "token",
];

impl OutputSecrecy {
    /// That of a name. The last word says what a value is: a `token_type` is no token, a `session_id` is all that a
    /// session needs.
    pub fn of(name: &str) -> Self {
        let words = words(name);
        let has = |secret: &str| words.iter().any(|word| means(word, secret));
        let ends_open = words.last().is_some_and(|last| OPEN.contains(&last.as_str()));
        if has("session") || has("cookie") {
            OutputSecrecy::Secret
        } else if ends_open {
            OutputSecrecy::Open
        } else if is_secret_name(name) || SECRET.iter().any(|secret| has(secret)) {
            OutputSecrecy::Secret
        } else {
            OutputSecrecy::Unclear
        }
    }
}

/// Whether a word is that one, or several of it, or a longer one written together: `accesstoken`.
fn means(word: &str, secret: &str) -> bool {
    let word = word.strip_suffix('s').unwrap_or(word);
    word == secret || (secret.len() > 4 && word.ends_with(secret))
}

/// The words of a name, whether `access_token`, `access-token` or `accessToken`.
fn words(name: &str) -> Vec<String> {
    let (mut words, mut was_lower) = (vec![String::new()], false);
    for letter in name.chars().take(200) {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_secret() {
        for name in [
            "access_token",
            "accessToken",
            "session",
            "sessionId",
            "api-keys",
            "oauth_token_secret",
            "Token",
            "accesstokens",
        ] {
            assert_eq!(OutputSecrecy::of(name), OutputSecrecy::Secret, "{name}");
        }
        for name in ["client_id", "token_expiry_date", "expires_in", "token_type", "instance_url", "scope", "clientId"]
        {
            assert_eq!(OutputSecrecy::of(name), OutputSecrecy::Open, "{name}");
        }
        for name in ["shop", "code", "", "monkey"] {
            assert_eq!(OutputSecrecy::of(name), OutputSecrecy::Unclear, "{name}");
        }
    }
}
