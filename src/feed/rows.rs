//! What a destination has stored, as a reader shows it: rows, told apart from what the destination adds to them.

use super::Exact;
use crate::protocol::scan::with_pairs_only;
use indexmap::IndexMap;
use serde_json::Value;
use serde_json::value::RawValue;

/// What a destination's own columns are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The id of the row.
    pub raw_id: String,
    /// When the record was emitted.
    pub extracted_at: String,
    /// What was changed of the record, and the id of the sync.
    pub meta: String,
    /// The generation of the row.
    pub generation_id: String,
    /// The column that holds the whole record, as JSON or as its text; None where each field has a column of its own.
    pub data: Option<String>,
}

impl Default for Columns {
    fn default() -> Self {
        Columns {
            raw_id: "_airbyte_raw_id".to_owned(),
            extracted_at: "_airbyte_extracted_at".to_owned(),
            meta: "_airbyte_meta".to_owned(),
            generation_id: "_airbyte_generation_id".to_owned(),
            data: None,
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The record, field by field.
    pub data: IndexMap<String, Exact>,
    /// `_airbyte_raw_id`.
    pub raw_id: Option<String>,
    /// `_airbyte_extracted_at`, as it is shown.
    pub extracted_at: Option<Value>,
    /// `_airbyte_meta`.
    pub meta: Option<Value>,
    /// `_airbyte_generation_id`.
    pub generation_id: Option<i64>,
}

impl Row {
    /// The row on a line of a reader. Errs with what is wrong with it.
    pub fn parse(line: &str, columns: &Columns) -> Result<Row, String> {
        // Half a surrogate pair is no text, but what a destination stores is not ours to refuse.
        let paired = with_pairs_only(line);
        let line = paired.as_deref().unwrap_or(line);
        let mut members: IndexMap<String, &RawValue> =
            serde_json::from_str(line).map_err(|error| format!("it is no JSON object: {error}"))?;
        let mut take = |name: &str| members.shift_remove(name).filter(|value| value.get() != "null");
        let value = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).unwrap_or_default();
        let raw_id = take(&columns.raw_id).map(value);
        let raw_id = raw_id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let (extracted_at, meta) = (take(&columns.extracted_at).map(value), take(&columns.meta).map(value));
        let generation_id = take(&columns.generation_id).map(value).and_then(|id| match &id {
            Value::String(text) => text.parse().ok(),
            number => number.as_i64(),
        });
        let data = match &columns.data {
            None => {
                members.retain(|name, _| !name.starts_with("_airbyte_"));
                fields(members)?
            }
            Some(column) => {
                let whole = take(column).ok_or_else(|| format!("it has no member `{column}`"))?;
                let text = serde_json::from_str::<String>(whole.get()).unwrap_or_else(|_| whole.get().to_owned());
                let members = serde_json::from_str(&text).map_err(|_| format!("its `{column}` is no JSON object"))?;
                fields(members)?
            }
        };
        Ok(Row { data, raw_id, extracted_at, meta: meta.map(unpacked), generation_id })
    }

    /// The value of a field: by its name, or by the name that is left when case and all but letters and digits are.
    pub fn get(&self, field: &str) -> Option<&Exact> {
        let plain =
            |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let alike = || self.data.iter().find(|(name, _)| plain(name) == plain(field)).map(|(_, value)| value);
        self.data.get(field).or_else(alike)
    }

    /// What `_airbyte_meta` says was done to a field: the change and the reason.
    pub fn change_of(&self, field: &str) -> Option<(&str, &str)> {
        let changes = self.meta.as_ref()?.get("changes")?.as_array()?;
        let is_it = |change: &&Value| change.get("field").and_then(Value::as_str) == Some(field);
        let change = changes.iter().find(is_it)?;
        let text = |key: &str| change.get(key).and_then(Value::as_str).unwrap_or_default();
        Some((text("change"), text("reason")))
    }

    /// The id of the sync that wrote it.
    pub fn sync_id(&self) -> Option<i64> {
        self.meta.as_ref()?.get("sync_id")?.as_i64()
    }
}

fn fields(members: IndexMap<String, &RawValue>) -> Result<IndexMap<String, Exact>, String> {
    let exact = |(name, raw): (String, &RawValue)| Ok((name, Exact::of(raw.get())?));
    members.into_iter().map(exact).collect::<Result<_, _>>().map_err(|error: serde_json::Error| error.to_string())
}

/// JSON, or the JSON that a text holds.
fn unpacked(value: Value) -> Value {
    match &value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_apart_from_what_the_destination_adds() {
        let line = r#"{"id":1,"my_field":"x","_airbyte_raw_id":"u","_airbyte_generation_id":"3","_airbyte_loaded_at":0,
            "_airbyte_meta":"{\"sync_id\":7,\"changes\":[{\"field\":\"id\",\"change\":\"NULLED\",\"reason\":\"R\"}]}"}"#;
        let row = Row::parse(line, &Columns::default()).expect("a row");
        assert_eq!((row.generation_id, row.sync_id(), row.raw_id.as_deref()), (Some(3), Some(7), Some("u")));
        assert_eq!((row.change_of("id"), row.data.len()), (Some(("NULLED", "R")), 2));
        assert_eq!(row.get("My Field").and_then(Exact::text), Some("x"));
        let raw = Columns { data: Some("_airbyte_data".to_owned()), ..Columns::default() };
        let row = Row::parse(r#"{"_airbyte_data":"{\"id\":9007199254740993}"}"#, &raw).expect("a row");
        assert_eq!(row.get("id"), Exact::of("9007199254740993").ok().as_ref());
        assert!(Row::parse(r#"{"a":"\ud800"}"#, &Columns::default()).is_ok());
        assert!(Row::parse("{}", &raw).is_err() && Row::parse("[]", &raw).is_err());
    }
}
