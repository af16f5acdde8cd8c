//! How many launches experiments ask for, at most, before any of them is made.

use super::{Experiment, Launches};
use crate::suite::{Depth, Destination, Scenario};

/// What a suite gives, without which some launches are not made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Occasion {
    /// Changes of the data.
    pub changes: bool,
    /// A state of the future.
    pub future_state: bool,
    /// A previous version.
    pub previous: bool,
    /// Another version with which all is compared.
    pub control: bool,
    /// How many sets of data of the author's own.
    pub own_data: usize,
}

impl Occasion {
    /// What a scenario gives, and how the connector is tested as a destination.
    pub fn of(scenario: &Scenario, destination: Option<&Destination>) -> Occasion {
        let future = scenario.expected.future_state.as_ref();
        let future_state = future.is_some_and(|future| future.state.is_some());
        Occasion {
            changes: !scenario.changes.is_empty(),
            future_state,
            previous: scenario.previous.is_some(),
            control: scenario.previous.as_ref().is_some_and(|previous| previous.is_control),
            own_data: destination.map_or(0, |destination| destination.data.len()),
        }
    }

    /// What either gives.
    pub fn or(self, other: Occasion) -> Occasion {
        Occasion {
            changes: self.changes || other.changes,
            future_state: self.future_state || other.future_state,
            previous: self.previous || other.previous,
            control: self.control || other.control,
            own_data: self.own_data.max(other.own_data),
        }
    }

    fn is_for(self, launches: &Launches) -> bool {
        (self.changes || !launches.after_changes)
            && (self.future_state || !launches.from_future)
            && (self.previous || !launches.of_previous)
            && (self.control || !launches.of_control)
            && (self.own_data > 0 || !launches.of_own_data)
    }

    /// The launches with their numbers, as far as those follow from what the suite gives.
    fn counted(self, launches: Launches) -> Launches {
        let most = if launches.of_own_data { (self.own_data, self.own_data) } else { launches.most };
        Launches { most, ..launches }
    }
}

/// The launches that these experiments ask for in a suite of that depth, each once, with the codes of those that ask for it.
pub fn launches_of(made: &[&Experiment], depth: Depth, occasion: Occasion) -> Vec<(Launches, Vec<&'static str>)> {
    let mut asked: Vec<(Launches, Vec<&'static str>)> = Vec::new();
    for known in made {
        let is_asked = |it: &&Launches| it.most_in(depth) > 0 && occasion.is_for(it);
        for launches in known.launches.iter().filter(is_asked).map(|launches| occasion.counted(*launches)) {
            let code = known.statement.code;
            match asked.iter_mut().find(|(other, _)| other.id == launches.id) {
                Some((other, codes)) => {
                    other.on_doubt &= launches.on_doubt;
                    other.most = (other.most.0.max(launches.most.0), other.most.1.max(launches.most.1));
                    codes.push(code);
                }
                None => asked.push((launches, vec![code])),
            }
        }
    }
    asked
}

/// The most of these launches, but for those that are made only to confirm a fault.
pub fn most_of(asked: &[(Launches, Vec<&'static str>)], depth: Depth) -> usize {
    asked.iter().filter(|(launches, _)| !launches.on_doubt).map(|(launches, _)| launches.most_in(depth)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::ALL;

    fn of_sources(depth: Depth) -> Vec<&'static Experiment> {
        ALL.iter().copied().filter(|known| known.depth <= depth && known.is_made_of(false)).collect()
    }

    #[test]
    fn a_standard_suite_makes_at_most_twenty_launches() {
        // spec, check, discover, full refresh, incremental
        const BASE: usize = 5;
        let made: Vec<&Experiment> = of_sources(Depth::Standard);
        let asked = launches_of(&made, Depth::Standard, Occasion::default());
        let most = BASE + most_of(&asked, Depth::Standard);
        assert!(most <= 20, "{most}: {asked:#?}");
        let quick: Vec<&Experiment> = of_sources(Depth::Quick);
        let most_occasion = |occasion: Occasion| most_of(&launches_of(&quick, Depth::Quick, occasion), Depth::Quick);
        assert_eq!(most_occasion(Occasion::default()), 0);
        assert_eq!(most_occasion(Occasion { previous: true, ..Occasion::default() }), 2);
    }
}
