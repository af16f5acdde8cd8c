//! The command lines of a launch's processes: what others on the machine may read about them.

use super::watch::Pulse;
use super::{Channel, Chunk};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// How many command lines of one launch are looked at. A connector may start processes without end.
const MOST: usize = 10_000;

/// Sends each command line of the launch's processes once.
pub(super) struct CommandLines {
    output: Sender<Chunk>,
    pulse: Arc<Pulse>,
    /// What was sent of each process that is there, by a hash: it has another one once it runs another program.
    sent: HashMap<(i32, u64), u64>,
    count: usize,
}

impl CommandLines {
    pub fn new(output: Sender<Chunk>, pulse: Arc<Pulse>) -> CommandLines {
        CommandLines { output, pulse, sent: HashMap::new(), count: 0 }
    }

    /// Takes all processes of now, each named by its id and start time, with its words.
    pub fn look(&mut self, members: impl Iterator<Item = ((i32, u64), Vec<u8>)>) {
        let mut there = HashMap::new();
        for (name, words) in members.filter(|(_, words)| !words.is_empty()) {
            let mut hasher = DefaultHasher::new();
            words.hash(&mut hasher);
            let hash = hasher.finish();
            if self.sent.get(&name) == Some(&hash) || self.send(words) {
                there.insert(name, hash);
            }
        }
        self.sent = there;
    }

    /// Where the output is not taken just now, this is no reason to wait: the process is there at the next look.
    fn send(&mut self, words: Vec<u8>) -> bool {
        if self.count >= MOST {
            return false;
        }
        let chunk = Chunk { channel: Channel::CommandLine, bytes: words.into(), at: self.pulse.elapsed() };
        let is_sent = self.output.try_send(chunk).is_ok();
        self.count += usize::from(is_sent);
        is_sent
    }
}
