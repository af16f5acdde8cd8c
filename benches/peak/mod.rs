//! The peak of memory of a measurement, in a process of its own.

use std::error::Error;
use std::process::Command;

/// The peak of this program started with `peak` and so many records, in MiB. It has to call [`print`] at its end.
pub fn of_own(records: u64) -> Result<f64, Box<dyn Error>> {
    let child = Command::new(std::env::current_exe()?).args(["peak", &records.to_string()]).output()?;
    let said = String::from_utf8_lossy(&child.stdout);
    let peak = said.trim().parse().map_err(|_| String::from_utf8_lossy(&child.stderr).trim().to_owned())?;
    Ok(peak)
}

/// Prints the peak of this process so far, in MiB.
pub fn print() -> Result<(), Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let kibibytes: f64 = peak.ok_or("/proc/self/status does not say VmHWM")?.trim().parse()?;
    println!("{}", kibibytes / 1024.0);
    Ok(())
}
