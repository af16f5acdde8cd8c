//! Values of every type that a source may declare: those that every destination has to keep, and those at the bounds, which
//! it may null if it says so.

use super::stored_values::Form;
use serde_json::{Value, json};

/// A field, its type, and values of it.
pub(super) struct TypedField {
    /// Its name.
    pub name: &'static str,
    /// How its values may change their form.
    pub form: Form,
    /// Its schema.
    pub schema: Value,
    /// What any destination can hold, as JSON.
    pub ordinary: Vec<String>,
    /// What some column types can't hold.
    pub extreme: Vec<String>,
}

impl TypedField {
    fn of(name: &'static str, form: Form, schema: Value, ordinary: &[&str], extreme: &[&str]) -> TypedField {
        let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        TypedField { name, form, schema, ordinary: owned(ordinary), extreme: owned(extreme) }
    }

    /// All values; the ordinary ones first.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.ordinary.iter().chain(&self.extreme).map(String::as_str)
    }
}

fn text(format: &str, airbyte_type: Option<&str>) -> Value {
    let mut schema = json!({"type": ["null", "string"], "format": format});
    if let Some(airbyte_type) = airbyte_type {
        schema["airbyte_type"] = json!(airbyte_type);
    }
    schema
}

/// Everything that has one type.
pub(super) fn scalars() -> Vec<TypedField> {
    let mut fields = vec![texts(), integers("whole", json!({"type": ["null", "integer"]})), numbers()];
    fields.push(integers("whole_number", json!({"type": ["null", "number"], "airbyte_type": "integer"})));
    fields.push(TypedField::of("flag", Form::Boolean, json!({"type": ["null", "boolean"]}), &["true", "false"], &[]));
    let bytes = json!({"type": ["null", "string"], "contentEncoding": "base64"});
    fields.push(TypedField::of("bytes", Form::Binary, bytes, &[r#""AA==""#, r#""3q2+7w==""#], &[]));
    fields.extend(moments());
    fields.extend(containers());
    fields
}

fn texts() -> TypedField {
    let plain = [r#""""#, r#""foo""#, r#""007""#, r#""null""#, "\"é\"", r#""e\u0301""#, "\"😀\"", r#""a\nb\tc""#];
    let odd = [r#""\u202Eabc""#, r#""\\\"'`""#, r#""  spaces ""#, r#""{\"a\":1}""#];
    let mut field = TypedField::of("text", Form::Plain, json!({"type": ["null", "string"]}), &plain, &[]);
    field.ordinary.extend(odd.map(str::to_owned));
    field.ordinary.push(format!("\"{}\"", "0123456789".repeat(100)));
    field
}

fn integers(name: &'static str, schema: Value) -> TypedField {
    let ordinary = ["0", "42", "-1", "2147483647", "-2147483648", "2147483648", "9007199254740991", "9007199254740993"];
    let extreme = ["9223372036854775807", "-9223372036854775808", "9223372036854775808"];
    let mut field = TypedField::of(name, Form::Integer, schema, &ordinary, &extreme);
    field.extreme.extend([38, 39].map(|digits| "9".repeat(digits)));
    field
}

fn numbers() -> TypedField {
    let ordinary = ["0", "-0.0", "1", "123.4", "0.1", "1e-7", "1E+2", "-1234.5678"];
    let extreme = [
        "1234567890.1234567890123456789",
        "99999999999999999999999999999.999999999",
        "1.4e-45",
        "3.4028235e38",
        "1.7976931348623157e308",
        "4.9e-324",
    ];
    TypedField::of("number", Form::Number, json!({"type": ["null", "number"]}), &ordinary, &extreme)
}

fn moments() -> Vec<TypedField> {
    let with_zone = ["2022-11-22T01:23:45Z", "2022-11-22T01:23:45.1Z", "2022-11-22T01:23:45.123456+05:00"];
    let old = ["1969-12-31T23:59:59.999Z", "2038-01-19T03:14:08Z"];
    let zoned: Vec<String> = with_zone.iter().chain(&old).map(|text| format!("\"{text}\"")).collect();
    let zoned: Vec<&str> = zoned.iter().map(String::as_str).collect();
    let bounds =
        [r#""2022-11-22T01:23:45Z BC""#, r#""9999-12-31T23:59:59Z""#, r#""2022-11-22T01:23:45.123456789-11:30""#];
    let local = [r#""2022-11-22T01:23:45""#, r#""2022-11-22T01:23:45.123456""#];
    let clock = [r#""01:23:45""#, r#""01:23:45.123456""#, r#""23:59:59.999999""#];
    let zoned_clock = [r#""01:23:45Z""#, r#""00:00:00Z""#, r#""01:23:45.123456+05:00""#];
    let late = [r#""23:59:59.999999-11:30""#];
    let days = [r#""2021-01-23""#, r#""2024-02-29""#, r#""1970-01-01""#];
    let far = [r#""0001-01-01""#, r#""9999-12-31""#, r#""2021-01-23 BC""#, r#""1582-10-10""#];
    let bc = [r#""2022-11-22T01:23:45.123456 BC""#];
    let field = TypedField::of;
    vec![
        field("day", Form::Date, text("date", None), &days, &far),
        field("moment", Form::Moment, text("date-time", Some("timestamp_with_timezone")), &zoned, &bounds),
        field("moment_plain", Form::Moment, text("date-time", None), &zoned[..2], &[]),
        field("moment_local", Form::Moment, text("date-time", Some("timestamp_without_timezone")), &local, &bc),
        field("clock", Form::Time, text("time", Some("time_with_timezone")), &zoned_clock, &late),
        field("clock_local", Form::Time, text("time", Some("time_without_timezone")), &clock, &[]),
    ]
}

fn containers() -> [TypedField; 2] {
    let list = json!({"type": ["null", "array"], "items": {"type": ["null", "integer"]}});
    let number = json!({"type": ["null", "integer"]});
    let object = json!({"type": ["null", "object"], "properties": {"a": number, "b": {"type": ["null", "string"]}}});
    [
        TypedField::of("list", Form::Json, list, &["[]", "[1,2,3]"], &["[null,1]"]),
        TypedField::of("object", Form::Json, object, &[r#"{"a":1,"b":"x"}"#], &[]),
    ]
}

/// Values of one of several types.
pub(super) fn unions() -> Vec<TypedField> {
    let types = json!({"type": ["null", "string", "object"]});
    let branches = json!({"oneOf": [{"type": "null"}, {"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]});
    let any = ["array", "object", "number", "string", "boolean"].map(|name| json!({"type": name}));
    let column = json!({"type": "object", "oneOf": any, "airbyte_type": "json"});
    vec![
        TypedField::of("types", Form::Json, types, &[r#""x""#, r#"{"a":[1,null]}"#], &[]),
        TypedField::of("branches", Form::Json, branches, &[r#""x""#, "5", "[1,2]"], &[]),
        TypedField::of("json", Form::Json, column, &[r#"{"a":1}"#, "[1,\"x\"]", "7", "true", r#""x""#], &[]),
    ]
}

/// Values without a declared type.
pub(super) fn untyped() -> Vec<TypedField> {
    let objects = [r#"{"any":[100000,{"x":null}]}"#, r#"{"a":{"b":true}}"#];
    let object = |name: &'static str, schema: Value| TypedField::of(name, Form::Json, schema, &objects, &[]);
    let array = json!({"type": ["null", "array"]});
    vec![
        TypedField::of("array", Form::Json, array, &[r#"["151",152,true,{"id":1},null]"#, "[]"], &[]),
        object("no_properties", json!({"type": ["null", "object"]})),
        object("empty_properties", json!({"type": ["null", "object"], "properties": {}})),
        object("open_properties", json!({"type": ["null", "object"], "additionalProperties": true})),
        TypedField::of("anything", Form::Json, json!({}), &["5", "\"x\"", "[1]", r#"{"a":1}"#], &[]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::types::{Grade, TypedSchema};

    #[test]
    fn each_value_is_of_its_type() {
        for field in scalars().into_iter().chain(unions()).chain(untyped()) {
            let typed = TypedSchema::compile(&json!({"type": "object", "properties": {"v": field.schema}}));
            for value in field.values() {
                let found = typed.walk(&format!("{{\"v\":{value}}}"));
                let is_wrong = found.misfits.iter().any(|misfit| misfit.grade == Grade::Wrong);
                assert!(!is_wrong, "{}: {value}", field.name);
                assert!(crate::feed::Exact::of(value).is_ok(), "{value}");
            }
        }
    }
}
