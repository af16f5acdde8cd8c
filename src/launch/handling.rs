//! Ways of treating a connector that an experiment may ask for, and what follows from them for its arguments and files.

use super::LaunchRequest;
use std::time::Duration;

/// How a launch is treated. The default is what every launch gets: the protocol's arguments, and a reader that keeps up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Handling {
    /// What stands on its command line.
    pub arguments: Arguments,
    /// What its files are called.
    pub file_names: FileNames,
    /// The folder that it is started in; none for the launcher's own: the image's, or that of this process.
    pub working_directory: Option<String>,
    /// Its stdin is a pipe that nobody closes before the connector has ended. Nothing comes through it, but for what
    /// [`Stdin`](super::Stdin) says.
    pub stdin_open: bool,
    /// How its output is taken.
    pub reader: Reader,
    /// What happens when [`Stop::strike`](super::Stop::strike) is cancelled; nothing without it.
    pub strike: Option<Blow>,
    /// The container's file system is read-only, but for `/tmp` and the folder of the input files.
    pub read_only_root: bool,
    /// The user that the container runs as, as Docker takes it: `1000`, `1000:1000`, `nobody`; none for the image's.
    pub user: Option<String>,
}

/// What stands on a connector's command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Arguments {
    /// The command and an option for each input file.
    #[default]
    AsProtocol,
    /// Another word in place of the command; the options stay.
    Verb(String),
    /// This option (its name without dashes) and its file are left out, though there is content for it.
    Without(&'static str),
    /// This option (its name without dashes) names a file that does not exist, whether there is content for it or not.
    NoFile(&'static str),
}

/// What input files are called. Nothing may depend on that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum FileNames {
    /// `config.json`: neither what developers nor what the platform calls it.
    #[default]
    Neutral,
    /// With a space and a letter that is not ASCII, without `.json`, in a folder whose name has a space.
    Odd,
}

impl FileNames {
    /// Where an option's file is, below the folder of the input files.
    pub(super) fn place(self, option: &str) -> String {
        match self {
            FileNames::Neutral => format!("{option}.json"),
            FileNames::Odd => format!("in put/{option} é.d"),
        }
    }
}

/// How a connector's output is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Reader {
    /// As fast as it comes and can be judged.
    #[default]
    Eager,
    /// Slower than it comes, until the connector has ended: it has to wait when it writes. From a local process, each of
    /// the two outputs is read like that; from a container, both together.
    Slow {
        /// Bytes that are taken in a second; 0 counts as 1.
        bytes_per_second: u64,
        /// How long nothing is taken after each 64 KiB.
        stall: Duration,
    },
    /// Stdout is closed on our side after so many bytes; stderr is read on. A connector that lives on for the grace and ten
    /// more seconds is ended.
    GoesAway {
        /// Bytes.
        after: u64,
    },
}

/// A signal that ends a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blow {
    /// SIGTERM, and SIGKILL when that has not ended it within the grace.
    Term,
    /// SIGKILL.
    Kill,
}

/// A word of a connector's command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// As it is.
    Word(String),
    /// The path of a file, below the folder of the input files.
    File(String),
}

/// A file for the connector.
#[derive(Debug)]
pub(super) struct PlacedFile<'r> {
    /// Its path below the folder of the input files: a name, or a folder's and a name.
    pub place: String,
    pub content: &'r [u8],
}

impl PlacedFile<'_> {
    /// The folder that it is in, where it is not the input files' own.
    pub fn inner_folder(&self) -> Option<&str> {
        self.place.rsplit_once('/').map(|(folder, _)| folder)
    }
}

impl LaunchRequest {
    /// The words that the connector is given.
    pub(super) fn arguments(&self) -> Vec<Argument> {
        let handling = &self.handling;
        let verb = match &handling.arguments {
            Arguments::Verb(word) => word.clone(),
            _ => self.command.to_string(),
        };
        let mut options = self.inputs.iter().map(|input| input.option).collect::<Vec<_>>();
        match handling.arguments {
            Arguments::Without(left_out) => options.retain(|option| *option != left_out),
            Arguments::NoFile(missing) if !options.contains(&missing) => options.push(missing),
            _ => {}
        }
        let pairs = options.into_iter().flat_map(|option| {
            [Argument::Word(format!("--{option}")), Argument::File(handling.file_names.place(option))]
        });
        [Argument::Word(verb)].into_iter().chain(pairs).collect()
    }

    /// The files that are to be there.
    pub(super) fn files(&self) -> Vec<PlacedFile<'_>> {
        let absent = match self.handling.arguments {
            Arguments::Without(option) | Arguments::NoFile(option) => Some(option),
            Arguments::AsProtocol | Arguments::Verb(_) => None,
        };
        let there = self.inputs.iter().filter(|input| Some(input.option) != absent);
        there
            .map(|input| PlacedFile { place: self.handling.file_names.place(input.option), content: &input.content })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{InputFile, Limits, Stdin};
    use crate::protocol::Command;
    use std::collections::BTreeMap;

    fn request(arguments: Arguments, file_names: FileNames) -> LaunchRequest {
        let second = Duration::from_secs(1);
        LaunchRequest {
            id: "sandbox.check".into(),
            command: Command::Check,
            inputs: vec![
                InputFile { option: "config", content: b"{}".to_vec() },
                InputFile { option: "catalog", content: b"[]".to_vec() },
            ],
            stdin: Stdin::Closed,
            limits: Limits { total: second, silence: second, grace: second, memory: None },
            network: true,
            environment: BTreeMap::new(),
            handling: Handling { arguments, file_names, ..Handling::default() },
        }
    }

    fn told(arguments: Arguments, file_names: FileNames) -> (String, String) {
        let request = request(arguments, file_names);
        let words = request.arguments().into_iter().map(|argument| match argument {
            Argument::Word(word) => word,
            Argument::File(place) => format!("<{place}>"),
        });
        let files = request.files().into_iter().map(|file| file.place).collect::<Vec<_>>();
        (words.collect::<Vec<_>>().join(" "), files.join(", "))
    }

    #[test]
    fn each_way_has_its_words_and_files() {
        let of = |words: &str, files: &str| (words.to_owned(), files.to_owned());
        let (neutral, both) = (FileNames::Neutral, "config.json, catalog.json");
        let as_protocol = "check --config <config.json> --catalog <catalog.json>";
        assert_eq!(told(Arguments::AsProtocol, neutral), of(as_protocol, both));
        assert_eq!(told(Arguments::Verb("chekc".into()), neutral), of(&as_protocol.replace("check", "chekc"), both));
        assert_eq!(told(Arguments::Without("config"), neutral), of("check --catalog <catalog.json>", "catalog.json"));
        assert_eq!(told(Arguments::NoFile("config"), neutral), of(as_protocol, "catalog.json"));
        assert_eq!(told(Arguments::NoFile("state"), neutral), of(&format!("{as_protocol} --state <state.json>"), both));
        assert_eq!(
            told(Arguments::AsProtocol, FileNames::Odd),
            of(
                "check --config <in put/config é.d> --catalog <in put/catalog é.d>",
                "in put/config é.d, in put/catalog é.d"
            )
        );
    }
}
