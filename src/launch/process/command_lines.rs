//! The command lines of a launch's processes: what every user of the machine may read about them.

use crate::launch::watch::Pulse;
use crate::launch::{Channel, Chunk};
use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// How much of a command line is looked at, in bytes.
const LONGEST: u64 = 64 * 1024;

/// How many command lines of one launch are looked at. A connector may start processes without end.
const MOST: usize = 10_000;

/// Sends each command line of the launch's processes once.
pub(super) struct CommandLines {
    output: Sender<Chunk>,
    pulse: Arc<Pulse>,
    /// What was sent of each process, by a hash: a process has another one once it runs another program.
    sent: HashMap<(i32, u64), u64>,
    count: usize,
}

impl CommandLines {
    pub fn new(output: Sender<Chunk>, pulse: Arc<Pulse>) -> CommandLines {
        CommandLines { output, pulse, sent: HashMap::new(), count: 0 }
    }

    /// Looks at these processes, each named by its id and start time.
    pub fn look(&mut self, members: &[(i32, u64)]) {
        self.sent.retain(|name, _| members.contains(name));
        for name in members {
            let Some(words) = read(name.0).filter(|_| self.count < MOST) else { continue };
            let mut hasher = DefaultHasher::new();
            words.hash(&mut hasher);
            let hash = hasher.finish();
            if self.sent.get(name) == Some(&hash) {
                continue;
            }
            let chunk = Chunk { channel: Channel::CommandLine, bytes: words.into(), at: self.pulse.elapsed() };
            // Where the output is not taken just now, this is no reason to wait: it is there at the next look.
            if self.output.try_send(chunk).is_ok() {
                self.sent.insert(*name, hash);
                self.count += 1;
            }
        }
    }
}

/// A process's command line, with a space between words. None where the process is gone.
fn read(pid: i32) -> Option<Vec<u8>> {
    let mut words = Vec::new();
    File::open(format!("/proc/{pid}/cmdline")).ok()?.take(LONGEST).read_to_end(&mut words).ok()?;
    while words.last() == Some(&0) {
        words.pop();
    }
    words.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    Some(words).filter(|words| !words.is_empty())
}
