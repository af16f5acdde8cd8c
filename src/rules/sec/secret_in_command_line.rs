use crate::rules::leaks::has_secrets;
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};

/// How much of a command line is shown, in letters.
const SHOWN: usize = 300;

rule! {
    /// A secret of the configuration stands in the command line of a process.
    ///
    /// # What it checks
    /// While the connector runs, the command lines of its processes are looked at (of a local command ten times a second,
    /// in a container once a second, if the daemon can tell them), and searched for each value of the configuration that
    /// the specification marks `airbyte_secret`, as it is and encoded. A process that lives between two looks is missed.
    /// Command lines are not stored, so a transcript that is judged again has none. Temporary files are not looked at.
    ///
    /// # Why it matters
    /// Every user of a machine can read the command lines of all processes, and so can monitoring agents, which send
    /// them elsewhere. What a process is given on its command line is public.
    ///
    /// # Example
    /// With `"password": "p/w-93jf8c&x"` in the configuration:
    /// ```json
    /// bad:  mysqldump --user=shop --password=p/w-93jf8c&x orders
    /// good: mysqldump --defaults-extra-file=/dev/fd/3 orders
    /// ```
    ///
    /// # How to mend it
    /// Hand secrets to child processes on stdin, through a file descriptor, or in the environment, which only the same
    /// user can read. Most client programs have an option for that: `--defaults-extra-file`, `PGPASSWORD`, `--netrc-file`.
    ///
    /// # What Airbyte's tests see
    /// Nothing: they look at what a connector prints, and not at its processes.
    SecretInCommandLine {
        code: "SEC-004",
        name: "secret-in-command-line",
        level: Info,
        commands: [Check, Discover, Read, Write],
        authority: Inference,
        source: "follows from the system: /proc/<pid>/cmdline is readable to every user",
        watches: [Watch::CommandLine],
        about: Launch,
        applies: has_secrets,
    }
}

#[derive(Default)]
struct SecretInCommandLine;

impl Observer for SecretInCommandLine {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(leak) = look.line.leaks.first() else { return };
        findings.report("command line", || {
            let words = String::from_utf8_lossy(look.line.bytes);
            let program = words.split(' ').next().unwrap_or_default();
            Violation::new(
                "a secret of the configuration in the command line of a process",
                format!("a process of the connector was started as `{}` with a secret among its arguments", program),
            )
            .showing(excerpt(&words, leak.at))
        });
    }
}

/// The command line around the secret, which is cut out before it is shown.
fn excerpt(words: &str, at: usize) -> String {
    let start = words.floor_char_boundary(at.saturating_sub(SHOWN / 3));
    let end = words.floor_char_boundary(start + SHOWN);
    let mark = |cut: bool| if cut { "…" } else { "" };
    format!("{}{}{}", mark(start > 0), &words[start..end], mark(end < words.len()))
}
