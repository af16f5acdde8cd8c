//! The processes of this machine: who descends from whom, how much memory they use, and how to end them.
//!
//! A process id may be used again at any time after its process is gone, so a process is always named by its id and its
//! start time, and is only signalled when both fit. Listing needs `/proc`; elsewhere there are process groups only.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::collections::HashSet;
use std::io::Read;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// A process as `/proc` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub pid: i32,
    pub parent: i32,
    pub group: i32,
    pub session: i32,
    /// In clock ticks since boot.
    pub started: u64,
    /// CPU time of its own and of its children that ended and were asked for, in clock ticks.
    pub cpu: u64,
    /// It ended, but its parent did not ask for its exit code yet.
    pub ended: bool,
}

impl Process {
    /// Reads `/proc/<pid>/stat`. The name, in parentheses, may contain anything, so the fields are counted from its end.
    fn parse(pid: i32, stat: &str) -> Option<Process> {
        let fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect::<Vec<_>>();
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<i32>().ok());
        /// utime, stime, cutime and cstime.
        const CPU: std::ops::RangeInclusive<usize> = 11..=14;
        Some(Process {
            pid,
            cpu: fields.get(CPU)?.iter().filter_map(|ticks| ticks.parse::<u64>().ok()).sum(),
            ended: matches!(*fields.first()?, "Z" | "X"),
            parent: number(1)?,
            group: number(2)?,
            session: number(3)?,
            started: fields.get(19)?.parse().ok()?,
        })
    }

    /// Its id and start time, which together name it.
    pub fn name(&self) -> (i32, u64) {
        (self.pid, self.started)
    }
}

/// A process by its id, where there is `/proc`.
pub(super) fn find(pid: i32) -> Option<Process> {
    Process::parse(pid, &std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// When a process started, if it lives. Without spaces, to be compared with itself only.
pub(super) fn started(pid: i32) -> Option<String> {
    if cfg!(target_os = "linux") {
        return find(pid).filter(|process| !process.ended).map(|process| process.started.to_string());
    }
    let told = std::process::Command::new("ps").args(["-o", "lstart=", "-p", &pid.to_string()]).output().ok()?;
    let words = String::from_utf8_lossy(&told.stdout).split_whitespace().collect::<Vec<_>>().join("-");
    Some(words).filter(|words| !words.is_empty())
}

/// Every process that this one may see; none where there is no `/proc`.
pub(super) fn all() -> Vec<Process> {
    let Ok(folder) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = folder.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(find).collect()
}

/// Those of `processes` that descend from the process `ancestor`, without it.
pub(super) fn descendants(processes: &[Process], ancestor: i32) -> Vec<&Process> {
    let mut family = HashSet::from([ancestor]);
    loop {
        let known = family.len();
        family.extend(
            processes
                .iter()
                .filter(|process| family.contains(&process.parent))
                .map(|process| process.pid)
                .collect::<Vec<_>>(),
        );
        if family.len() == known {
            return processes
                .iter()
                .filter(|process| process.pid != ancestor && family.contains(&process.pid))
                .collect();
        }
    }
}

/// A process's command line as everybody may read it, its beginning at least, with a space between words.
pub(super) fn words(pid: i32) -> Option<Vec<u8>> {
    /// In bytes.
    const LONGEST: u64 = 64 * 1024;
    let mut words = Vec::new();
    std::fs::File::open(format!("/proc/{pid}/cmdline")).ok()?.take(LONGEST).read_to_end(&mut words).ok()?;
    while words.last() == Some(&0) {
        words.pop();
    }
    words.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    Some(words)
}

/// The memory that a process has in RAM, in bytes.
pub(super) fn resident_memory(pid: i32) -> Option<u64> {
    kibibytes(&format!("/proc/{pid}/status"), "VmRSS:")
}

/// The process's share of memory: what it shares with others is divided among them. Slow. In bytes.
pub(super) fn proportional_memory(pid: i32) -> Option<u64> {
    kibibytes(&format!("/proc/{pid}/smaps_rollup"), "Pss:")
}

fn kibibytes(file: &str, field: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.split_ascii_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Waits until a child has ended, and leaves its exit code for whoever asks for it. Returns at once where there is no
/// `/proc`.
pub(super) async fn until_ended(child: i32) {
    /// Should the system's word be missed.
    const PERIOD: Duration = Duration::from_millis(100);
    let Ok(mut word) = signal(SignalKind::child()) else { return };
    while find(child).is_some_and(|process| !process.ended) {
        let _told_or_not = tokio::time::timeout(PERIOD, word.recv()).await;
    }
}

/// Clock ticks as seconds.
pub(super) fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Signals a process group. That it is gone already is no error.
pub(super) fn signal_group(group: i32, signal: Signal) {
    if let Some(group) = Pid::from_raw(group) {
        let _gone_already = kill_process_group(group, signal);
    }
}

/// Kills the process with this id and start time, if it lives. Says whether it did.
pub(super) fn kill((pid, started): (i32, u64)) -> bool {
    let lives = find(pid).is_some_and(|process| process.started == started && !process.ended);
    lives && Pid::from_raw(pid).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
}

/// Kills a process as [`kill`] does, and with it its group if it leads one. Returns how many: 0 or 1, the group as one.
pub(super) fn kill_with_group(name: (i32, u64)) -> usize {
    let leads = find(name.0).is_some_and(|process| process.name() == name && process.group == process.pid);
    if leads {
        signal_group(name.0, Signal::KILL);
        return 1;
    }
    usize::from(kill(name))
}

/// Makes orphans among the descendants of this process its children, so that a daemon of a connector's (which detaches
/// itself from everything) can still be found. Linux only; elsewhere it does nothing.
pub(super) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _unsupported = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Kills every process that descends from this one, and returns how many there were. For the end of a run, when no
/// launch and no hook is running; processes that start processes are followed until there are none.
pub fn end_descendants() -> usize {
    const ROUNDS: usize = 200;
    let own = std::process::id().cast_signed();
    let mut killed = HashSet::new();
    for _ in 0..ROUNDS {
        let processes = all();
        let left = descendants(&processes, own);
        killed
            .extend(left.iter().filter(|process| !process.ended && kill(process.name())).map(|process| process.name()));
        for ended in left.iter().filter(|process| process.ended && process.parent == own) {
            collect(ended.pid);
        }
        if left.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.len()
}

/// Asks for the exit code of a child that ended, which is what makes it disappear.
pub(super) fn collect(child: i32) {
    let _collected_already = rustix::process::waitpid(Pid::from_raw(child), rustix::process::WaitOptions::NOHANG);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let stat = "7 (a) b (c) S 3 5 4 0 -1 4194304 0 0 0 0 1 2 3 4 20 0 1 0 90210 0 0";
        let expected = Process { pid: 7, parent: 3, group: 5, session: 4, started: 90210, cpu: 10, ended: false };
        assert_eq!(Process::parse(7, stat), Some(expected));
        assert_eq!(Process::parse(7, "7 (gone"), None);
    }

    #[test]
    fn grandchildren_descend_too() {
        let process = |pid, parent| Process { pid, parent, group: 0, session: 0, started: 0, cpu: 0, ended: false };
        let processes = [process(4, 3), process(3, 2), process(2, 1), process(9, 1)];
        let pids = descendants(&processes, 2).iter().map(|process| process.pid).collect::<Vec<_>>();
        assert_eq!(pids, [4, 3]);
    }

    #[test]
    fn a_reused_id_is_not_hit() {
        let own = std::process::id().cast_signed();
        assert!(!kill((own, 1)));
    }
}
