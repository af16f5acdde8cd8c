//! Launches that are treated in other ways than the platform's, and what is seen of them.

use super::{Scene, until};
use airproof::launch::{Arguments, Blow, Ended, FileNames, Handling, InputFile, LaunchError, Launcher, Reader, Stop};
use std::fs;
use std::time::Duration;

fn treated(handling: Handling) -> Scene {
    let mut scene = Scene::new();
    scene.request.handling = handling;
    scene.request.inputs = vec![
        InputFile { option: "config", content: b"{\"key\":1}".to_vec() },
        InputFile { option: "catalog", content: b"{}".to_vec() },
    ];
    scene
}

fn with(arguments: Arguments) -> Scene {
    treated(Handling { arguments, ..Handling::default() })
}

#[tokio::test]
async fn files_with_odd_names_are_there() {
    let scene = treated(Handling { file_names: FileNames::Odd, ..Handling::default() });
    let seen = scene.run(r#"cat "$3" "$5"; echo; echo "$3"; echo new > "${3%/*}/own" && echo more >> "$3""#).await;
    let folder = scene.workspace.path().join("inputs/sandbox.read.full-refresh");
    assert_eq!(seen.stdout(), format!("{{\"key\":1}}{{}}\n{}/in put/config é.d\n", folder.display()));
    assert!(seen.facts.succeeded(), "{}", String::from_utf8_lossy(&seen.stderr));
    assert!(!folder.exists(), "the launch is over");
}

#[tokio::test]
async fn arguments_are_changed_as_asked() {
    let words = r#"echo "$1 $2 $4 $6"; for path in "$3" "$5" "$7"; do [ -z "$path" ] || [ -e "$path" ] || echo "no ${path##*/}"; done"#;
    assert_eq!(with(Arguments::Verb("raed".into())).run(words).await.stdout(), "raed --config --catalog \n");
    assert_eq!(with(Arguments::Without("config")).run(words).await.stdout(), "read --catalog  \n");
    assert_eq!(
        with(Arguments::NoFile("config")).run(words).await.stdout(),
        "read --config --catalog \nno config.json\n"
    );
    let seen = with(Arguments::NoFile("state")).run(words).await;
    assert_eq!(seen.stdout(), "read --config --catalog --state\nno state.json\n");
}

#[tokio::test]
async fn it_is_started_in_another_folder_unless_it_would_not_be_found_there() {
    let elsewhere = |folder: &str| Handling { working_directory: Some(folder.into()), ..Handling::default() };
    let seen = treated(elsewhere("/")).run(r#"pwd; cat "$3""#).await;
    assert_eq!(seen.stdout(), "/\n{\"key\":1}");
    let error = treated(elsewhere("/no/such/folder")).launch("true").await.err().unwrap();
    assert!(matches!(&error, LaunchError::Usage(it) if it.contains("/no/such/folder, which is no folder")), "{error}");
    // The script is the path of a file, from here.
    let reason = Scene::new().launcher("Cargo.toml").refuses(&elsewhere("/")).unwrap();
    assert!(reason.contains("`Cargo.toml`"), "{reason}");
    assert_eq!(Scene::new().launcher("Cargo.toml").refuses(&Handling::default()), None);
}

#[tokio::test]
async fn it_is_started_in_the_folder_of_the_suite_that_names_it() {
    let scene = Scene::new();
    let folder = scene.temp.path().canonicalize().unwrap();
    fs::write(folder.join("beside.txt"), "found").unwrap();
    let launcher = scene.launcher("pwd; cat beside.txt").started_in(Some(folder.clone()));
    let seen = scene.run_with(&launcher).await;
    assert_eq!(seen.stdout(), format!("{}\nfound", folder.display()));
    // An experiment's folder goes before it, but for what is found from the suite's only.
    let elsewhere = Handling { working_directory: Some("/".into()), ..Handling::default() };
    assert_eq!(scene.launcher("pwd").started_in(Some(folder.clone())).refuses(&elsewhere), None);
    let reason = scene.launcher("beside.txt").started_in(Some(folder)).refuses(&elsewhere);
    assert!(reason.is_some_and(|reason| reason.contains("`beside.txt`")));
    let mut scene = treated(elsewhere);
    scene.request.inputs.clear();
    let launcher = scene.launcher("pwd").started_in(Some(scene.temp.path().into()));
    assert_eq!(scene.run_with(&launcher).await.stdout(), "/\n");
}

#[tokio::test]
async fn what_takes_a_container_is_refused_and_not_launched() {
    let user = Handling { user: Some("1000".into()), ..Handling::default() };
    for handling in [user, Handling { read_only_root: true, ..Handling::default() }] {
        let scene = treated(handling);
        let error = scene.launch(r#"touch "$TEMP/launched""#).await.err().unwrap();
        assert!(matches!(&error, LaunchError::Usage(it) if it.contains("takes a container")), "{error}");
        assert!(!scene.place("launched").exists());
    }
}

#[tokio::test]
async fn an_open_stdin_is_silent_until_the_connector_has_ended() {
    let mut scene = treated(Handling { stdin_open: true, ..Handling::default() });
    let seen = scene.run("[ -p /dev/stdin ] && echo pipe; timeout 0.3 cat; echo $?").await;
    assert_eq!(seen.stdout(), "pipe\n124\n");
    scene.request.limits.silence = Duration::from_millis(400);
    assert_eq!(scene.run("cat").await.facts.ended, Some(Ended::Silent), "it waits for what never comes");
    scene.request.handling.stdin_open = false;
    assert!(scene.run("cat").await.facts.succeeded());
}

#[tokio::test]
async fn sigterm_in_the_middle_may_be_enough() {
    let script = "trap 'echo bye; exit 143' TERM; touch \"$TEMP/up\"; while true; do echo on; sleep 0.01; done";
    let mut scene = treated(Handling { strike: Some(Blow::Term), ..Handling::default() });
    scene.request.limits.grace = Duration::from_secs(10);
    let strike = async {
        until("the connector", || scene.place("up").exists()).await;
        scene.stop.strike.cancel();
    };
    let (seen, ()) = tokio::join!(scene.run(script), strike);
    assert_eq!((seen.facts.code, seen.facts.ended), (Some(143), Some(Ended::Terminated)));
    assert!(seen.stdout().ends_with("bye\n") && !seen.facts.needed_kill && seen.facts.is_cut_short());

    scene.stop = Stop::default();
    scene.request.limits.grace = Duration::from_millis(200);
    fs::remove_file(scene.place("up")).unwrap();
    let strike = async {
        until("the connector", || scene.place("up").exists()).await;
        scene.stop.strike.cancel();
    };
    let stubborn = script.replace("echo bye; exit 143", "echo no");
    let (seen, ()) = tokio::join!(scene.run(&stubborn), strike);
    assert_eq!((seen.facts.signal, seen.facts.ended), (Some(9), Some(Ended::Terminated)));
    assert!(seen.stdout().contains("no\n") && seen.facts.needed_kill);
}

#[tokio::test]
async fn sigkill_hits_the_whole_group_without_a_word() {
    let mut scene = treated(Handling { strike: Some(Blow::Kill), ..Handling::default() });
    scene.request.limits.grace = Duration::from_secs(10);
    let strike = async {
        until("the child", || scene.place("up").exists()).await;
        scene.stop.strike.cancel();
    };
    let script = r#"trap 'echo bye' TERM; (sleep 0.5; touch "$TEMP/lived") & touch "$TEMP/up"; sleep 60"#;
    let (seen, ()) = tokio::join!(scene.run(script), strike);
    assert_eq!((seen.facts.signal, seen.facts.ended, seen.stdout().as_str()), (Some(9), Some(Ended::Killed), ""));
    assert!(!seen.facts.needed_kill && seen.wall < Duration::from_secs(5), "{:?}", seen.wall);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(!scene.place("lived").exists());
}

#[tokio::test]
async fn a_slow_reader_holds_the_connector_up_and_misses_nothing() {
    let reader = Reader::Slow { bytes_per_second: 400_000, stall: Duration::from_millis(350) };
    let mut scene = treated(Handling { reader, ..Handling::default() });
    scene.request.limits.silence = Duration::from_millis(250);
    let seen = scene.run(r#"head -c 300000 /dev/zero; date +%s%N >&2"#).await;
    assert_eq!((seen.stdout.len(), seen.facts.ended), (300_000, None));
    // 300 kB less what a pipe holds: 0.6 s, and three stalls.
    assert!(seen.facts.duration > Duration::from_secs(1), "{:?}", seen.facts.duration);
    // After its last byte the connector is silent by itself.
    assert_eq!(scene.run("echo last; sleep 60").await.facts.ended, Some(Ended::Silent));
}

#[tokio::test]
async fn a_reader_that_goes_away_is_noticed_by_who_writes() {
    let scene = treated(Handling { reader: Reader::GoesAway { after: 100_000 }, ..Handling::default() });
    let seen = scene.run("yes").await;
    assert_eq!(seen.stdout.len(), 100_000);
    let told = String::from_utf8_lossy(&seen.stderr).into_owned();
    assert!(seen.facts.signal == Some(13) || told.contains("Broken pipe"), "{} {told}", seen.facts.describe());
    assert!(seen.facts.reader_left && seen.facts.ended.is_none() && seen.facts.is_cut_short());
    // One that says less is never left.
    let seen = scene.run("echo little").await;
    assert!(seen.facts.succeeded() && !seen.facts.reader_left);
    // Stderr is read on.
    let seen = scene.run("trap '' PIPE; yes 2>/dev/null; sleep 0.2; echo over >&2; exit 3").await;
    assert_eq!((seen.facts.code, seen.stderr.as_slice()), (Some(3), b"over\n".as_slice()));
}

#[tokio::test]
async fn what_lives_on_without_a_reader_is_ended() {
    let scene = treated(Handling { reader: Reader::GoesAway { after: 0 }, ..Handling::default() });
    let seen = scene.run("sleep 60").await;
    assert_eq!(seen.facts.ended, Some(Ended::OutlivedReader));
    assert!((10.0..15.0).contains(&seen.wall.as_secs_f64()), "{:?}", seen.wall);
}

#[tokio::test]
async fn what_it_used_is_known() {
    let scene = Scene::new();
    let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; (while [ $i -lt 400000 ]; do i=$((i+1)); done)";
    let used = scene.run(work).await.facts.resources;
    assert!(used.cpu.is_some_and(|seconds| (0.05..30.0).contains(&seconds)), "{used:?}");
    assert!(used.peak_memory.is_some_and(|bytes| (100_000..100_000_000).contains(&bytes)), "{used:?}");
    // It is looked at ten times a second.
    let big = "x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 1";
    let used = scene.run(big).await.facts.resources;
    assert!(used.peak_memory.is_some_and(|bytes| bytes > 50_000_000), "{used:?}");
}
