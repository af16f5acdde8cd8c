//! Feeding a connector's stdin from a file.

use super::{LaunchError, Stdin};
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufReader, copy_buf};

/// Pieces in which the file is read, in bytes.
const PIECE: usize = 256 * 1024;

/// Opens what is to be fed, if anything: before the launch, so that a missing file is found before a process exists.
pub(super) async fn open(stdin: &Stdin) -> Result<Option<File>, LaunchError> {
    match stdin {
        Stdin::Closed => Ok(None),
        Stdin::File(path) => match File::open(path).await {
            Ok(file) => Ok(Some(file)),
            Err(error) => Err(LaunchError::Environment(format!(
                "The connector's stdin is to be fed from {}, which can't be read: {error}.",
                path.display()
            ))),
        },
    }
}

/// Writes the file, as fast as the other side takes it, and closes. A connector may stop reading when it likes.
pub(super) async fn feed(file: File, mut stdin: impl AsyncWrite + Unpin) {
    let _stopped_reading = copy_buf(&mut BufReader::with_capacity(PIECE, file), &mut stdin).await;
    let _closed_already = stdin.shutdown().await;
}
