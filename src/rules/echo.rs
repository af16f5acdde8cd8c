//! The states that a destination gives back, held against those that it was sent.

use super::{Look, Scene};
use crate::feed::{Exact, Sent};
use crate::protocol::{Message, StateMessage, StateScope};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// What a destination adds to a state.
const ADDED: &str = "destinationStats";

/// Which of the states that were sent came back.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    sent: Option<Vec<Known>>,
    /// The place of the last one that came back, by scope.
    last: HashMap<String, usize>,
    /// All before this place have come back.
    first_open: usize,
}

#[derive(Debug)]
struct Known {
    state: Exact,
    scope: String,
    is_back: bool,
}

/// What a state is that came back.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Echo {
    /// The place among those sent; None where none of them is meant.
    pub place: Option<usize>,
    /// Whether that one had come back before.
    pub is_again: bool,
    /// Where it differs from the one that was sent.
    pub differences: Vec<String>,
    /// What was sent and what came back at the first of those.
    pub values: (String, String),
    /// Whether those are all of the kind that the Python CDK makes of every state.
    pub is_of_python_cdk: bool,
    /// The place that came back last of the same scope, where that was sent later.
    pub after: Option<usize>,
}

#[derive(Deserialize)]
struct Line<'l> {
    #[serde(borrow)]
    state: &'l RawValue,
}

impl Echoes {
    /// What the state on a line is. None where there is none, or where it can't be read.
    pub fn of(&mut self, look: &Look<'_>) -> Option<Echo> {
        let Message::State(message) = look.message()? else { return None };
        let sent = look.scene.sent.as_ref()?;
        let line = look.line.bytes.get(..look.line.trailing.unwrap_or(look.line.bytes.len()))?;
        let state = Exact::of(serde_json::from_slice::<Line<'_>>(line).ok()?.state.get()).ok()?.without(ADDED);
        Some(self.find(sent, message, state))
    }

    fn find(&mut self, sent: &Sent, message: &StateMessage, state: Exact) -> Echo {
        let known = self.sent.get_or_insert_with(|| known(sent));
        let mark = mark(&state);
        let is_open = |one: &Known| !one.is_back;
        let is_it = |one: &Known| one.state == state;
        let is_meant = |one: &Known| mark.is_some() && self::mark(&one.state) == mark;
        // They come back in order as a rule: what is sought is the first that is open.
        self.first_open += known[self.first_open..].iter().take_while(|one| one.is_back).count();
        let open = || known.iter().enumerate().skip(self.first_open).filter(|(_, one)| is_open(one));
        if let Some((place, _)) = open().find(|(_, one)| is_it(one)) {
            return self.back(place, Vec::new(), Default::default(), false);
        }
        let marked = open().find(|(_, one)| is_meant(one));
        let again = || known.iter().position(|one| is_it(one) || (marked.is_none() && is_meant(one)));
        if let Some(place) = again() {
            return Echo { place: Some(place), is_again: true, ..Echo::default() };
        }
        let scope = scope(message);
        let Some((place, one)) = marked.or_else(|| open().find(|(_, one)| one.scope == scope)) else {
            return Echo::default();
        };
        let differences = one.state.differences(&state);
        let of_cdk = differences.iter().all(|at| is_of_python_cdk(at, &one.state, &state));
        let told = |state: &Exact, at: &str| state.at(at).map_or_else(|| "nothing".to_owned(), |it| it.to_string());
        let first = differences.first().map_or("", String::as_str);
        let values = (told(&one.state, first), told(&state, first));
        self.back(place, differences, values, of_cdk)
    }

    fn back(
        &mut self,
        place: usize,
        differences: Vec<String>,
        values: (String, String),
        is_of_python_cdk: bool,
    ) -> Echo {
        let known = self.sent.as_mut().map_or(&mut [][..], Vec::as_mut_slice);
        known[place].is_back = true;
        let last = self.last.insert(known[place].scope.clone(), place);
        let after = last.filter(|last| *last > place);
        Echo { place: Some(place), is_again: false, differences, values, is_of_python_cdk, after }
    }

    /// The places of those that never came back.
    pub fn missing(&mut self, scene: &Scene) -> Vec<usize> {
        let Some(sent) = &scene.sent else { return Vec::new() };
        let known = self.sent.get_or_insert_with(|| known(sent));
        let missing = known.iter().enumerate().filter(|(_, one)| !one.is_back);
        missing.map(|(place, _)| place).collect()
    }

    /// The scope of the one at a place: states of one scope come back in order.
    pub fn scope(&self, place: usize) -> &str {
        self.sent.as_ref().and_then(|sent| sent.get(place)).map_or("", |known| &known.scope)
    }
}

/// Whether the Python CDK makes this difference to every state: it reads a state into classes of its own, which know no other
/// members, and numbers into doubles, but for whole ones of 64 bits.
fn is_of_python_cdk(at: &str, sent: &Exact, back: &Exact) -> bool {
    const KNOWN: [&str; 5] = ["type", "stream", "global", "data", "sourceStats"];
    let is_unknown_member = at.rfind('/') == Some(0) && !KNOWN.contains(&&at[1..]) && back.at(at).is_none();
    let is_rounded = || match (sent.at(at).and_then(|it| it.float()), back.at(at).and_then(|it| it.float())) {
        (Some(sent), Some(back)) => sent == back,
        _ => false,
    };
    let has_64_bits = || {
        let sent = sent.at(at).and_then(|it| it.to_string().parse::<i128>().ok());
        sent.is_some_and(|sent| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&sent))
    };
    is_unknown_member || (is_rounded() && !has_64_bits())
}

fn known(sent: &Sent) -> Vec<Known> {
    let exact = sent.states.iter().filter_map(|sent| Exact::of(&sent.state).ok());
    exact.map(|state| Known { scope: scope_of(&state), state: state.without(ADDED), is_back: false }).collect()
}

/// What our own states bear, to be told apart whatever becomes of them.
fn mark(state: &Exact) -> Option<Exact> {
    state.at("/stream/stream_state/airproof").or_else(|| state.at("/global/shared_state/airproof"))
}

fn scope_of(state: &Exact) -> String {
    let text = |pointer: &str| state.at(pointer).and_then(|it| it.text().map(str::to_owned));
    match text("/stream/stream_descriptor/name") {
        Some(name) => named(&name, text("/stream/stream_descriptor/namespace").as_deref()),
        None => String::new(),
    }
}

fn scope(message: &StateMessage) -> String {
    match &message.scope {
        StateScope::Stream { descriptor, .. } => named(&descriptor.name, descriptor.namespace.as_deref()),
        _ => String::new(),
    }
}

fn named(name: &str, namespace: Option<&str>) -> String {
    format!("{}\u{0}{name}", namespace.unwrap_or_default())
}
