//! Where the destination writes to, a look at what it stored, and what removes it.

use super::Around;
use super::connector::Connector;
use crate::engine::schedule;
use crate::engine::schedule::storage::{ReadBack, each_row, namespace_of_run};
use crate::engine::steps::step_request;
use crate::experiments::pipe::Ledger;
use crate::feed::Relocation;
use crate::launch::LaunchError;
use crate::protocol::Descriptor;
use crate::suite::Namespaces;

/// The most that a reader may print of one stream, in bytes: it goes to disk and is read row by row.
const MOST: u64 = 16 << 30;

/// Where these streams are written to. Namespaces are called by prefix, day, id, and what for, so that a later run removes what
/// a killed one left.
pub(super) fn relocation(destination: &Connector, around: &Around<'_>, streams: &[Descriptor]) -> Relocation {
    let declared = destination.suite.destination.as_ref();
    let of_run = namespace_of_run(declared, &around.pipe.id, around.pipe.beginning);
    let is_shared = declared.is_some_and(|it| it.behaviours.namespaces == Namespaces::Ignored);
    Relocation::under(&format!("{of_run}_pipe"), is_shared, streams)
}

/// Looks at what is stored of each stream.
pub(super) async fn look(destination: &Connector, ledger: &mut Ledger, around: &Around<'_>) {
    let reader = destination.suite.destination.as_ref().and_then(|it| it.reader.as_ref());
    let Some(reader) = reader else {
        let reason = "the destination's suite names no reader (`destination.reader`)";
        return ledger.streams.iter_mut().for_each(|stream| stream.unseen = Some(reason.to_owned()));
    };
    let limit = destination.suite.limits.step;
    for place in 0..ledger.streams.len() {
        let request = |step: &_| step_request("reader", step, &destination.suite.connector, &destination.workshop);
        let read = ReadBack::of(reader, &ledger.streams[place].there, request);
        let secrets = destination.secrets();
        let stop = &around.interruption.stop;
        let seen = each_row(&read, (limit, MOST), stop, &secrets, |row| ledger.row(place, &row)).await;
        let stream = &mut ledger.streams[place];
        match seen {
            Ok(_) => stream.rows = stream.rows.or(Some(0)),
            Err(why) => (stream.rows, stream.unseen) = (None, Some(why)),
        }
    }
}

/// Removes what was written, where the suite says how, also after an interruption. Gives what went wrong.
pub(super) async fn clean(
    destination: &Connector,
    relocation: &Relocation,
    around: &Around<'_>,
) -> Option<LaunchError> {
    let suite = &destination.suite;
    let stored = suite.destination.as_ref()?;
    let cleaner = step_request("cleaner", stored.cleaner.as_ref()?, &suite.connector, &destination.workshop);
    let namespaces = relocation.namespaces().map(str::to_owned);
    let done =
        schedule::storage::clean(stored, &cleaner, namespaces, suite.limits.step, &around.interruption.stop).await;
    done.err().map(|error| destination.without_secrets(error))
}
