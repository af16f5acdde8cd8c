//! No secret of a config is in any file of the report, nor in what airproof prints: whatever form the connector shows it
//! in, and wherever it puts it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod binary;

use airproof::capture::Secrets;
use airproof::protocol::SecretValue;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use binary::{API_KEY, Outcome, Place, has_docker};
use serde_json::{Value, json};
use std::process::Command;

/// Known by the name of its property alone.
const NAMED: &str = "only-named-5b1e9c";

/// From the environment, into the connector's.
const FROM_ENVIRONMENT: &str = "from-env-77c0a1f2";

/// Takes the secrets out of its config and its environment, and puts them where it can.
const LEAKY: &str = r#"
    plain=$(sed 's/.*"api_key":"\(\([^"\\]\|\\.\)*\)".*/\1/' "$3"); raw=$(printf '%b' "$(echo "$plain" | sed 's/\\"/"/g')")
    named=$(sed 's/.*"client_secret":"\([^"]*\)".*/\1/' "$3")
    for secret in "$plain" "$named" "$TOKEN"; do
      printf '{"type":"LOG","log":{"level":"INFO","message":"key %s"}}\n' "$secret"
      printf '{"type":"RECORD","record":{"stream":"orders","data":{"id":1,"%s":"%s"},"emitted_at":1}}\n' "$secret" "$secret"
      printf '{"type":"RECORD","record":{"stream":"%s","namespace":"%s","data":{},"emitted_at":1}}\n' "$secret" "$secret"
      printf '{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"orders"},"status":"%s"}}}\n' "$secret"
      printf '{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1,"error":{"message":"%s","stack_trace":"%s","failure_type":"%s"}}}\n' "$secret" "$secret" "$secret"
      printf '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"%s":"%s"}}}}\n' "$secret" "$secret"
      printf '{"type":"%s","%s":{}}\n' "$secret" "$secret"
    done
    for secret in "$raw" "$named" "$TOKEN"; do
      echo "plain $secret"; echo "plain $secret" >&2
      printf 'user:%s' "$secret" | base64 -w 0; echo
      printf '%s' "$secret" | base64 -w 0 >&2; echo >&2
      printf '%s' "$secret" | od -An -v -tx1 | tr -d ' \n'; echo
    done
    cat "$3"; echo; cat "$3" >&2
"#;

/// Starts a process with the secrets among its arguments, for as long as somebody needs to see it.
const SHOWY: &str = r#"sh -c 'sleep "$0"; :' "$SECONDS_SHOWN" --key="$raw" "$named" "$TOKEN" "#;

/// What must not appear: each secret as it is, as JSON has it, in base64 and hex.
fn forms() -> Vec<String> {
    let secrets = [API_KEY, NAMED, FROM_ENVIRONMENT];
    let forms = |secret: &str| {
        let quoted = json!(secret).to_string();
        let twice = json!(quoted).to_string().replace("\"\\\"", "").replace("\\\"\"", "");
        let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let inside = |text: String| text[..text.len() / 4 * 4 - 4].to_owned();
        vec![
            secret.to_owned(),
            quoted[1..quoted.len() - 1].to_owned(),
            twice,
            inside(STANDARD.encode(secret)),
            inside(URL_SAFE_NO_PAD.encode(secret)),
            STANDARD.encode(format!("user:{secret}"))[8..24].to_owned(),
            hex,
        ]
    };
    secrets.iter().flat_map(|secret| forms(secret)).collect()
}

/// HTML's own spellings would hide a secret from this test, not from a reader.
fn unescaped(text: &str) -> String {
    let spellings = [("&#x2f;", "/"), ("&#x27;", "'"), ("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">")];
    spellings.iter().fold(text.to_owned(), |text, (spelling, letter)| text.replace(spelling, letter))
}

#[track_caller]
fn assert_kept(place: &Place, outcome: &Outcome) {
    let told = [("stdout", outcome.stdout.clone()), ("stderr", outcome.stderr.clone())];
    let files = place.report_files().into_iter();
    let files = files.map(|(file, bytes)| (file.display().to_string(), unescaped(&String::from_utf8_lossy(&bytes))));
    let secret = |value: &str| SecretValue { value: value.to_owned(), marked: true };
    let every_form = Secrets::new(&[API_KEY, NAMED, FROM_ENVIRONMENT].map(secret));
    for (name, text) in files.chain(told.map(|(name, text)| (name.to_owned(), text))) {
        assert_eq!(every_form.redact(&text), text, "{name} shows a secret in some form");
        for form in forms() {
            if let Some(at) = text.find(&form) {
                let start = text[..at].char_indices().rev().nth(200).map_or(0, |(at, _)| at);
                panic!("{name} shows `{form}`: {}", &text[start..at + form.len()]);
            }
        }
    }
}

fn suite() -> Value {
    json!({
        "connector": {"environment": {
            "ON_READ": LEAKY,
            "ON_CHECK": format!("{LEAKY}\n{SHOWY}\nsay_check \"$@\""),
            "SECONDS_SHOWN": "0.5",
            "ON_DISCOVER": format!("{LEAKY}\nsay_catalog | sed \"s/\\\"orders\\\"/\\\"orders\\\",\\\"namespace\\\":\\\"$TOKEN\\\"/\""),
            "ON_SPEC": "echo \"$TOKEN\"; say_spec | sed \"s/Unused/$TOKEN/\"",
            "TOKEN": "${env:AIRPROOF_TEST_TOKEN}",
        }},
        "scenarios": [{"name": "sandbox", "config": {"api_key": API_KEY, "client_secret": NAMED}}],
    })
}

fn run(place: &Place, arguments: &[&str]) -> Outcome {
    let mut command = place.command(arguments);
    command.env("AIRPROOF_TEST_TOKEN", FROM_ENVIRONMENT);
    place.start(command).end()
}

#[test]
fn secrets_stay_out_of_everything() {
    let place = Place::new();
    place.suite(suite());
    let outcome = run(&place, &["test"]);
    outcome.exits(1).says("SEC-001").says("***");
    for code in ["SEC-001", "SEC-002", "SEC-004", "SEC-005"] {
        assert!(outcome.finding(code)["evidence"][0]["excerpt"].as_str().unwrap().contains("***"), "{code}");
    }
    assert!(place.report_files().len() > 15, "{}", outcome.told());
    assert_kept(&place, &outcome);
    let again = run(&place, &["judge", "airproof-report/launches/sandbox.read.full-refresh", "--report-dir", "again"]);
    assert_kept(&place, &again);
}

#[test]
fn secrets_stay_out_of_everything_in_docker() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    let mut suite = suite();
    suite["connector"]["environment"]["SECONDS_SHOWN"] = json!("2.5");
    place.suite_in_docker(suite);
    let outcome = run(&place, &["test"]);
    outcome.exits(1).says("SEC-001");
    outcome.finding("SEC-004");
    assert_kept(&place, &outcome);
}

#[test]
fn an_image_that_holds_a_secret_does_not_spread_it() {
    if !has_docker() {
        return;
    }
    let place = Place::new();
    place.suite_in_docker(suite());
    let image = format!("airproof/leaky:{}", std::process::id());
    let lines = [
        format!("FROM {}", binary::IMAGE),
        format!("ENV AIRBYTE_ENTRYPOINT=\"/connector --token {NAMED}\""),
        format!("LABEL io.airbyte.name=\"{FROM_ENVIRONMENT}\" io.airbyte.version=\"{NAMED}\""),
        "USER root".to_owned(),
    ];
    place.write("Dockerfile", &lines.join("\n"));
    let docker = |arguments: &[&str]| {
        Command::new("docker").args(arguments).current_dir(place.path("")).output().unwrap().status.success()
    };
    assert!(docker(&["build", "--quiet", "--network", "none", "--tag", &image, "--file", "Dockerfile", "."]));
    let outcome = run(&place, &["test", "--image", &image]);
    assert!(docker(&["image", "rm", "--force", &image]));
    let entrypoint = &outcome.finding("CLI-012")["evidence"][0]["actual"];
    assert_eq!(entrypoint, "/connector --token ***");
    outcome.finding("CLI-013");
    assert_kept(&place, &outcome);
}

/// A connector that logs its key, and refuses whatever it is.
const REFUSES: &str = r#"
    key=$(sed 's/.*"api_key":"\([^"]*\)".*/\1/' "$3")
    printf '{"type":"LOG","log":{"level":"INFO","message":"signing in with %s"}}\n' "$key"
    printf '{"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"The key was refused."}}\n'
"#;

#[test]
fn canaries_make_a_leak_certain() {
    let place = Place::new();
    let wrong = |canaries: bool| {
        let scenario =
            json!({"name": "wrong", "config": {"api_key": "wrong"}, "expect": "failed", "canaries": canaries});
        json!({"connector": {"environment": {"ON_CHECK": REFUSES}}, "scenarios": [scenario]})
    };
    place.suite(wrong(false));
    let outcome = place.run(&["test", "--rule", "SEC-*"]);
    assert_eq!(outcome.statuses("SEC-001"), ["skip"], "{}", outcome.told());
    place.suite(wrong(true));
    let outcome = place.run(&["test", "--rule", "SEC-*"]);
    outcome.exits(1);
    let finding = outcome.finding("SEC-001");
    assert!(finding["evidence"][0]["excerpt"].as_str().unwrap().contains("signing in with ***"), "{finding}");
    let all = place.report_files().into_iter().map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned());
    assert!(all.chain([outcome.told()]).all(|text| !text.contains("canary-")), "a canary is told");
    assert!(place.run(&["list"]).stdout.contains("with canaries in place of its secrets"));
}

#[test]
fn judging_bare_output_with_a_config_keeps_its_secrets() {
    let place = Place::new();
    place.write("config.json", &json!({"api_key": API_KEY, "client_secret": NAMED}).to_string());
    place.write(
        "output",
        &format!("{NAMED}\n{{\"type\":\"{NAMED}\"}}\n{{\"type\":\"SPEC\",\"spec\":{{\"x\":\"{NAMED}\"}}}}\n"),
    );
    let outcome = run(
        &place,
        &["judge", "output", "--command", "check", "--config", "config.json", "--report-dir", "airproof-report"],
    );
    assert!(outcome.code == 1, "{}", outcome.told());
    assert_kept(&place, &outcome);
}
