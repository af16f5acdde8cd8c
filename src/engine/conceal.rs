//! The last look at what is told of a launch. Rules cut secrets out of what they quote; but a connector may also make
//! one the name of a stream or a status, and those are told in many places.

use crate::capture::Secrets;
use crate::launch::Subject;
use crate::protocol::Descriptor;
use crate::rules::Evidence;
use crate::verdict::LaunchJudgement;

/// Cuts secrets out of what an image says of itself.
pub(super) fn conceal_subject(subject: &mut Subject, secrets: &Secrets) {
    subject.texts_of_image().for_each(|text| *text = secrets.redact(text).into_owned());
}

/// Cuts secrets out of every text of a judgement that a connector has a say in.
pub(super) fn conceal(judgement: &mut LaunchJudgement, secrets: &Secrets) {
    let text = |text: &mut String| *text = secrets.redact(text).into_owned();
    let stream = |stream: &mut Descriptor| {
        text(&mut stream.name);
        stream.namespace.iter_mut().for_each(text);
    };
    for facts in &mut judgement.facts.streams {
        stream(&mut facts.stream);
        facts.last_status.iter_mut().for_each(text);
    }
    judgement.outcomes.iter_mut().flat_map(|outcome| &mut outcome.stream).for_each(stream);
    for finding in &mut judgement.findings {
        finding.streams.iter_mut().for_each(stream);
        text(&mut finding.title);
        text(&mut finding.message);
        for Evidence { pointer, excerpt, expected, actual, .. } in &mut finding.evidence {
            [pointer, excerpt, expected, actual].into_iter().flatten().for_each(text);
        }
    }
}
