use crate::protocol::{Kind, Message};
use crate::rules::{Ending, Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// The longest text of one LOG that is not remarked on, in bytes.
const LONGEST: usize = 64 * 1024;

/// How many LOGs are few, however few records there are.
const FEW: u64 = 200;

/// How many more may come for each thousand records.
const PER_THOUSAND: u64 = 200;

rule! {
    /// A command logs very much, or very long texts.
    ///
    /// # What it checks
    /// The text of a LOG has at most 64 KiB. A `read` puts out at most 200 LOGs and 200 more for each thousand records;
    /// any other command at most 200. LOGs of level DEBUG and TRACE are not counted.
    ///
    /// # Why it matters
    /// The platform keeps the logs of each attempt and shows them in the browser. Where each page or record is logged,
    /// the one line that matters is not found, and the logs are cut off.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"LOG","log":{"level":"INFO","message":"tick 1"}}    and 999 more of them, in a read of 79 records
    /// good: {"type":"LOG","log":{"level":"INFO","message":"79 records read"}}
    /// ```
    ///
    /// # How to mend it
    /// Log once for each stream or slice, not for each page, record or request; the rest at DEBUG. Shorten what comes from
    /// elsewhere before it is logged.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's tests do not look at how much is logged.
    LogOfGreatSize {
        code: "LOG-004",
        name: "log-of-great-size",
        level: Info,
        commands: [Spec, Check, Discover, Read, Write],
        authority: Inference,
        source: "not written; follows from how the platform keeps logs",
        watches: [Watch::Message(Kind::Log)],
        about: Launch,
    }
}

#[derive(Default)]
struct LogOfGreatSize {
    counted: u64,
}

impl Observer for LogOfGreatSize {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Log(log)) = look.message() else { return };
        self.counted += u64::from(!matches!(log.level.as_ref(), "DEBUG" | "TRACE"));
        let length = log.message.len();
        if length <= LONGEST {
            return;
        }
        findings.report("long", || {
            let size = text::bytes(length as u64);
            Violation::new("a LOG has a very long text", format!("the text of one LOG has {size}"))
                .on(look.line)
                .pointer("/log/message")
                .expected(format!("at most {}", text::bytes(LONGEST as u64)), size)
        });
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let records = ending.summary.count(Kind::Record);
        let most = FEW + records / 1_000 * PER_THOUSAND;
        if self.counted <= most {
            return;
        }
        findings.report("many", || {
            let (logs, records) = (text::plural(self.counted, "LOG"), text::plural(records, "record"));
            Violation::new("a command logs very much", format!("{logs} of level INFO or above came, with {records}"))
                .expected(format!("at most {}", text::count(most)), text::count(self.counted))
        });
    }
}
