//! The last look at what is told of a launch. Rules cut secrets out of what they quote; but a connector may also make
//! one the name of a stream, and those are told in many places.

use super::{Evidence, Finding, Outcome};
use crate::capture::Secrets;
use crate::protocol::Descriptor;

/// Cuts secrets out of every text of findings and outcomes that a connector has a say in.
pub fn conceal(findings: &mut [Finding], outcomes: &mut [Outcome], secrets: &Secrets) {
    // What was shortened may end in the middle of one.
    let text = |text: &mut String| *text = secrets.redact_excerpt(text);
    outcomes.iter_mut().flat_map(|outcome| &mut outcome.stream).for_each(|stream| conceal_stream(stream, secrets));
    for finding in findings {
        finding.streams.iter_mut().for_each(|stream| conceal_stream(stream, secrets));
        text(&mut finding.title);
        text(&mut finding.message);
        for Evidence { pointer, excerpt, expected, actual, .. } in &mut finding.evidence {
            [pointer, excerpt, expected, actual].into_iter().flatten().for_each(text);
        }
    }
}

/// Cuts secrets out of a stream's name and namespace.
pub fn conceal_stream(stream: &mut Descriptor, secrets: &Secrets) {
    let text = |text: &mut String| *text = secrets.redact(text).into_owned();
    text(&mut stream.name);
    stream.namespace.iter_mut().for_each(text);
}
