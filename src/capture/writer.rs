//! Storing beside judging: a thread of its own cuts out secrets, compresses and writes, so that judging does not wait for
//! it.

use super::Secrets;
use super::store::{Manifest, OpenTranscript};
use crate::launch::{Chunk, ExitFacts};
use std::io;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// How many pieces of output may wait for being stored.
const WAITING: usize = 16;

/// Writes a transcript while a launch runs.
pub struct TranscriptWriter {
    pieces: Option<SyncSender<Chunk>>,
    storing: Option<JoinHandle<io::Result<OpenTranscript>>>,
}

impl TranscriptWriter {
    /// Begins a transcript in `folder`, which is made. The manifest is written at once, so that a run that is killed
    /// leaves a transcript that can be judged.
    pub fn create(folder: &Path, manifest: Manifest, secrets: &Secrets) -> io::Result<Self> {
        let mut transcript = OpenTranscript::create(folder, manifest, secrets)?;
        let (pieces, waiting) = sync_channel::<Chunk>(WAITING);
        let storing = thread::Builder::new().name("transcript".to_owned()).spawn(move || {
            for chunk in waiting {
                transcript.write(&chunk)?;
            }
            Ok(transcript)
        })?;
        Ok(TranscriptWriter { pieces: Some(pieces), storing: Some(storing) })
    }

    /// Hands over the next piece of output. Errs when an earlier piece could not be stored.
    pub fn write(&mut self, chunk: &Chunk) -> io::Result<()> {
        match &self.pieces {
            Some(pieces) if pieces.send(chunk.clone()).is_ok() => Ok(()),
            // The thread is gone: its result says why.
            _ => self.end().map(drop),
        }
    }

    /// Completes the transcript, and says how many bytes of stderr were not kept.
    pub fn finish(mut self, exit: &ExitFacts) -> io::Result<u64> {
        self.end()?.finish(exit)
    }

    fn end(&mut self) -> io::Result<OpenTranscript> {
        self.pieces = None;
        let storing = self.storing.take().ok_or_else(|| io::Error::other("the transcript has failed before"))?;
        storing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
