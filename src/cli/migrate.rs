//! `airproof migrate`

use super::Refusal;
use super::args::MigrateArguments;
use crate::exit::Exit;
use crate::suite::draft::SCHEMA_FILE;
use crate::suite::{self, SCHEMA};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

pub(super) fn run(arguments: &MigrateArguments) -> Result<Exit, Refusal> {
    let styled = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let migrated = suite::migrate(&arguments.path).map_err(|error| Refusal::usage(error.render(styled)))?;
    if migrated.remarks.count() > 0 {
        writeln!(anstream::stderr(), "{}\n", migrated.remarks.render(styled))?;
    }
    if arguments.print {
        anstream::stdout().write_all(migrated.text.as_bytes())?;
        return Ok(Exit::Passed);
    }
    let file = migrated.from.with_file_name("airproof.yml");
    let mut options = OpenOptions::new();
    options.write(true).create_new(!arguments.force).create(true).truncate(true);
    let written = options.open(&file).and_then(|mut open| open.write_all(migrated.text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Refusal::usage(format!(
            "error: {} is there already\nGive `--force` to write it anew, or `--print` to see what would be written.",
            file.display()
        )),
        _ => Refusal::environment(format!("error: {} can't be written: {error}", file.display())),
    })?;
    let schema_file = file.with_file_name(SCHEMA_FILE);
    // The schema's file is always in a folder.
    let schema_folder = schema_file.parent().unwrap_or(&schema_file);
    let written = std::fs::create_dir_all(schema_folder).and_then(|()| std::fs::write(&schema_file, SCHEMA));
    written.map_err(|error| {
        let shown = schema_file.display();
        Refusal::environment(format!("error: {shown} can't be written: {error}"))
    })?;
    let mut out = anstream::stdout();
    writeln!(out, "Wrote {}, and the schema that it names for editors.", file.display())?;
    match migrated.names_connector {
        true => {
            let from = migrated.from.display();
            writeln!(out, "`airproof test` in its folder gives the verdicts that {from} gave.")?;
        }
        false => writeln!(
            out,
            "It does not say what to launch: add `connector: {{ image: NAME }}`, or test it with `airproof test --image NAME` \
             in its folder."
        )?,
    }
    Ok(Exit::Passed)
}
