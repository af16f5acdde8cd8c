//! "Did you mean": the known word that an unknown one was most likely meant to be.

/// The candidate nearest to `word`, if one is near enough to be worth naming.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= (candidate.chars().count().max(word.chars().count()) / 3).clamp(1, 4)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The candidates nearest to `word`, at most `limit`: those that are near enough, those that contain it, in that order.
pub fn near<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>, limit: usize) -> Vec<&'c str> {
    let lower = word.to_lowercase();
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let known = candidate.to_lowercase();
            let distance = strsim::osa_distance(&lower, &known);
            let is_near = distance <= known.chars().count() / 2 || (lower.len() > 2 && known.contains(&lower));
            is_near.then_some((distance, candidate))
        })
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(limit).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("scenarois", ["connector", "scenarios"]), Some("scenarios"));
        assert_eq!(nearest("IMAGE", ["image"]), Some("image"));
        assert_eq!(nearest("banana", ["connector", "scenarios"]), None);
    }
}
