//! The filter, links, the history, and keys.

use super::{opened, report};
use crate::devtools::Browser;
use crate::sample::{faulty, several};

/// The ids of the findings that are shown, in order.
fn shown(browser: &mut Browser) -> Vec<String> {
    let script =
        "[...document.querySelectorAll('[data-item=finding]')].filter((it) => it.checkVisibility()).map((it) => it.id)";
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
        ("status:fail", &["READ-006", "READ-006", "STATE-010"]),
        ("level:should", &["LINE-003", "READ-012", "LOG-005"]),
        ("rule:state-*", &["STATE-010"]),
        ("rule:record-violates-schema", &["READ-006", "READ-006"]),
        ("rule:{STATE,LINE}-0[01][03]", &["STATE-010", "LINE-003"]),
        ("status:fail -rule:READ-*", &["STATE-010"]),
        ("rule:READ-006 rule:LINE-*", &["READ-006", "READ-006", "LINE-003"]),
        ("\"does not conform to its schema\"", &["READ-006", "READ-006"]),
        ("status:waived", &["LOG-005"]),
        ("cmd:spec rule:READ-*", &[]),
    ];
    for (query, expected) in cases {
        fill(&mut browser, query);
        assert_eq!(codes(&mut browser), expected, "{query}");
    }
    let said = browser.text("document.querySelector('#shown').textContent");
    assert!(said.starts_with("Shown: 0 of 7 findings, 0 of 8 launches"), "{said}");
    assert!(
        browser.holds("document.querySelector('#findings > .none').checkVisibility()"),
        "nothing is said to be there"
    );
    fill(&mut browser, "");
    assert_eq!(codes(&mut browser), all);
}

#[test]
fn a_shared_cause_is_filtered_by_connector() {
    let results = several();
    let Some(mut browser) = opened("several", &results, "") else { return };
    browser.picture("several");
    assert_eq!(codes(&mut browser).len(), results.findings.len());
    fill(&mut browser, "launch:b.* status:fail");
    assert_eq!(codes(&mut browser), ["b.READ-006", "b.READ-006", "b.STATE-010"]);
    let seen = |browser: &mut Browser, selector: &str| {
        let script =
            format!("[...document.querySelectorAll('{selector}')].filter((it) => it.checkVisibility()).length");
        browser.value(&script).as_u64()
    };
    assert_eq!(seen(&mut browser, "#glance li"), Some(3), "the index has what is shown");
    assert_eq!(seen(&mut browser, "#glance .sharers a"), Some(3), "and whose it is");
    assert_eq!(seen(&mut browser, "#findings article"), Some(3), "a card without a part that is shown is hidden");
    fill(&mut browser, "launch:b.* \"does not conform to its schema\"");
    assert_eq!(codes(&mut browser), ["b.READ-006", "b.READ-006"], "a part is found by what all have in common");
}

#[test]
fn a_view_is_a_link_and_back_goes_back() {
    let Some(mut browser) = opened("links", &faulty(), "") else { return };
    let all = codes(&mut browser);
    // A cell of the matrix, then a word of one's own, then back, twice.
    browser.click("a.verdict[data-query^='rule:READ-'][data-query$='status:fail']");
    browser.wait_for("document.querySelector('#filter').value === 'rule:READ-* cmd:read status:fail'");
    assert_eq!(codes(&mut browser), ["READ-006", "READ-006"]);
    browser.value("document.querySelector('#filter').focus()");
    browser.types(" placed_at");
    browser.wait_for("location.hash.includes('placed_at')");
    let filtered = shown(&mut browser);
    browser.picture("filtered");
    let link = browser.text("location.hash");
    browser.value("history.back()");
    browser.wait_for("document.querySelector('#filter').value === 'rule:READ-* cmd:read status:fail'");
    assert_eq!(codes(&mut browser), ["READ-006", "READ-006"]);
    browser.value("history.back()");
    browser.wait_for("document.querySelector('#filter').value === ''");
    assert_eq!(codes(&mut browser), all);

    browser.open(&report("links", &faulty()), &link);
    assert_eq!(shown(&mut browser), filtered, "whoever gets the link sees the same: {link}");
    browser.click(".chips button");
    assert!(!browser.text("document.querySelector('#filter').value").contains("rule:"), "a chip removes its word");
}

#[test]
fn a_permalink_shows_its_finding_whatever_is_folded_or_filtered() {
    let results = faulty();
    let Some(mut browser) = opened("permalink", &results, "#READ-012-77e0a3c5") else { return };
    let is_seen = "(() => { const box = document.getElementById('READ-012-77e0a3c5').getBoundingClientRect(); \
                   return box.height > 0 && box.top >= 0 && box.top < innerHeight; })()";
    assert!(browser.holds(is_seen));
    browser.open(&report("permalink", &results), "#READ-012-77e0a3c5?q=status%3Afail");
    assert!(browser.holds(is_seen), "what a link leads to is shown beside what the filter shows");
    // A link within the page keeps the filter, and opens what its target is folded in.
    browser.value("document.querySelector('#checks-CLI').open = false");
    browser.value("document.querySelector('#checks-CLI td').id = 'within'");
    browser.value("location.hash = '#within'");
    browser.wait_for("document.querySelector('#checks-CLI').open");
    browser.open(&report("permalink", &results), "#?q=status%3Afail");
    browser.click("a[href='#launches']");
    browser.wait_for("location.hash.startsWith('#launches?q=status')");
}

#[test]
fn keys_walk_unfold_and_copy() {
    let results = faulty();
    let Some(mut browser) = opened("keys", &results, "") else { return };
    let ids: Vec<&str> = results.findings.iter().map(|finding| finding.id.as_str()).collect();
    let at = |browser: &mut Browser, id: &str| browser.wait_for(&format!("document.activeElement.id === '{id}'"));
    browser.press("j");
    at(&mut browser, ids[0]);
    browser.press("j");
    at(&mut browser, ids[1]);
    browser.press("k");
    at(&mut browser, ids[0]);
    browser.wait_for(&format!("location.hash === '#{}'", ids[0]));
    browser.press("e");
    let evidence = format!("document.querySelector('#{} details .evidence').checkVisibility()", ids[0]);
    browser.wait_for(&evidence);
    browser.wait_for(&format!("location.hash === '#{0}?folds={0}%7E0'", ids[0]));
    let link = browser.text("location.hash");
    browser.press("e");
    browser.wait_for(&format!("!{evidence}"));
    browser.press("c");
    browser.wait_for("!document.querySelector('.toast').hidden");
    let said = browser.text("document.querySelector('.toast').textContent");
    assert!(said.contains(ids[0]), "{said}");
    browser.press("?");
    browser.wait_for("document.querySelector('#help-page').open");
    browser.picture("help");
    browser.press("j");
    browser.press("Escape");
    browser.wait_for("!document.querySelector('#help-page').open");
    browser.press("/");
    browser.types("jek?");
    assert_eq!(browser.text("document.querySelector('#filter').value"), "jek?", "in a field keys are letters");
    browser.press("Escape");
    browser.wait_for("document.activeElement.id !== 'filter'");
    browser.press("Escape");
    browser.press("Escape");
    browser.wait_for("document.querySelector('#filter').value === ''");

    browser.open(&report("keys", &results), &link);
    assert!(browser.holds(&evidence), "what is unfolded is part of the link: {link}");
}

#[test]
fn a_matrix_is_sorted_by_its_worst_and_back() {
    let Some(mut browser) = opened("sorting", &faulty(), "") else { return };
    let first = "document.querySelector('table.matrix tbody th').textContent.split(' ')[0]";
    let before = browser.text(first);
    browser.click("table.matrix th:last-child .sort");
    assert!(
        browser.holds("document.querySelector('table.matrix tbody tr td:last-child .fail')"),
        "the worst stands first"
    );
    browser.click("table.matrix th:last-child .sort");
    assert_eq!(browser.text(first), before);
}
