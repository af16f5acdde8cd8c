//! How many launches experiments ask for, at most, before any of them is made.

use super::{Experiment, Given, Launches};
use crate::suite::Depth;

/// The launches that these experiments ask for in a suite of that depth, each once, with the codes of those that ask for it.
/// `given` is what the suite has for those that need something.
pub fn launches_of(made: &[&Experiment], depth: Depth, given: Given) -> Vec<(Launches, Vec<&'static str>)> {
    let mut asked: Vec<(Launches, Vec<&'static str>)> = Vec::new();
    for known in made {
        let is_asked = |it: &&Launches| it.most_in(depth) > 0 && it.has_what_it_needs(given);
        for launches in known.launches.iter().filter(is_asked) {
            let code = known.statement.code;
            match asked.iter_mut().find(|(other, _)| other.id == launches.id) {
                Some((other, codes)) => {
                    other.on_doubt &= launches.on_doubt;
                    other.most = (other.most.0.max(launches.most.0), other.most.1.max(launches.most.1));
                    codes.push(code);
                }
                None => asked.push((*launches, vec![code])),
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

    #[test]
    fn a_standard_suite_makes_at_most_twenty_launches() {
        // spec, check, discover, full refresh, incremental
        const BASE: usize = 5;
        let made: Vec<&Experiment> = ALL.iter().copied().filter(|known| known.depth <= Depth::Standard).collect();
        let asked = launches_of(&made, Depth::Standard, Given::default());
        let most = BASE + most_of(&asked, Depth::Standard);
        assert!(most <= 20, "{most}: {asked:#?}");
        let quick: Vec<&Experiment> = ALL.iter().copied().filter(|known| known.depth <= Depth::Quick).collect();
        let most_given = |given: Given| most_of(&launches_of(&quick, Depth::Quick, given), Depth::Quick);
        assert_eq!(most_given(Given::default()), 0);
        assert_eq!(most_given(Given { previous: true, ..Given::default() }), 2);
    }
}
