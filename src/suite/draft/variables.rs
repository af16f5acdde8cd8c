//! Names of environment variables for the secrets of a config: the connector's, and the field's.

use crate::suite::Target;
use std::collections::HashSet;

/// How long a part of a name may be.
const LONGEST: usize = 60;

/// The variables of a suite.
pub(super) struct Variables {
    prefix: String,
    taken: HashSet<String>,
}

impl Variables {
    /// For a connector, after the last part of its name: an image's (`airbyte/source-orders:dev` gives ORDERS), or what a
    /// command runs (`python source_orders/main.py` does, too). CONNECTOR where that says nothing.
    pub fn of(target: &Target) -> Self {
        let name = match target {
            Target::Image(image) => {
                image.split('@').next().and_then(|image| image.rsplit('/').next()?.split(':').next())
            }
            Target::Exec(command) => named_by(&command.line),
        };
        let kinds = ["source-", "destination-", "source_", "destination_"];
        let name = name.map(|name| kinds.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name));
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

/// What a command line runs: its last word that is no option, without folders and extension; the folder, where the file is
/// called as many are. None where that is no plain path.
fn named_by(command: &str) -> Option<&str> {
    const ANY: [&str; 9] = ["main", "run", "source", "destination", "connector", "app", "python", "python3", "sh"];
    let is_plain = |word: &&str| !word.contains(['$', '=', ';', '|', '&', '(', '`', '*']);
    let last = command.split_whitespace().rfind(|word| !word.starts_with('-')).filter(is_plain)?;
    let mut parts = last.trim_matches(['"', '\'']).rsplit('/').map(|part| part.split('.').next().unwrap_or(part));
    parts.find(|part| !part.is_empty()).filter(|part| !ANY.contains(part)).or_else(|| {
        let folder = parts.next()?;
        (!folder.is_empty() && !ANY.contains(&folder)).then_some(folder)
    })
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
    use crate::suite::LocalCommand;

    #[test]
    fn variables_are_called_after_connector_and_field() {
        let image = |name: &str| Variables::of(&Target::Image(name.to_owned()));
        let mut variables = image("registry:5000/airbyte/source-my-orders:dev");
        let mut name = |path: &[&str]| variables.name(&path.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!(name(&["credentials", "apiKey"]), "MY_ORDERS_API_KEY");
        assert_eq!(name(&["api_key"]), "MY_ORDERS_API_KEY_2");
        assert_eq!(name(&["proxy", "api-key"]), "MY_ORDERS_PROXY_API_KEY");
        assert_eq!(name(&["日本"]), "MY_ORDERS_2");
        assert_eq!(image("1/2:3").name(&["a\nb$(x)".to_owned()]), "CONNECTOR_A_B_X");
        for (command, prefix) in [
            ("'/opt/air proof/airproof' demo-source", "DEMO_SOURCE"),
            ("python source_orders/main.py", "ORDERS"),
            ("poetry run source-orders --quiet", "ORDERS"),
            ("./bin/destination-shop.sh", "SHOP"),
            ("python main.py", "CONNECTOR"),
            ("sh -c 'cat $HOME'", "CONNECTOR"),
            ("", "CONNECTOR"),
        ] {
            assert_eq!(Variables::of(&Target::Exec(LocalCommand::here(command))).prefix, prefix, "{command}");
        }
    }
}
