//! A pseudo-terminal: what is pressed goes in, and what is shown comes out.

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// airproof on a terminal of its own.
pub struct Terminal {
    child: Child,
    keys: File,
    shown: Arc<Mutex<Vec<u8>>>,
    /// How much of what was shown has been waited for.
    seen: usize,
}

impl Terminal {
    /// Starts a command on a terminal with so many columns.
    pub fn start(mut command: Command, columns: u16) -> Terminal {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        tcsetwinsize(&controller, Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&controller, Vec::new()).unwrap();
        let user = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let end = |user: &OwnedFd| Stdio::from(user.try_clone().unwrap());
        command.stdin(end(&user)).stdout(end(&user)).stderr(end(&user)).env("TERM", "xterm-256color");
        let child = command.spawn().unwrap();
        // The command holds copies of the terminal's end as well: without them, the output ends with the process.
        drop((command, user));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (mut output, into) = (File::from(controller.try_clone().unwrap()), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut piece) {
                into.lock().unwrap().extend_from_slice(&piece[..length]);
            }
        });
        Terminal { child, keys: File::from(controller), shown, seen: 0 }
    }

    /// All that was shown, as it came.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    /// Waits until a text is shown after the last one that was waited for.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> &mut Self {
        let began = Instant::now();
        loop {
            let shown = anstream::adapter::strip_str(&self.raw()).to_string();
            if let Some(at) = shown.get(self.seen..).and_then(|rest| rest.find(text)) {
                self.seen += at + text.len();
                return self;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "no `{text}` in\n{shown}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the line of keys, and presses one.
    #[track_caller]
    pub fn press(&mut self, key: &str) -> &mut Self {
        self.until("? help");
        // The terminal is asked for a key only after the line is shown.
        std::thread::sleep(Duration::from_millis(100));
        self.keys.write_all(key.as_bytes()).unwrap();
        self
    }

    /// Waits for the end: the exit code.
    pub fn end(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it does not end:\n{}", self.raw());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ = self.child.wait();
    }
}
