use crate::protocol::Kind;
use crate::rules::echo::Echoes;
use crate::rules::{Findings, Look, Observer, Scene, Violation, Watch, rule};
use crate::text;

rule! {
    /// A state comes back changed.
    ///
    /// # What it checks
    /// Each STATE that comes back says what was sent, but for the `destinationStats` that the destination adds: `type`, the stream
    /// with its namespace, every value of the state to its last digit, nulls, the order of arrays, `sourceStats`, `id`, and all members
    /// that no schema knows. `1` and `1.0` are the same number, and the order of members says nothing.
    ///
    /// # Why it matters
    /// A state belongs to the source alone. A number that lost digits, a null that went or a list that was sorted begins the
    /// next sync at another point: records are lost or repeated, and no error says so. The platform adds an `id` to know states again
    /// and fails the sync where that is gone.
    ///
    /// # Example
    /// `{"lsn": 9007199254740993, "xmin": null}` was sent:
    /// ```json
    /// bad:  {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"lsn":9007199254740992}}}}
    /// good: {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"},"stream_state":{"lsn":9007199254740993,"xmin":null}}}}
    /// ```
    ///
    /// # How to mend it
    /// Give back the line that came, and add what is yours to it. Where a library has to read it, use one that keeps numbers
    /// as they are written, does not drop nulls and passes on what it does not know: no class with a fixed list of fields.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations compare the last state after it went through their own classes, which lose the same.
    StateChanged {
        code: "DEST-004",
        name: "state-changed",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: state, principle 5; platform: getIdFromStateMessage",
        watches: [Watch::Message(Kind::State)],
        about: Launch,
        applies: knows_what_was_sent,
    }
}

#[derive(Default)]
struct StateChanged {
    echoes: Echoes,
}

fn knows_what_was_sent(scene: &Scene) -> Result<(), &'static str> {
    scene.sent.as_ref().map(drop).ok_or("nothing is known of what was sent")
}

impl Observer for StateChanged {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(echo) = self.echoes.of(look) else { return };
        let (Some(place), Some(first)) = (echo.place, echo.differences.first()) else { return };
        findings.report(first, || {
            let number = place + 1;
            let places = echo.differences.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            let violation = Violation::new(
                format!("`{first}` of a state comes back changed"),
                format!("the state that was sent as number {number} comes back with other content at {places}"),
            )
            .on(look.line)
            .pointer(format!("/state{first}"))
            .expected(text::shorten(&echo.values.0, 300), text::shorten(&echo.values.1, 300));
            if echo.is_of_python_cdk { violation.known_of("the Python CDK") } else { violation }
        });
    }
}
