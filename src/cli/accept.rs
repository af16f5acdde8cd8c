//! `airproof accept`

use super::args::AcceptArguments;
use super::{Refusal, baselines};
use crate::baseline::{Answer, Matter, Question, told_unusable};
use crate::exit::Exit;
use crate::text;
use std::io::Write;

pub(super) fn run(arguments: &AcceptArguments) -> Result<Exit, Refusal> {
    let mut opened = baselines::open(&arguments.baselines)?;
    let unknown = |id: &&String| !opened.questions.iter().any(|question| question.id == **id);
    if let Some(id) = arguments.only.iter().find(unknown) {
        let id = text::shorten(&text::visible(id), 80);
        return Err(Refusal::usage(format!(
            "error: no question that is pending has the id `{id}`; nothing was accepted\nAn id goes with what the last run \
             saw: `airproof review --list` shows those that are pending now."
        )));
    }
    let is_chosen = |question: &Question| {
        let is_stale = question.matter == Matter::Gone;
        (arguments.all && !is_stale) || (arguments.stale && is_stale) || arguments.only.contains(&question.id)
    };
    let mut out = anstream::stdout().lock();
    let (chosen, rest): (Vec<Question>, Vec<Question>) = opened.questions.into_iter().partition(is_chosen);
    for question in &chosen {
        match opened.store.answer(question, Answer::Accept) {
            Ok(()) => writeln!(out, "accepted {}  {}", question.id, question.title)?,
            Err(trouble) => {
                baselines::tell(std::slice::from_ref(&trouble))?;
                opened.troubles.push(trouble);
            }
        }
    }
    match (chosen.is_empty(), opened.troubles.is_empty()) {
        (true, true) => writeln!(out, "Nothing of that kind is pending.")?,
        (true, false) => writeln!(out, "Nothing else of that kind is pending. {}", told_unusable(&opened.troubles))?,
        (false, _) => {}
    }
    if !rest.is_empty() {
        let command = baselines::accept_command(&arguments.baselines).replacen("accept", "review", 1);
        let rest = text::plural(rest.len() as u64, "question");
        writeln!(out, "{rest} left: `{command}` shows what is still pending.")?;
    }
    Ok(baselines::exit(&opened.troubles, Exit::Passed))
}
