use crate::protocol::{Descriptor, Kind, Message, TraceBody};
use crate::rules::{Ending, Findings, Look, Observer, Scene, Violation, Watch, rule};

/// How many errors of a read are looked at.
const ERRORS: usize = 100;

rule! {
    /// A TRACE/ERROR does not name the stream that failed.
    ///
    /// # What it checks
    /// Where a TRACE of type ERROR has a `stream_descriptor`, it names a configured stream, with its namespace. Where a
    /// stream does not end with COMPLETE and an error's message has the stream's name in it, one of the errors has the
    /// descriptor of that stream.
    ///
    /// # Why it matters
    /// The platform shows the error beside the stream, and counts failures by stream. Without the descriptor it belongs to
    /// the sync as a whole, and of forty streams the user has to find the one.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Reading orders failed.","failure_type":"transient_error"}}}
    /// good: {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1700000000000,"error":{"message":"Reading orders failed.","failure_type":"transient_error","stream_descriptor":{"name":"orders"}}}}
    /// ```
    ///
    /// # How to mend it
    /// Python CDK: raise `AirbyteTracedException` with `stream_descriptor`, or let `AbstractSource.read` do so; it leaves
    /// the namespace out. Java and Kotlin: give the stream to the exception handler.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests look for a TRACE/ERROR and not for the stream that it names.
    ErrorWithoutStream {
        code: "TRACE-005",
        name: "error-without-stream",
        level: Should,
        commands: [Read],
        authority: ProtocolSchema,
        source: "AirbyteErrorTraceMessage.stream_descriptor",
        watches: [Watch::Message(Kind::Trace)],
        about: Launch,
    }
}

#[derive(Default)]
struct ErrorWithoutStream {
    /// The errors, as far as they are kept: the stream's place where a descriptor says so, else the message.
    errors: Vec<(Option<usize>, String, Violation)>,
}

impl Observer for ErrorWithoutStream {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let Some(Message::Trace(trace)) = look.message() else { return };
        let TraceBody::Error(error) = &trace.body else { return };
        let violation = Violation::new("", "").on(look.line).pointer("/trace/error/stream_descriptor");
        let place = error.stream_descriptor.as_ref().and_then(|named| look.scene.place_meant(named));
        if let Some(named) = &error.stream_descriptor {
            judge(named, place, look.scene, violation.clone(), findings);
        }
        if self.errors.len() < ERRORS {
            self.errors.push((place, error.message.as_deref().unwrap_or_default().to_owned(), violation));
        }
    }

    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        for (place, stream) in ending.scene.streams.iter().enumerate() {
            let status = ending.summary.streams[place].last_status.as_deref();
            let is_attributed = self.errors.iter().any(|(of, ..)| *of == Some(place));
            if !ending.summary.uses_statuses() || status == Some("COMPLETE") || is_attributed {
                continue;
            }
            let name = &stream.descriptor.name;
            let named = self.errors.iter().find(|(of, message, _)| of.is_none() && has_word(message, name));
            let Some((_, _, violation)) = named else { continue };
            findings.report_stream("none", &stream.descriptor, || {
                let message = format!("its message speaks of `{name}`, which failed, and no error has its descriptor");
                violation
                    .clone()
                    .told("a stream's error does not name the stream", message)
                    .expected(format!("`stream_descriptor` of `{}`", stream.descriptor), "none")
            });
        }
    }
}

/// A descriptor that names no configured stream, or only nearly.
fn judge(named: &Descriptor, place: Option<usize>, scene: &Scene, violation: Violation, findings: &mut Findings<'_>) {
    match place.map(|place| &scene.streams[place].descriptor) {
        Some(meant) if meant == named => {}
        Some(meant) => findings.report_stream("namespace", meant, || {
            let message = format!("the error is of `{named}`, which is `{meant}` without its namespace");
            violation.told("an error's stream lacks its namespace", message).known_of("the Python CDK")
        }),
        None => findings.report("unknown", || {
            let message = format!("the error is of `{named}`, which is no configured stream");
            violation.told("an error names a stream that is not configured", message)
        }),
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    !word.is_empty()
        && text
            .match_indices(word)
            .any(|(at, _)| !is_part(text[..at].chars().next_back()) && !is_part(text[at + word.len()..].chars().next()))
}
