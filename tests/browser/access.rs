//! Accessibility: axe-core finds nothing, in both themes, wide and narrow.

use super::{opened, report};
use crate::devtools::Browser;
use crate::npm::dependencies;
use crate::sample::{faulty, healthy, several};

/// axe-core's script, fetched with npm.
fn axe() -> Option<String> {
    let (package, lock) = (include_str!("package.json"), include_str!("package-lock.json"));
    let folder = dependencies("axe-core", package, lock, "accessibility was not judged")?;
    Some(std::fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js")).expect("npm has put it there"))
}

/// Has the browser lay out what is out of sight as well.
const ALL_IN_SIGHT: &str =
    "document.styleSheets[0].insertRule('.card, .family, .further { content-visibility: visible !important }', 0)";

/// What axe-core finds, each with the elements.
fn violations(browser: &mut Browser, axe: &str) -> String {
    browser.call("Runtime.evaluate", serde_json::json!({"expression": axe}));
    browser.value(ALL_IN_SIGHT);
    browser.value("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
    browser.text(
        "axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', \
         'best-practice']}).then((found) => found.violations.map((it) => \
         `${it.id}: ${it.help}\\n${it.nodes.slice(0, 5).map((node) => `  ${node.html.slice(0, 200)} ${node.failureSummary}`).join('\\n')}`).join('\\n'))",
    )
}

#[test]
fn axe_finds_nothing_in_either_theme() {
    let Some(mut browser) = Browser::start() else { return };
    let Some(axe) = axe() else { return };
    for (name, results) in [("faulty", faulty()), ("healthy", healthy()), ("several", several())] {
        let file = report(&format!("axe-{name}"), &results);
        for (theme, width) in [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)] {
            browser.size(width, 800);
            browser.open(&file, &format!("#?theme={theme}&q=rule%3AREAD-*"));
            assert_eq!(violations(&mut browser, &axe), "", "{name}, {theme}, {width} pixels");
        }
        browser.open(&file, "");
        assert_eq!(violations(&mut browser, &axe), "", "{name}, not filtered");
        browser.press("?");
        assert_eq!(violations(&mut browser, &axe), "", "{name}, with the help open");
    }
}

#[test]
fn targets_can_be_hit() {
    let Some(mut browser) = opened("targets", &faulty(), "#?q=status%3Afail") else { return };
    browser.size(320, 640);
    browser.value(ALL_IN_SIGHT);
    browser.value("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
    let small = browser.text(
        "JSON.stringify([...document.querySelectorAll('button, input')].filter((it) => it.checkVisibility()).filter((it) => { \
         const box = it.getBoundingClientRect(); return box.width < 24 || box.height < 24; }).map((it) => it.outerHTML))",
    );
    assert_eq!(small, "[]");
}
