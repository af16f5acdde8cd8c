use crate::launch::ImageFacts;
use crate::rules::{Ending, Findings, Level, Observer, Scene, Violation, rule};

rule! {
    /// The image does not say truly how its connector is started.
    ///
    /// # What it checks
    /// The image has an ENTRYPOINT in exec form, and its variable `AIRBYTE_ENTRYPOINT` is the same words with one space
    /// between each two. Scripts and other files that it names have absolute paths; a program that is found in PATH
    /// needs none. A relative path is reported at SHOULD, a CMD that stands beside the ENTRYPOINT at INFO.
    ///
    /// # Why it matters
    /// On Kubernetes the platform does not run the ENTRYPOINT: it runs what `AIRBYTE_ENTRYPOINT` says, within a script of
    /// its own and in a working directory of its own. Where the variable is missing or wrong, no command of the
    /// connector starts, although `docker run` works. A shell form swallows the command's name.
    ///
    /// # Example
    /// ```json
    /// bad:  ENTRYPOINT python main.py
    /// good: ENV AIRBYTE_ENTRYPOINT="python /airbyte/integration_code/main.py"
    ///       ENTRYPOINT ["python", "/airbyte/integration_code/main.py"]
    /// ```
    ///
    /// # How to mend it
    /// Write both lines into the Dockerfile, with the same words. Images that stand on Airbyte's base images for Python,
    /// Low-code and Java have the variable already: repeat it wherever ENTRYPOINT is changed.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests compare the variable with the ENTRYPOINT. They look neither at paths nor at the shell form.
    EntrypointVariableWrong {
        code: "CLI-012",
        name: "entrypoint-variable-wrong",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "airbyte-protocol-docker: AIRBYTE_ENTRYPOINT; Airbyte's acceptance tests: docker environment",
        watches: [],
        about: Launch,
        applies: Scene::has_image,
    }
}

#[derive(Default)]
struct EntrypointVariableWrong;

impl Observer for EntrypointVariableWrong {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(image) = ending.scene.image.as_ref().and_then(|subject| subject.image.as_ref()) else { return };
        let words = image.entrypoint.join(" ");
        if image.entrypoint.is_empty() {
            findings.report("entrypoint", || {
                let message = "a command's name is taken for the program that is to run";
                Violation::new("the image has no ENTRYPOINT", message).expected("an ENTRYPOINT", "none")
            });
        } else if let Some(script) = shell_form(image) {
            findings.report("entrypoint", || {
                let title = "the image's ENTRYPOINT is in shell form";
                Violation::new(title, "a shell runs it, and the command's name and files do not reach the connector")
                    .expected("ENTRYPOINT [\"…\", \"…\"]", format!("ENTRYPOINT {script}"))
            });
        } else {
            variable(image, &words, findings);
            paths(image, findings);
        }
        if !image.entrypoint.is_empty() && !image.command.is_empty() {
            findings.report("command", || {
                let title = "the image has a CMD beside its ENTRYPOINT";
                Violation::new(title, "without arguments it runs a command that nobody asked for")
                    .level(Level::Info)
                    .expected("no CMD", image.command.join(" "))
            });
        }
    }
}

fn variable(image: &ImageFacts, words: &str, findings: &mut Findings<'_>) {
    match image.airbyte_entrypoint.as_deref().filter(|variable| !variable.is_empty()) {
        None => findings.report("variable", || {
            let message = "the variable is not set, and on Kubernetes the platform runs what it says";
            Violation::new("the image has no AIRBYTE_ENTRYPOINT", message).expected(words, "nothing")
        }),
        Some(variable) if variable != words => findings.report("variable", || {
            let message = "the variable does not say what ENTRYPOINT does";
            Violation::new("AIRBYTE_ENTRYPOINT differs from the ENTRYPOINT", message).expected(words, variable)
        }),
        Some(_) => {}
    }
}

fn paths(image: &ImageFacts, findings: &mut Findings<'_>) {
    let mut words = image.entrypoint.iter().enumerate();
    if let Some((_, word)) = words.find(|(at, word)| is_relative_path(*at, word)) {
        findings.report("path", || {
            let message = "the platform starts the connector in a working directory of its own";
            Violation::new("the ENTRYPOINT has a relative path", message)
                .level(Level::Should)
                .expected("absolute paths", word)
        });
    }
}

/// The script of `ENTRYPOINT script`: Docker makes `/bin/sh -c script` of it. One that takes up its arguments by itself
/// is somebody's own.
fn shell_form(image: &ImageFacts) -> Option<&str> {
    match image.entrypoint.as_slice() {
        [shell, option, script] if shell.ends_with("/sh") && option == "-c" => {
            Some(script).filter(|script| !script.contains('$'))
        }
        _ => None,
    }
    .map(String::as_str)
}

/// Whether a word surely is a path that depends on the working directory: options, module names and addresses are none.
fn is_relative_path(at: usize, word: &str) -> bool {
    let is_plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
    let is_script = [".py", ".js", ".sh", ".jar", ".rb"].iter().any(|end| word.ends_with(end));
    let is_path = if at == 0 { word.contains('/') } else { is_script };
    is_plain && is_path && !word.starts_with(['/', '-'])
}
