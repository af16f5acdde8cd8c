//! CHECK-008.

use crate::experiments::Conclusion;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::protocol::Kind;
use crate::rules::Level;
use crate::suite::CatalogSource;

experiment! {
    /// `check` accepts a config with which nothing works.
    ///
    /// # What it checks
    /// All launches with one config, once they are over. Where `check` says SUCCEEDED, `discover` must end with exit code 0 or
    /// deliver a CATALOG, and at least one read from the beginning must end with exit code 0 or deliver a record. Only reads of
    /// streams that were discovered count. What was ended by us or by a signal, what ran out of memory, and what failed with a
    /// `transient_error` says nothing about the config. What is wrong with the failed launch itself is told by other rules.
    ///
    /// # Why it matters
    /// `check` is what users see when they set a connection up. If it is content and every sync fails, they look for the mistake
    /// everywhere but in the config, and the sync fails at night, when nobody is there to correct it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}     (and discover: 403, exit code 1)
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"The key may not list orders."}}
    /// ```
    ///
    /// # How to mend it
    /// Let `check` do what the other commands need: sign in, and ask for one record of a stream that every account has. Python
    /// CDK: read through an availability strategy instead of only building the client. Low-code: name a stream in `CheckStream`
    /// that needs the same rights as the others. Java: run the first query of discover.
    ///
    /// # What Airbyte's tests see
    /// Each of the commands is tested with the same config in the acceptance tests, and none of them is compared with what `check`
    /// had said.
    run {
        code: "CHECK-008",
        name: "accepted-config-does-not-work",
        level: Should,
        commands: [Check],
        authority: ProtocolText,
        source: "Airbyte protocol: check",
        depth: Quick,
        launches: [],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let (check, discover) = (lab.check()?, lab.discover()?);
    let mut conclusion = Conclusion::of(STATEMENT, check);
    let status = check.summary.connection_status.as_ref().map(|(status, _)| status.as_str());
    if !check.succeeded() || status != Some("SUCCEEDED") {
        conclusion.inconclusive(None, "check did not say SUCCEEDED");
        return Ok(conclusion);
    }
    // Whoever chose the streams or the state by hand may have chosen wrong.
    let is_discovered = matches!(lab.scenario.catalog, CatalogSource::Discover) && lab.scenario.state.is_none();
    let reads = if is_discovered { lab.base_reads()? } else { Vec::new() };
    let reads: Vec<(&Ran, Use)> = reads.into_iter().map(|read| (read, Use::of(read, Kind::Record))).collect();
    judge(&mut conclusion, check, (discover, Use::of(discover, Kind::Catalog)), &reads);
    Ok(conclusion)
}

/// What a launch says about the config that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// The config is good for it.
    Works,
    /// It failed.
    Fails,
    /// It did not happen, or its end has nothing to do with the config.
    Silent,
}

impl Use {
    /// One message of the kind that it is there for shows that the config is good.
    fn of(ran: &Ran, kind: Kind) -> Use {
        let Ok(exit) = &ran.exit else { return Use::Silent };
        let failure = ran.summary.first_error.as_ref().and_then(|(_, failure)| failure.as_deref());
        let is_other = exit.ended.is_some() || exit.signal.is_some() || exit.out_of_memory;
        match exit.succeeded() || ran.summary.count(kind) > 0 {
            true => Use::Works,
            false if is_other || failure == Some("transient_error") => Use::Silent,
            false => Use::Fails,
        }
    }
}

/// Judges what `check` said by what came of the other launches with its config.
fn judge(conclusion: &mut Conclusion, check: &Ran, discover: (&Ran, Use), reads: &[(&Ran, Use)]) {
    let is_good = reads.iter().any(|(_, came)| *came == Use::Works);
    let all = std::iter::once(&discover).chain(reads.iter().filter(|_| !is_good));
    let failed: Vec<&Ran> = all.filter(|(_, came)| *came == Use::Fails).map(|(ran, _)| *ran).collect();
    let Some(first) = failed.first() else {
        match is_good || discover.1 == Use::Works {
            true => conclusion.judged(None),
            false => conclusion.inconclusive(None, "no other launch used its config"),
        }
        return;
    };
    let how = |ran: &Ran| ran.exit.as_ref().map(crate::launch::ExitFacts::describe).unwrap_or_default();
    let others = match failed.len() - 1 {
        0 => String::new(),
        others => format!(", and so did {others} more"),
    };
    let message =
        format!("{} says SUCCEEDED, and with the same config {} failed ({}){others}", check.id, first.id, how(first));
    conclusion.found(
        None,
        Fault {
            cause: "does not work",
            level: Level::Should,
            title: "check says SUCCEEDED to a config that does not work".to_owned(),
            message,
            evidence: failed
                .iter()
                .map(|ran| evidence(&ran.id, None, "it works, as check had said", how(ran)))
                .collect(),
            case: None,
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Summary;
    use crate::launch::Subject;

    fn ran(id: &str) -> Ran {
        let exit = Err("not needed".to_owned());
        Ran {
            id: id.to_owned(),
            subject: Subject::default(),
            started: 0.0,
            exit,
            summary: Summary::default(),
            catalog: None,
            trail: None,
            transcript: "".into(),
            meanwhile: None,
            stored: Vec::new(),
        }
    }

    /// The launches in evidence; None where nothing was judged.
    fn told(discover: Use, reads: [Use; 2]) -> Option<Vec<String>> {
        let (check, found, full, incremental) = (ran("check"), ran("discover"), ran("full"), ran("incremental"));
        let mut conclusion = Conclusion::of(STATEMENT, &check);
        judge(&mut conclusion, &check, (&found, discover), &[(&full, reads[0]), (&incremental, reads[1])]);
        let is_judged = conclusion.outcomes[0].judged == crate::rules::Judged::Yes;
        is_judged.then(|| conclusion.findings.into_iter().flat_map(|it| it.evidence).map(|it| it.launch).collect())
    }

    #[test]
    fn a_promise_is_broken_where_nothing_works() {
        assert_eq!(told(Use::Fails, [Use::Silent; 2]), Some(vec!["discover".to_owned()]));
        assert_eq!(told(Use::Works, [Use::Fails; 2]), Some(vec!["full".to_owned(), "incremental".to_owned()]));
        assert_eq!(told(Use::Works, [Use::Fails, Use::Silent]), Some(vec!["full".to_owned()]));
    }

    #[test]
    fn a_promise_is_kept_where_one_read_works_and_a_doubt_is_no_fault() {
        assert_eq!(told(Use::Works, [Use::Fails, Use::Works]), Some(vec![]));
        assert_eq!(told(Use::Works, [Use::Silent; 2]), Some(vec![]));
        assert_eq!(told(Use::Silent, [Use::Silent; 2]), None);
    }
}
