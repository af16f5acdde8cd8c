//! Local processes as connectors: small shell scripts that end, hang, flood and fork in every way we heard of.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "launch/handling.rs"]
mod handling;

use airproof::feed::{Act, Script, Supply};
use airproof::launch::process::ProcessLauncher;
use airproof::launch::workspace::{SweepReport, Workspace, sweep_workspaces_in};
use airproof::launch::{
    Channel, Chunk, Ended, ExitFacts, Handling, InputFile, LaunchError, LaunchRequest, Launcher, Limits, Stdin, Stop,
    end_descendants,
};
use airproof::protocol::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{RwLock, mpsc};

/// Ending every descendant would hit other tests' connectors too, where tests share a process.
static ALONE: RwLock<()> = RwLock::const_new(());

/// A connector that is a shell script, and how it is launched.
struct Scene {
    temp: tempfile::TempDir,
    workspace: Arc<Workspace>,
    request: LaunchRequest,
    stop: Stop,
}

/// What a launch gave.
struct Seen {
    facts: ExitFacts,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    wall: Duration,
}

impl Seen {
    fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

impl Scene {
    fn new() -> Scene {
        let temp = tempfile::tempdir().unwrap();
        let workspace = Arc::new(Workspace::create_in(temp.path(), "run").unwrap());
        let limits = Limits {
            total: Duration::from_secs(60),
            silence: Duration::from_secs(30),
            grace: Duration::from_millis(300),
            memory: None,
        };
        let request = LaunchRequest {
            id: "sandbox.read.full-refresh".into(),
            command: Command::Read,
            inputs: Vec::new(),
            stdin: Stdin::Closed,
            limits,
            network: true,
            environment: Default::default(),
            handling: Handling::default(),
        };
        Scene { temp, workspace, request, stop: Stop::default() }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    /// Launches `script`, in which `$TEMP` is a folder of this test's own.
    async fn launch(&self, script: &str) -> Result<Seen, LaunchError> {
        self.launch_with(&self.launcher(script)).await
    }

    async fn launch_with(&self, launcher: &ProcessLauncher) -> Result<Seen, LaunchError> {
        let (output, mut chunks) = mpsc::channel(8);
        let collect = async {
            let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
            while let Some(Chunk { channel, bytes, .. }) = chunks.recv().await {
                match channel {
                    Channel::Stdout => stdout.extend_from_slice(&bytes),
                    Channel::Stderr => stderr.extend_from_slice(&bytes),
                    Channel::CommandLine => {}
                }
            }
            (stdout, stderr)
        };
        let began = Instant::now();
        let (facts, (stdout, stderr)) = tokio::join!(launcher.launch(&self.request, output, &self.stop), collect);
        Ok(Seen { facts: facts?, stdout, stderr, wall: began.elapsed() })
    }

    async fn run(&self, script: &str) -> Seen {
        let _others = ALONE.read().await;
        self.launch(script).await.unwrap()
    }

    async fn run_with(&self, launcher: &ProcessLauncher) -> Seen {
        let _others = ALONE.read().await;
        self.launch_with(launcher).await.unwrap()
    }

    fn launcher(&self, script: &str) -> ProcessLauncher {
        let environment = BTreeMap::from([("TEMP".to_owned(), self.temp.path().display().to_string())]);
        let command_line = format!("sh -c {} connector", shell_words::quote(script));
        ProcessLauncher::new(&command_line, environment, self.workspace.clone()).unwrap()
    }
}

fn pid_in(file: &Path) -> i32 {
    fs::read_to_string(file).unwrap().trim().parse().unwrap()
}

/// Whether a process runs: one that ended and only waits to be asked does not.
fn runs(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, fields)| !fields.trim_start().starts_with('Z'))
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(10), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_connector_gets_its_arguments_files_and_environment() {
    let mut scene = Scene::new();
    scene.request.inputs = vec![
        InputFile { option: "config", content: b"{\"key\":1}".to_vec() },
        InputFile { option: "catalog", content: b"{}".to_vec() },
    ];
    let seen = scene
        .run(r#"echo "$@"; cat "$3"; echo; echo "$DATA_CHANNEL_MEDIUM $DATA_CHANNEL_FORMAT"; echo new > "$3"; cat"#)
        .await;
    let stdout = seen.stdout();
    let lines = stdout.lines().collect::<Vec<_>>();
    let inputs = scene.workspace.path().join("inputs/sandbox.read.full-refresh").display().to_string();
    assert_eq!(lines[0], format!("read --config {inputs}/config.json --catalog {inputs}/catalog.json"));
    assert_eq!(lines[1..], ["{\"key\":1}", "STDIO JSONL"]);
    assert!(seen.facts.succeeded(), "{}", seen.facts.describe());
    assert!(!Path::new(&inputs).exists(), "the launch is over");
}

#[tokio::test]
async fn spec_has_no_other_argument() {
    let mut scene = Scene::new();
    scene.request.command = Command::Spec;
    assert_eq!(scene.run("echo \"$@\"").await.stdout(), "spec\n");
}

#[tokio::test]
async fn exit_codes_and_signals_are_facts() {
    let scene = Scene::new();
    let facts = scene.run("exit 137").await.facts;
    assert_eq!((facts.code, facts.signal, facts.out_of_memory), (Some(137), Some(9), false));
    let facts = scene.run("kill -SEGV $$").await.facts;
    assert_eq!((facts.code, facts.signal), (None, Some(11)));
    let facts = scene.run("exit 1").await.facts;
    assert_eq!((facts.code, facts.signal, facts.ended), (Some(1), None, None));
    assert!(!facts.succeeded());
}

#[tokio::test]
async fn printing_nothing_is_fine() {
    let seen = Scene::new().run("true").await;
    assert!(seen.stdout.is_empty() && seen.stderr.is_empty() && seen.facts.succeeded());
    assert_eq!(seen.facts.lingered, Duration::ZERO);
}

#[tokio::test]
async fn hanging_after_the_last_message_ends_with_the_silence_limit() {
    let mut scene = Scene::new();
    scene.request.limits.silence = Duration::from_millis(300);
    let seen = scene.run("echo last; sleep 60").await;
    assert_eq!((seen.stdout().as_str(), seen.facts.ended), ("last\n", Some(Ended::Silent)));
    assert_eq!(seen.facts.signal, Some(15));
    assert!(seen.facts.lingered >= Duration::from_millis(290), "{:?}", seen.facts.lingered);
    assert!(seen.wall < Duration::from_secs(5), "{:?}", seen.wall);
}

#[tokio::test]
async fn a_byte_on_stderr_now_and_then_is_not_silence() {
    let mut scene = Scene::new();
    scene.request.limits.silence = Duration::from_millis(500);
    let seen = scene.run("for i in 1 2 3 4 5 6 7 8; do echo $i >&2; sleep 0.1; done").await;
    assert!(seen.facts.succeeded(), "{}", seen.facts.describe());
}

#[tokio::test]
async fn a_slow_receiver_is_not_the_connectors_silence() {
    let mut scene = Scene::new();
    scene.request.limits.silence = Duration::from_millis(300);
    let _others = ALONE.read().await;
    let (output, mut chunks) = mpsc::channel::<Chunk>(1);
    let launcher = scene.launcher("head -c 1000000 /dev/zero");
    let receive = async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        let mut total = 0;
        while let Some(chunk) = chunks.recv().await {
            total += chunk.bytes.len();
        }
        total
    };
    let (facts, total) = tokio::join!(launcher.launch(&scene.request, output, &scene.stop), receive);
    assert_eq!((facts.unwrap().ended, total), (None, 1_000_000));
}

#[tokio::test]
async fn closing_stdout_early_does_not_end_the_limits() {
    let mut scene = Scene::new();
    scene.request.limits.silence = Duration::from_millis(300);
    let seen = scene.run("echo last; exec >&- 2>&-; sleep 60").await;
    assert_eq!((seen.stdout().as_str(), seen.facts.ended), ("last\n", Some(Ended::Silent)));
}

#[tokio::test]
async fn the_total_limit_ends_a_busy_connector() {
    let mut scene = Scene::new();
    scene.request.limits.total = Duration::from_millis(300);
    let seen = scene.run("while true; do echo busy; sleep 0.01; done").await;
    assert_eq!(seen.facts.ended, Some(Ended::TimedOut));
    assert!(seen.stdout.starts_with(b"busy\n"), "what came until then is kept");
}

#[tokio::test]
async fn a_connector_that_ignores_sigterm_is_killed_after_the_grace() {
    let mut scene = Scene::new();
    scene.request.limits.silence = Duration::from_millis(200);
    let seen = scene.run("trap '' TERM; while true; do sleep 0.05; done").await;
    assert_eq!((seen.facts.ended, seen.facts.signal), (Some(Ended::Silent), Some(9)));
    assert!(seen.facts.duration >= Duration::from_millis(490), "{:?}", seen.facts.duration);
}

#[tokio::test]
async fn an_interrupted_connector_may_finish_in_order() {
    let scene = Scene::new();
    let script = "trap 'echo goodbye; exit 7' TERM; echo > $TEMP/ready; while true; do sleep 0.02; done";
    let interrupt = async {
        until("the start", || scene.place("ready").exists()).await;
        scene.stop.interrupt.cancel();
    };
    let (seen, ()) = tokio::join!(scene.run(script), interrupt);
    assert_eq!(seen.stdout(), "goodbye\n");
    assert_eq!((seen.facts.code, seen.facts.ended), (Some(7), Some(Ended::Interrupted)));
    assert_eq!(scene.run("echo never").await.stdout(), "", "nothing starts in a run that is ending");
}

#[tokio::test]
async fn kill_does_not_wait_for_the_grace() {
    let mut scene = Scene::new();
    scene.request.limits.grace = Duration::from_secs(30);
    let script = "trap '' TERM; echo > $TEMP/ready; while true; do sleep 0.02; done";
    let kill = async {
        until("the start", || scene.place("ready").exists()).await;
        scene.stop.interrupt.cancel();
        tokio::time::sleep(Duration::from_millis(50)).await;
        scene.stop.kill.cancel();
    };
    let (seen, ()) = tokio::join!(scene.run(script), kill);
    assert_eq!((seen.facts.signal, seen.facts.ended), (Some(9), Some(Ended::Interrupted)));
    assert!(seen.wall < Duration::from_secs(5), "{:?}", seen.wall);
}

#[tokio::test]
async fn a_child_that_keeps_stdout_open_is_noticed_and_ended() {
    let scene = Scene::new();
    let seen = scene.run("sleep 60 & echo $! > $TEMP/pid; echo last").await;
    assert_eq!((seen.stdout().as_str(), seen.facts.code, seen.facts.outputs_left_open), ("last\n", Some(0), true));
    assert!(seen.wall < Duration::from_secs(5), "{:?}", seen.wall);
    let child = pid_in(&scene.place("pid"));
    until("the child's end", || !runs(child)).await;
}

#[tokio::test]
async fn a_silent_child_in_the_group_does_not_survive() {
    let scene = Scene::new();
    let seen = scene.run("sleep 60 >/dev/null 2>&1 & echo $! > $TEMP/pid").await;
    assert!(seen.facts.succeeded() && !seen.facts.outputs_left_open);
    let child = pid_in(&scene.place("pid"));
    until("the child's end", || !runs(child)).await;
}

#[tokio::test]
async fn a_daemon_does_not_survive_the_run() {
    let _alone = ALONE.write().await;
    let scene = Scene::new();
    let script = "(setsid sh -c 'echo $$ > $TEMP/pid; exec sleep 60' >/dev/null 2>&1 &); \
                  while ! test -s $TEMP/pid; do sleep 0.01; done";
    let seen = scene.launch(script).await.unwrap();
    assert!(seen.facts.succeeded(), "{}", seen.facts.describe());
    let daemon = pid_in(&scene.place("pid"));
    end_descendants();
    assert!(!Path::new(&format!("/proc/{daemon}")).exists());
}

#[tokio::test]
async fn floods_on_both_outputs_arrive_without_deadlock() {
    const SIZE: usize = 200_000_000;
    let seen = Scene::new().run(&format!("head -c {SIZE} /dev/zero >&2 & head -c {SIZE} /dev/zero; wait")).await;
    assert_eq!((seen.stdout.len(), seen.stderr.len()), (SIZE, SIZE));
    assert!(seen.facts.succeeded());
}

#[tokio::test]
async fn stdin_is_fed_while_output_is_read() {
    const SIZE: usize = 50_000_000;
    let mut scene = Scene::new();
    let content = (0..SIZE).map(|at| (at % 251) as u8).collect::<Vec<_>>();
    fs::write(scene.place("stdin"), &content).unwrap();
    scene.request.stdin =
        Stdin::Script(Arc::new(Script::default().with(Act::Send(Supply::File(scene.place("stdin"))))));
    let seen = scene.run("cat").await;
    assert!(seen.stdout == content, "{} bytes came back", seen.stdout.len());
    let seen = scene.run("head -c 10 >/dev/null").await;
    assert!(seen.facts.succeeded(), "a connector may stop reading");
}

#[tokio::test]
async fn memory_of_the_whole_family_is_limited() {
    let mut scene = Scene::new();
    scene.request.limits.memory = Some(40 << 20);
    // `tail` keeps what it reads until the end of its input, which never comes.
    let seen = scene.run("(head -c 200000000 /dev/zero; sleep 60) | tail -c 150000000").await;
    assert_eq!((seen.facts.ended, seen.facts.out_of_memory), (Some(Ended::Memory), true));
    let seen = scene.run("echo small; sleep 0.3").await;
    assert!(seen.facts.succeeded(), "{}", seen.facts.describe());
}

#[tokio::test]
async fn without_a_receiver_the_connector_is_not_held_up() {
    let scene = Scene::new();
    let _others = ALONE.read().await;
    let (output, chunks) = mpsc::channel(1);
    drop(chunks);
    let launcher = scene.launcher("head -c 5000000 /dev/zero");
    assert!(launcher.launch(&scene.request, output, &scene.stop).await.unwrap().succeeded());
}

#[tokio::test]
async fn dropping_the_launch_ends_the_connector_and_its_children() {
    let scene = Scene::new();
    let _others = ALONE.read().await;
    let (output, _chunks) = mpsc::channel(1);
    let launcher = scene.launcher("sleep 60 & echo $! > $TEMP/pid.new; mv $TEMP/pid.new $TEMP/pid; wait");
    tokio::select! {
        _ = launcher.launch(&scene.request, output, &scene.stop) => panic!("it does not end"),
        () = until("the start", || scene.place("pid").exists()) => {}
    }
    let child = pid_in(&scene.place("pid"));
    until("the child's end", || !runs(child)).await;
}

#[tokio::test]
async fn the_sweep_ends_what_a_killed_run_left_running() {
    let scene = Scene::new();
    let script = "sleep 60 & echo $! > $TEMP/pid.new; mv $TEMP/pid.new $TEMP/pid; wait";
    let sweep = async {
        until("the start", || scene.place("pid").exists()).await;
        assert_eq!(sweep_workspaces_in(scene.temp.path()), SweepReport::default(), "its owner lives");
        let owner = scene.workspace.path().join("owner");
        let someone = fs::read_to_string(&owner).unwrap();
        let (pid, host) = (someone.split_once('@').unwrap().0, someone.split_once(' ').unwrap().1);
        fs::write(&owner, format!("{pid}@1 {host}")).unwrap();
        sweep_workspaces_in(scene.temp.path())
    };
    let (seen, report) = tokio::join!(scene.run(script), sweep);
    assert_eq!(report.folders, 1);
    assert!(report.processes >= 1, "{report:?}");
    assert_eq!(seen.facts.signal, Some(9));
    assert!(!scene.workspace.path().exists() && !runs(pid_in(&scene.place("pid"))));
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let scene = Scene::new();
    let script = scene.place("source");
    fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let launcher =
        ProcessLauncher::new(&script.display().to_string(), BTreeMap::new(), scene.workspace.clone()).unwrap();
    let (output, _chunks) = mpsc::channel(1);
    let error = launcher.launch(&scene.request, output, &scene.stop).await.unwrap_err();
    assert!(matches!(&error, LaunchError::Usage(message) if message.contains("interpreter")), "{error}");
    let mut scene = scene;
    scene.request.stdin =
        Stdin::Script(Arc::new(Script::default().with(Act::Send(Supply::File("/no/such/file".into())))));
    let error = scene.launch("cat").await.err().unwrap();
    assert!(error.to_string().contains("/no/such/file"), "{error}");
}
