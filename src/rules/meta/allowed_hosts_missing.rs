use crate::rules::metadata::in_metadata;
use crate::rules::{Ending, Findings, Level, Observer, Scene, rule};
use serde_json::Value;

rule! {
    /// A certified connector does not say which hosts it reaches.
    ///
    /// # What it checks
    /// Of a certified connector (`ab_internal.ql` of at least 400, or `supportLevel: certified`), `allowedHosts` has a list
    /// `hosts`. An empty list is told at INFO: it says that the connector reaches no host at all.
    ///
    /// # Why it matters
    /// The platform lets a connector reach these hosts only. Without the list it may reach all, with whatever it has
    /// been given: a dependency that was tampered with can send the credentials anywhere.
    ///
    /// # Example
    /// ```yaml
    /// bad:  allowedHosts: {}
    /// good: allowedHosts: {hosts: [api.orders.example]}
    /// ```
    ///
    /// # How to mend it
    /// List the hosts, without scheme and path. A host that the user enters is `"${host}"`, with the path of its property.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests fail where the member, its list or an entry is missing, unless the suite gives a reason
    /// (`allowed_hosts.bypass_reason`). They look at certified connectors only.
    AllowedHostsMissing {
        code: "META-007",
        name: "allowed-hosts-missing",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_certified_connector_has_allowed_hosts",
        watches: [],
        about: Launch,
        applies: Scene::is_certified,
    }
}

#[derive(Default)]
struct AllowedHostsMissing;

impl Observer for AllowedHostsMissing {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let hosts = metadata.get("/allowedHosts/hosts");
        let (cause, level, message) = match hosts.map(Value::as_array) {
            None => ("missing", Level::Should, "does not say which hosts the connector reaches"),
            Some(Some(hosts)) if hosts.is_empty() => ("empty", Level::Info, "says that the connector reaches no host"),
            // What is no list is META-008's.
            _ => return,
        };
        findings.report(cause, || {
            let title = "a certified connector names no allowed host";
            in_metadata("allowedHosts.hosts", title, message, "at least one host", hosts).level(level)
        });
    }
}
