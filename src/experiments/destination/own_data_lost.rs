//! DEST-036.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::pipe::{Ledger, StreamLedger, judge_rows};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::written::{fault, how, seen};
use crate::feed::{Act, OwnMessages, Relocation, Script, Supply};
use crate::plan::Ask;
use crate::protocol::{Command, Descriptor, DestinationSyncMode};
use crate::rules::Level;
use crate::suite::OwnData;
use crate::text;
use serde_json::{Value, json};

experiment! {
    /// What the author's own file of messages holds is not in the storage after it was written.
    ///
    /// # What it checks
    /// Each set of `destination.data` is written in a sync of its own: the records, states and statuses of its file, in their order, to
    /// streams in a namespace of the run. A stream whose end the file does not tell gets a COMPLETE at the end. Then the rows of each
    /// stream are counted; where it has a primary key of plain values, the keys are compared, and the whole numbers, plain texts and
    /// booleans of a hundred of them.
    ///
    /// What proves a fault: the write fails; or there are fewer rows or more than the mode asks for; or keys or values differ.
    ///
    /// What could fool it: a file of messages that no source would print in that order, and a reader that does not show all rows. Rows
    /// that the file says were deleted are not judged.
    ///
    /// # Why it matters
    /// What airproof makes up is small and awkward on purpose. What your users send has your sources' own types, names and sizes.
    ///
    /// # Example
    /// ```json
    /// bad:  orders.jsonl has 1,000 records of `orders`; 998 rows are stored
    /// good: 1,000 rows, and their keys are those of the records
    /// ```
    ///
    /// # How to mend it
    /// `airproof test --case` with the launch's id writes it again. Look at the first missing key in the file: what is odd about that record, or
    /// about the one before it?
    ///
    /// # What Airbyte's tests see
    /// None for other languages than the JVM's. Its integration suites write files of messages that come with them.
    run {
        code: "DEST-036",
        name: "own-data-lost",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: `write` reads messages from stdin and writes the records to the underlying data store",
        depth: Quick,
        launches: [
            PLAIN,
            Launches::up_to(1, 1, "write.data", "the messages of each set of `destination.data`").in_quick(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let data = &lab.destination()?.data;
    if data.is_empty() {
        return Err(Halt::Cannot("the suite names no data of its own (`destination.data`)".to_owned()));
    }
    is_seen(lab)?;
    let sets: Vec<Set<'_>> = data.iter().enumerate().map(|(place, data)| Set::of(lab, data, place + 1)).collect();
    for mode in data.iter().flat_map(|data| &data.modes) {
        lab.offers(*mode)?;
    }
    let asks = sets.iter().map(Set::ask).collect::<Vec<_>>();
    let ran = lab.launches(asks)?;
    let Some(last) = ran.last() else { return Err(Halt::Cannot("nothing was written".to_owned())) };
    let mut conclusion = Conclusion::of(STATEMENT, last);
    for (set, ran) in sets.iter().zip(ran) {
        set.judge(&mut conclusion, ran)?;
    }
    Ok(conclusion)
}

/// A set of the suite, and where it is written to.
struct Set<'l> {
    data: &'l OwnData,
    number: usize,
    own: OwnMessages,
    /// The streams as they are written.
    there: Vec<Descriptor>,
}

impl<'l> Set<'l> {
    fn of(lab: &Lab<'_>, data: &'l OwnData, number: usize) -> Set<'l> {
        let streams: Vec<Descriptor> =
            data.catalog.streams.iter().map(|entry| entry.stream.descriptor.clone()).collect();
        let relocation: Relocation = lab.relocation(&format!("data{number}"), &streams);
        let there = streams.iter().filter_map(|stream| relocation.there(stream)).collect();
        let own = OwnMessages { path: data.messages.clone(), streams, relocation };
        Set { data, number, own, there }
    }

    fn name(&self) -> String {
        let name = self.own.path.file_name().unwrap_or_default().to_string_lossy();
        text::visible(&name)
    }

    fn ask(&self) -> Ask {
        let script = Script::default().with(Act::Send(Supply::Own(self.own.clone())));
        Ask::of(Command::Write, format!("write.data-{}", self.number), format!("the messages of {}", self.name()))
            .catalog(self.catalog())
            .fed(script)
            .reading_back(self.there.clone())
    }

    /// The catalog with the streams as they are written, and with the ids of a first sync.
    fn catalog(&self) -> Value {
        let mut raw = self.data.catalog.raw.clone();
        for (place, (there, mode)) in self.there.iter().zip(&self.data.modes).enumerate() {
            let (entry, known) = (&mut raw["streams"][place], &self.data.catalog.streams[place]);
            entry["stream"]["name"] = json!(there.name);
            entry["stream"]["namespace"] = json!(there.namespace);
            let minimum = i64::from(*mode == DestinationSyncMode::Overwrite);
            for (member, value) in [
                ("sync_mode", json!(known.sync_mode.as_str())),
                ("destination_sync_mode", json!(mode.as_str())),
                ("cursor_field", json!(known.cursor_field)),
                ("primary_key", json!(known.primary_key)),
                ("generation_id", json!(1)),
                ("minimum_generation_id", json!(minimum)),
                ("sync_id", json!(1)),
            ] {
                entry[member] = value;
            }
        }
        raw
    }

    fn judge(&self, conclusion: &mut Conclusion, ran: &Ran) -> Result<(), Halt> {
        if !ran.exit()?.succeeded() {
            conclusion.judged(None);
            let message = format!("{} wrote the messages of {}, and ended so: {}", ran.id, self.name(), how(ran));
            let title = "the author's own messages can't be written";
            conclusion.found(None, fault(ran, ("fails", Level::Must), title, message, ("exit code 0", how(ran))));
            return Ok(());
        }
        let entries = self.data.catalog.streams.iter().zip(&self.there).zip(&self.data.modes);
        let ledgers = entries.map(|((entry, there), mode)| StreamLedger::of(entry, there.clone(), *mode));
        let mut ledger = Ledger::new(ledgers.collect());
        ledger.next_sync();
        let read = self.own.each_record(|place, data| ledger.record(place, data));
        read.map_err(|error| Halt::Cannot(format!("{} can't be read again: {error}", self.name())))?;
        for (place, there) in self.there.iter().enumerate() {
            match seen(conclusion, ran, there) {
                Some(rows) => {
                    ledger.streams[place].rows = Some(0);
                    rows.iter().for_each(|row| ledger.row(place, row));
                }
                None => ledger.streams[place].unseen = Some("nobody could look at what is stored".to_owned()),
            }
        }
        judge_rows(&mut ledger, conclusion, &ran.id);
        conclusion.findings.iter_mut().for_each(|finding| finding.case = Some(ran.id.clone()));
        Ok(())
    }
}
