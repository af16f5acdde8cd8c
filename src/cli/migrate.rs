//! `airproof migrate`

use super::Refusal;
use super::args::MigrateArguments;
use crate::exit::Exit;
use crate::suite;
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
    let mut out = anstream::stdout();
    writeln!(
        out,
        "Wrote {}. `airproof test` in its folder gives the verdicts that {} gave.",
        file.display(),
        migrated.from.display()
    )?;
    Ok(Exit::Passed)
}
