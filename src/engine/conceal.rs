//! The last look at what is told of a launch and its connector, besides what its rules found.

use crate::capture::Secrets;
use crate::launch::Subject;
use crate::rules;
use crate::verdict::LaunchJudgement;

/// Cuts secrets out of what an image says of itself.
pub(super) fn conceal_subject(subject: &mut Subject, secrets: &Secrets) {
    subject.texts_of_image().for_each(|text| *text = secrets.redact(text).into_owned());
}

/// Cuts secrets out of every text of a judgement that a connector has a say in: experiments have added to it.
pub(super) fn conceal(judgement: &mut LaunchJudgement, secrets: &Secrets) {
    rules::conceal(&mut judgement.findings, &mut judgement.outcomes, secrets);
    if let Some(subject) = &mut judgement.facts.subject {
        conceal_subject(subject, secrets);
    }
    for facts in &mut judgement.facts.streams {
        rules::conceal_stream(&mut facts.stream, secrets);
        facts.last_status.iter_mut().for_each(|status| *status = secrets.redact(status).into_owned());
    }
}
