//! How a write ended, and what it gave back.

use super::experiment::{Conclusion, Fault, evidence};
use super::lab::{Halt, Ran};
use crate::feed::Row;
use crate::launch::{Ended, ExitFacts};
use crate::protocol::{Descriptor, Kind};
use crate::rules::Level;
use crate::text;
use serde_json::Value;

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With exit code 0.
    Success,
    /// With another exit code, and a TRACE/ERROR that says why.
    Told,
    /// With another exit code or by a signal, and nothing says why.
    Untold,
    /// Not by itself.
    Hung,
}

impl End {
    /// How this write ended. Halts where it was not launched, or where how it ended is not its own doing.
    pub fn of(ran: &Ran) -> Result<End, Halt> {
        let exit = ran.exit()?;
        let doubt = |why: &str| Err(Halt::Cannot(format!("inconclusive: {} {why}", ran.id)));
        match () {
            () if exit.is_cut_short() => doubt(&format!("was cut short ({})", exit.describe())),
            () if exit.succeeded() => Ok(End::Success),
            () if ran.summary.has_transient_error() => doubt("failed with a `transient_error`"),
            () if exit.ended.is_some() => Ok(End::Hung),
            () if exit.failed_by_itself() && ran.summary.error_traces > 0 => Ok(End::Told),
            () => Ok(End::Untold),
        }
    }
}

impl End {
    /// The same. Halts also where it took longer than it was given: how much there is to write may be too much for that.
    pub fn in_time(ran: &Ran) -> Result<End, Halt> {
        match ran.exit()?.ended {
            Some(Ended::TimedOut) => {
                Err(Halt::Cannot(format!("inconclusive: {} took longer than it was given", ran.id)))
            }
            _ => End::of(ran),
        }
    }
}

/// How it ended, in words, with what its first TRACE/ERROR says.
pub(super) fn how(ran: &Ran) -> String {
    let exit = ran.exit.as_ref().map_or_else(String::clone, |exit| exit.describe());
    match ran.summary.describe_error() {
        Some(told) => format!("{exit}; {}", text::shorten(&text::visible(&told), 200)),
        None => exit,
    }
}

/// A fault of a write, shown by the whole launch.
pub(super) fn fault(
    ran: &Ran,
    (cause, level): (&'static str, Level),
    title: impl Into<String>,
    message: String,
    (expected, actual): (impl Into<String>, impl Into<String>),
) -> Fault {
    let evidence = vec![evidence(&ran.id, None, expected, actual)];
    Fault { cause, level, title: title.into(), message, evidence, case: Some(ran.id.clone()) }
}

/// Tells at SHOULD of a write that failed in silence or hung, and where it did not, notes that it was judged. `what` was sent: `a
/// line that is no message`.
pub(super) fn judge_failure(conclusion: &mut Conclusion, ran: &Ran, end: End, stream: Option<&Descriptor>, what: &str) {
    let (cause, title) = match end {
        End::Success | End::Told => return conclusion.judged(stream),
        End::Untold => ("untold", format!("`write` fails at {what} and does not say why")),
        End::Hung => ("hangs", format!("`write` does not end after {what}")),
    };
    let message = format!("{} was sent {what}, and ended with {}, without a TRACE/ERROR", ran.id, how(ran));
    let expected = "ends by itself; where it fails, with a TRACE/ERROR";
    conclusion.found(stream, fault(ran, (cause, Level::Should), title, message, (expected, how(ran))));
}

/// Whether it said nothing at all besides states: no LOG, no TRACE, no line on stderr.
pub(super) fn is_silent(ran: &Ran) -> bool {
    let summary = &ran.summary;
    summary.count(Kind::Log) + summary.count(Kind::Trace) + summary.stderr_lines == 0
}

/// The number of the stream's last state that came back, as a [`Write`](super::writing::Write) counts its states; None where none
/// did.
pub(super) fn acknowledged(ran: &Ran, stream: &Descriptor) -> Option<u64> {
    let blob = ran.summary.final_state.of_stream(stream)?;
    ["airproof", "n"].iter().find_map(|key| blob.get(key).and_then(Value::as_f64)).map(|number| number as u64)
}

/// What is stored of a stream; None where that can't be seen, and then it is noted why.
pub(super) fn seen<'r>(conclusion: &mut Conclusion, ran: &'r Ran, stream: &Descriptor) -> Option<&'r [Row]> {
    match ran.rows(stream) {
        Ok(rows) => Some(rows),
        Err(Halt::Cannot(why)) => {
            conclusion.inconclusive(Some(stream), why);
            None
        }
        Err(Halt::Wants(_)) => None,
    }
}

/// How a write failed; None where it did not. Halts where it did not happen.
pub(super) fn failure_of(ran: &Ran) -> Result<Option<String>, Halt> {
    Ok((!ran.exit()?.succeeded()).then(|| how(ran)))
}

/// Whether a write that failed ended by itself and said why.
pub(super) fn fails_cleanly(ran: &Ran) -> bool {
    ran.exit.as_ref().is_ok_and(ExitFacts::failed_by_itself) && ran.summary.describe_error().is_some()
}
