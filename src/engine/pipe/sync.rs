//! One sync: both are launched at once, and what comes out of the one goes into the other.

use super::connector::{Connector, Job, is_late};
use super::outcome::pace;
use super::relay::{Relay, Rest};
use super::returns::Returns;
use super::{Around, Course, Halt};
use crate::capture::{Inputs, StoredTranscript};
use crate::engine::Progress;
use crate::engine::one::{self, Eyes, Seen};
use crate::engine::stored::replayed;
use crate::experiments::pipe::{Ledger, Side, Sync};
use crate::feed::{Persisted, Sent};
use crate::launch::replay::ReplayLauncher;
use crate::launch::{LaunchError, Stdin, Stop, inflow};
use crate::protocol::Command;
use crate::rules::Scene;
use crate::text;
use crate::verdict::PipeSync;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many pieces wait between the two before the source has to.
const WAITING: usize = 16;

/// How much of a connector's own words is told, in characters.
const LONGEST_WORDS: usize = 300;

/// Carries out the sync of that number, counted from 1, and adds what came of it to the course.
pub(super) async fn carry_out(
    number: i64,
    source: &mut Connector,
    destination: &mut Connector,
    course: &mut Course,
    around: &Around<'_>,
) -> Result<(), Halt> {
    let catalogs = course.pairing.catalogs(number, &course.relocation);
    let before = course.syncs.last();
    let (sent, kept) = before.map(|sync| (sync.sent.clone(), sync.kept.clone())).unwrap_or_default();
    let last_id = Arc::new(AtomicU64::new(course.facts.iter().map(|sync| sync.states).sum()));
    let (sender, stdin) = inflow(WAITING);
    let mut ledger = std::mem::take(&mut course.ledger);
    ledger.next_sync();
    let state = kept.to_input().filter(|_| number > 1);
    let relay = Relay::new(course.relocation.clone(), ledger, sent, last_id.clone(), sender);
    let relay = Arc::new(Mutex::new(relay));
    let returns = Arc::new(Mutex::new(Returns::new(course.relocation.clone(), last_id, kept)));
    let (watching, taking) = (relay.clone(), returns.clone());
    let read = Job {
        id: format!("read-{number}"),
        purpose: if number == 1 { "first sync".to_owned() } else { "from the state that is kept".to_owned() },
        catalog: Some(catalogs.source),
        resumes: state.as_ref().map(|_| format!("{}.read-{}", source.role, number - 1)),
        state,
        companion: Some(Box::new(move |line| lock(&watching).watch(line))),
        ..Job::of(Command::Read)
    };
    let write = Job {
        id: format!("write-{number}"),
        purpose: format!("sync {number}, fed by the source"),
        catalog: Some(catalogs.destination),
        stdin: Stdin::Live(stdin),
        companion: Some(Box::new(move |line| lock(&taking).watch(line))),
        ..Job::of(Command::Write)
    };
    (source.others, destination.others) = (destination.own_secrets(), source.own_secrets());
    let (read, write) = (source.ready(read, around)?, destination.ready(write, around)?);
    let stop_source =
        Stop { interrupt: around.interruption.stop.interrupt.child_token(), ..around.interruption.stop.clone() };
    let (source_is_over, destination_died) = (AtomicBool::new(false), AtomicBool::new(false));
    let reading = async {
        let done = read.carry_out(around, &stop_source).await;
        source_is_over.store(true, SeqCst);
        let rest = lock(&relay).end();
        if let Some(Rest { piece, sender }) = rest {
            // A destination that takes nothing any more has ended, which its own launch tells.
            let _or_gone = sender.send(piece).await;
        }
        done
    };
    let writing = async {
        let done = write.carry_out(around, &around.interruption.stop).await;
        if !source_is_over.load(SeqCst) {
            destination_died.store(true, SeqCst);
            stop_source.interrupt.cancel();
        }
        done
    };
    let ((read, read_told), (write, write_told)) = tokio::join!(reading, writing);
    let (handed, (ledger, counted, sent, incomplete)) = taken(relay);
    let incomplete = incomplete.iter().map(|place| ledger.streams[*place].stream.clone()).collect();
    course.ledger = ledger;
    let (read, write) = (source.note(read, read_told, around), destination.note(write, write_told, around));
    let (read, write) = (read?, write?);
    let is_cut_off = destination_died.load(SeqCst);
    judge_late(
        destination,
        Sent { closed: !is_cut_off, unusual: counted.unusual || !read.exit.succeeded(), ..counted },
        around,
    )
    .await?;
    let (back, unknown, kept) = {
        let returns = lock(&returns);
        (returns.back(), returns.unknown, returns.kept.clone())
    };
    let [read_side, write_side] = [side(source, &read), side(destination, &write)];
    let died_first = match (is_cut_off, read.exit.succeeded()) {
        (true, _) if around.interruption.exit().is_none() => Some(format!(
            "{} ended first ({}), and {} was ended for that",
            write_side.launch,
            write.exit.describe(),
            read_side.launch
        )),
        (false, false) => Some(format!(
            "{} ended first ({}), and the stdin of {} was closed then",
            read_side.launch,
            read.exit.describe(),
            write_side.launch
        )),
        _ => None,
    };
    course.facts.push(PipeSync {
        read: read_side.launch.clone(),
        write: write_side.launch.clone(),
        records: handed.records,
        bytes: handed.bytes,
        states: handed.states,
        states_back: back,
        source: pace(&read.exit, handed),
        destination: pace(&write.exit, handed),
        died_first,
    });
    course.syncs.push(Sync {
        source: read_side,
        destination: write_side,
        states_sent: handed.states,
        states_back: back,
        states_unknown: unknown,
        incomplete,
        is_cut_off: is_cut_off && around.interruption.exit().is_none(),
        sent,
        kept,
    });
    Ok(())
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a relay leaves behind.
fn taken(relay: Arc<Mutex<Relay>>) -> (super::relay::Handed, (Ledger, Sent, Persisted, Vec<usize>)) {
    let relay = Arc::into_inner(relay).expect("whoever watched has ended with the launch");
    let relay = relay.into_inner().unwrap_or_else(PoisonError::into_inner);
    (relay.handed, relay.finish())
}

/// What is told of one of the two.
fn side(connector: &Connector, seen: &Seen) -> Side {
    let launch = connector.judgements.last().map(|it| it.facts.id.clone()).unwrap_or_default();
    let words = |(message, _): &(String, Option<String>)| {
        text::visible(&text::shorten(&seen.secrets.redact(message), LONGEST_WORDS))
    };
    Side { launch, exit: seen.exit.clone(), error: seen.summary.first_error.as_ref().map(words) }
}

/// Judges the last launch of the destination by what it was sent, now that this is known: its transcript once more.
async fn judge_late(destination: &mut Connector, sent: Sent, around: &Around<'_>) -> Result<(), Halt> {
    let Some(id) = destination.judgements.last().map(|it| it.facts.id.clone()) else { return Ok(()) };
    let secrets = destination.secrets();
    let unread = |why: String| LaunchError::Environment(format!("What {id} put out can't be read again: {why}."));
    let mut transcript = StoredTranscript::open(&around.pipe.transcripts.join(&id)).map_err(unread)?;
    transcript.note_sent(sent, &secrets).map_err(|error| unread(error.to_string()))?;
    let manifest = transcript.manifest.clone();
    let inputs: &Inputs = &manifest.inputs;
    let scene = Scene::new(&id, Command::Write, inputs, Some(manifest.started_at)).map_err(LaunchError::Usage)?;
    let wanted = |rule: &crate::rules::Rule| is_late(rule.statement()) && destination.judges(rule.statement(), around);
    let eyes = Eyes::of_rules(scene.of(&manifest.subject), inputs, wanted);
    let Some(exit) = manifest.exit else { return Ok(()) };
    let play = Arc::new(move |each: &mut dyn FnMut(crate::launch::Chunk) -> bool| {
        transcript.replay(|chunk| {
            each(chunk);
        })
    });
    let replay = ReplayLauncher::new(manifest.subject, play, exit);
    let request = replayed(&id, Command::Write);
    let seen = one::launch(&replay, &request, eyes, None, Arc::new(Progress::new()), &Stop::default()).await?;
    if let Some(judgement) = destination.judgements.last_mut() {
        judgement.findings.extend(seen.findings);
        judgement.outcomes.extend(seen.outcomes);
        crate::engine::conceal::conceal(judgement, &secrets);
    }
    Ok(())
}
