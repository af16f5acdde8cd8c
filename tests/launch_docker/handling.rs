//! Containers that are treated in other ways than the platform's, and what is seen of them.

use super::Scene;
use airproof::launch::{Arguments, Blow, Ended, FileNames, Handling, InputFile, LaunchError, Launcher, Reader, Stop};
use std::time::Duration;

async fn treated(handling: Handling) -> Option<Scene> {
    let mut scene = Scene::new().await?;
    scene.request.handling = handling;
    scene.request.inputs = vec![
        InputFile { option: "config", content: b"{\"key\":1}".to_vec() },
        InputFile { option: "catalog", content: b"{}".to_vec() },
    ];
    Some(scene)
}

#[tokio::test]
async fn files_with_odd_names_are_there() {
    let Some(scene) = treated(Handling { file_names: FileNames::Odd, ..Handling::default() }).await else { return };
    let seen = scene.run(r#"cat "$3" "$5"; echo; echo "$3"; echo new > "${3%/*}/own" && echo more >> "$3""#).await;
    assert_eq!(seen.stdout(), "{\"key\":1}{}\n/airproof/in put/config é.d\n");
    assert!(seen.facts.succeeded(), "{}", String::from_utf8_lossy(&seen.stderr));
}

#[tokio::test]
async fn arguments_folder_and_user_are_changed_as_asked() {
    let handling = Handling {
        arguments: Arguments::NoFile("config"),
        working_directory: Some("/bin".into()),
        user: Some("1234:5678".into()),
        ..Handling::default()
    };
    let Some(mut scene) = treated(handling).await else { return };
    let script = r#"echo "$1 $2 $4"; [ -e "$3" ] || echo "no $3"; pwd; id -u; id -g"#;
    let seen = scene.run(script).await;
    assert_eq!(seen.stdout(), "read --config --catalog\nno /airproof/config.json\n/bin\n1234\n5678\n");
    scene.request.handling = Handling { arguments: Arguments::Without("config"), ..Handling::default() };
    assert!(scene.run(script).await.stdout().starts_with("read --catalog \n"));
    scene.request.handling = Handling { arguments: Arguments::Verb("raed".into()), ..Handling::default() };
    assert!(scene.run(script).await.stdout().starts_with("raed --config --catalog\n"));
}

#[tokio::test]
async fn in_a_read_only_file_system_the_files_and_tmp_can_be_written() {
    let handling = Handling { read_only_root: true, file_names: FileNames::Odd, ..Handling::default() };
    let Some(mut scene) = treated(handling).await else { return };
    let script = r#"touch /airbyte/x 2>/dev/null || echo read-only; echo a > /tmp/x && cat /tmp/x; cat "$3"; echo
        echo more >> "$3" && tail -n 1 "$3"; touch "${3%/*}/own" && echo own"#;
    let expected = "read-only\na\n{\"key\":1}\n{\"key\":1}more\nown\n";
    let volumes = || super::docker(&["volume", "ls", "-q"]);
    let before = volumes();
    assert_eq!(scene.run(script).await.stdout(), expected);
    scene.request.handling.file_names = FileNames::Neutral;
    scene.settings.folder = "/data/of/mine/".into();
    assert_eq!(scene.run(script).await.stdout(), expected);
    assert_eq!(volumes(), before, "the volume goes with the container");
    scene.request.inputs.clear();
    assert_eq!(scene.run("touch /airbyte/x 2>/dev/null || echo read-only").await.stdout(), "read-only\n");
}

#[tokio::test]
async fn an_open_stdin_is_silent_until_the_connector_has_ended() {
    let Some(mut scene) = treated(Handling { stdin_open: true, ..Handling::default() }).await else { return };
    assert_eq!(scene.run("timeout 1 cat; echo $?").await.stdout(), "143\n");
    scene.request.handling.stdin_open = false;
    assert_eq!(scene.run("timeout 1 cat; echo $?").await.stdout(), "0\n");
}

#[tokio::test]
async fn sigterm_may_be_enough_and_sigkill_is() {
    let Some(mut scene) = treated(Handling { strike: Some(Blow::Term), ..Handling::default() }).await else { return };
    scene.request.limits.grace = Duration::from_secs(10);
    let script = "trap 'echo bye; exit 143' TERM; while true; do echo on; sleep 0.02; done";
    let strike = |scene: &Scene| {
        let (stop, running) = (scene.stop.strike.clone(), scene.run_id.clone());
        async move {
            let filter = format!("label=airproof.run={running}");
            while super::docker(&["ps", "-q", "--filter", &filter]).is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            stop.cancel();
        }
    };
    let (seen, ()) = tokio::join!(scene.run(script), strike(&scene));
    assert_eq!((seen.facts.code, seen.facts.ended), (Some(143), Some(Ended::Terminated)));
    assert!(seen.stdout().ends_with("bye\n") && !seen.facts.needed_kill);

    // A first process without a handler does not hear SIGTERM.
    (scene.stop, scene.request.limits.grace) = (Stop::default(), Duration::from_millis(300));
    let (seen, ()) = tokio::join!(scene.run("while true; do echo on; sleep 0.02; done"), strike(&scene));
    assert_eq!((seen.facts.signal, seen.facts.ended), (Some(9), Some(Ended::Terminated)));
    assert!(seen.facts.needed_kill);

    (scene.stop, scene.request.handling.strike) = (Stop::default(), Some(Blow::Kill));
    let (seen, ()) = tokio::join!(scene.run(script), strike(&scene));
    assert_eq!((seen.facts.code, seen.facts.ended), (Some(137), Some(Ended::Killed)));
    assert!(!seen.stdout().contains("bye") && !seen.facts.needed_kill);
}

#[tokio::test]
async fn a_slow_reader_holds_the_connector_up_and_misses_nothing() {
    let reader = Reader::Slow { bytes_per_second: 10_000_000, stall: Duration::from_millis(20) };
    let Some(mut scene) = treated(Handling { reader, ..Handling::default() }).await else { return };
    scene.request.limits.silence = Duration::from_millis(900);
    let seen = scene.run("seq 3000000").await;
    let expected = (1..=3_000_000).map(|line| format!("{line}\n")).collect::<String>();
    assert!(seen.stdout() == expected, "{} bytes", seen.stdout.len());
    assert!(seen.facts.succeeded(), "{}", seen.facts.describe());
    // 23 MB: 2.3 s, and 350 stalls, less what the daemon and the connection hold.
    assert!(seen.facts.duration > Duration::from_secs(5), "{:?}", seen.facts.duration);
}

#[tokio::test]
async fn a_reader_can_not_go_away_from_a_container() {
    let handling = Handling { reader: Reader::GoesAway { after: 1 }, ..Handling::default() };
    let Some(scene) = treated(handling).await else { return };
    assert!(scene.launcher("").refuses(&Handling::default()).is_none());
    let error = scene.launch("true").await.err().unwrap();
    assert!(matches!(&error, LaunchError::Usage(it) if it.contains("Docker reads on")), "{error}");
}

#[tokio::test]
async fn what_it_used_is_known_when_it_ran_for_long_enough() {
    let Some(scene) = treated(Handling::default()).await else { return };
    let script =
        "x=$(head -c 20000000 /dev/zero | tr '\\0' x); i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 3";
    let used = scene.run(script).await.facts.resources;
    assert!(used.peak_memory.is_some_and(|bytes| (15_000_000..2_000_000_000).contains(&bytes)), "{used:?}");
    assert!(used.cpu.is_some_and(|seconds| (0.01..30.0).contains(&seconds)), "{used:?}");
}
