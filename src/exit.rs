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
    /// The machine, the daemon, the image or the disk is in the way.
    Environment,
    /// Nothing was judged.
    NothingJudged,
    /// A bug of airproof's.
    Bug,
    /// Interrupted, Ctrl-C.
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Exit; 8] = [
        Exit::Passed,
        Exit::Findings,
        Exit::Usage,
        Exit::Environment,
        Exit::NothingJudged,
        Exit::Bug,
        Exit::Interrupted,
        Exit::Terminated,
    ];

    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Environment => 3,
            Exit::NothingJudged => 4,
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
            Exit::Environment => "the machine, the daemon, the image or the disk is in the way",
            Exit::NothingJudged => "nothing was judged",
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
