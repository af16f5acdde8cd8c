//! What the two suites have done before and after the launches of their scenarios.

use super::connector::Connector;
use super::{Around, Halt};
use crate::engine::steps::step_request;
use crate::launch::step::{StepRequest, carry_out};
use crate::launch::{LaunchError, Stop};
use crate::suite::Step;

/// Sets up the scenario of a connector, and reads the files that this makes.
pub(super) async fn set_up(connector: &mut Connector, around: &Around<'_>) -> Result<(), Halt> {
    let name = connector.scenario().name.clone();
    let steps = requests(connector, &format!("setup of {name}"), &connector.scenario().setup);
    connector.is_set_up = true;
    for step in steps {
        let done = carry_out(&step, connector.suite.limits.step, &around.interruption.stop).await;
        done.map_err(|error| connector.without_secrets(error))?;
    }
    if connector.scenario().has_surroundings() {
        let place = connector.place;
        let scenario = &mut connector.suite.scenarios[place];
        scenario.read_late_files().map_err(|why| {
            let hint = "Its `setup` has to make the files that the scenario names";
            LaunchError::Usage(format!("After the setup of {name}, {why}. {hint}."))
        })?;
    }
    connector.config = connector.scenario().config.clone();
    Ok(())
}

/// Undoes it, whatever came of the launches. Gives what went wrong.
pub(super) async fn undo(connector: &mut Connector, around: &Around<'_>) -> Vec<LaunchError> {
    if !connector.is_set_up {
        return Vec::new();
    }
    let scenario = connector.scenario();
    let mut steps = requests(connector, &format!("teardown of {}", scenario.name), &scenario.teardown);
    steps.extend(requests(connector, "teardown", &connector.suite.teardown));
    let stop = Stop { interrupt: Default::default(), ..around.interruption.stop.clone() };
    let mut errors = Vec::new();
    for step in steps {
        let done = carry_out(&step, connector.suite.limits.step, &stop).await;
        errors.extend(done.err().map(|error| connector.without_secrets(error)));
    }
    errors.extend(connector.workshop.close().await.err());
    errors
}

fn requests(connector: &Connector, name: &str, steps: &[Step]) -> Vec<StepRequest> {
    steps.iter().map(|step| step_request(name, step, &connector.suite.connector, &connector.workshop)).collect()
}
