//! The vectors of the type system: for each type, values that are of it and values that are not, and how each is told.

use super::*;
use crate::protocol::schema::{CompiledSchema, Glance};
use serde_json::{Value, json};

mod moments;

/// How a value is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Not at all.
    Fine,
    /// As a misfit.
    As(Fault, Grade),
    /// By the validator alone.
    Schema,
}
use Fault::*;
use Grade::*;
use Told::{As, Fine, Schema};

/// How a value in the field `v` with that schema is told.
fn told(schema: &Value, written: &str) -> Told {
    let stream = json!({"type": "object", "properties": {"v": schema}});
    let data = format!("{{\"v\":{written}}}");
    let typed = TypedSchema::compile(&stream).walk(&data);
    let valid = serde_json::from_str(&data).is_ok_and(|data| {
        CompiledSchema::compile(&stream).expect("a schema").accepts(&data)
            || AirbyteType::of(schema) == AirbyteType::Jsonb
    });
    let is_sure = Glance::compile(&stream).accepts(&data);
    let told = match typed.misfits.as_slice() {
        [] if valid => Fine,
        [] => Schema,
        [one] => As(one.fault, one.grade),
        more => panic!("{written} makes several misfits: {more:?}"),
    };
    assert!(!is_sure || told == Fine, "{schema}: the glance takes {written}, which is told as {told:?}");
    told
}

/// Checks values of a type in each of its spellings, and the same where null is allowed, too.
fn check(airbyte_type: AirbyteType, spellings: &[Value], vectors: &[(Told, &[&str])]) {
    for spelling in spellings {
        let mut nullable = spelling.clone();
        nullable["type"] = json!(["null", spelling["type"]]);
        let branches = json!({"oneOf": [{"type": "null"}, spelling]});
        for schema in [spelling, &nullable, &branches] {
            assert_eq!(AirbyteType::of(schema), airbyte_type, "{schema}");
            for (expected, values) in vectors {
                for written in *values {
                    assert_eq!(told(schema, written), *expected, "{schema}: {written}");
                }
            }
        }
        assert_eq!(told(spelling, "null"), As(Null, Wrong), "{spelling}");
        assert_eq!(told(&nullable, "null"), Fine, "{nullable}");
        assert_eq!(told(&branches, "null"), Fine, "{branches}");
    }
}

#[test]
fn strings() {
    let long = format!("\"{}\"", "x".repeat(1 << 20));
    let fine = [
        r#""""#,
        r#""foo""#,
        r#""007""#,
        r#""null""#,
        "\"é\"",
        r#""e\u0301""#,
        "\"😀\"",
        r#""\u202Eabc""#,
        r#""a\nb\tc""#,
        r#""\\\"""#,
        long.as_str(),
    ];
    let schema: &[&str] = &["0", "true", "{}", "[]"];
    check(AirbyteType::String, &[json!({"type": "string"})], &[(Fine, &fine), (Schema, schema)]);
}

#[test]
fn booleans() {
    let wrong: &[&str] = &[r#""true""#, r#""True""#, "0", "1", r#""yes""#, "{}", "[true]"];
    let vectors: &[(Told, &[&str])] = &[(Fine, &["true", "false"]), (As(Boolean, Wrong), wrong)];
    check(AirbyteType::Boolean, &[json!({"type": "boolean"})], vectors);
}

#[test]
fn integers() {
    let (nines, longer) = ("9".repeat(38), "1".repeat(39));
    let fine: &[&str] = &[
        "0",
        "-0",
        "42",
        "2147483647",
        "-2147483648",
        "2147483648",
        "9007199254740991",
        "-9007199254740991",
        "999999999999999",
    ];
    let beyond_double: &[&str] =
        &["9007199254740993", "9007199254740992", "9223372036854775807", "-9223372036854775808", "-9007199254740992"];
    let beyond: &[&str] = &["9223372036854775808", "-9223372036854775809", &nines, &longer, "-99999999999999999999"];
    let vectors: &[(Told, &[&str])] = &[
        (Fine, fine),
        (As(Range, Note), beyond_double),
        (As(Range, Tolerated), beyond),
        (As(Fraction, Tolerated), &["1.0", "1e3", "1.50E1", "100e-2", "0.0", "-0.0e9"]),
        (
            As(Fraction, Wrong),
            &["1.5", "1e400", "1e-1", "0.1", "15e-1", "9007199254740993.5", "1e99999999999999999999"],
        ),
        (As(NoNumber, Wrong), &[r#""42""#, "true", r#""NaN""#, "{}", "[1]"]),
    ];
    let spellings = [json!({"type": "integer"}), json!({"type": "number", "airbyte_type": "integer"})];
    check(AirbyteType::Integer, &spellings, vectors);
    let vectors: &[(Told, &[&str])] = &[
        (Fine, &[r#""12345678901234567890123456789012345678""#, r#""-5""#]),
        (As(Fraction, Tolerated), &[r#""1.0""#, r#""abc""#, r#""""#]),
        (Schema, &["12"]),
    ];
    check(AirbyteType::BigInteger, &[json!({"type": "string", "airbyte_type": "big_integer"})], vectors);
}

#[test]
fn numbers() {
    let fine: &[&str] = &[
        "0",
        "-0.0",
        "1",
        "123.4",
        "1e-7",
        "1E+2",
        "1.4e-45",
        "3.4028235e38",
        "1.7976931348623157e308",
        "0.1",
        "1.0",
        "100000000000000000000000",
        "0.00000000000000000000000012",
    ];
    let precise: &[&str] = &[
        "1234567890.1234567890123456789",
        "99999999999999999999999999999.999999999",
        "123456789012345678",
        "0.1234567890123456789e-3",
    ];
    let vectors: &[(Told, &[&str])] = &[
        (Fine, fine),
        (As(Precision, Note), precise),
        (As(Precision, Note), &["4.9e-324", "1e-310", "1e-400"]),
        (As(Precision, Tolerated), &["1e400", "-1.8e308"]),
        (As(NoNumber, Wrong), &[r#""1.5""#, r#""NaN""#, "false", "[]"]),
    ];
    check(AirbyteType::Number, &[json!({"type": "number"})], vectors);
    // These are no JSON: no line that holds one is a message.
    for written in ["NaN", "Infinity", "-Infinity", "01", ".5", "+1"] {
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(written).is_err(), "{written}");
    }
}

#[test]
fn bytes() {
    let vectors: &[(Told, &[&str])] = &[
        (Fine, &[r#""""#, r#""AA==""#, r#""3q2+7w==""#, r#""3q2\u002b7w==""#]),
        (As(Encoding, Tolerated), &[r#""AAA""#, r#""A===""#, r#""3q2-7w==""#, r#""AA==\n""#, "\"é\""]),
        (Schema, &["1", "[]"]),
    ];
    check(AirbyteType::Binary, &[json!({"type": "string", "contentEncoding": "base64"})], vectors);
}

#[test]
fn arrays_and_objects() {
    let typed: &[(Told, &[&str])] = &[
        (Fine, &["[]", "[1,2,3]"]),
        (As(NoNumber, Wrong), &[r#"[1,"2"]"#]),
        (Schema, &[r#""[]""#, "{}"]),
        (As(Null, Wrong), &["[null]"]),
    ];
    check(AirbyteType::Array, &[json!({"type": "array", "items": {"type": "integer"}})], typed);
    let nested = json!({"type": "array", "items": {"type": "array", "items": {"type": ["null", "boolean"]}}});
    check(AirbyteType::Array, &[nested], &[(Fine, &["[[],[null,true]]"]), (As(Boolean, Wrong), &["[[true],[1]]"])]);
    let untyped: &[(Told, &[&str])] = &[(Fine, &[r#"["151",152,true,{"id":1},null]"#]), (Schema, &["{}", "1"])];
    check(AirbyteType::UntypedArray, &[json!({"type": "array"}), json!({"type": "array", "items": {}})], untyped);
    let object: &[(Told, &[&str])] = &[
        (Fine, &["{}", r#"{"id":1}"#]),
        (As(Undeclared, Tolerated), &[r#"{"id":1,"extra":{"a":[1]}}"#]),
        (As(NoNumber, Wrong), &[r#"{"id":"1"}"#]),
        (Schema, &[r#""{}""#, "[]"]),
    ];
    check(AirbyteType::Object, &[json!({"type": "object", "properties": {"id": {"type": "integer"}}})], object);
    let schemaless = [
        json!({"type": "object"}),
        json!({"type": "object", "properties": {}}),
        json!({"type": "object", "additionalProperties": true}),
    ];
    let vectors: &[(Told, &[&str])] = &[(Fine, &["{}", r#"{"any":[1e5,{"x":null}]}"#]), (Schema, &["[]", "5"])];
    check(AirbyteType::SchemalessObject, &schemaless, vectors);
}

#[test]
fn unions() {
    let list = json!({"type": ["string", "object"]});
    let branches = json!({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}]});
    for schema in [&list, &branches] {
        assert_eq!(AirbyteType::of(schema), AirbyteType::Union);
        assert_eq!(told(schema, "null"), As(Null, Wrong));
    }
    assert_eq!(told(&list, "{}"), Fine);
    assert_eq!(told(&list, "\"x\""), Fine);
    assert_eq!(told(&list, "5"), As(Union, Wrong));
    // Which branches take a value, only the validator says: none, or several.
    assert_eq!(told(&branches, "\"x\""), Fine);
    assert_eq!(told(&branches, "1.5"), Fine);
    assert_eq!(told(&branches, "true"), Schema);
    assert_eq!(told(&branches, "1"), Schema);
    let mixed = json!({"type": ["null", "string", "integer"], "format": "date-time"});
    assert_eq!(told(&mixed, "5"), Fine);
    assert_eq!(told(&mixed, "null"), Fine);
    assert_eq!(told(&mixed, "\"yesterday\""), As(Zoned, Wrong));
    assert_eq!(told(&json!({"type": ["integer", "number"]}), "1.5"), Fine);
    assert_eq!(told(&json!({"type": ["integer", "string"]}), "1.5"), As(Fraction, Wrong));
}

#[test]
fn json_columns_null_and_unknown() {
    let json_column = json!({
        "type": "object",
        "oneOf": [{"type": "array"}, {"type": "object"}, {"type": "number"}, {"type": "string"}, {"type": "boolean"}],
        "airbyte_type": "json",
    });
    assert_eq!(AirbyteType::of(&json_column), AirbyteType::Jsonb);
    for written in ["{}", "[]", "1", "\"x\"", "true", "null", "12345678901234567890"] {
        assert_eq!(told(&json_column, written), Fine, "{written}");
    }
    let nothing = json!({"type": "null"});
    assert_eq!(
        (AirbyteType::of(&nothing), told(&nothing, "null"), told(&nothing, "1")),
        (AirbyteType::Null, Fine, Schema)
    );
    for schema in [json!({}), json!({"description": "?"}), json!({"properties": {"a": {"type": "string"}}})] {
        assert_eq!(AirbyteType::of(&schema), AirbyteType::Unknown);
        for written in ["{}", "[]", "1", "\"x\"", "true", "null"] {
            assert_eq!(told(&schema, written), Fine, "{schema}: {written}");
        }
    }
}

#[test]
fn places_and_zones_are_told() {
    let open = json!({"type": "string", "format": "date-time"});
    let line = json!({"type": "object", "properties": {"price": {"type": "number"}, "any": {}}});
    let schema = json!({"properties": {"a/b": open, "at": open, "lines": {"type": "array", "items": line}, "free": {"properties": {"x": {}}}}});
    let typed = TypedSchema::compile(&schema);
    let found =
        typed.walk(r#"{"a/b":"2022-11-22T01:23:45","at":"2022-11-22 01:23:45Z","lines":[{"price":1},{"price":"x"}]}"#);
    assert_eq!((found.zoned, found.unzoned), (0b10, 0b01));
    let told: Vec<_> = found
        .misfits
        .iter()
        .map(|misfit| (misfit.field.as_str(), misfit.pointer.as_str(), misfit.value.as_str()))
        .collect();
    assert_eq!(told, [("at", "/at", "\"2022-11-22 01:23:45Z\""), ("lines[].price", "/lines/1/price", "\"x\"")]);
    assert_eq!(typed.field(0), Some("a/b"));
    assert_eq!(typed.open_fields(), ["free".to_owned()]);
    assert_eq!(typed.along("/lines/1/price"), [AirbyteType::Array, AirbyteType::Object, AirbyteType::Number]);
    assert!(found.tells_of("/lines/1") && !found.tells_of("/lines/10"));
}

#[test]
fn what_is_hostile_ends() {
    let deep = (0..500).fold(json!({}), |inner, _| json!({"type": "array", "items": inner}));
    let typed = TypedSchema::compile(&json!({"properties": {"v": deep}}));
    std::mem::forget(deep);
    let _ = typed.walk(&format!("{{\"v\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
    for text in ["", "{", "{\"v\"", "{\"v\":", "[", "{\"v\":[", "5", "{\"v\":\"\\"] {
        let _ = typed.walk(text);
    }
    let numbers = vec!["x"; 5_000].iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(",");
    let typed = TypedSchema::compile(&json!({"properties": {"v": {"items": {"type": "integer"}}}}));
    assert!(typed.walk(&format!("{{\"v\":[{numbers}]}}")).misfits.len() < 100);
}
