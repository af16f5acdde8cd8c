//! How to see again what an experiment found: the files that the launch was given, and the commands.

use crate::capture::Secrets;
use crate::feed::Script;
use crate::plan::PlannedLaunch;
use crate::suite::{Connector, Counterpart, LocalCommand, Mount, Target};
use crate::verdict::Reproduction;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes the catalog and the state of a launch into a folder of its own, without secrets, and tells the commands that
/// make it again: ours, which begins with `invocation`, and the connector's own.
pub(super) fn of(
    launch: &PlannedLaunch,
    connector: &Connector,
    secrets: &Secrets,
    (cases, invocation): (&Path, &str),
) -> Option<Reproduction> {
    let ask = launch.ask.as_deref()?;
    let target = match ask.instead.as_ref().map(|instead| &instead.counterpart) {
        None => &connector.target,
        Some(Counterpart::Launched(target)) => target,
        // It is not launched: its transcript is there.
        Some(Counterpart::Stored(_)) => return None,
    };
    let folder = cases.join(&launch.id);
    let inputs = [("catalog", &ask.catalog), ("state", &ask.state)];
    let given: Vec<(&str, &Value)> = inputs.iter().filter_map(|(name, file)| Some((*name, file.as_deref()?))).collect();
    fs::create_dir_all(&folder).ok()?;
    let mut files = Vec::new();
    for (name, content) in &given {
        let file = folder.join(format!("{name}.json"));
        fs::write(&file, serde_json::to_vec_pretty(&secrets.redact_json(content)).ok()?).ok()?;
        files.push(file.display().to_string());
    }
    let is_fed = ask.stdin.as_deref().is_some_and(|script| write_stdin(script, &folder.join(STDIN)).is_ok());
    if is_fed {
        files.push(folder.join(STDIN).display().to_string());
    }
    let (network, mounts) = (&connector.container.network, &connector.container.mounts);
    let own = Line { target, network, mounts, has_config: ask.config.is_some(), is_fed };
    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    let (command, folder) = (launch.purpose.command().as_str(), folder.display().to_string());
    Some(Reproduction {
        command: format!("{invocation} --case {}", launch.id),
        launch: line(&own, command, &folder, &names),
        files,
    })
}

/// The file with what a launch is sent.
const STDIN: &str = "stdin.jsonl";

/// Writes what a script sends, and no more than that: when it waits is told by the purpose of the launch.
fn write_stdin(script: &Script, file: &Path) -> io::Result<()> {
    /// In bytes. More than that shows nothing better.
    const MOST: usize = 64 << 20;
    let mut left = MOST;
    let mut file = BufWriter::new(File::create(file)?);
    for supply in script.supplies() {
        for piece in supply.pieces()? {
            let piece = piece?;
            left = left.checked_sub(piece.len()).ok_or(io::ErrorKind::FileTooLarge)?;
            file.write_all(&piece)?;
        }
    }
    file.flush()
}

/// What a connector's own command line is made from, besides the files that it is given.
struct Line<'c> {
    target: &'c Target,
    network: &'c str,
    /// What the suite mounts.
    mounts: &'c [Mount],
    has_config: bool,
    /// Whether it is sent something.
    is_fed: bool,
}

/// The connector's own command line. Its config is the user's: it may hold secrets, and is written nowhere.
fn line(own: &Line<'_>, command: &str, folder: &str, files: &[&str]) -> String {
    let config = |path: &str| if own.has_config { format!(" --config {path}") } else { String::new() };
    match own.target {
        Target::Exec(LocalCommand { line, folder: started_in }) => {
            let there = started_in.as_ref().map(|folder| folder.display().to_string());
            // After `cd`, a path that is seen from the caller's folder starts there.
            let file = |name: &str| match there.is_some() && !folder.starts_with('/') {
                true => quoted(&format!("$OLDPWD/{folder}/{name}")).replace('\'', "\""),
                false => quoted(&format!("{folder}/{name}")),
            };
            let stdin = file(STDIN);
            let files: String =
                files.iter().map(|name| format!(" --{name} {}", file(&format!("{name}.json")))).collect();
            let fed = if own.is_fed { format!(" < {}", stdin) } else { String::new() };
            let change = there.map_or(String::new(), |folder| format!("cd {} && ", quoted(&folder)));
            format!("{change}{line} {command}{}{files}{fed}", config("config.json"))
        }
        Target::Image(image) => {
            let files = files.iter().map(|name| format!(" --{name} /case/{name}.json"));
            let fed = match own.is_fed {
                true => format!(" < {}", quoted(&format!("{folder}/{STDIN}"))),
                false => String::new(),
            };
            let mount = if own.has_config { " -v \"$PWD/config.json:/config.json:ro\"" } else { "" };
            let case = if folder.starts_with('/') { folder.to_owned() } else { format!("$PWD/{folder}") };
            format!(
                "docker run --rm{} --network {} -v {}{mount}{} {image} {command}{}{}{fed}",
                if own.is_fed { " -i" } else { "" },
                own.network,
                quoted(&format!("{case}:/case:ro")).replace('\'', "\""),
                own.mounts.iter().map(mounted).collect::<String>(),
                config("/config.json"),
                files.collect::<String>()
            )
        }
    }
}

/// What is mounted, as an option of `docker run`.
fn mounted(mount: &Mount) -> String {
    let access = if mount.read_only { ":ro" } else { "" };
    format!(" -v {}", quoted(&format!("{}:{}{access}", mount.source.display(), mount.target)))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/:=,@+%".contains(letter);
    match word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// A command line as a shell takes it.
pub fn command_line<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_of_a_suite_is_started_in_its_folder() {
        let shown = |folder: Option<&str>, cases: &str| {
            let command = LocalCommand { line: "python -m shop".to_owned(), folder: folder.map(Into::into) };
            let own =
                Line { target: &Target::Exec(command), network: "none", mounts: &[], has_config: true, is_fed: false };
            line(&own, "read", cases, &["catalog"])
        };
        let rest = "python -m shop read --config config.json --catalog";
        assert_eq!(shown(None, "out/cases/a"), format!("{rest} out/cases/a/catalog.json"));
        assert_eq!(
            shown(Some("my suites/shop"), "out/cases/a"),
            format!("cd 'my suites/shop' && {rest} \"$OLDPWD/out/cases/a/catalog.json\"")
        );
        assert_eq!(shown(Some("shop"), "/out/a"), format!("cd shop && {rest} /out/a/catalog.json"));
    }

    #[test]
    fn an_image_is_given_the_case_and_what_the_suite_mounts() {
        let target = Target::Image("shop:1".to_owned());
        let mounts = [
            Mount { source: "/shop/data".into(), target: "/data".to_owned(), read_only: false },
            Mount { source: "/shop/my files".into(), target: "/files".to_owned(), read_only: true },
        ];
        let shown = |cases: &str| {
            let own = Line { target: &target, network: "none", mounts: &mounts, has_config: false, is_fed: true };
            line(&own, "write", cases, &["catalog"])
        };
        let rest = "-v /shop/data:/data -v '/shop/my files:/files:ro' shop:1 write --catalog /case/catalog.json";
        assert_eq!(
            shown("out/a"),
            format!("docker run --rm -i --network none -v \"$PWD/out/a:/case:ro\" {rest} < out/a/stdin.jsonl")
        );
        assert_eq!(
            shown("/out/a"),
            format!("docker run --rm -i --network none -v /out/a:/case:ro {rest} < /out/a/stdin.jsonl")
        );
    }

    #[test]
    fn a_command_line_can_be_pasted() {
        assert_eq!(command_line(["airproof", "test", "my suite", "it's"]), r"airproof test 'my suite' 'it'\''s'");
    }
}
