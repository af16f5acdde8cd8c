//! What a launch is sent, made ready before it begins.

use crate::feed::{Act, Script, Sent, Supply};
use std::io::{self, Write};
use std::sync::Arc;
use tempfile::TempPath;

/// A script of which nothing has to be made while it is sent but what is made as fast as it is taken, and what it sends.
pub(super) struct Feeding {
    pub script: Arc<Script>,
    pub sent: Arc<Sent>,
    /// Files of it, which are gone with this.
    _files: Vec<TempPath>,
}

impl Feeding {
    /// Errs where a file of the suite's author can't be read, or holds what can't be sent: the error tells the file.
    pub fn of(script: &Arc<Script>) -> io::Result<Feeding> {
        let is_own = |act: &Act| matches!(act, Act::Send(Supply::Own(_)));
        if !script.acts.iter().any(is_own) {
            return Ok(Feeding { script: script.clone(), sent: Arc::new(Sent::by(script)?), _files: Vec::new() });
        }
        let (mut acts, mut files) = (Vec::new(), Vec::new());
        for act in &script.acts {
            let Act::Send(own @ Supply::Own(messages)) = act else {
                acts.push(act.clone());
                continue;
            };
            let told = |error: io::Error| io::Error::other(format!("{}: {error}", messages.path.display()));
            let file = written_out(own).map_err(told)?;
            acts.push(Act::Send(Supply::File(file.to_path_buf())));
            files.push(file);
        }
        let script = Script { acts };
        Ok(Feeding { sent: Arc::new(Sent::by(&script)?), script: Arc::new(script), _files: files })
    }
}

/// The same bytes in a file that only we can read. To change messages while they are sent would keep the destination waiting.
fn written_out(supply: &Supply) -> io::Result<TempPath> {
    let mut file = tempfile::NamedTempFile::new()?;
    for piece in supply.pieces()? {
        file.write_all(&piece?)?;
    }
    file.flush()?;
    Ok(file.into_temp_path())
}
