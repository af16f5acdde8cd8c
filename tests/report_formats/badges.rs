//! The badge: a picture, and what shields.io reads.

use super::{errors, hostile_titles, refused_by, runs, schema};
use airproof::report::badge;
use airproof::verdict::Results;
use serde_json::{Value, json};

#[test]
fn badges_are_pictures() {
    for (run, results) in runs() {
        let Some(said) = refused_by("xmllint", &["--noout", "--nonet", "-"], &badge::svg(&results)) else { return };
        assert_eq!(said, "", "{run}");
    }
    assert_eq!(
        runs().iter().map(|(_, results)| message(results)).collect::<Vec<_>>(),
        [
            "conforms",
            "2 required rules broken",
            "2 required rules broken",
            "not judged",
            "not judged",
            "3 questions about baselines unanswered",
            "interrupted"
        ]
    );
}

fn message(results: &Results) -> String {
    let badge: Value = serde_json::from_str(&badge::endpoint(results)).unwrap();
    badge["message"].as_str().unwrap().to_owned()
}

#[test]
fn shields_takes_what_it_is_given() {
    let schema = jsonschema::validator_for(&schema("shields-endpoint.json")).unwrap();
    for (run, results) in runs().into_iter().chain([("titles", hostile_titles())]) {
        let badge = serde_json::from_str(&badge::endpoint(&results)).unwrap();
        assert_eq!(errors(&schema, &badge), [""; 0], "{run}: {badge}");
    }
    for refused in [
        json!({"schemaVersion": 1, "label": "airproof", "message": ""}),
        json!({"schemaVersion": 1, "label": "airproof", "message": "x", "colour": "red"}),
        json!({"schemaVersion": 1, "label": "airproof", "message": "x", "color": "reddish"}),
    ] {
        assert!(!schema.is_valid(&refused), "the schema lets {refused} pass");
    }
}

/// Each value of an attribute, in order.
fn numbers(svg: &str, attribute: &str) -> Vec<f64> {
    let start = format!(" {attribute}=\"");
    svg.split(&start).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

#[test]
fn a_badge_is_as_wide_as_its_texts() {
    for (run, results) in runs() {
        let svg = badge::svg(&results);
        let widths = numbers(&svg, "width");
        let [whole, clip, left, right] = widths[..] else { panic!("{run}: {widths:?}") };
        assert!((whole - clip).abs() < 0.01 && (whole - left - right).abs() <= 0.6, "{run}: {widths:?}");
        let texts = ["airproof".to_owned(), message(&results)];
        let (lengths, middles) = (numbers(&svg, "textLength"), numbers(&svg, "x"));
        for (at, (field, text)) in [left, right].into_iter().zip(&texts).enumerate() {
            assert!(svg.contains(&format!(">{text}</text>")), "{run}: {svg}");
            assert!((lengths[at] + 12.0 - field).abs() <= 0.2, "{run}: {text} has no room or too much");
            let each = lengths[at] / text.chars().count() as f64;
            assert!((5.0..8.5).contains(&each), "{run}: {each} pixels for a letter of {text}");
        }
        // The first `x` is the right field's own.
        assert!((middles[1] - left / 2.0).abs() <= 0.2 && (middles[2] - left - right / 2.0).abs() <= 0.2, "{run}");
    }
}
