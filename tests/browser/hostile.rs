//! A connector that attacks whoever opens its report gets nothing run, nothing fetched, nothing broken.

use super::looks::assert_fits;
use super::opened;
use crate::sample::{HOSTILE, hostile};
use serde_json::json;

#[test]
fn nothing_of_a_hostile_connector_runs_or_breaks_the_page() {
    let results = hostile();
    let Some(mut browser) = opened("hostile", &results, "") else { return };
    let ids: Vec<&str> = results.findings.iter().map(|finding| finding.id.as_str()).collect();
    let missing = browser.text(&format!("{}.filter((id) => !document.getElementById(id)).join()", json!(ids)));
    assert_eq!(missing, "", "findings that the page has no place for");
    assert_eq!(browser.complaints(), Vec::<String>::new(), "the browser blocked or ran something");
    let file = browser.text("location.href.split('#')[0]");
    let asked: Vec<&str> =
        browser.requests().into_iter().filter(|address| !address.starts_with("data:image")).collect();
    assert_eq!(asked, [file.as_str()], "nothing but the file is fetched");
    assert!(!browser.text("document.title").starts_with("owned"), "a script ran");
    assert_eq!(browser.value("document.scripts.length"), 1);
    assert!(browser.holds("document.scripts[0].parentElement === document.head"));
    let foreign = "document.querySelectorAll('img, iframe, object, embed, form, base, [onerror], [onload], [style]:not(html)').length";
    assert_eq!(browser.value(foreign), 0);
    // What ids name is no global of anybody's making.
    let globals = "Object.keys(window).filter((name) => !(name in clean.contentWindow) && name !== '0').join()";
    browser.value("(window.clean = document.createElement('iframe'), document.body.append(clean), 0)");
    assert_eq!(browser.text(globals), "clean", "the script and the payloads make no global, beside this test's own");
    browser.value("clean.remove()");
    browser.picture("hostile");

    // The hostile name goes through the filter and comes out as text.
    let filter = format!(
        "document.querySelector('#filter').value = {}; document.querySelector('#filter').dispatchEvent(new Event('input'))",
        json!(HOSTILE)
    );
    browser.value(&filter);
    browser.value("document.querySelector('[data-query^=stream]').firstElementChild.click()");
    browser.wait_for("location.hash.includes('stream')");
    assert_eq!(browser.value("document.scripts.length"), 1);
    browser.size(320, 640);
    browser.picture("hostile-narrow");
    assert_fits(&mut browser);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
