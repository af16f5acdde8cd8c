//! DEST-009.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::plain_write::{PLAIN, works_plainly};
use crate::experiments::stored_rows::{ids, missing, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{End, fault, how, seen};
use crate::feed::Target;
use crate::plan::Ask;
use crate::protocol::Descriptor;
use crate::rules::Level;

/// Messages that say nothing to a destination, by what they are.
const OTHERS: [(&str, &str); 7] = [
    ("a LOG", r#"{"type":"LOG","log":{"level":"INFO","message":"read page 1"}}"#),
    (
        "a message of an unknown type",
        r#"{"type":"FUTURE_MESSAGE","future_message":{"text":"of a later version of the protocol"}}"#,
    ),
    (
        "a CONTROL",
        r#"{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1700000000000.0,"connectorConfig":{"config":{"key":"value"}}}}"#,
    ),
    (
        "a CATALOG",
        r#"{"type":"CATALOG","catalog":{"streams":[{"name":"other","json_schema":{"type":"object","properties":{}},"supported_sync_modes":["full_refresh"]}]}}"#,
    ),
    (
        "a TRACE/ERROR",
        r#"{"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000.0,"error":{"message":"one page failed","failure_type":"transient_error"}}}"#,
    ),
    (
        "a TRACE/ESTIMATE",
        r#"{"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1700000000000.0,"estimate":{"name":"people","type":"STREAM","row_estimate":8,"byte_estimate":800}}}"#,
    ),
    (
        "a TRACE/ANALYTICS",
        r#"{"type":"TRACE","trace":{"type":"ANALYTICS","emitted_at":1700000000000.0,"analytics":{"type":"pages","value":"1"}}}"#,
    ),
];

const ALL: Launches =
    Launches::one("write.other-messages", "eight records, with messages between them that are not for a destination");
const ALONE: Launches = Launches::up_to(
    OTHERS.len(),
    OTHERS.len(),
    "write.other-message",
    "two records with one such message between them",
)
.on_doubt();

experiment! {
    /// A message that is not for a destination makes `write` fail, or costs a record.
    ///
    /// # What it checks
    /// Eight records are written, and between them stand a LOG, a message of a type that no version of the protocol knows, a
    /// CONTROL, a CATALOG, and TRACE messages with an ERROR, an ESTIMATE and ANALYTICS. Then what is stored is read. Where
    /// anything goes wrong, each of these messages is tried alone. A fault is proven thus: the write does not succeed, or a
    /// record is not stored, though a write without such messages works. What could fool it: the platform keeps some of these
    /// messages to itself today. A destination has to bear them all the same: what the platform passes on changes, and a new
    /// type of message comes with each version of the protocol.
    ///
    /// # Why it matters
    /// Which messages reach a destination is up to the platform and to the version of the protocol. One that fails at a
    /// message it does not know fails every sync on the day that the platform passes it on.
    ///
    /// # Example
    /// `{"type":"TRACE","trace":{"type":"ANALYTICS", ...}}` stands between two records:
    /// ```json
    /// bad:  KeyError: 'stream_status'   (exit code 1)
    /// good: (nothing, and both records are stored)
    /// ```
    ///
    /// # How to mend it
    /// Look at `type` first, take RECORD, STATE and TRACE of type STREAM_STATUS, and pass over all else. Let no class with a
    /// closed list of types read the line, and look at `stream_status` only where `trace.type` says it is there.
    ///
    /// # What Airbyte's tests see
    /// The unit tests of the bulk CDK have some of them. For other languages there are none.
    run {
        code: "DEST-009",
        name: "other-messages",
        level: Should,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: common interface, forward compatibility",
        depth: Standard,
        launches: [PLAIN, ALL, ALONE],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    works_plainly(lab)?;
    let ran = lab.launch(with_others(lab, ALL.id, ALL.what, &OTHERS))?;
    let mut conclusion = Conclusion::of(STATEMENT, ran);
    let stream = people_beside(lab, "other_messages");
    if End::of(ran)? == End::Success {
        let Some(rows) = seen(&mut conclusion, ran, &stream) else { return Ok(conclusion) };
        if missing(rows, 1..=OTHERS.len() as u64 + 1).is_empty() {
            conclusion.judged(Some(&stream));
            return Ok(conclusion);
        }
    }
    let asks = OTHERS.iter().enumerate().map(|(place, other)| {
        let (id, namespace) = (format!("{}-{}", ALONE.id, place + 1), format!("other_message_{}", place + 1));
        with_others_in(lab, &namespace, (&id, ALONE.what), std::slice::from_ref(other))
    });
    let alone = lab.launches(asks)?;
    for (place, (ran, (what, _))) in alone.iter().zip(OTHERS).enumerate() {
        let stream = people_beside(lab, &format!("other_message_{}", place + 1));
        if let Some(actual) = wrong(ran, &stream)? {
            tell(&mut conclusion, ran, what, actual);
        }
    }
    if conclusion.findings.is_empty() {
        // Each of them alone is borne.
        let actual = match ran.succeeded() {
            true => format!("the stream holds {}", told(&ids(ran.rows(&stream)?))),
            false => how(ran),
        };
        tell(&mut conclusion, ran, "several messages that are not for a destination", actual);
    }
    Ok(conclusion)
}

fn people_beside(lab: &Lab<'_>, namespace: &str) -> Descriptor {
    lab.stream(namespace, &format!("people_{namespace}"))
}

/// What went wrong, in words.
fn wrong(ran: &Ran, stream: &Descriptor) -> Result<Option<String>, Halt> {
    if End::of(ran)? != End::Success {
        return Ok(Some(how(ran)));
    }
    // Where there is no reader, the exit code is what there is.
    let Ok(rows) = ran.rows(stream) else { return Ok(None) };
    Ok((!missing(rows, 1..=2).is_empty()).then(|| format!("of the records 1 and 2 it stored {}", told(&ids(rows)))))
}

fn tell(conclusion: &mut Conclusion, ran: &Ran, what: &str, actual: String) {
    let message = format!("{} was sent {what} between records: {actual}", ran.id);
    let title = "`write` does not bear messages that are not for a destination";
    let fault = fault(ran, ("borne", Level::Should), title, message, (format!("passes over {what}"), actual));
    conclusion.found_alone(None, what, fault);
}

fn with_others(lab: &Lab<'_>, id: &str, purpose: &str, others: &[(&str, &str)]) -> Ask {
    with_others_in(lab, "other_messages", (id, purpose), others)
}

fn with_others_in(lab: &Lab<'_>, namespace: &str, (id, purpose): (&str, &str), others: &[(&str, &str)]) -> Ask {
    let stream = people_beside(lab, namespace);
    let record = |write: Write, id: u64| write.record(&stream, person(id, "Ada", 1));
    let write = record(Write::to([Target::append(stream.clone(), people())]), 1);
    let write = (2..).zip(others).fold(write, |write, (id, (_, line))| record(write.line(line), id));
    write.finish().ask(id, purpose).unjudged()
}
