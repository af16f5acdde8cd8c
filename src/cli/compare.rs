//! `airproof compare`

use super::args::{CompareArguments, SelectionArguments, SuiteArguments, TestArguments};
use super::{Refusal, test};
use crate::exit::Exit;
use crate::suite::Target;

/// The rules that a comparison is judged by, unless others are asked for.
const COMPARED: &str = "COMPAT-*";

pub(super) fn run(arguments: CompareArguments) -> Result<Exit, Refusal> {
    let control = match (arguments.control, arguments.control_exec) {
        (Some(image), _) => Target::Image(image),
        (None, command) => Target::Exec(command.unwrap_or_default()),
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
        report: arguments.report,
        run: arguments.run,
    };
    test::run_with(&arguments, |suite| suite.compare_with(&control))
}
