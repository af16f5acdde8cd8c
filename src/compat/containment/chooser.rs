//! Choices that are made while an instance is made: the usual one of each, but for those that are to be otherwise.

use std::collections::BTreeMap;

/// Numbers that look random, the same for the same start (splitmix64).
#[derive(Debug, Clone)]
pub(super) struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of so many; 0 where there are none.
    pub fn below(&mut self, count: usize) -> usize {
        let count = count.max(1) as u64;
        usize::try_from(self.next() % count).unwrap_or_default()
    }
}

/// What a choice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Whether an optional member is there: the first option is that it is.
    Presence,
    /// Which branch or kind: what follows depends on it.
    Branch,
    /// Which value.
    Content,
}

/// A choice that was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub about: About,
    pub options: usize,
    pub taken: usize,
}

/// Makes choices, and remembers them.
pub(super) struct Chooser {
    /// Choices, by their place in the order, that are to be otherwise.
    pub otherwise: BTreeMap<usize, usize>,
    /// Whether optional members are left out unless otherwise, but for those that are wanted.
    pub is_sparse: bool,
    /// Where choices are made by chance.
    pub chance: Option<Chance>,
    pub made: Vec<Made>,
}

impl Chooser {
    /// Whether an optional member is to be there.
    pub fn is_present(&mut self, is_wanted: bool) -> bool {
        let usual = if self.is_sparse && !is_wanted { 1 } else { 0 };
        self.decide(About::Presence, 2, usual) == 0
    }

    /// One of so many options: the first, unless otherwise.
    pub fn choose(&mut self, about: About, options: usize) -> usize {
        self.decide(about, options, 0)
    }

    fn decide(&mut self, about: About, options: usize, usual: usize) -> usize {
        let place = self.made.len();
        let by_chance = self.chance.as_mut().and_then(|chance| (chance.below(3) == 0).then(|| chance.below(options)));
        let wanted = self.otherwise.get(&place).copied().or(by_chance).unwrap_or(usual);
        let taken = wanted.min(options.saturating_sub(1));
        self.made.push(Made { about, options, taken });
        taken
    }
}
