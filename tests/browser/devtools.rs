//! Chromium without a window, driven by its DevTools protocol: as much of it as the tests of the report need.

use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// How long the browser has to start, and to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page. It ends with this value.
pub struct Browser {
    process: Child,
    /// Goes with it.
    _profile: TempDir,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    calls: u64,
    /// What the page has said and done since it was opened.
    pub events: Vec<Value>,
}

/// The browser's program, where there is one. In CI there must be.
#[allow(clippy::print_stderr, reason = "a test that did not run says so")]
fn program() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let found =
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no Chromium: in CI the report is opened in a browser");
        let _ = writeln!(std::io::stderr(), "SKIPPED: no Chromium on the PATH, so the report was not opened");
    }
    found
}

impl Browser {
    /// Starts it, with an empty page of 1280 by 800; none where there is no browser.
    pub fn start() -> Option<Self> {
        let program = program()?;
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let process = Command::new(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-US"])
            .args(["--hide-scrollbars", "--remote-debugging-port=0", "--window-size=1280,800"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser starts");
        let socket = connect(profile.path());
        let mut browser = Browser { process, _profile: profile, socket, session: None, calls: 0, events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Emulation.setFocusEmulationEnabled"] {
            match domain.contains('.') {
                true => browser.call(domain, json!({"enabled": true})),
                false => browser.call(&format!("{domain}.enable"), json!({})),
            };
        }
        browser.size(1280, 800);
        Some(browser)
    }

    /// Calls a method of the protocol, and gives its result.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).expect("the browser listens");
        loop {
            let message = self.receive();
            if message["id"] == json!(self.calls) {
                assert!(message.get("error").is_none(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
        }
    }

    /// The next message of the browser; events are kept.
    fn receive(&mut self) -> Value {
        loop {
            let message = self.socket.read().expect("the browser answers in time");
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            if message.get("method").is_some() {
                self.events.push(message.clone());
            }
            return message;
        }
    }

    /// Sets the size of the page's window, in CSS pixels.
    pub fn size(&mut self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// What the reader's system prefers: `light` or `dark`, and `screen` or `print`.
    pub fn media(&mut self, scheme: &str, media: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"media": media, "features": features}));
    }

    /// Opens a file, with what stands behind `#`, and waits until it is loaded.
    pub fn open(&mut self, file: &Path, fragment: &str) {
        self.call("Page.navigate", json!({"url": "about:blank"}));
        self.wait_for("document.readyState === 'complete' && location.protocol === 'about:'");
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}{fragment}", file.display())}));
        self.wait_for("document.readyState === 'complete' && location.protocol === 'file:'");
    }

    /// The value of an expression of JavaScript; a promise's, once it is kept.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"].get("value").cloned().unwrap_or(Value::Null)
    }

    /// The value of an expression, as text.
    pub fn text(&mut self, expression: &str) -> String {
        match self.value(expression) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// Whether an expression is true.
    pub fn holds(&mut self, expression: &str) -> bool {
        self.value(&format!("Boolean({expression})")) == Value::Bool(true)
    }

    /// Waits until an expression is true.
    pub fn wait_for(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.holds(expression) {
            assert!(Instant::now() < deadline, "in vain: {expression}, at {}", self.text("location.href"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses a key: a letter, or one by its name.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Escape" => 27,
            "Enter" => 13,
            "Tab" => 9,
            _ => 0,
        };
        let mut down = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if key.chars().count() == 1 {
            down["text"] = json!(key);
        }
        self.call("Input.dispatchKeyEvent", down);
        self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}));
    }

    /// Types a text where the focus is, letter by letter.
    pub fn types(&mut self, text: &str) {
        text.chars().for_each(|letter| self.press(&letter.to_string()));
    }

    /// Clicks into the middle of the first element that a selector finds.
    pub fn click(&mut self, selector: &str) {
        let place = self.value(&format!(
            "(() => {{ const it = document.querySelector({}); it.scrollIntoView({{block: 'center'}}); \
             const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// What the page and the browser complained about since it was opened: errors, warnings of the policy, dialogs.
    pub fn complaints(&mut self) -> Vec<String> {
        std::thread::sleep(Duration::from_millis(100));
        self.value("0"); // and what came meanwhile comes before this
        let kinds =
            ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening"];
        let is_complaint = |event: &&Value| kinds.iter().any(|kind| event["method"] == **kind);
        self.events.iter().filter(is_complaint).map(Value::to_string).collect()
    }

    /// The addresses that were asked for since the page was opened.
    pub fn requests(&self) -> Vec<&str> {
        let requests = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        requests.filter_map(|event| event["params"]["request"]["url"].as_str()).collect()
    }

    /// Keeps what the window shows as a picture, for people to look at.
    pub fn picture(&mut self, name: &str) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        std::thread::sleep(Duration::from_millis(100));
        let picture = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let bytes = STANDARD.decode(picture["data"].as_str().expect("a picture")).expect("base64");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens");
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("written");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until the browser has said where it listens, and connects.
fn connect(profile: &Path) -> WebSocket<TcpStream> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = std::fs::read_to_string(profile.join("DevToolsActivePort")).unwrap_or_default();
        if let Some((port, path)) = told.split_once('\n') {
            let stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("the browser listens");
            stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
            let address = format!("ws://127.0.0.1:{port}{}", path.trim());
            return tungstenite::client(address, stream).expect("the browser speaks").0;
        }
        assert!(Instant::now() < deadline, "the browser did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}
