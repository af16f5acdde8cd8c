//! Variations of the faulty source's configuration, made from the specification that it puts out.

#[path = "../fixtures/connectors/faulty/specification.rs"]
mod specification;

use airproof::plan::configs::{Content, Kind, Variation, accepted, refused};
use serde_json::{Value, json};

fn config() -> Value {
    json!({
        "credentials": {"auth_type": "token", "access_token": "shop-4c1e77f0"},
        "start_date": "2024-01-01", "page_size": 50, "regions": ["eu"], "with_archive": false, "depth": "full",
    })
}

fn told(variations: &[Variation]) -> Vec<String> {
    variations.iter().map(|variation| format!("a config {}", variation.what)).collect()
}

#[test]
fn the_shops_config_is_broken_in_every_way() {
    let found = refused(&specification::healthy()["connectionSpecification"], &config(), 1);
    let expected = [
        "a config without the required field `credentials`",
        "a config with another value of the secret `credentials.access_token`",
        "a config that is no JSON: it stops in the middle of a text",
        "a config with a text in place of an object in `credentials`",
        "a config whose `depth` is not among the values of its `enum`",
        "a config whose `credentials.auth_type` names no branch that there is",
        "a config without any field",
        "a config whose `start_date` does not match its `pattern`",
        "a config whose `page_size` is below its minimum",
    ];
    assert_eq!(told(&found)[..expected.len()], expected);
    assert!(found.iter().all(|variation| variation.id != "without-start-date"), "its default says it");
}

#[test]
fn the_shops_config_may_say_more_and_less() {
    let found = accepted(&specification::healthy()["connectionSpecification"], &config(), 1);
    let expected = [
        "a config with a field `unknown_field_1`, which nobody knows, in each of its objects",
        "a config without any of the optional fields that are at their defaults",
        "a config without any of the optional fields that have defaults",
    ];
    assert_eq!(told(&found)[..expected.len()], expected);
    // OAuth wants what nobody knows.
    assert!(found.iter().all(|variation| variation.kind != Kind::OtherBranch));
    let Content::Json(without) = &found[1].content else { panic!("a document") };
    let left: Vec<&String> = without.as_object().expect("an object").keys().collect();
    assert_eq!(left, ["credentials", "start_date", "page_size"]);
}
