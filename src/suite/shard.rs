//! A part of a suite, for machines that share the work: `hash:1/4` or `slice:1/4`.

use super::Suite;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The most parts that a suite can be split into.
const MOST: u32 = 10_000;

/// One of several parts of a suite. The same suite and the same words always name the same part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// How what is in it is chosen.
    pub way: Way,
    /// Which it is, from one.
    pub place: u32,
    /// How many there are.
    pub of: u32,
}

/// How what is in a shard is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the place in the suite: each n-th. Even, and another one once something is added in the middle.
    Slice,
    /// By the name alone. Stays as long as the name does, whatever is added; not always even.
    Hash,
}

impl Shard {
    /// Whether what has that name, at that place from zero on, is in it.
    pub fn takes(self, place: usize, name: &str) -> bool {
        let number = match self.way {
            Way::Slice => place as u64,
            Way::Hash => {
                let digest = Sha256::digest(name.as_bytes());
                digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
            }
        };
        number % u64::from(self.of) == u64::from(self.place - 1)
    }

    /// Leaves of suites what is in the shard: whole connectors where there are several, else scenarios of the one.
    pub fn take(self, suites: Vec<Suite>) -> Taken {
        let units = match suites.as_slice() {
            [only] => only.scenarios.len(),
            several => several.len(),
        };
        let mut other_scenarios = Vec::new();
        let mut suites = suites;
        match suites.as_mut_slice() {
            [only] => {
                let mut place = 0;
                only.scenarios.retain(|scenario| {
                    let is_taken = self.takes(place, &scenario.name);
                    place += 1;
                    if !is_taken {
                        other_scenarios.push(scenario.id().to_owned());
                    }
                    is_taken
                });
                suites.retain(|suite| !suite.scenarios.is_empty());
            }
            _ => {
                let mut place = 0;
                suites.retain(|suite| {
                    place += 1;
                    self.takes(place - 1, &suite.name)
                });
            }
        }
        Taken { suites, other_scenarios, units }
    }
}

/// What a shard leaves of suites.
pub struct Taken {
    /// What is to be run; empty where others have it all.
    pub suites: Vec<Suite>,
    /// The ids of scenarios that are in other shards, where it is scenarios that were split.
    pub other_scenarios: Vec<String>,
    /// How many connectors or scenarios there are in all shards.
    pub units: usize,
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.way {
            Way::Slice => "slice",
            Way::Hash => "hash",
        };
        write!(out, "{way}:{}/{}", self.place, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || "a shard is `slice:1/4` or `hash:1/4`: the first of four parts".to_owned();
        let (way, numbers) = text.split_once(':').ok_or_else(wrong)?;
        let way = match way {
            "slice" => Way::Slice,
            "hash" => Way::Hash,
            _ => return Err(wrong()),
        };
        let (place, of) = numbers.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let (place, of) = (number(place)?, number(of)?);
        if place == 0 || place > of {
            return Err(format!("there is no part {place} of {of}: they are counted from 1 to {of}"));
        }
        if of > MOST {
            return Err(format!("{of} parts are more than {MOST}"));
        }
        Ok(Shard { way, place, of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(text: &str) -> Shard {
        text.parse().expect("a shard")
    }

    #[test]
    fn each_name_is_in_one_shard_and_hash_does_not_mind_the_place() {
        for way in ["slice", "hash"] {
            for place in 0..50 {
                let name = format!("scenario {place}");
                let takers = (1..=4).filter(|at| shard(&format!("{way}:{at}/4")).takes(place, &name)).count();
                assert_eq!(takers, 1, "{way} {name}");
            }
        }
        assert!((0..9).all(|place| shard("hash:1/3").takes(place, "eu") == shard("hash:1/3").takes(0, "eu")));
        let of_first = (0..8).filter(|place| shard("slice:1/4").takes(*place, "any")).collect::<Vec<_>>();
        assert_eq!(of_first, [0, 4], "a slice is every n-th");
    }

    #[test]
    fn what_is_no_shard_is_told() {
        assert_eq!(shard("hash:4/4").to_string(), "hash:4/4");
        for text in ["", "1/4", "hash:1", "hash:a/b", "count:1/4", "hash:-1/4"] {
            assert!(text.parse::<Shard>().expect_err("no shard").contains("hash:1/4"), "{text}");
        }
        assert!("hash:5/4".parse::<Shard>().expect_err("no shard").contains("from 1 to 4"));
        assert!("slice:0/4".parse::<Shard>().expect_err("no shard").contains("no part 0"));
    }
}
