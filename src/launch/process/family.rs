//! The processes of one launch: the connector's own and all that come from it.

use crate::launch::command_lines::CommandLines;
use crate::launch::processes::{self, Process};
use crate::launch::workspace::Workspace;
use crate::launch::{MemoryCourse, Resources};
use rustix::process::Signal;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the processes are looked at, once they are no longer new.
const PERIOD: Duration = Duration::from_millis(100);

/// When they are looked at first; each time after, it takes twice as long.
const FIRST_LOOK: Duration = Duration::from_millis(10);

/// The connector's process, its group and its descendants. Dropped, all of them are killed.
#[derive(Debug)]
pub(super) struct Family {
    leader: i32,
    /// Members that were seen, by which a daemon is known when it has left the group and lost its parent.
    seen: Mutex<HashSet<(i32, u64)>>,
    workspace: Arc<Workspace>,
    used: Mutex<Used>,
    began: Instant,
}

/// What was used, as far as it was seen.
#[derive(Debug, Default)]
struct Used {
    /// The largest sum of what members had in RAM, in bytes; what they share counts for each.
    resident: u64,
    /// The same where what they share counts once.
    memory: u64,
    /// In clock ticks.
    cpu: u64,
    /// What they had in RAM at each look.
    course: MemoryCourse,
}

impl Family {
    /// The family of a process that leads a group of its own.
    pub fn new(leader: i32, workspace: Arc<Workspace>) -> Family {
        let family =
            Family { leader, seen: Mutex::default(), workspace, used: Mutex::default(), began: Instant::now() };
        let members = family.look(processes::find(leader).as_slice());
        family.measure(&members);
        family
    }

    /// The process that leads the group, by whose id the group goes.
    pub fn leader(&self) -> i32 {
        self.leader
    }

    /// Watches the family, its command lines too, and returns when its members together have more than `limit` bytes in
    /// RAM. Never returns without a limit, nor where there is no `/proc`.
    pub async fn exceeds(&self, limit: Option<u64>, lines: &mut CommandLines) {
        let mut pause = FIRST_LOOK;
        loop {
            tokio::time::sleep(pause).await;
            pause = PERIOD.min(pause * 2);
            let members = self.look(&processes::all());
            lines.look(members.iter().filter_map(|name| Some((*name, processes::words(name.0)?))));
            let resident = self.measure(&members);
            // Forked workers share most of their memory: only the slow measure counts that once.
            if limit.is_some_and(|limit| resident > limit && sum(&members, memory_share) > limit) {
                return;
            }
        }
    }

    /// Waits until the leader has ended, and sees what it used before anybody asks for its exit code.
    pub async fn leader_ended(&self) {
        processes::until_ended(self.leader).await;
        self.look(&processes::all());
    }

    /// What the family used until now, as far as it was seen.
    pub fn resources(&self) -> Resources {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        Resources {
            peak_memory: Some(used.memory).filter(|bytes| *bytes > 0),
            cpu: (used.resident > 0 || used.cpu > 0).then(|| processes::seconds(used.cpu)),
            memory: used.course.clone(),
            ..Resources::default()
        }
    }

    /// What the members have in RAM, where what they share counts for each.
    fn measure(&self, members: &[(i32, u64)]) -> u64 {
        let resident = sum(members, processes::resident_memory);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if resident > 0 {
            used.course.see(self.began.elapsed(), resident);
        }
        if resident > used.resident {
            used.resident = resident;
            let share = if members.len() > 1 { sum(members, memory_share) } else { resident };
            used.memory = used.memory.max(share);
        }
        resident
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
        let cpu = members.iter().map(|member| (member.name(), member.cpu)).collect::<HashMap<_, _>>();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // What a member used counts as its parent's once that has asked for its exit.
        used.cpu = used.cpu.max(cpu.values().sum());
        cpu.into_keys().collect()
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a measure comes to for all members together.
fn sum(members: &[(i32, u64)], measure: fn(i32) -> Option<u64>) -> u64 {
    members.iter().filter_map(|name| measure(name.0)).sum()
}

/// The share where the system tells it, else all of the memory.
fn memory_share(pid: i32) -> Option<u64> {
    processes::proportional_memory(pid).or_else(|| processes::resident_memory(pid))
}
