//! CLI-019.

use crate::experiments::beside::{check_again, check_that_works, checks_alike, prove};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::{Conclusion, Launches};
use crate::launch::Handling;
use crate::plan::Ask;
use crate::protocol::Command;
use crate::rules::Level;

/// A user and a group that no image knows.
const USER: &str = "10001:10001";

experiment! {
    /// A connector does not work in a sandbox: as another user, and with a file system that it can't change.
    ///
    /// # What it checks
    /// `check` is launched as a user that the image does not know (10001) in a container whose file system is read-only, but
    /// for `/tmp`. It must say what it says without that. A difference counts if it comes twice and `check` as usual still works
    /// after that; it is told at INFO. Only images can be tried. Other commands are not.
    ///
    /// # Why it matters
    /// Clusters with a security policy give containers a user of their own and a root that can't be written to. A connector that
    /// keeps caches beside its code or needs a home directory can't be used there.
    ///
    /// # Example
    /// ```json
    /// bad:  PermissionError: [Errno 13] Permission denied: '/airbyte/cache'
    /// good: tempfile.mkdtemp()     (below /tmp)
    /// ```
    ///
    /// # How to mend it
    /// Write to `/tmp` alone. Let everybody read the code. Set HOME and the folders of caches (`XDG_CACHE_HOME`,
    /// `PYTHONPYCACHEPREFIX`, `java.io.tmpdir`) to a place below `/tmp`.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests run connectors as root or as the image's user, in a file system that can be written to.
    run {
        code: "CLI-019",
        name: "breaks-in-a-sandbox",
        level: Info,
        commands: [Check],
        authority: Inference,
        source: "follows from the security policies of clusters",
        depth: Certification,
        launches: [
            Launches::one("check.sandboxed", "as an unknown user, with a read-only file system"),
            Launches::one("check.sandboxed-again", "once more").on_doubt(),
            Launches::one("check.again", "as usual, to see whether all is as before").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let check = check_that_works(lab)?;
    let handling = Handling { read_only_root: true, user: Some(USER.to_owned()), ..Handling::default() };
    let ask = Ask::of(Command::Check, "check.sandboxed", "as an unknown user, with a read-only file system");
    let proof = prove(lab, ask.treated(handling), Some(check_again()), |ran| checks_alike(check, ran))?;
    Ok(proof.conclude(STATEMENT, |ran, how| Fault {
        cause: "breaks",
        level: Level::Info,
        title: "check does not work in a sandbox".to_owned(),
        message: format!("as user {USER} with a read-only file system, check came to something else, twice: {how}"),
        evidence: vec![evidence(&ran.id, None, "as without a sandbox", how)],
        case: Some(ran.id.clone()),
    }))
}
