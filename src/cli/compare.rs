//! `airproof compare`

use super::args::{CompareArguments, PartArguments, SelectionArguments, SuiteArguments, TestArguments};
use super::{Refusal, test};
use crate::engine::stored_run::StoredRun;
use crate::exit::Exit;
use crate::suite::{Counterpart, LocalCommand, Target};
use std::path::Path;

/// The rules that a comparison is judged by, unless others are asked for.
const COMPARED: &str = "COMPAT-*";

pub(super) fn run(arguments: CompareArguments) -> Result<Exit, Refusal> {
    let control = match (arguments.control, arguments.control_run) {
        (Some(image), _) => Counterpart::Launched(Target::Image(image)),
        (None, Some(folder)) => {
            refuse_to_replace(&folder, &arguments.report.report_dir)?;
            // What is wrong with it is told before anything is launched.
            StoredRun::open(&folder)?;
            Counterpart::Stored(folder)
        }
        (None, None) => {
            let command = LocalCommand::here(arguments.control_exec.unwrap_or_default());
            Counterpart::Launched(Target::Exec(command))
        }
    };
    let SelectionArguments { mut rules, skipped_rules, streams } = arguments.selection;
    if rules.is_empty() {
        rules.push(COMPARED.to_owned());
    }
    let suite = SuiteArguments {
        path: arguments.path,
        suite: arguments.suite,
        profile: arguments.profile,
        image: arguments.target,
        exec: arguments.target_exec,
        inputs: arguments.inputs,
    };
    let arguments = TestArguments {
        suite,
        selection: SelectionArguments { rules, skipped_rules, streams },
        case: arguments.case,
        part: PartArguments::default(),
        report: arguments.report,
        run: arguments.run,
    };
    test::run_with(&arguments, |suite| suite.compare_with(&control))
}

/// Refuses to write the report over the run that is compared with.
fn refuse_to_replace(run: &Path, report: &Path) -> Result<(), Refusal> {
    let (Ok(run), Ok(report)) = (run.canonicalize(), report.canonicalize()) else { return Ok(()) };
    match run.starts_with(&report) {
        false => Ok(()),
        true => Err(Refusal::usage(format!(
            "error: the run in {} is compared with, and the report in {} would be written over it\nName another folder with \
             --report-dir.",
            run.display(),
            report.display()
        ))),
    }
}
