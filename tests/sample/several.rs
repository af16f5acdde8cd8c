//! Two connectors in one run.

use super::faulty;
use airproof::verdict::Results;

/// The faulty run, with a second connector, `b`, that has every fault of the first.
pub fn several() -> Results {
    let (mut results, second) = (faulty(), faulty());
    let of_second = |id: &str| format!("b.{id}");
    results.connectors.push(second.connectors[0].clone());
    results.connectors[1].name = "b".to_owned();
    for mut launch in second.launches {
        (launch.id, launch.connector) = (of_second(&launch.id), "b".to_owned());
        results.launches.push(launch);
    }
    for mut verdict in second.verdicts {
        verdict.launch = of_second(&verdict.launch);
        results.verdicts.push(verdict);
    }
    for mut finding in second.findings {
        (finding.id, finding.connector) = (of_second(&finding.id), "b".to_owned());
        finding.launches = finding.launches.iter().map(|id| of_second(id)).collect();
        results.findings.push(finding);
    }
    results
}
