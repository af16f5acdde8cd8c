//! Looking at stored rows.

use crate::feed::{Exact, Row};

/// The values of the field `id` as text, in order; a row without one counts as `?`.
pub(super) fn ids(rows: &[Row]) -> Vec<String> {
    let mut ids = values(rows, "id");
    ids.sort_by_key(|id| (id.len(), id.clone()));
    ids
}

/// The values of a field as text, in the rows' order.
pub(super) fn values(rows: &[Row], field: &str) -> Vec<String> {
    rows.iter().map(|row| row.get(field).map_or_else(|| "?".to_owned(), Exact::to_string)).collect()
}

/// Some of these in a sentence: `the ids 1 2 3`, `nothing`.
pub(super) fn told(ids: &[String]) -> String {
    const TOLD: usize = 20;
    match ids {
        [] => "nothing".to_owned(),
        ids if ids.len() > TOLD => format!("the ids {} and {} more", ids[..TOLD].join(" "), ids.len() - TOLD),
        ids => format!("the ids {}", ids.join(" ")),
    }
}
