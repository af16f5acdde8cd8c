//! Results put together into one: what is counted is added up, what is listed is strung together.

use super::{Lane, Results, Status, SuiteFacts, gravity};
use crate::exit::Exit;
use crate::suite::Depth;
use crate::text;
use sha2::{Digest, Sha256};

/// One report about several connectors that were tested in one run. `named` is what the user called them all by, `untested` says
/// of others why they were not, a sentence each. None where there is no result.
pub fn together(all: Vec<Results>, named: Option<String>, untested: Vec<String>) -> Option<Results> {
    let digest = digest_of_suites(all.iter().map(|results| results.run.suite.digest.as_str()));
    let unread = (!untested.is_empty()).then_some(Exit::Usage);
    let exits: Vec<Exit> = all.iter().filter_map(|one| Exit::of_code(one.run.exit_code)).chain(unread).collect();
    let mut together = all.into_iter().map(named_in_text).reduce(add)?;
    heaviest_first(&mut together);
    if !untested.is_empty() {
        together.run.status = Status::Error;
        together.run.errors.extend(untested);
    }
    together.run.suite = SuiteFacts { path: named, digest, settings: Vec::new() };
    together.run.exit_code = Exit::worst(exits).code();
    Some(together)
}

/// What is told of a connector in words says of which.
pub(super) fn named_in_text(mut results: Results) -> Results {
    let Some(name) = results.connectors.first().map(|connector| connector.name.clone()) else { return results };
    for error in &mut results.run.errors {
        *error = format!("{name}: {error}");
    }
    for doubt in &mut results.doubts {
        doubt.message = format!("{name}: {}", doubt.message);
    }
    results
}

/// Adds the results of one to those of others.
pub(super) fn add(mut together: Results, one: Results) -> Results {
    let (run, more) = (&mut together.run, one.run);
    // Each run is timed from the beginning of the first.
    run.duration = run.duration.max(more.duration);
    let is_wrong = !run.errors.is_empty() || !more.errors.is_empty();
    run.status = if is_wrong { Status::Error } else { run.status.max(more.status) };
    run.unreviewed += more.unreviewed;
    run.errors.extend(more.errors);
    let depth = |name: &Option<String>| name.as_deref().and_then(Depth::named);
    if depth(&more.depth) < depth(&run.depth) {
        run.depth = more.depth;
    }
    if run.lane != more.lane {
        run.lane = Some(Lane::Mixed);
    }
    let new = more.chosen.into_iter().filter(|option| !run.chosen.contains(option)).collect::<Vec<_>>();
    run.chosen.extend(new);
    for (status, count) in more.verdict_counts {
        *run.verdict_counts.entry(status).or_insert(0) += count;
    }
    together.connectors.extend(one.connectors);
    together.launches.extend(one.launches);
    together.verdicts.extend(one.verdicts);
    together.findings.extend(one.findings);
    together.doubts.extend(one.doubts);
    together.questions.extend(one.questions);
    together
}

/// Those that are read first, and those that a suite waives last.
pub(super) fn heaviest_first(results: &mut Results) {
    results.findings.sort_by_key(gravity);
}

/// The digest of several suites, which follows from those of all, in their order.
pub fn digest_of_suites<'d>(digests: impl Iterator<Item = &'d str>) -> String {
    let mut hash = Sha256::new();
    digests.for_each(|digest| hash.update(digest.as_bytes()));
    text::hex(&hash.finalize())
}
