//! The vectors of days, moments and times.

use super::Fault::{Date, Time, Unzoned, Zoned};
use super::Grade::{Tolerated, Wrong};
use super::Told::{As, Fine};
use super::*;

fn moment(airbyte_type: Option<&str>, format: &str) -> Value {
    let mut schema = json!({"type": "string", "format": format});
    if let Some(airbyte_type) = airbyte_type {
        schema["airbyte_type"] = json!(airbyte_type);
    }
    schema
}

#[test]
fn dates() {
    let fine: &[&str] =
        &["2021-01-23", "0001-01-01", "9999-12-31", "2024-02-29", "2021-01-23 BC", "1582-10-10", "2000-02-29"];
    let wrong: &[&str] = &[
        "2021-1-23",
        "21-01-23",
        "2021/01/23",
        "2021-02-30",
        "2023-02-29",
        "1900-02-29",
        "2021-01-23T00:00:00Z",
        "0000-00-00",
        "0000-01-01",
        "2021-13-01",
        "2021-00-10",
        "",
        "yesterday",
        "2021-01-23 ",
        "２０２１-01-23",
    ];
    let spelling = [json!({"type": "string", "format": "date"})];
    let vectors: &[(Told, &[&str])] = &[
        (Fine, &quoted(fine)),
        (As(Date, Wrong), &quoted(wrong)),
        (As(Date, Wrong), &["20210123", "true", "{}"]),
        (As(Date, Tolerated), &[r#""12021-01-01""#]),
        (Fine, &[r#""2021-01-\u00323""#]),
    ];
    check(AirbyteType::Date, &spelling, vectors);
}

#[test]
fn timestamps_with_zone() {
    let fine: &[&str] = &[
        "2022-11-22T01:23:45Z",
        "2022-11-22T01:23:45.1Z",
        "2022-11-22T01:23:45.123456+05:00",
        "2022-11-22T01:23:45.123456789-11:30",
        "2022-11-22T01:23:45Z BC",
        "1969-12-31T23:59:59.999Z",
        "9999-12-31T23:59:59Z",
        "2038-01-19T03:14:08Z",
    ];
    let tolerated: &[&str] = &[
        "2022-11-22T01:23:45+5:00",
        "2016-12-31T23:59:60Z",
        "2022-11-22 01:23:45Z",
        "2022-11-22T01:23:45+0500",
        "2022-11-22t01:23:45z",
        "2022-11-22 01:23:45 UTC",
        "2022-11-22T01:23:45 UTC",
        "2022-11-22T01:23:45+05",
        "2022-11-22 01:23:45.123456+00",
        "2022-1-2T3:04:05Z",
        "2022-11-22",
        "12022-11-22T01:23:45Z",
        "2022-11-22T01:23:45+0500 BC",
    ];
    let wrong: &[&str] = &[
        "2022-11-22T01:23Z",
        "2022-11-22T25:00:00Z",
        "2022-11-22T01:23:45+25:00",
        "1669080225",
        "",
        "yesterday",
        "2022-11-22T24:00:00Z",
        "2022-02-30T00:00:00Z",
        "2022-11-22T01:60:00Z",
        "2022-11-22T01:23:61Z",
        "2022-11-22T01:23:45.Z",
        "2022-11-22T01:23:45,5Z",
        "2022/11/22 01:23:45Z",
        "2022-11-22T01:23:45+05:60",
        "2022-11-22_01:23:45Z",
        "Tue, 22 Nov 2022 01:23:45 GMT",
        "2022-11-22T01:23:45Zß",
        "é022-11-22T01:23:45Z",
    ];
    let without: &[&str] = &["2022-11-22T01:23:45", "2022-11-22 01:23:45", "2022-11-22T01:23:45.123456 BC"];
    let common: &[(Told, &[&str])] = &[
        (Fine, &quoted(fine)),
        (As(Zoned, Tolerated), &quoted(tolerated)),
        (As(Zoned, Wrong), &quoted(wrong)),
        (As(Zoned, Wrong), &["1669080225", "1669080225.5", "{}"]),
    ];
    let stated = moment(Some("timestamp_with_timezone"), "date-time");
    let spellings = [stated.clone(), moment(None, "date-time")];
    check(AirbyteType::TimestampWithTimezone, &spellings, common);
    check(AirbyteType::TimestampWithTimezone, &[stated], &[(As(Zoned, Tolerated), &quoted(without))]);
    let open: &[(Told, &[&str])] = &[
        (Fine, &[r#""2022-11-22T01:23:45""#, r#""2022-11-22T01:23:45.123456 BC""#]),
        (As(Zoned, Tolerated), &[r#""2022-11-22 01:23:45""#]),
    ];
    check(AirbyteType::TimestampWithTimezone, &[moment(None, "date-time")], open);
}

#[test]
fn timestamps_without_zone() {
    let fine: &[&str] = &["2022-11-22T01:23:45", "2022-11-22T01:23:45.123456", "2022-11-22T01:23:45.123456 BC"];
    let wrong: &[&str] = &[
        "2022-11-22T01:23:45Z",
        "2022-11-22T01:23:45+05:00",
        "2022-11-22 01:23:45Z",
        "2022-11-22T01:23:45+0500",
        "1669080225",
        "2022-11-22T01:23",
    ];
    let vectors: &[(Told, &[&str])] = &[
        (Fine, &quoted(fine)),
        (As(Unzoned, Tolerated), &[r#""2022-11-22 01:23:45""#, r#""2022-11-22T23:59:60""#]),
        (As(Unzoned, Wrong), &quoted(wrong)),
        (As(Unzoned, Wrong), &["1669080225"]),
    ];
    let spelling = [moment(Some("timestamp_without_timezone"), "date-time")];
    check(AirbyteType::TimestampWithoutTimezone, &spelling, vectors);
}

#[test]
fn times() {
    let fine: &[&str] = &["01:23:45Z", "01:23:45.123456+05:00", "23:59:59.999999-11:30", "00:00:00Z"];
    let wrong: &[&str] = &["1:23:45Z", "01:23Z", "24:00:00Z", "01:23:45+25:00", "", "noon", "01:23:45Z BC"];
    let common: &[(Told, &[&str])] = &[
        (Fine, &quoted(fine)),
        (As(Time, Wrong), &quoted(wrong)),
        (As(Time, Wrong), &["5025"]),
        (As(Time, Tolerated), &[r#""01:23:45z""#, r#""01:23:45+0500""#, r#""01:23:45+5:00""#, r#""23:59:60Z""#]),
    ];
    let stated = moment(Some("time_with_timezone"), "time");
    check(AirbyteType::TimeWithTimezone, &[stated.clone(), moment(None, "time")], common);
    check(AirbyteType::TimeWithTimezone, &[stated], &[(As(Time, Wrong), &[r#""01:23:45""#, r#""24:00:00""#])]);
    check(AirbyteType::TimeWithTimezone, &[moment(None, "time")], &[(Fine, &[r#""01:23:45""#])]);
    let fine: &[&str] = &["01:23:45", "01:23:45.123456", "23:59:59.999999"];
    let without: &[(Told, &[&str])] = &[
        (Fine, &quoted(fine)),
        (As(Time, Wrong), &quoted(&["01:23:45Z", "01:23", "25:00:00", "01:23:45+05:00"])),
        (As(Time, Tolerated), &[r#""24:00:00""#]),
    ];
    check(AirbyteType::TimeWithoutTimezone, &[moment(Some("time_without_timezone"), "time")], without);
}

fn quoted(texts: &[&str]) -> Vec<&'static str> {
    texts.iter().map(|text| &*Box::leak(format!("\"{text}\"").into_boxed_str())).collect()
}
