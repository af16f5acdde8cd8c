//! What a launch is sent, made ready before it begins.

use crate::feed::{Act, OwnMessages, Script, Sent, Supply};
use crate::launch::LaunchError;
use crate::text;
use std::io::{self, Write};
use std::sync::Arc;
use tempfile::TempPath;

/// A script that can be sent as fast as it is taken, and what it sends.
pub(super) struct Feeding {
    pub script: Arc<Script>,
    pub sent: Arc<Sent>,
    /// Files of it, which are gone with this.
    _files: Vec<TempPath>,
}

impl Feeding {
    /// Errs where a file of the suite's author can't be read, or holds what can't be sent, which is a mistake of the suite; and
    /// where a file of ours can't be written.
    pub fn of(script: &Arc<Script>) -> Result<Feeding, LaunchError> {
        let is_own = |act: &Act| matches!(act, Act::Send(Supply::Own(_)));
        if !script.acts.iter().any(is_own) {
            return Ok(Feeding { script: script.clone(), sent: sent_by(script)?, _files: Vec::new() });
        }
        let (mut acts, mut files) = (Vec::new(), Vec::new());
        for act in &script.acts {
            let Act::Send(Supply::Own(messages)) = act else {
                acts.push(act.clone());
                continue;
            };
            let file = written_out(messages)?;
            acts.push(Act::Send(Supply::File(file.to_path_buf())));
            files.push(file);
        }
        let script = Script { acts };
        Ok(Feeding { sent: sent_by(&script)?, script: Arc::new(script), _files: files })
    }
}

/// The same bytes in a file that only we can read. To change messages while they are sent would keep the destination waiting.
fn written_out(own: &OwnMessages) -> Result<TempPath, LaunchError> {
    let mistake = |error: io::Error| {
        let (path, error) = (own.path.display().to_string(), error.to_string());
        let told = format!("{}: {}", text::visible(&path), text::visible(&error));
        LaunchError::Usage(format!("What the connector is to be sent can't be had: {told}."))
    };
    let mut file = tempfile::NamedTempFile::new().map_err(unwritten)?;
    for piece in own.pieces().map_err(mistake)? {
        file.write_all(&piece.map_err(mistake)?).map_err(unwritten)?;
    }
    file.flush().map_err(unwritten)?;
    Ok(file.into_temp_path())
}

fn unwritten(error: io::Error) -> LaunchError {
    LaunchError::Environment(format!("What the connector is to be sent can't be put into a temporary file: {error}."))
}

fn sent_by(script: &Script) -> Result<Arc<Sent>, LaunchError> {
    let unread = |error| LaunchError::Environment(format!("What the connector is to be sent can't be read: {error}."));
    Sent::by(script).map(Arc::new).map_err(unread)
}
