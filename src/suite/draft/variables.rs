//! Names of environment variables for the secrets of a config: the connector's, and the field's.

use std::collections::HashSet;

/// How long a part of a name may be.
const LONGEST: usize = 60;

/// The variables of a suite.
pub(super) struct Variables {
    prefix: String,
    taken: HashSet<String>,
}

impl Variables {
    /// For a connector: an image's name (`airbyte/source-orders:dev` gives ORDERS), or a command (CONNECTOR).
    pub fn of(image: Option<&str>) -> Self {
        let last = image.and_then(|image| image.split('@').next()?.rsplit('/').next()?.split(':').next());
        let name = last
            .map(|name| ["source-", "destination-"].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name));
        let prefix = name.map(upper).filter(|name| name.starts_with(|letter: char| letter.is_ascii_alphabetic()));
        let prefix = prefix.unwrap_or_else(|| "CONNECTOR".to_owned());
        Variables { prefix, taken: HashSet::new() }
    }

    /// A name of its own for the field at that path: the field's, with those around it where that is taken.
    pub fn name(&mut self, path: &[String]) -> String {
        let leaf = path.last().map(|name| upper(name)).unwrap_or_default();
        let whole = upper(&path.join("_"));
        let numbered = (2..).map(|number| format!("{whole}_{number}").trim_start_matches('_').to_owned());
        let mut names = [leaf, whole.clone()].into_iter().chain(numbered).filter(|name| !name.is_empty());
        let free = names.find(|name| !self.taken.contains(name)).expect("numbers do not end");
        self.taken.insert(free.clone());
        format!("{}_{free}", self.prefix)
    }
}

/// Letters and digits of ASCII in capitals, `_` between words.
fn upper(text: &str) -> String {
    let mut name = String::new();
    let mut before = ' ';
    for letter in text.chars() {
        let begins = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if (begins || !letter.is_ascii_alphanumeric()) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_uppercase());
        }
        before = letter;
    }
    name.truncate(LONGEST);
    name.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_called_after_connector_and_field() {
        let mut variables = Variables::of(Some("registry:5000/airbyte/source-my-orders:dev"));
        let mut name = |path: &[&str]| variables.name(&path.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!(name(&["credentials", "apiKey"]), "MY_ORDERS_API_KEY");
        assert_eq!(name(&["api_key"]), "MY_ORDERS_API_KEY_2");
        assert_eq!(name(&["proxy", "api-key"]), "MY_ORDERS_PROXY_API_KEY");
        assert_eq!(name(&["日本"]), "MY_ORDERS_2");
        assert_eq!(Variables::of(None).name(&["a\nb$(x)".to_owned()]), "CONNECTOR_A_B_X");
        assert_eq!(Variables::of(Some("1/2:3")).prefix, "CONNECTOR");
    }
}
