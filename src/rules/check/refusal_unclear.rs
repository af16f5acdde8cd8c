use crate::protocol::{Kind, Message};
use crate::rules::user_text::{Unfit, unfit};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

/// How many characters of a message users read.
const MOST: usize = 1_000;

rule! {
    /// `check` says FAILED, and its message does not help the user.
    ///
    /// # What it checks
    /// A CONNECTION_STATUS of FAILED has a `message` that is not blank, not a stack trace, not an exception's class
    /// (`KeyError('shop')`), not a page of HTML and not a dump of JSON, and that has at most 1,000 characters.
    ///
    /// # Why it matters
    /// The user has just filled in a form, and this text is all there is to tell what to mend in it.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"KeyError('shop')"}}
    /// good: {"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"There is no shop of that name. Copy the name out of the address of the shop's admin page."}}
    /// ```
    ///
    /// # How to mend it
    /// Catch what the API can answer, and say for each what is wrong and where the user finds the right value. Python CDK:
    /// return `(False, message)` from `check_connection` with a text; it takes `repr` of an exception that is returned.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests compare the status, and not what the message says.
    RefusalUnclear {
        code: "CHECK-004",
        name: "refusal-unclear",
        level: Should,
        commands: [Check],
        authority: CdkConvention,
        source: "Airbyte's best practices for connectors, and its UX handbook",
        watches: [Watch::Message(Kind::ConnectionStatus)],
        about: Launch,
    }
}

#[derive(Default)]
struct RefusalUnclear;

impl Observer for RefusalUnclear {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::ConnectionStatus(status)) = look.message() else { return };
        let message = status.message.as_deref().unwrap_or_default();
        let blank = Unfit { cause: "blank", what: "missing or blank" };
        let found = if message.trim().is_empty() { Some(blank) } else { unfit(message, MOST) };
        let Some(unfit) = found.filter(|_| status.status == "FAILED") else { return };
        findings.report(unfit.cause, || {
            Violation::new(
                format!("the message of FAILED is {}", unfit.what),
                format!("`message`, which the user reads under the form, is {}", unfit.what),
            )
            .on(look.line)
            .pointer("/connectionStatus/message")
            .expected("a sentence for the user", text::shorten(message, 160))
        });
    }
}
