//! Who made something that may outlive its maker: a folder in the temporary directory, a container, a network.
//!
//! A process id alone is not enough, since ids are used again; with the process's start time it is. Both mean something
//! only on the same boot of the same machine, and within the same pid namespace.

use super::processes;
use std::fmt;
use std::str::FromStr;

/// A process, named so that no later one can be mistaken for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The process id.
    pub pid: i32,
    /// When the process started, as the system counts it. Without spaces.
    pub started: String,
    /// The boot of the machine and the pid namespace, between which there is a slash.
    pub host: String,
}

/// What became of an owner, as far as this process can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is running.
    Alive,
    /// It is gone, and what it left can be removed.
    Gone,
    /// It belongs to an earlier boot of this machine, or to another machine.
    OtherBoot,
    /// It belongs to a pid namespace (a container's, for instance) that can't be seen from here.
    OutOfSight,
}

impl Owner {
    /// This process.
    pub fn current() -> Owner {
        let pid = std::process::id().cast_signed();
        Owner { pid, started: processes::started(pid).unwrap_or_default(), host: host() }
    }

    /// What became of it.
    pub fn fate(&self) -> Fate {
        let here = host();
        let boot = |host: &str| host.split('/').next().map(str::to_owned);
        if self.host == here {
            let started = processes::started(self.pid);
            if started.as_ref() == Some(&self.started) { Fate::Alive } else { Fate::Gone }
        } else if boot(&self.host) == boot(&here) {
            Fate::OutOfSight
        } else {
            Fate::OtherBoot
        }
    }
}

/// `4711@90210 boot/namespace`.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} {}", self.pid, self.started, self.host)
    }
}

/// Reads what [`Display`](fmt::Display) wrote.
impl FromStr for Owner {
    type Err = ();

    fn from_str(text: &str) -> Result<Owner, ()> {
        let (process, host) = text.trim().split_once(' ').ok_or(())?;
        let (pid, started) = process.split_once('@').ok_or(())?;
        Ok(Owner { pid: pid.parse().map_err(|_| ())?, started: started.to_owned(), host: host.to_owned() })
    }
}

/// The current boot of this machine, and the pid namespace that this process lives in.
#[cfg(target_os = "linux")]
fn host() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let digits = namespace.to_string_lossy().chars().filter(char::is_ascii_digit).collect::<String>();
    format!("{}/{digits}", boot.trim())
}

/// The current boot of this machine.
#[cfg(not(target_os = "linux"))]
fn host() -> String {
    let asked = std::process::Command::new("sysctl").args(["-n", "kern.bootsessionuuid"]).output();
    format!("{}/", asked.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_its_id_alone_is_not_enough() {
        let me = Owner::current();
        assert_eq!(me.to_string().parse(), Ok(me.clone()));
        assert_eq!(me.fate(), Fate::Alive);
        assert_eq!(Owner { started: "1".into(), ..me.clone() }.fate(), Fate::Gone);
        assert_eq!(Owner { host: "another-boot/1".into(), ..me.clone() }.fate(), Fate::OtherBoot);
        let boot = me.host.split('/').next().unwrap();
        assert_eq!(Owner { host: format!("{boot}/none"), ..me.clone() }.fate(), Fate::OutOfSight);
    }
}
