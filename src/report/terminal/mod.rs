//! The terminal: what is going on, what was found, what it comes to.

mod finding;
mod launch;
mod live;
mod manner;
mod outlet;
mod pipe;
mod since;
mod summary;

pub use finding::{write_findings, write_waived};
pub use launch::{experiment_line, launch_line, status_of_launch};
pub use live::show_live;
pub use manner::Manner;
pub use outlet::Outlet;
pub use pipe::write_pipe;
pub use since::write_since;
pub use summary::{write_doubts, write_summary, write_unreviewed};

use crate::rules::Level;
use crate::verdict::Status;
use anstyle::{AnsiColor, Style};

/// The column of the status word: as wide as the widest, and right-aligned.
const COLUMN: usize = 8;

/// The status column: the word, and the level's letter for those that have one.
pub(super) fn status_cell(status: Status) -> String {
    let word = match status {
        Status::Off => "OFF",
        Status::Skip => "SKIP",
        Status::Pass => "PASS",
        Status::Warn => "WARN S",
        Status::Fail => "FAIL M",
        Status::Error => "ERROR",
    };
    let style = status_style(status);
    format!("{style}{word:>COLUMN$}{style:#}")
}

fn status_style(status: Status) -> Style {
    let colour = match status {
        Status::Off | Status::Skip => AnsiColor::BrightBlack,
        Status::Pass => AnsiColor::Green,
        Status::Warn => AnsiColor::Yellow,
        Status::Fail => AnsiColor::Red,
        Status::Error => AnsiColor::Magenta,
    };
    colour.on_default().bold()
}

fn level_style(level: Level) -> Style {
    match level {
        Level::Must => AnsiColor::Red.on_default().bold(),
        Level::Should => AnsiColor::Yellow.on_default().bold(),
        Level::Info => AnsiColor::Cyan.on_default().bold(),
    }
}

/// Less important than the rest.
const DIM: Style = AnsiColor::BrightBlack.on_default();
const BOLD: Style = Style::new().bold();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_the_same_width() {
        let shown: Vec<String> = Status::ALL.into_iter().map(status_cell).collect();
        let plain: Vec<String> = shown.iter().map(|cell| anstream::adapter::strip_str(cell).to_string()).collect();
        insta::assert_snapshot!(plain.join("|\n"), @r"
             OFF|
            SKIP|
            PASS|
          WARN S|
          FAIL M|
           ERROR
        ");
    }
}
