//! The filter, links, the history, and keys.

use super::{opened, report};
use crate::devtools::Browser;
use crate::sample::faulty;

/// The ids of the findings that are shown, in order.
fn shown(browser: &mut Browser) -> Vec<String> {
    let script = "[...document.querySelectorAll('[data-item=finding]')].filter((it) => it.checkVisibility()).map((it) => it.id)";
    let shown = browser.value(script);
    shown.as_array().expect("a list").iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

/// What a filter shows, by the codes of rules.
fn codes(browser: &mut Browser) -> Vec<String> {
    shown(browser).iter().map(|id| id.rsplit_once('-').map_or(id.clone(), |(code, _)| code.to_owned())).collect()
}

fn fill(browser: &mut Browser, query: &str) {
    browser.value("document.querySelector('#filter').select()");
    browser.types(query);
    if query.is_empty() {
        browser.value("document.querySelector('#clear').click()");
    }
}

#[test]
fn the_filter_speaks_the_language_of_the_command_line() {
    let Some(mut browser) = opened("filter", &faulty(), "") else { return };
    let all = codes(&mut browser);
    assert_eq!(all.len(), 7);
    let cases: [(&str, &[&str]); 10] = [
        ("status:fail", &["READ-006", "STATE-010"]),
        ("level:should", &["LINE-003", "READ-012", "LOG-005"]),
        ("rule:state-*", &["STATE-010"]),
        ("rule:record-violates-schema", &["READ-006"]),
        ("rule:{STATE,LINE}-0[01][03]", &["STATE-010", "LINE-003"]),
        ("status:fail -rule:READ-*", &["STATE-010"]),
        ("rule:READ-006 rule:LINE-*", &["READ-006", "LINE-003"]),
        ("\"does not conform to its schema\"", &["READ-006"]),
        ("status:waived", &["LOG-005"]),
        ("cmd:spec rule:READ-*", &[]),
    ];
    for (query, expected) in cases {
        fill(&mut browser, query);
        assert_eq!(codes(&mut browser), expected, "{query}");
    }
    let said = browser.text("document.querySelector('#shown').textContent");
    assert!(said.starts_with("Shown: 0 of 7 findings, 0 of 8 launches"), "{said}");
    assert!(browser.holds("document.querySelector('#findings > .none').checkVisibility()"), "nothing is said to be there");
    fill(&mut browser, "");
    assert_eq!(codes(&mut browser), all);
}
