//! Looks at a connector outside of any run: what it takes, whether a config works, which streams there are. Nothing is
//! stored, and no rule judges.

use super::one::{Eyes, Seen, launch};
use super::{Interruption, Progress};
use crate::capture::Inputs;
use crate::exit::Exit;
use crate::launch::{InputFile, LaunchError, LaunchRequest, Launcher, Limits, Stdin};
use crate::protocol::{Command, Descriptor, Specification};
use crate::rules::Scene;
use crate::suite::Suite;
use crate::text;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much of a connector's own message is told, in characters.
const LONGEST_MESSAGE: usize = 300;

/// What is known of a connector.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// What it takes.
    pub specification: Specification,
    /// What came of the config, where one was given.
    pub with_config: Option<WithConfig>,
}

/// What came of a config.
#[derive(Debug, Clone)]
pub struct WithConfig {
    /// Whether `check` says that it works.
    pub works: bool,
    /// What `check` came to, in words; without secrets.
    pub check: String,
    /// The streams that `discover` found; else why none are known.
    pub streams: Result<Vec<Descriptor>, String>,
    /// Whether the connector has updated the config by a CONTROL message.
    pub is_updated: bool,
}

/// Why nothing is known of a connector.
#[derive(Debug)]
pub enum Blindness {
    /// It could not be launched.
    Launch(LaunchError),
    /// It gave no specification: how its launch ended, in words.
    NoSpecification(String),
    /// Somebody interrupted us.
    Interrupted(Exit),
}

impl From<LaunchError> for Blindness {
    fn from(error: LaunchError) -> Self {
        Blindness::Launch(error)
    }
}

/// Launches `spec` and, with a config, `check` and `discover`, with the limits of the suite.
pub async fn inspect(
    launcher: &dyn Launcher,
    suite: &Suite,
    config: Option<&Value>,
    interruption: &Interruption,
) -> Result<Inspection, Blindness> {
    tokio::select! {
        biased;
        exit = interruption.interrupted() => return Err(Blindness::Interrupted(exit)),
        prepared = launcher.prepare() => drop(prepared?),
    }
    let look = async |command, inputs| look(launcher, suite, command, inputs, interruption).await;
    let spec = look(Command::Spec, Inputs::default()).await?;
    let Some(raw) = spec.summary.specification.clone().filter(Value::is_object) else {
        return Err(Blindness::NoSpecification(how_it_went(&spec)));
    };
    let specification = Specification { raw };
    let Some(config) = config else { return Ok(Inspection { specification, with_config: None }) };
    let inputs =
        Inputs { config: Some(config.clone()), specification: Some(specification.raw.clone()), ..Inputs::default() };
    let check = look(Command::Check, inputs.clone()).await?;
    let mut is_updated = check.summary.new_config.is_some();
    let works = check.summary.connection_status.as_ref().is_some_and(|(status, _)| status == "SUCCEEDED");
    let streams = match works {
        false => Err("it was not asked, since check does not say that the config works".to_owned()),
        true if specification.is_destination() => Err("a destination has none".to_owned()),
        true => {
            // A token in the config that was given may be used up.
            let updated = check.summary.new_config.clone().map(Value::Object);
            let inputs = Inputs { config: updated.or(inputs.config), ..inputs };
            let seen = look(Command::Discover, inputs).await?;
            is_updated |= seen.summary.new_config.is_some();
            match &seen.summary.catalog {
                Some(catalog) => {
                    Ok(catalog.streams.iter().map(|stream| concealed(&stream.descriptor, &seen)).collect())
                }
                None => Err(how_it_went(&seen)),
            }
        }
    };
    let with_config = Some(WithConfig { works, check: verdict(&check), streams, is_updated });
    Ok(Inspection { specification, with_config })
}

async fn look(
    launcher: &dyn Launcher,
    suite: &Suite,
    command: Command,
    inputs: Inputs,
    interruption: &Interruption,
) -> Result<Seen, Blindness> {
    let content = inputs.config.as_ref().map(|config| serde_json::to_vec(config).unwrap_or_default());
    let request = LaunchRequest {
        id: command.as_str().to_owned(),
        command,
        inputs: content.map(|content| InputFile { option: "config", content }).into_iter().collect(),
        stdin: Stdin::Closed,
        limits: Limits {
            total: suite.limits.total(command),
            silence: suite.limits.silence,
            grace: suite.limits.grace,
            memory: Some(suite.connector.memory),
        },
        network: command != Command::Spec,
        environment: BTreeMap::new(),
        handling: Default::default(),
    };
    let scene = Scene::new(&request.id, command, &inputs, None).map_err(LaunchError::Usage)?;
    let eyes = Eyes::of_rules(scene, &inputs, |_| false);
    let seen = launch(launcher, &request, eyes, None, Arc::new(Progress::new()), &interruption.stop).await?;
    match interruption.exit() {
        Some(exit) => Err(Blindness::Interrupted(exit)),
        None => Ok(seen),
    }
}

/// What `check` says, or how it ended without saying anything.
fn verdict(seen: &Seen) -> String {
    match &seen.summary.connection_status {
        Some((status, None)) => told(status, seen),
        Some((status, Some(message))) => told(&format!("{status}: {message}"), seen),
        None => format!("it says neither SUCCEEDED nor FAILED: {}", how_it_went(seen)),
    }
}

/// How a launch ended, and what the connector says about that.
fn how_it_went(seen: &Seen) -> String {
    let error = seen.summary.first_error.as_ref().map(|(message, _)| format!("; it says: {}", told(message, seen)));
    let (lines, others) = (seen.summary.lines, seen.summary.stderr_lines);
    format!(
        "{}, after {} on stdout and {} on stderr{}",
        seen.exit.describe(),
        text::plural(lines, "line"),
        text::plural(others, "line"),
        error.unwrap_or_default()
    )
}

/// A connector's own words: without secrets, harmless and bounded.
fn told(words: &str, seen: &Seen) -> String {
    text::visible(&text::shorten(&seen.secrets.redact(words), LONGEST_MESSAGE))
}

/// A stream may be called after a secret.
fn concealed(stream: &Descriptor, seen: &Seen) -> Descriptor {
    Descriptor {
        name: seen.secrets.redact(&stream.name).into_owned(),
        namespace: stream.namespace.as_ref().map(|namespace| seen.secrets.redact(namespace).into_owned()),
    }
}
