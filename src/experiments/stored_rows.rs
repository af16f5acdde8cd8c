//! Looking at stored rows.

use crate::feed::{Exact, Row};

/// The values of the field `id` as text, in order; a row without one counts as `?`.
pub(super) fn ids(rows: &[Row]) -> Vec<String> {
    // Where every column is a text, a number is the text of it.
    let mut ids: Vec<String> = values(rows, "id").iter().map(|id| id.trim_matches('"').to_owned()).collect();
    ids.sort_by_key(|id| (id.len(), id.clone()));
    ids
}

/// Those of the ids of which there is no row.
pub(super) fn missing(rows: &[Row], wanted: impl IntoIterator<Item = u64>) -> Vec<String> {
    let found = ids(rows);
    wanted.into_iter().map(|id| id.to_string()).filter(|id| !found.contains(id)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Columns;

    #[test]
    fn an_id_is_the_same_as_a_number_and_as_a_text() {
        let row = |line: &str| Row::parse(line, &Columns::default()).expect("a row");
        let rows = [row(r#"{"id":10}"#), row(r#"{"id":"2"}"#), row("{}")];
        assert_eq!(ids(&rows), ["2", "?", "10"]);
        assert_eq!(missing(&rows, 1..=3), ["1", "3"]);
    }
}
