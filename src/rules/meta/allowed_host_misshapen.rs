use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Observer, Scene, rule};
use serde_json::Value;

rule! {
    /// An allowed host is no host.
    ///
    /// # What it checks
    /// `allowedHosts.hosts` is a list of texts without scheme, path and blanks: `api.orders.example`, `*.orders.example`,
    /// `"${host}"`.
    ///
    /// # Why it matters
    /// The platform compares these with the host that a connector wants to reach. One with `https://` before it or a
    /// path behind it equals none, so the connector is kept from the very host that it needs.
    ///
    /// # Example
    /// ```yaml
    /// bad:  hosts: ["https://api.orders.example/v2"]
    /// good: hosts: [api.orders.example]
    /// ```
    ///
    /// # How to mend it
    /// Write the name alone.
    ///
    /// # What Airbyte's tests see
    /// Nothing: the acceptance tests look whether the list has entries, not at what they are.
    AllowedHostMisshapen {
        code: "META-008",
        name: "allowed-host-misshapen",
        level: Should,
        commands: [Spec],
        authority: Inference,
        source: "follows from AllowedHosts.hosts of Airbyte's registry",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct AllowedHostMisshapen;

impl Observer for AllowedHostMisshapen {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let Some(found) = metadata.get("/allowedHosts/hosts") else { return };
        let Some(hosts) = found.as_array() else {
            findings.report("list", || {
                let title = "the allowed hosts are no list";
                in_metadata("allowedHosts.hosts", title, "is no list", "a list of hosts", Some(found))
            });
            return;
        };
        for host in hosts.iter().filter(|host| !is_host(host)) {
            findings.report("host", || {
                let message = "has an entry that equals no host";
                in_metadata("allowedHosts.hosts", "an allowed host is no host", message, "a host's name", Some(host))
            });
        }
    }
}

/// Whether it may be a host. What stands for a property of the config may be anything.
fn is_host(host: &Value) -> bool {
    let is_written = |host: &str| !host.is_empty() && !host.contains('/') && !host.contains(char::is_whitespace);
    host.as_str().is_some_and(|host| host.contains("${") || is_written(host))
}
