//! The process's exit codes: part of the interface, documented in `--help` and the README.

/// How a run of airproof ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing was found at or above `--fail-on`.
    Passed,
    /// Something was.
    Findings,
    /// The command line or the suite is wrong.
    Usage,
    /// The machine, the daemon, the image, the disk or a command of the suite is in the way.
    Environment,
    /// Nothing was judged.
    NothingJudged,
    /// The connector differs from its baselines, and nobody has looked at it yet.
    Unreviewed,
    /// A bug of airproof's.
    Bug,
    /// Interrupted, Ctrl-C.
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Exit; 9] = [
        Exit::Passed,
        Exit::Findings,
        Exit::Usage,
        Exit::Environment,
        Exit::NothingJudged,
        Exit::Unreviewed,
        Exit::Bug,
        Exit::Interrupted,
        Exit::Terminated,
    ];

    /// What a run of several connectors comes to: the one of these that whoever runs it has to know first. That nothing
    /// was judged of one weighs less than what was found in another; what is in the way or wrong around the connectors
    /// outranks what was found, since the run is incomplete; an interruption outranks all.
    pub fn worst(exits: impl IntoIterator<Item = Exit>) -> Exit {
        let rank = |exit: &Exit| match exit {
            Exit::Passed => 0,
            Exit::NothingJudged => 1,
            Exit::Unreviewed => 2,
            Exit::Findings => 3,
            Exit::Environment => 4,
            Exit::Usage => 5,
            Exit::Bug => 6,
            Exit::Interrupted => 7,
            Exit::Terminated => 8,
        };
        exits.into_iter().max_by_key(rank).unwrap_or(Exit::NothingJudged)
    }

    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Environment => 3,
            Exit::NothingJudged => 4,
            Exit::Unreviewed => 5,
            Exit::Bug => 70,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Passed => "nothing found at or above --fail-on",
            Exit::Findings => "findings at or above --fail-on",
            Exit::Usage => "the command line or the suite is wrong",
            Exit::Environment => "the machine, the daemon, the image, the disk or a command of the suite is in the way",
            Exit::NothingJudged => "nothing was judged",
            Exit::Unreviewed => "baselines wait for review",
            Exit::Bug => "a bug of airproof's",
            Exit::Interrupted => "interrupted (Ctrl-C)",
            Exit::Terminated => "ended by SIGTERM",
        }
    }

    /// The meaning of a code, for readers of results.
    pub fn of_code(code: u8) -> Option<Exit> {
        Exit::ALL.into_iter().find(|exit| exit.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_is_what_keeps_the_run_from_being_complete() {
        let worst = |exits: &[Exit]| Exit::worst(exits.iter().copied());
        assert_eq!(worst(&[Exit::Passed, Exit::NothingJudged]), Exit::NothingJudged);
        assert_eq!(worst(&[Exit::Findings, Exit::NothingJudged, Exit::Passed]), Exit::Findings);
        assert_eq!(worst(&[Exit::Environment, Exit::Findings]), Exit::Environment);
        assert_eq!(worst(&[Exit::Environment, Exit::Interrupted, Exit::Usage]), Exit::Interrupted);
    }
}
