//! Feeding a connector's stdin.

use super::{LaunchError, LaunchRequest, Stdin};
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufReader, copy_buf};

/// Pieces in which a file is read, in bytes.
const PIECE: usize = 256 * 1024;

/// What goes into a stdin that is not closed from the start.
#[derive(Debug)]
pub(super) struct Feed {
    file: Option<File>,
    held_open: bool,
}

impl Feed {
    /// Opens what is to be fed: before the launch, so that a missing file is found before a process exists. None where
    /// stdin is closed from the start.
    pub async fn open(request: &LaunchRequest) -> Result<Option<Feed>, LaunchError> {
        let held_open = request.handling.stdin_open;
        match &request.stdin {
            Stdin::Closed => Ok(held_open.then_some(Feed { file: None, held_open })),
            Stdin::File(path) => match File::open(path).await {
                Ok(file) => Ok(Some(Feed { file: Some(file), held_open })),
                Err(error) => Err(LaunchError::Environment(format!(
                    "The connector's stdin is to be fed from {}, which can't be read: {error}.",
                    path.display()
                ))),
            },
        }
    }

    /// Writes the file, as fast as the other side takes it, and closes; or never returns where stdin is held open. A
    /// connector may stop reading when it likes.
    pub async fn into_stdin(self, mut stdin: impl AsyncWrite + Unpin) {
        if let Some(file) = self.file {
            let _stopped_reading = copy_buf(&mut BufReader::with_capacity(PIECE, file), &mut stdin).await;
        }
        if self.held_open {
            std::future::pending::<()>().await;
        }
        let _closed_already = stdin.shutdown().await;
    }
}
