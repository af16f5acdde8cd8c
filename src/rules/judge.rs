//! All rules at work on one transcript.

use super::{About, Ending, Finding, Findings, Look, Observer, Rule, Scene, Watch, conceal};
use crate::capture::{Line, Secrets, Summary, Watcher};
use crate::launch::{Channel, ExitFacts};
use crate::protocol::{Descriptor, Kind};

/// Whether a rule could judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// It did: what it found is among the findings.
    Yes,
    /// It could not, and why.
    No(String),
}

/// What one rule says about one launch, or about one stream of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The rule.
    pub rule: &'static str,
    /// The stream, for rules that are about streams.
    pub stream: Option<Descriptor>,
    /// Whether it could judge.
    pub judged: Judged,
}

/// Judges a launch: a [`Watcher`] that hands each line to the rules that asked for it.
pub struct Judge {
    scene: Scene,
    secrets: Secrets,
    active: Vec<Active>,
    skipped: Vec<(&'static Rule, &'static str)>,
    /// By kind: those that want its messages, and those that want every line, each once.
    by_kind: [Vec<usize>; 9],
    doubtful: Vec<usize>,
    odd: Vec<usize>,
    within: Vec<usize>,
    every: Vec<usize>,
    stderr: Vec<usize>,
    leaks: Vec<usize>,
    command_lines: Vec<usize>,
}

struct Active {
    rule: &'static Rule,
    observer: Box<dyn Observer>,
    found: Vec<Finding>,
    unlisted: u64,
}

impl Judge {
    /// Sets the rules to work that judge the scene's command and that `wanted` wants.
    pub fn new(scene: Scene, secrets: Secrets, wanted: impl Fn(&Rule) -> bool) -> Self {
        let mut judge = Judge {
            scene,
            secrets,
            active: Vec::new(),
            skipped: Vec::new(),
            by_kind: Default::default(),
            doubtful: Vec::new(),
            odd: Vec::new(),
            within: Vec::new(),
            every: Vec::new(),
            stderr: Vec::new(),
            leaks: Vec::new(),
            command_lines: Vec::new(),
        };
        let command = judge.scene.command;
        for rule in super::ALL.iter().copied() {
            if !command.is_some_and(|command| rule.commands.contains(&command)) || !wanted(rule) {
                continue;
            }
            match (rule.applies)(&judge.scene) {
                Ok(()) => judge.activate(rule),
                Err(reason) => judge.skipped.push((rule, reason)),
            }
        }
        for wanted in &mut judge.by_kind {
            let others: Vec<usize> = judge.every.iter().copied().filter(|place| !wanted.contains(place)).collect();
            wanted.extend(others);
        }
        judge
    }

    fn activate(&mut self, rule: &'static Rule) {
        let place = self.active.len();
        for watch in rule.watches {
            match watch {
                Watch::Message(kind) => self.by_kind[*kind as usize].push(place),
                Watch::DoubtfulRecord => self.doubtful.push(place),
                Watch::Oddity => self.odd.push(place),
                Watch::Within => self.within.push(place),
                Watch::EveryLine => self.every.push(place),
                Watch::Stderr => self.stderr.push(place),
                Watch::Leak => self.leaks.push(place),
                Watch::CommandLine => self.command_lines.push(place),
            }
        }
        self.active.push(Active { rule, observer: (rule.start)(), found: Vec::new(), unlisted: 0 });
    }

    /// Concludes: what was found, and which rules could judge what.
    pub fn conclude(mut self, summary: &Summary, exit: &ExitFacts) -> (Vec<Finding>, Vec<Outcome>) {
        let ending = Ending { scene: &self.scene, summary, exit };
        let (mut findings, mut outcomes) = (Vec::new(), Vec::new());
        for active in &mut self.active {
            let mut found = Findings {
                rule: active.rule,
                launch: &self.scene.launch,
                secrets: &self.secrets,
                found: &mut active.found,
                unlisted: &mut active.unlisted,
            };
            active.observer.conclude(&ending, &mut found);
            outcomes.extend(match active.observer.unjudged() {
                Some(reason) => vec![Outcome { rule: active.rule.code, stream: None, judged: Judged::No(reason) }],
                None => outcomes_of(active.rule, &active.found, &ending),
            });
            if let Some(last) = active.found.last_mut().filter(|_| active.unlisted > 0) {
                last.message += &format!(" ({} more occurrences of further causes are not listed.)", active.unlisted);
            }
            findings.append(&mut active.found);
        }
        let skipped = self.skipped.iter().map(|(rule, reason)| Outcome {
            rule: rule.code,
            stream: None,
            judged: Judged::No((*reason).to_owned()),
        });
        outcomes.extend(skipped);
        conceal(&mut findings, &mut outcomes, &self.secrets);
        (findings, outcomes)
    }
}

impl Watcher for Judge {
    fn watch(&mut self, line: &Line<'_>, summary: &Summary) {
        let look = Look::new(line, &self.scene, summary);
        let wanted: &[usize] = match (look.message(), line.channel) {
            (Some(message), _) => &self.by_kind[message.kind() as usize],
            (None, Channel::Stdout) => &self.every,
            (None, Channel::Stderr) => &self.stderr,
            (None, Channel::CommandLine) => &self.command_lines,
        };
        let is_doubtful = look
            .record()
            .is_some_and(|record| record.meta.is_some() || record.file_reference.is_some() || !look.surely_conforms());
        let doubtful: &[usize] = if is_doubtful { &self.doubtful } else { &[] };
        let is_stdout = line.channel == Channel::Stdout;
        let odd: &[usize] = if is_stdout && line.is_odd() { &self.odd } else { &[] };
        let is_odd_within = is_stdout && !self.within.is_empty() && look.oddities().is_some();
        let within: &[usize] = if is_odd_within { &self.within } else { &[] };
        // A command line is no output, whatever it shows.
        let shows = !line.leaks.is_empty() && line.channel != Channel::CommandLine;
        let leaks: &[usize] = if shows { &self.leaks } else { &[] };
        // A rule that asked for a line on several grounds gets it once.
        let odd = odd.iter().filter(|place| !wanted.contains(place));
        for place in wanted.iter().chain(doubtful).chain(odd).chain(within).chain(leaks) {
            let active = &mut self.active[*place];
            let mut findings = Findings {
                rule: active.rule,
                launch: &self.scene.launch,
                secrets: &self.secrets,
                found: &mut active.found,
                unlisted: &mut active.unlisted,
            };
            active.observer.observe(&look, &mut findings);
        }
    }
}

/// A rule has judged where there was something for it to look at, or where it found something all the same.
fn outcomes_of(rule: &'static Rule, found: &[Finding], ending: &Ending<'_>) -> Vec<Outcome> {
    let kinds: Vec<Kind> = rule
        .watches
        .iter()
        .filter_map(|watch| match watch {
            Watch::Message(kind) => Some(*kind),
            Watch::DoubtfulRecord => Some(Kind::Record),
            _ => None,
        })
        .collect();
    let outcome = |stream: Option<Descriptor>, has_found: bool, seen: bool, what: &str| {
        let judged = if has_found || seen { Judged::Yes } else { Judged::No(format!("no {what} came")) };
        Outcome { rule: rule.code, stream, judged }
    };
    let names = kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" or ");
    match rule.about {
        About::Launch => {
            let is_any = |is: fn(&Watch) -> bool| rule.watches.iter().any(is);
            let needs_lines =
                is_any(|watch| !matches!(watch, Watch::Message(_) | Watch::DoubtfulRecord | Watch::CommandLine));
            if is_any(|watch| *watch == Watch::CommandLine) {
                let seen = ending.summary.command_lines > 0;
                return vec![outcome(None, !found.is_empty(), seen, "command line of a process")];
            }
            // What can't be read as a whole has not been judged by those who look at nothing else.
            let is_unread = match rule.watches {
                [Watch::Message(Kind::Catalog)] => ending.summary.catalog.is_none(),
                [Watch::Message(Kind::Spec)] => ending.summary.specification.is_none(),
                _ => false,
            };
            if is_unread && found.is_empty() && kinds.iter().any(|kind| ending.summary.count(*kind) > 0) {
                let judged = Judged::No(format!("the {names} can't be read as a whole"));
                return vec![Outcome { rule: rule.code, stream: None, judged }];
            }
            let seen = rule.watches.is_empty()
                || (needs_lines && ending.summary.lines > 0)
                || kinds.iter().any(|kind| ending.summary.count(*kind) > 0);
            vec![outcome(None, !found.is_empty(), seen, if needs_lines { "output" } else { &names })]
        }
        About::Stream => {
            let stray = found.iter().any(|finding| finding.streams.is_empty());
            let mut outcomes: Vec<Outcome> = ending
                .scene
                .streams
                .iter()
                .zip(&ending.summary.streams)
                .map(|(stream, tally)| {
                    let has_found = found.iter().any(|finding| finding.streams.contains(&stream.descriptor));
                    let seen = kinds.is_empty()
                        || kinds.iter().any(|kind| match kind {
                            Kind::Record => tally.records > 0,
                            Kind::State => tally.states > 0,
                            Kind::Trace => tally.statuses > 0,
                            _ => ending.summary.count(*kind) > 0,
                        });
                    outcome(Some(stream.descriptor.clone()), has_found, seen, &names)
                })
                .collect();
            let others = found.iter().flat_map(|finding| &finding.streams);
            let others: Vec<&Descriptor> = others
                .filter(|stream| !ending.scene.streams.iter().any(|known| known.descriptor == **stream))
                .collect();
            if stray || !others.is_empty() {
                outcomes.push(outcome(others.first().map(|stream| (*stream).clone()), true, true, &names));
            }
            outcomes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Inputs, Pass};
    use crate::launch::Chunk;
    use crate::protocol::Command;
    use serde_json::json;
    use std::time::Duration;

    /// How many findings a rule has about a read of `orders` that put this out and ended well.
    fn found(code: &str, output: &str) -> usize {
        let stream = json!({"stream": {"name": "orders", "json_schema": {}}, "sync_mode": "incremental"});
        let inputs = Inputs { catalog: Some(json!({"streams": [stream]})), ..Inputs::default() };
        let scene = Scene::new("read", Command::Read, &inputs, None).expect("a catalog");
        let (streams, secrets) = (scene.descriptors(), Secrets::new(&[]));
        let judge = Judge::new(scene, secrets.clone(), |rule| rule.code == code);
        let mut pass = Pass::new(&streams, secrets, None, judge);
        let bytes = output.to_owned().into();
        pass.feed(&Chunk { channel: Channel::Stdout, bytes, at: Duration::ZERO }).expect("nothing is stored");
        let (judge, summary, _) = pass.finish(Duration::ZERO);
        judge.conclude(&summary, &ExitFacts::by_itself(0)).0.len()
    }

    fn status(status: &str) -> String {
        let status = json!({"stream_descriptor": {"name": "orders"}, "status": status});
        json!({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": status}}).to_string()
    }

    #[test]
    fn a_line_that_is_asked_for_twice_comes_once() {
        let (started, complete) = (status("STARTED"), status("COMPLETE"));
        assert_eq!(found("STATUS-002", &format!("{started}\n{complete}")), 0);
        assert_eq!(found("STATUS-002", &format!("{started}\n{complete}\n{complete}")), 1);
    }

    #[test]
    fn what_a_broken_line_may_have_held_is_not_missed() {
        let (started, complete) = (status("STARTED"), status("COMPLETE"));
        assert_eq!(found("STATUS-007", &format!("{started}\n")), 1);
        assert_eq!(found("STATUS-007", &format!("{started}\n12:00 {complete}\n")), 0);
        assert_eq!(found("STATUS-002", &format!("{started} {complete}\n{complete}\n{complete}\n")), 0);
        let record = r#"{"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1}}"#;
        let state = r#"{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders"}}}}"#;
        assert_eq!(found("STATE-010", &format!("{state}\n{record}\n")), 1);
        assert_eq!(found("STATE-010", &format!("{state}\n{record} {state}\n")), 0);
    }

    #[test]
    fn a_rule_sees_an_odd_message_once() {
        let spec = r#"{"type":"SPEC","spec":{"connectionSpecification":{"type":"object","properties":{}}}}"#;
        let scene = Scene::new("test", Command::Spec, &Inputs::default(), None).expect("a scene");
        let judge = Judge::new(scene, Secrets::default(), |rule| rule.code == "SPEC-001");
        let mut pass = Pass::new(&[], Secrets::default(), None, judge);
        // The second is odd: nothing ends its line.
        let chunk = Chunk { channel: Channel::Stdout, bytes: format!("{spec}\n{spec}").into(), at: Duration::ZERO };
        pass.feed(&chunk).expect("nothing is stored");
        let (judge, summary, _) = pass.finish(Duration::ZERO);
        let (findings, _) = judge.conclude(&summary, &ExitFacts::by_itself(0));
        assert_eq!(findings.iter().map(|finding| finding.count).collect::<Vec<_>>(), [1]);
    }
}
