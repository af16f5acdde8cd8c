//! `airproof review`

use super::args::ReviewArguments;
use super::{Refusal, baselines};
use crate::baseline::{self, Key, Keys};
use crate::exit::Exit;
use console::Term;
use std::io::{self, IsTerminal, Write};

/// The columns of a terminal that does not say how many it has.
const COLUMNS: usize = 80;

pub(super) fn run(arguments: &ReviewArguments) -> Result<Exit, Refusal> {
    let opened = baselines::open(&arguments.baselines)?;
    let mut out = anstream::stdout().lock();
    let is_pending = !opened.questions.is_empty();
    let has_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if arguments.list || !has_terminal || !is_pending {
        let command = baselines::accept_command(&arguments.baselines);
        baseline::list(&opened.questions, &opened.troubles, &command, &mut out)?;
        let exit = if is_pending { Exit::Unreviewed } else { Exit::Passed };
        return Ok(baselines::exit(&opened.troubles, exit));
    }
    let left = baseline::review(&opened.store, &opened.questions, &mut Terminal(Term::stdout()), &mut out)?;
    writeln!(out, "\n{}", left.told())?;
    if left.interrupted {
        return Ok(Exit::Interrupted);
    }
    let exit = if left.open > 0 { Exit::Unreviewed } else { Exit::Passed };
    Ok(baselines::exit(&[opened.troubles, left.troubles].concat(), exit))
}

struct Terminal(Term);

impl Keys for Terminal {
    fn next(&mut self) -> io::Result<Key> {
        Ok(match self.0.read_key_raw()? {
            console::Key::Char(letter) => Key::Char(letter),
            console::Key::Enter => Key::Enter,
            console::Key::Escape => Key::Escape,
            console::Key::CtrlC => Key::Interrupt,
            _ => Key::Other,
        })
    }

    fn width(&self) -> usize {
        self.0.size_checked().map_or(COLUMNS, |(_, columns)| usize::from(columns).max(20))
    }
}
