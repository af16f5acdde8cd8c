//! Steps: what a suite has done between launches, by a command of this machine or by a request to a server.

use super::around::STEP_KEYS;
use super::diagnose::{Mistake, Span, quoted};
use super::fields::Reader;
use super::yaml::{Kind, Node};
use http::{HeaderName, HeaderValue, Uri};
use indexmap::IndexMap;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Something that is done between launches, or during one.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A command of this machine.
    Run {
        /// Program and arguments; never empty. A program that was named by a path has an absolute one.
        words: Vec<String>,
        /// Where it runs: the absolute path of the suite file's folder.
        folder: PathBuf,
    },
    /// An HTTP request.
    Request {
        /// The method, in capitals.
        method: String,
        /// Begins with `http://`, and is known to have a host.
        url: String,
        /// Names and values, in file order.
        headers: IndexMap<String, String>,
        /// Text is sent as it is, everything else as JSON.
        body: Option<Value>,
    },
    /// A command in a container of the author's own, in which the folder of the suite file is at `/connector`.
    Container {
        /// The absolute path of the Dockerfile from which its image is built; the context is its folder.
        dockerfile: PathBuf,
        /// What is run in it; never empty.
        words: Vec<String>,
        /// The JSON file whose content it finds at `/tmp/config.json`.
        secrets: Option<PathBuf>,
        /// The absolute path of the suite file's folder.
        folder: PathBuf,
    },
}

/// The keys of a request.
pub(super) const REQUEST_KEYS: [&str; 4] = ["method", "url", "headers", "body"];
/// The keys of a step in a container.
pub(super) const CONTAINER_KEYS: [&str; 3] = ["dockerfile", "run", "secrets"];
/// The headers that follow from the request itself.
const OWN_HEADERS: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

impl Reader<'_> {
    /// The step of a mapping that has `run`, `request` or `container`; its other keys are looked at elsewhere.
    pub fn step(&mut self, node: &Node, what: &str) -> Option<Step> {
        let given = STEP_KEYS.into_iter().filter_map(|key| Some((key, node.get(key)?)));
        match given.collect::<Vec<_>>().as_slice() {
            [("run", run)] => self.command(run),
            [("request", request)] => self.request(request),
            [(_, container)] => self.container_step(container),
            [(one, first), (other, second), ..] => {
                let mistake = Mistake::at(second.span, format!("`{one}` and `{other}` both say what is done"));
                self.mistakes.push(mistake.also(Some(first.span), "the first").help("keep one of them"));
                None
            }
            [] => {
                let help = "add `run: [\"PROGRAM\", \"ARGUMENT\"]` or `request: { url: \"http://…\" }`";
                let message = format!("{what} needs a `run`, a `request` or a `container`");
                self.mistakes.push(Mistake::at(node.span, message).help(help));
                None
            }
        }
    }

    /// What is built and run in a container. That a file is not there is a remark: an earlier step may make it.
    fn container_step(&mut self, node: &Node) -> Option<Step> {
        const WHAT: &str = "a container's step";
        if !self.keys(node, WHAT, &CONTAINER_KEYS) {
            return None;
        }
        let folder = absolute(&self.sources[node.span.source].folder)?;
        let path = |reader: &mut Self, key: &str, written: &str| {
            let path: PathBuf = folder.join(written).components().collect();
            if !path.is_file() {
                let span = node.get(key).map_or(node.span, |node| node.span);
                let message = format!("there is no file {}", quoted(written));
                let help = "a relative path starts at the folder of the suite that names it";
                reader.remarks.push(Mistake::at(span, message).warning().help(help));
            }
            path
        };
        let dockerfile = self.required(node, "dockerfile", WHAT).map(|written| path(self, "dockerfile", &written));
        let secrets = node.get("secrets").and_then(|node| self.text(node, "`secrets`").map(str::to_owned));
        let secrets = secrets.map(|written| path(self, "secrets", &written));
        let Some(run) = node.get("run") else {
            let help = "add `run: [\"PROGRAM\", \"ARGUMENT\"]`: what is run in the container";
            self.mistakes.push(Mistake::at(node.span, format!("{WHAT} needs a `run`")).help(help));
            return None;
        };
        let written = self.words(run)?;
        let words: Option<Vec<String>> = written.iter().map(|(span, word)| self.filled(*span, word, "`run`")).collect();
        let words = words?;
        if words.first().is_none_or(|program| program.trim().is_empty()) {
            self.mistakes
                .push(Mistake::at(run.span, "`run` names no program").help("write the program and its arguments"));
            return None;
        }
        Some(Step::Container { dockerfile: dockerfile?, words, secrets, folder })
    }

    fn command(&mut self, node: &Node) -> Option<Step> {
        let written = self.words(node)?;
        let words: Option<Vec<String>> = written.iter().map(|(span, word)| self.filled(*span, word, "`run`")).collect();
        let mut words = words?;
        let Some(program) = words.first_mut().filter(|program| !program.trim().is_empty()) else {
            let mistake = Mistake::at(node.span, "`run` names no program");
            self.mistakes.push(mistake.help("write the program and its arguments: [\"./shop\", \"add-order\", \"7\"]"));
            return None;
        };
        let (span, as_written) = &written[0];
        let folder = absolute(&self.sources[span.source].folder)?;
        if program.contains('/') {
            let path: PathBuf = folder.join(&*program).components().collect();
            if !path.is_file() {
                let message = format!("there is no program {}", quoted(as_written));
                let help = "a relative path starts at the folder of the suite that names it";
                self.mistakes.push(Mistake::at(*span, message).help(help));
                return None;
            }
            *program = path.into_os_string().into_string().ok()?;
        }
        Some(Step::Run { words, folder })
    }

    /// The words of a command as they are written, each with its place.
    fn words(&mut self, node: &Node) -> Option<Vec<(Span, String)>> {
        match &node.kind {
            Kind::Sequence(items) => {
                let mut words = Vec::new();
                for item in items {
                    let Kind::Scalar { text, .. } = &item.kind else {
                        self.wrong(item, "a word of `run`", "text", None);
                        return None;
                    };
                    words.push((item.span, text.clone()));
                }
                Some(words)
            }
            Kind::Scalar { text, .. } => match shell_words::split(text) {
                Ok(words) => Some(words.into_iter().map(|word| (node.span, word)).collect()),
                Err(_) => {
                    let message = "the command line of `run` has a quote that is not closed, or ends in a backslash";
                    let help = "write it as a list, word by word: [\"./shop\", \"add-order\", \"7\"]";
                    self.mistakes.push(Mistake::at(node.span, message).help(help));
                    None
                }
            },
            Kind::Mapping(_) => {
                self.wrong(node, "`run`", "a list of words, or a command line as text", None);
                None
            }
        }
    }

    /// Text with values of the environment filled in, which count as secrets.
    fn filled(&mut self, span: Span, text: &str, what: &str) -> Option<String> {
        let done = self.interpolated(span, text)?;
        self.env_values.extend(done.values);
        if done.text.contains('\0') {
            self.mistakes.push(Mistake::at(span, format!("{what} must not contain a NUL character")));
            return None;
        }
        Some(done.text)
    }

    fn request(&mut self, node: &Node) -> Option<Step> {
        if !self.keys(node, "a request", &REQUEST_KEYS) {
            return None;
        }
        let methods = ["POST", "PUT", "PATCH", "DELETE", "GET"].map(|method| (method, method));
        let method = node.get("method").map_or(Some("POST"), |node| self.word(node, "`method`", &methods));
        let url = match node.get("url") {
            Some(url) => self.url(url),
            None => {
                let mistake = Mistake::at(node.span, "a request needs a `url`");
                self.mistakes.push(mistake.help("add `url: \"http://…\"`"));
                None
            }
        };
        let headers = node.get("headers").map(|node| self.headers(node)).unwrap_or_default();
        let body = node.get("body").map(|body| match &body.kind {
            Kind::Scalar { text, .. } => self.filled(body.span, text, "`body`").map_or(Value::Null, Value::String),
            _ => self.value(body),
        });
        Some(Step::Request { method: method?.to_owned(), url: url?, headers, body })
    }

    fn url(&mut self, node: &Node) -> Option<String> {
        let Kind::Scalar { text, .. } = &node.kind else {
            self.wrong(node, "`url`", "text", None);
            return None;
        };
        let url = self.filled(node.span, text, "`url`")?;
        if let Some((message, help)) = wrong_with_url(&url) {
            self.mistakes.push(Mistake::at(node.span, message).help(help));
        }
        Some(url)
    }

    fn headers(&mut self, node: &Node) -> IndexMap<String, String> {
        let Some(entries) = node.entries() else {
            self.wrong(node, "`headers`", "a mapping", Some("write `NAME: value`".to_owned()));
            return IndexMap::new();
        };
        let mut headers = IndexMap::new();
        for (name, entry) in entries {
            if HeaderName::try_from(name.as_str()).is_err() {
                let message = format!("{} cannot be the name of a header", quoted(name));
                self.mistakes.push(Mistake::at(entry.key, message).help("letters, digits and dashes can: `X-Tenant`"));
            }
            if OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                let message = format!("the header {} follows from the request itself", quoted(name));
                self.mistakes.push(Mistake::at(entry.key, message).help("remove it"));
            }
            let Kind::Scalar { text, .. } = &entry.value.kind else {
                self.wrong(&entry.value, &quoted(name), "text", None);
                continue;
            };
            let Some(value) = self.filled(entry.value.span, text, "a header") else { continue };
            if HeaderValue::try_from(value.as_str()).is_err() {
                let message = format!("the value of {} cannot stand in a header", quoted(name));
                let mistake = Mistake::at(entry.value.span, message);
                self.mistakes.push(mistake.help("it must be one line, without control characters"));
            }
            headers.insert(name.clone(), value);
        }
        headers
    }
}

/// Why no request can be sent to a URL, and what to do about it. Nothing of the URL is told: it may hold a secret.
fn wrong_with_url(url: &str) -> Option<(&'static str, &'static str)> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http") => {}
        Some("https") => {
            let help = "use `run` with curl instead: run: [\"curl\", \"--fail\", \"--silent\", \"--show-error\", \
                        \"https://…\"]";
            return Some(("a request is sent by plain HTTP only, and this `url` begins with `https://`", help));
        }
        _ => return Some(("`url` must begin with `http://`", "write all of it: \"http://localhost:8080/orders\"")),
    }
    let Ok(uri) = url.parse::<Uri>() else {
        return Some(("`url` is not a URL", "write spaces and the like as `%20`, and a host after `http://`"));
    };
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Some((
            "`url` must not hold a user or password",
            "give them in a header: headers: { Authorization: \"Basic …\" }",
        ));
    }
    let host = uri.host().unwrap_or_default();
    if host.is_empty() {
        return Some(("`url` names no host", "write all of it: \"http://localhost:8080/orders\""));
    }
    (uri.port_u16().is_none() && authority.len() > host.len())
        .then_some(("the port of `url` is none", "ports go from 1 to 65535"))
}

/// The absolute path of a folder; the current one where it is empty.
fn absolute(folder: &Path) -> Option<PathBuf> {
    std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok()
}

#[cfg(test)]
mod tests {
    use super::wrong_with_url;

    #[test]
    fn a_url_that_nothing_can_be_sent_to_is_refused() {
        for good in [
            "http://localhost:8080/orders",
            "http://shop",
            "HTTP://shop/a?b={c}&d=%20#e",
            "http://[::1]:80/",
            "http://10.0.0.1",
        ] {
            assert_eq!(wrong_with_url(good), None, "{good}");
        }
        for (bad, why) in [
            ("https://shop/", "plain HTTP"),
            ("shop:8080/orders", "must begin"),
            ("", "must begin"),
            ("ftp://shop", "must begin"),
            ("http://", "not a URL"),
            ("http:///orders", "not a URL"),
            ("http://shop/a b", "not a URL"),
            ("http://me:word@shop/", "user or password"),
            ("http://shop:99999/", "port"),
        ] {
            let (message, _) = wrong_with_url(bad).expect("it is refused");
            assert!(message.contains(why), "{bad}: {message}");
        }
    }
}
