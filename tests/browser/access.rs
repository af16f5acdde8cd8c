//! Accessibility: axe-core finds nothing, in both themes, wide and narrow.

use super::{opened, report};
use crate::devtools::Browser;
use crate::sample::{faulty, healthy};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// axe-core, fetched with npm as `tests/browser/package-lock.json` pins it, once. In CI it must be had.
#[allow(clippy::print_stderr, reason = "a test that did not run says so")]
fn axe() -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe-core");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let version = include_str!("package.json").split("\"axe-core\": \"").nth(1)?.split('"').next()?;
    let is_current = |script: &PathBuf| std::fs::read_to_string(script).ok().filter(|text| text.contains(version));
    if let Some(text) = is_current(&script) {
        return Some(text);
    }
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in
        [("package.json", include_str!("package.json")), ("package-lock.json", include_str!("package-lock.json"))]
    {
        std::fs::write(folder.join(name), text).expect("written");
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .output();
    let complaint = match npm {
        Ok(output) if output.status.success() => return Some(is_current(&script).expect("npm has put it there")),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => format!("npm does not start: {error}"),
    };
    assert!(std::env::var("CI").as_deref() != Ok("true"), "axe-core can't be had: {complaint}");
    let _ = writeln!(std::io::stderr(), "SKIPPED: axe-core can't be had, so accessibility was not judged: {complaint}");
    None
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
    for (name, results) in [("faulty", faulty()), ("healthy", healthy())] {
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
