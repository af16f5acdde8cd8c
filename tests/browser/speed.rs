//! A report of 200 streams and 10,000 findings: its size, and how quick it is.

use super::looks::assert_fits;
use super::report;
use crate::devtools::Browser;
use crate::sample::big;
use serde_json::json;
use std::io::Write;

/// Machines are shared: this much slower than it should be is still no failure.
const ROOM: f64 = 5.0;

#[test]
#[allow(clippy::print_stderr, reason = "what is measured is told")]
fn ten_thousand_findings_are_small_and_quick() {
    let Some(mut browser) = Browser::start() else { return };
    let file = report("big", &big());
    let size = std::fs::metadata(&file).expect("written").len();
    assert!(size < 5_000_000, "{size} bytes");
    browser.open(&file, "");
    browser.wait_for("performance.getEntriesByName('first-contentful-paint').length > 0");
    let paint = browser.value("performance.getEntriesByName('first-contentful-paint')[0].startTime");
    let paint = paint.as_f64().expect("milliseconds");
    let items = browser.value("document.querySelectorAll('[data-item]').length");
    browser.open(&file, "#?q=stream%3Astream_199");
    let said = browser.text("document.querySelector('#shown').textContent");
    assert!(said.contains(" more are not on this page"), "a filter can't see what has no room: {said}");
    let mut slowest: (f64, &str) = (0.0, "");
    for query in
        ["status:fail", "stream:stream_1*", "stream:stream_042", "rule:STATE-*", "field_17", "nothing like it", ""]
    {
        // Until the page is laid out anew. The first use makes the index.
        let script = format!(
            "(() => {{ const box = document.querySelector('#filter'); const begun = performance.now(); box.value = {}; \
             box.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - begun; }})()",
            json!(query)
        );
        let took = browser.value(&script).as_f64().expect("milliseconds");
        let _ = writeln!(std::io::stderr(), "filter {query:?}: {took:.0} ms");
        if took > slowest.0 {
            slowest = (took, query);
        }
    }
    let _ = writeln!(std::io::stderr(), "{size} bytes, {items} items, first paint {paint:.0} ms");
    assert!(paint < 1_000.0 * ROOM, "first paint after {paint} ms");
    assert!(slowest.0 < 100.0 * ROOM, "the filter {:?} took {} ms", slowest.1, slowest.0);
    for width in [1280, 320] {
        browser.size(width, 800);
        assert_fits(&mut browser);
    }
}
