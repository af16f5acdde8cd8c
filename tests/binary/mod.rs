//! Runs the built binary as a user does, each test in a folder of its own, and sees to it that nothing is left behind:
//! no process, no temporary file, no container.

#![allow(dead_code)]

use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// The shell source, which misbehaves when it is told to.
pub const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/shell/source");

/// The image that runs the script in the variable SCRIPT.
pub const IMAGE: &str = "airproof/shell-base:dev";

/// A value that the shell source's specification marks as secret.
pub const API_KEY: &str = "sk-4f9a/\"8c1d\"-77e2ö0b";

/// Processes that come from a test bear the test's folder in this variable.
const MARK: &str = "AIRPROOF_TEST_FOLDER";

/// A folder of a test's own: airproof's working directory, with a temporary directory in it.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        let place = Place { folder };
        place.write("config.json", &json!({"api_key": API_KEY}).to_string());
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Writes a suite for the shell source with a good config; `changes` are laid over it. JSON is YAML, too.
    pub fn suite(&self, changes: Value) {
        let mut suite = json!({
            "connector": {"exec": format!("sh {SOURCE}"), "environment": {}},
            "limits": {"silence": "20s", "grace": "500ms"},
            "scenarios": [{"name": "sandbox", "config": {"api_key": API_KEY}}],
        });
        lay_over(&mut suite, changes);
        self.write("airproof.yml", &suite.to_string());
    }

    /// The same for the shell source in a container.
    pub fn suite_in_docker(&self, changes: Value) {
        self.suite(changes);
        let mut suite: Value = serde_json::from_str(&fs::read_to_string(self.path("airproof.yml")).unwrap()).unwrap();
        let connector = suite["connector"].as_object_mut().unwrap();
        connector.remove("exec");
        connector.insert("image".into(), json!(IMAGE));
        connector["environment"]["SCRIPT"] = json!(fs::read_to_string(SOURCE).unwrap());
        self.write("airproof.yml", &suite.to_string());
    }

    /// airproof with these arguments, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_airproof"));
        command.args(arguments).current_dir(self.folder.path()).env("TMPDIR", self.path("tmp"));
        command.env(MARK, self.folder.path()).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.start(self.command(arguments)).end()
    }

    pub fn start(&self, mut command: Command) -> Running<'_> {
        let (began, started) = (Instant::now(), SystemTime::now());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, stderr) = (collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap()));
        let status = format!("/proc/{}/status", child.id());
        let peak = std::thread::spawn(move || {
            let mut peak = 0;
            while let Some(now) = peak_memory(&status) {
                peak = now;
                std::thread::sleep(Duration::from_millis(10));
            }
            peak
        });
        Running { place: self, child, stdout, stderr, peak, began, started }
    }

    /// Processes that come from this test and live.
    pub fn processes(&self) -> Vec<String> {
        let words = |folder: PathBuf| fs::read_to_string(folder.join("cmdline")).unwrap_or_default().replace('\0', " ");
        self.process_folders().map(words).collect()
    }

    /// The ids of the same processes.
    pub fn process_ids(&self) -> Vec<String> {
        let id = |folder: PathBuf| folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.process_folders().map(id).collect()
    }

    fn process_folders(&self) -> impl Iterator<Item = PathBuf> {
        let mark = format!("{MARK}={}", self.folder.path().display());
        let of_ours = move |folder: &PathBuf| {
            let bears = |bytes: Vec<u8>| bytes.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
            fs::read(folder.join("environ")).is_ok_and(bears)
        };
        let folders = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
        folders.filter(of_ours)
    }

    /// The names in the temporary directory.
    pub fn temporary(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("tmp")).unwrap().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    pub fn results(&self) -> Option<Value> {
        let text = fs::read_to_string(self.path("airproof-report/results.json")).ok()?;
        let results = serde_json::from_str(&text).expect("results.json is JSON");
        let schema = jsonschema::validator_for(&airproof::report::json::schema()).unwrap();
        assert!(schema.is_valid(&results), "results.json is not as its schema says: {results:#}");
        Some(results)
    }

    /// Whether results were written since then, give or take a tick of the file system's clock.
    fn results_since(&self, time: SystemTime) -> bool {
        let written = fs::metadata(self.path("airproof-report/results.json")).and_then(|about| about.modified());
        written.is_ok_and(|written| written + Duration::from_millis(20) > time)
    }

    /// Every file of the report folder, decompressed.
    pub fn report_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = files_below(&self.path("airproof-report"));
        let content = |file: &Path| {
            let bytes = fs::read(file).unwrap();
            match file.extension().is_some_and(|extension| extension == "zst") {
                true => zstd::decode_all(bytes.as_slice()).unwrap(),
                false => bytes,
            }
        };
        files.into_iter().map(|file| (file.clone(), content(&file))).collect()
    }

    /// The size of the report folder's files on disk, in bytes.
    pub fn report_size(&self) -> u64 {
        files_below(&self.path("airproof-report")).iter().map(|file| fs::metadata(file).unwrap().len()).sum()
    }
}

/// airproof at work.
pub struct Running<'p> {
    place: &'p Place,
    child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    peak: JoinHandle<u64>,
    began: Instant,
    started: SystemTime,
}

impl Running<'_> {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes to its standard input, which the command has to have as a pipe, and ends that.
    pub fn feed(&mut self, content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) {
        let mut input = std::io::BufWriter::new(self.child.stdin.take().expect("a pipe"));
        content(&mut input).and_then(|()| input.flush()).expect("it is read to its end");
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the condition holds, while airproof runs.
    pub fn until(&mut self, what: &str, condition: impl Fn() -> bool) {
        while !condition() {
            assert!(self.began.elapsed() < Duration::from_secs(30), "{what} did not come");
            assert!(self.child.try_wait().unwrap().is_none(), "airproof ended before {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end, and sees to it that nothing is left.
    pub fn end(self) -> Outcome {
        let (place, pid) = (self.place, self.pid());
        let outcome = self.end_dirty();
        assert_eq!(place.processes(), [""; 0], "processes are left\n{}", outcome.told());
        assert_eq!(place.temporary(), [""; 0], "temporary files are left\n{}", outcome.told());
        assert_eq!(containers_of(pid), [""; 0], "containers are left\n{}", outcome.told());
        outcome
    }

    /// Waits for the end, whatever is left.
    pub fn end_dirty(mut self) -> Outcome {
        let status = self.child.wait().unwrap();
        let wall = self.began.elapsed();
        Outcome {
            code: status.code().unwrap_or_else(|| -status.signal().unwrap()),
            stdout: String::from_utf8(self.stdout.join().unwrap()).expect("stdout is UTF-8"),
            stderr: String::from_utf8(self.stderr.join().unwrap()).expect("stderr is UTF-8"),
            results: self.place.results().filter(|_| self.place.results_since(self.started)),
            peak: self.peak.join().unwrap(),
            wall,
        }
    }
}

/// What came of a run of airproof.
pub struct Outcome {
    /// The exit code; a signal as a negative number.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub results: Option<Value>,
    /// The most memory that it had in RAM, in bytes.
    pub peak: u64,
    pub wall: Duration,
}

impl Outcome {
    /// Both outputs, for messages.
    pub fn told(&self) -> String {
        format!("exit {}\n{}\n{}", self.code, self.stdout, self.stderr)
    }

    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.told());
        if let Some(results) = &self.results {
            assert_eq!(results["run"]["exit_code"], json!(code), "{}", self.told());
        }
        self
    }

    /// One of both outputs has these words.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.stdout.contains(words) || self.stderr.contains(words), "no `{words}` in {}", self.told());
        self
    }

    #[track_caller]
    pub fn within(&self, seconds: u64) -> &Self {
        assert!(self.wall < Duration::from_secs(seconds), "{:?}: {}", self.wall, self.told());
        self
    }

    /// The memory stayed below so many MiB.
    #[track_caller]
    pub fn in_memory(&self, mebibytes: u64) -> &Self {
        assert!(self.peak > 0 && self.peak < mebibytes << 20, "{} MiB", self.peak >> 20);
        self
    }

    #[track_caller]
    pub fn results(&self) -> &Value {
        self.results.as_ref().unwrap_or_else(|| panic!("there is no results.json: {}", self.told()))
    }

    /// The rules that have findings at this level, sorted.
    #[track_caller]
    pub fn found(&self, level: &str) -> Vec<&str> {
        let all = self.results()["findings"].as_array().unwrap().iter();
        let mut rules: Vec<&str> =
            all.filter(|finding| finding["level"] == level).map(|finding| finding["rule"].as_str().unwrap()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// The first finding of a rule.
    #[track_caller]
    pub fn finding(&self, rule: &str) -> &Value {
        let all = self.results()["findings"].as_array().unwrap();
        all.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("no {rule}: {}", self.told()))
    }

    /// How a launch ended.
    #[track_caller]
    pub fn launch(&self, id: &str) -> &Value {
        let all = self.results()["launches"].as_array().unwrap();
        all.iter().find(|launch| launch["id"] == id).unwrap_or_else(|| panic!("no {id}: {}", self.told()))
    }

    /// The statuses of a rule's verdicts, each once.
    #[track_caller]
    pub fn statuses(&self, rule: &str) -> Vec<&str> {
        let all = self.results()["verdicts"].as_array().unwrap().iter();
        let mut statuses: Vec<&str> =
            all.filter(|verdict| verdict["rule"] == rule).map(|verdict| verdict["status"].as_str().unwrap()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}

/// Whether a Docker daemon answers and the shell image is there. Without one, a test says so and ends; but not in CI.
pub fn has_docker() -> bool {
    let answers = Command::new("docker").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !answers.is_ok_and(|status| status.success()) {
        skipped("no Docker daemon");
        return false;
    }
    let base = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connectors/lib/shell-base");
    assert!(Command::new(base).status().unwrap().success());
    true
}

/// Says it past the test harness, which would swallow it. In CI nothing may be left out.
pub fn skipped(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "this can't be tested: {why}");
    let mut stderr = std::io::stderr();
    writeln!(stderr, "SKIPPED, {why}").unwrap();
}

/// The containers that the airproof of this process id made, by name.
pub fn containers_of(pid: u32) -> Vec<String> {
    let listed = Command::new("docker")
        .args(["ps", "-a", "--filter", "label=airproof.run", "--format", "{{.Label \"airproof.owner\"}} {{.Names}}"])
        .output();
    let text = listed.map(|listed| String::from_utf8_lossy(&listed.stdout).into_owned()).unwrap_or_default();
    text.lines().filter(|line| line.starts_with(&format!("{pid}@"))).map(str::to_owned).collect()
}

fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                lay_over(below.entry(key).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}

fn collect(mut source: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn peak_memory(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(files_below(&path)),
            path => files.push(path),
        }
    }
    files
}
