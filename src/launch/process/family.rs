//! The processes of one launch: the connector's own and all that come from it.

use crate::launch::command_lines::CommandLines;
use crate::launch::processes::{self, Process};
use crate::launch::workspace::Workspace;
use rustix::process::Signal;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the processes are looked at.
const PERIOD: Duration = Duration::from_millis(100);

/// The connector's process, its group and its descendants. Dropped, all of them are killed.
#[derive(Debug)]
pub(super) struct Family {
    leader: i32,
    /// Members that were seen, by which a daemon is known when it has left the group and lost its parent.
    seen: Mutex<HashSet<(i32, u64)>>,
    workspace: Arc<Workspace>,
}

impl Family {
    /// The family of a process that leads a group of its own.
    pub fn new(leader: i32, workspace: Arc<Workspace>) -> Family {
        let family = Family { leader, seen: Mutex::default(), workspace };
        family.look(processes::find(leader).as_slice());
        family
    }

    /// The process that leads the group, by whose id the group goes.
    pub fn leader(&self) -> i32 {
        self.leader
    }

    /// Watches the family, its command lines too, and returns when its members together have more than `limit` bytes in
    /// RAM. Never returns without a limit, nor where there is no `/proc`.
    pub async fn exceeds(&self, limit: Option<u64>, lines: &mut CommandLines) {
        loop {
            tokio::time::sleep(PERIOD).await;
            let members = self.look(&processes::all());
            lines.look(members.iter().filter_map(|name| Some((*name, processes::words(name.0)?))));
            let sum = |measure: fn(i32) -> Option<u64>| members.iter().filter_map(|name| measure(name.0)).sum::<u64>();
            // Forked workers share most of their memory: only the slow measure counts that once.
            if limit.is_some_and(|limit| sum(processes::resident_memory) > limit && sum(memory_share) > limit) {
                return;
            }
        }
    }

    /// Kills every member that is still there.
    pub fn end(&self) {
        let all = processes::all();
        let own = std::process::id().cast_signed();
        // Not by asking the system: in a container, the session's leader may be outside, and its id is 0 there.
        let own_session = all.iter().find(|process| process.pid == own).map(|process| process.session);
        // The id of a group that is gone may be somebody else's by now, but hardly in our own session.
        let group_lives =
            all.iter().any(|process| process.group == self.leader && Some(process.session) == own_session);
        if group_lives || all.is_empty() {
            processes::signal_group(self.leader, Signal::KILL);
        }
        self.look(&all);
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for name in seen.iter().filter(|name| name.0 != self.leader) {
            processes::kill(*name);
        }
    }

    /// Finds the members among all processes, and remembers those that are new.
    fn look(&self, all: &[Process]) -> Vec<(i32, u64)> {
        let own = std::process::id().cast_signed();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut members = processes::descendants(all, self.leader);
        members.extend(all.iter().filter(|process| process.pid == self.leader || process.group == self.leader));
        let daemons = all.iter().filter(|process| seen.contains(&process.name())).collect::<Vec<_>>();
        for daemon in daemons {
            members.push(daemon);
            members.extend(processes::descendants(all, daemon.pid));
        }
        for member in &members {
            if seen.insert(member.name()) {
                self.workspace.record_process(member.name());
            }
            // Its parent is gone and it came to us: nobody else will ask. The leader's exit is asked for by its launch.
            if member.ended && member.parent == own && member.pid != self.leader {
                processes::collect(member.pid);
            }
        }
        members.iter().map(|member| member.name()).collect::<HashSet<_>>().into_iter().collect()
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        self.end();
    }
}

/// The share where the system tells it, else all of the memory.
fn memory_share(pid: i32) -> Option<u64> {
    processes::proportional_memory(pid).or_else(|| processes::resident_memory(pid))
}
