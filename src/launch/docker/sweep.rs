//! Removes what runs that were killed left on the daemon. By the labels it is known whose a container is.

use super::daemon::Daemon;
use crate::launch::LaunchError;
use crate::launch::owner::{Fate, Owner};
use bollard::models::{ContainerSummary, ContainerSummaryStateEnum as State};
use bollard::query_parameters::{ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

const RUN: &str = "airproof.run";
const OWNER: &str = "airproof.owner";
const HOST: &str = "airproof.host";

/// The labels that everything bears that this process makes on a daemon: the run's id, the process, its machine.
pub fn labels(run_id: &str) -> HashMap<String, String> {
    let owner = Owner::current();
    HashMap::from([
        (RUN.to_owned(), run_id.to_owned()),
        (OWNER.to_owned(), format!("{}@{}", owner.pid, owner.started)),
        (HOST.to_owned(), owner.host),
    ])
}

/// What became of the maker of what bears these labels, if they name one.
fn fate(labels: &HashMap<String, String>) -> Option<Fate> {
    let owner = labels.get(OWNER).zip(labels.get(HOST))?;
    Some(format!("{} {}", owner.0, owner.1).parse::<Owner>().ok()?.fate())
}

/// Whether a container can go. Other machines' processes can't be seen from here, and this machine's own are forgotten
/// when it starts anew; but a container that has not been running for long has no use for anybody.
fn is_abandoned(container: &ContainerSummary, now: SystemTime) -> bool {
    /// A launch's container stands still for a moment only: before its start and before its removal.
    const LONG: Duration = Duration::from_secs(24 * 3600);
    let runs = matches!(container.state, Some(State::RUNNING | State::PAUSED | State::RESTARTING));
    let created = Duration::from_secs(container.created.unwrap_or_default().max(0).cast_unsigned());
    let old = now.duration_since(SystemTime::UNIX_EPOCH + created).is_ok_and(|age| age > LONG);
    match container.labels.as_ref().and_then(fate) {
        Some(Fate::Gone) => true,
        Some(Fate::OtherBoot | Fate::OutOfSight) => old && !runs,
        Some(Fate::Alive) | None => false,
    }
}

/// Removes the containers, networks and images of runs whose process on this machine is gone, and containers that have not been
/// running for a day, whose ever they were. Returns how many of all.
pub async fn sweep_containers(daemon: &Daemon) -> Result<usize, LaunchError> {
    let failed = |error| daemon.trouble("looking for what earlier runs left", error);
    let filters = HashMap::from([("label", vec![RUN])]);
    let mut removed = 0;

    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    for container in daemon.docker.list_containers(Some(options)).await.map_err(failed)? {
        if let Some(id) = container.id.as_deref().filter(|_| is_abandoned(&container, SystemTime::now())) {
            daemon.remove_container(id).await?;
            removed += 1;
        }
    }
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    for network in daemon.docker.list_networks(Some(options)).await.map_err(failed)? {
        if let Some(id) = network.id.filter(|_| network.labels.as_ref().and_then(fate) == Some(Fate::Gone)) {
            removed += usize::from(daemon.docker.remove_network(&id).await.is_ok());
        }
    }
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    for image in daemon.docker.list_images(Some(options)).await.map_err(failed)? {
        if fate(&image.labels) == Some(Fate::Gone) {
            removed += usize::from(daemon.remove_image(&image.id).await?);
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(owner: &str, host: Option<&str>, state: State) -> ContainerSummary {
        let mut labels = labels("run");
        labels.insert(OWNER.to_owned(), owner.to_owned());
        labels.extend(host.map(|host| (HOST.to_owned(), host.to_owned())));
        let hour = 3600;
        ContainerSummary {
            labels: Some(labels),
            state: Some(state),
            created: Some(hour),
            ..ContainerSummary::default()
        }
    }

    #[test]
    fn only_what_nobody_uses_is_abandoned() {
        let hours = |hours: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(hours * 3600);
        let own = labels("run")[OWNER].clone();
        assert!(!is_abandoned(&container(&own, None, State::EXITED), hours(99)), "this process lives");
        assert!(is_abandoned(&container("1@0", None, State::RUNNING), hours(1)), "its process is gone");
        assert!(!is_abandoned(&container("1@0", Some("other/1"), State::RUNNING), hours(99)), "somebody else's run");
        assert!(!is_abandoned(&container("1@0", Some("other/1"), State::EXITED), hours(20)), "it may be looked at");
        assert!(is_abandoned(&container("1@0", Some("other/1"), State::EXITED), hours(26)));
        assert!(!is_abandoned(&container("nonsense", None, State::EXITED), hours(99)));
        assert!(!is_abandoned(&ContainerSummary::default(), hours(99)));
    }
}
