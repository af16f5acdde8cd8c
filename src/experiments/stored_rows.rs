//! Looking at stored rows.

use crate::feed::{Exact, Row};
use crate::text;

/// The values of the field `id` as text, in order; a row without one counts as `?`.
pub(super) fn ids(rows: &[Row]) -> Vec<String> {
    // Where every column is a text, a number is the text of it.
    let mut ids: Vec<String> = values(rows, "id").iter().map(|id| id.trim_matches('"').to_owned()).collect();
    ids.sort_by_key(|id| (id.len(), id.clone()));
    ids
}

/// Those of the ids of which there is no row.
pub(super) fn missing(rows: &[Row], wanted: impl IntoIterator<Item = u64>) -> Vec<String> {
    missing_of(&ids(rows), wanted)
}

/// Those of the ids that are not among these.
pub(super) fn missing_of(found: &[String], wanted: impl IntoIterator<Item = u64>) -> Vec<String> {
    wanted.into_iter().map(|id| id.to_string()).filter(|id| !found.contains(id)).collect()
}

/// The values of a field as text, in the rows' order.
pub(super) fn values(rows: &[Row], field: &str) -> Vec<String> {
    rows.iter().map(|row| row.get(field).map_or_else(|| "?".to_owned(), Exact::to_string)).collect()
}

/// The texts of a field, in order; a row without one counts as `?`.
pub(super) fn texts(rows: &[Row], field: &str) -> Vec<String> {
    let text = |row: &Row| row.get(field).and_then(Exact::text).unwrap_or("?").to_owned();
    let mut texts: Vec<String> = rows.iter().map(text).collect();
    texts.sort();
    texts
}

/// The row with that number as its `id`, which may be stored as a text.
pub(super) fn row_of(rows: &[Row], id: u64) -> Option<&Row> {
    let number = id.to_string();
    rows.iter().find(|row| row.get("id").is_some_and(|id| id.to_string().trim_matches('"') == number))
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

/// Some texts in a sentence: `"a", "b"`, `nothing`.
pub(super) fn quoted(texts: &[String]) -> String {
    const TOLD: usize = 12;
    if texts.is_empty() {
        return "nothing".to_owned();
    }
    let shown = texts.iter().take(TOLD).map(|text| format!("\"{}\"", text::shorten(&text::visible(text), 60)));
    let shown = shown.collect::<Vec<_>>().join(", ");
    if texts.len() > TOLD { format!("{shown} and {} more", texts.len() - TOLD) } else { shown }
}

/// A stored value, short enough for a sentence.
pub(super) fn shown(value: Option<&Exact>) -> String {
    let Some(value) = value else { return "no such field".to_owned() };
    match value.text() {
        // The text itself may be megabytes.
        Some(text) if text.len() > 200 => format!("a text of {}", text::bytes(text.len() as u64)),
        _ => text::shorten(&text::visible(&value.to_string()), 80),
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
