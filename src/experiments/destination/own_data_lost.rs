//! DEST-036.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::pipe::{Ledger, StreamLedger, judge_rows};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::written::{End, fails_cleanly, fault, how, seen};
use crate::feed::{Act, Exact, Generation, OwnMessages, Relocation, Row, Script, Supply, relocated, written};
use crate::plan::Ask;
use crate::protocol::{Command, Descriptor, DestinationSyncMode, pick};
use crate::rules::Level;
use crate::suite::{Behaviours, Handled, InvalidValue, OwnData};
use crate::text;
use serde_json::{Value, json};
use std::collections::HashSet;

experiment! {
    /// What the author's own file of messages holds is not in the storage after it was written.
    ///
    /// # What it checks
    /// Each set of `destination.data` is written in a sync of its own: the records, states and statuses of its file, in their order, to
    /// streams in a namespace of the run. A stream whose end the file does not tell gets a COMPLETE at the end. Then the rows of each
    /// stream are counted; where it has a primary key of plain values, the keys are compared, and the whole numbers, plain texts and
    /// booleans of a hundred of them.
    ///
    /// What proves a fault: the write fails; or there are fewer rows or more than the mode asks for; or keys or values differ. Of several
    /// records of a key, those with the greatest cursor count where cursors are whole numbers; else any of them will do.
    ///
    /// What could fool it: a file of messages that no source would print in that order, and a reader that does not show all rows. Rows
    /// that the file says were deleted are not judged, nor a stream that it leaves INCOMPLETE, nor a failure where the suite declares
    /// that some values `fail`.
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
    /// `airproof test --case` with the launch's id writes it again. Look at the lines that the finding names: what is odd about these records, or
    /// about those before them?
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
            Launches::one("write.data", "the messages of each set of `destination.data`").in_quick().of_own_data(),
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
    let (mut untried, mut tried) = (Vec::new(), Vec::new());
    for set in sets.iter().filter(|set| lab.may_ask(&set.id())) {
        match set.data.modes.iter().find_map(|mode| lab.offers(*mode).err()) {
            Some(Halt::Cannot(why)) => untried.push((set, why)),
            Some(wants) => return Err(wants),
            None => tried.push(set),
        }
    }
    let ran = lab.launches(tried.iter().map(|set| set.ask()))?;
    let Some(last) = ran.last() else {
        let why = untried.into_iter().map(|(set, why)| format!("{}: {why}", set.name())).collect::<Vec<_>>();
        return Err(Halt::Cannot(why.join("; ")));
    };
    let mut conclusion = Conclusion::of(STATEMENT, last);
    untried.iter().for_each(|(set, why)| set.leave_out(&mut conclusion, why));
    for (set, ran) in tried.into_iter().zip(ran) {
        let before = conclusion.findings.len();
        match set.judge(lab, &mut conclusion, ran) {
            // The others say what they say all the same.
            Err(Halt::Cannot(why)) => set.leave_out(&mut conclusion, &why),
            other => other?,
        }
        conclusion.findings[before..].iter_mut().for_each(|finding| finding.case = Some(ran.id.clone()));
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

    fn id(&self) -> String {
        format!("write.data-{}", self.number)
    }

    fn name(&self) -> String {
        let name = self.own.path.file_name().unwrap_or_default().to_string_lossy();
        text::visible(&name)
    }

    /// Notes that none of its streams could be judged.
    fn leave_out(&self, conclusion: &mut Conclusion, why: &str) {
        self.there.iter().for_each(|stream| conclusion.inconclusive(Some(stream), format!("{}: {why}", self.name())));
    }

    /// Judged by this experiment alone: what the file holds is the author's, and need not be what every destination takes.
    fn ask(&self) -> Ask {
        let script = Script::default().with(Act::Send(Supply::Own(self.own.clone())));
        Ask::of(Command::Write, self.id(), format!("the messages of {}", self.name()))
            .catalog(self.catalog())
            .fed(script)
            .reading_back(self.there.clone())
            .unjudged()
    }

    /// The catalog with the streams as they are written, and with the ids of a first sync.
    fn catalog(&self) -> Value {
        let entries =
            self.data.catalog.streams.iter().zip(&self.data.modes).enumerate().map(|(place, (stream, mode))| {
                let minimum = i64::from(*mode == DestinationSyncMode::Overwrite);
                let raw = &self.data.catalog.raw["streams"][place];
                let entry = written(raw, stream, *mode, Generation { id: 1, minimum, sync: 1 });
                relocated(entry, &stream.stream.descriptor, &self.own.relocation)
            });
        json!({"streams": entries.collect::<Vec<Value>>()})
    }

    fn judge(&self, lab: &Lab<'_>, conclusion: &mut Conclusion, ran: &Ran) -> Result<(), Halt> {
        let end = End::in_time(ran)?;
        let mut ledger = self.ledger();
        let read = self.own.each_record(|_, place, data| ledger.record(place, data));
        let broken_off = read.map_err(|error| Halt::Cannot(error.to_string()))?;
        if end != End::Success {
            // To fail is right, or may be: the file breaks off, or has values at which the suite says that it fails.
            let may_fail = broken_off.contains(&true) || fails_at_values(lab.behaviours());
            if may_fail && fails_cleanly(ran) {
                let exit = ran.exit()?.describe();
                return Err(Halt::Cannot(format!("inconclusive: {} ended with {exit}", ran.id)));
            }
            conclusion.judged(None);
            let message = format!("{} wrote the messages of {}, and ended so: {}", ran.id, self.name(), how(ran));
            let title = "the author's own messages can't be written";
            conclusion.found(None, fault(ran, ("fails", Level::Must), title, message, ("exit code 0", how(ran))));
            return Ok(());
        }
        for (place, there) in self.there.iter().enumerate() {
            let unseen = match seen(conclusion, ran, there) {
                _ if broken_off[place] => "the file says that it is INCOMPLETE",
                None => "nobody could look at what is stored",
                Some(rows) => {
                    ledger.streams[place].rows = Some(0);
                    rows.iter().for_each(|row| ledger.row(place, row));
                    continue;
                }
            };
            ledger.streams[place].unseen = Some(unseen.to_owned());
        }
        let before = conclusion.findings.len();
        judge_rows(&mut ledger, conclusion, &ran.id);
        for finding in &mut conclusion.findings[before..] {
            let place = finding.streams.first().and_then(|own| self.own.streams.iter().position(|it| it == own));
            let missing = place.map(|place| self.missing(ran, place)).transpose()?.unwrap_or_default();
            if !missing.is_empty() {
                finding.message += &format!("; not stored are {}", missing.join(", "));
            }
        }
        Ok(())
    }

    fn ledger(&self) -> Ledger {
        let entries = self.data.catalog.streams.iter().zip(&self.there).zip(&self.data.modes);
        let ledgers = entries.map(|((entry, there), mode)| StreamLedger::of(entry, there.clone(), *mode));
        let mut ledger = Ledger::new(ledgers.collect());
        ledger.next_sync();
        ledger
    }

    /// Some keys of a stream that no row has, each with its line in the file. None where the key is not plain.
    fn missing(&self, ran: &Ran, place: usize) -> Result<Vec<String>, Halt> {
        const TOLD: usize = 5;
        let key: Vec<&String> = self.data.catalog.streams[place].primary_key.iter().flatten().collect();
        let parts = self.data.catalog.streams[place].primary_key.len();
        if parts == 0 || key.len() != parts {
            return Ok(Vec::new());
        }
        let plain = |value: Option<&Exact>| {
            value.map_or_else(String::new, |it| it.text().map_or_else(|| it.to_string(), str::to_owned))
        };
        let of_row = |row: &Row| key.iter().map(|name| plain(row.get(name))).collect::<Vec<_>>();
        let mut seen: HashSet<Vec<String>> = ran.rows(&self.there[place])?.iter().map(of_row).collect();
        let mut missing = Vec::new();
        let read = self.own.each_record(|line, at, data| {
            if at != place || missing.len() == TOLD {
                return;
            }
            let value = |name: &String| pick(data, std::slice::from_ref(name)).and_then(|text| Exact::of(text).ok());
            let own: Vec<String> = key.iter().map(|name| plain(value(name).as_ref())).collect();
            if !seen.contains(&own) {
                missing.push(format!("`{}` of line {line}", text::shorten(&text::visible(&own.join(", ")), 60)));
                seen.insert(own);
            }
        });
        read.map_err(|error| Halt::Cannot(error.to_string()))?;
        Ok(missing)
    }
}

/// Whether the suite says of values of some kind that a sync fails at them.
fn fails_at_values(declared: Behaviours) -> bool {
    declared.invalid_value == InvalidValue::Fails
        || declared.union == Handled::Fails
        || declared.untyped == Handled::Fails
}
