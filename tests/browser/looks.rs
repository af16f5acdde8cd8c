//! What is seen at once, in both themes, on a narrow screen, on paper, and without the script.

use super::{opened, report};
use crate::devtools::Browser;
use crate::sample::{faulty, healthy};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

/// Asserts that the page is no wider than its window; the elements that reach out of it are named.
pub fn assert_fits(browser: &mut Browser) {
    let reaching = "JSON.stringify([innerWidth, document.documentElement.scrollWidth <= innerWidth ? [] : \
                    [...document.body.querySelectorAll('*')].filter((it) => it.getBoundingClientRect().right > innerWidth + 1 \
                    && !it.closest('.scroll')).slice(0, 8).map((it) => it.outerHTML.slice(0, 120))])";
    let told = browser.text(reaching);
    assert!(told.ends_with(",[]]"), "the page is wider than its window: {told}");
}

#[test]
fn the_verdict_is_seen_without_scrolling() {
    let Some(mut browser) = opened("verdict", &faulty(), "") else { return };
    for (width, height, name) in [(1280, 800, "light"), (320, 640, "narrow")] {
        browser.size(width, height);
        let edge = browser.value("document.querySelector('h1').getBoundingClientRect().bottom");
        assert!(edge.as_f64().expect("a number") < f64::from(height), "{edge} of {height}");
        assert_fits(&mut browser);
        browser.picture(name);
    }
}

#[test]
fn a_theme_is_what_the_system_prefers_or_the_reader_chooses() {
    let Some(mut browser) = opened("theme", &faulty(), "") else { return };
    let colours = "JSON.stringify(['body', '.card', '.badge', '#filter'].map((it) => { \
                   const style = getComputedStyle(document.querySelector(it)); return [style.color, style.backgroundColor]; }))";
    browser.media("light", "");
    let light = browser.text(colours);
    browser.media("dark", "");
    let dark = browser.text(colours);
    assert_ne!(light, dark);
    browser.click("#theme");
    assert_eq!(browser.text(colours), light, "light is chosen where the system prefers dark");
    browser.click("#theme");
    assert_eq!(browser.text(colours), dark);
    browser.wait_for("location.hash.includes('theme=dark')");
    browser.media("light", "");
    assert_eq!(browser.text(colours), dark, "dark is chosen where the system prefers light");

    let file = report("theme", &faulty());
    browser.open(&file, "#?theme=dark");
    assert_eq!(browser.text(colours), dark, "the theme is part of the link");
    browser.picture("dark");
    browser.value("location.hash = '#READ-006-5d0c91e2?theme=dark'");
    browser.picture("dark-finding");
}

#[test]
fn on_paper_what_fails_is_unfolded_and_controls_are_gone() {
    let Some(mut browser) = opened("paper", &faulty(), "") else { return };
    let seen = |browser: &mut Browser, card: &str| {
        browser.holds(&format!("document.querySelector('.card.{card} details .evidence').checkVisibility()"))
    };
    assert!(!seen(&mut browser, "fail"));
    browser.media("light", "print");
    browser.wait_for("document.querySelector('.card.fail details .evidence').checkVisibility()");
    let folded = browser.text("JSON.stringify([...document.querySelectorAll('.card details[open]')].map((it) => it.closest('.card').dataset.status))");
    assert_eq!(folded, "[\"fail\"]", "only what fails is unfolded");
    assert!(browser.holds("!document.querySelector('#filter').checkVisibility()"), "nobody types on paper");
    browser.media("light", "");
    browser.wait_for("!document.querySelector('.card details[open]')");
    assert_eq!(browser.text("location.hash"), "", "printing leaves the address as it was");

    let paper = browser.call("Page.printToPDF", json!({"printBackground": true}));
    let bytes = STANDARD.decode(paper["data"].as_str().expect("a file")).expect("base64");
    assert!(bytes.starts_with(b"%PDF-"), "a PDF");
}

#[test]
fn without_the_script_the_page_is_complete() {
    let Some(mut browser) = Browser::start() else { return };
    browser.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    let results = faulty();
    browser.open(&report("without-script", &results), "");
    for finding in &results.findings {
        let id = &finding.id;
        assert!(browser.holds(&format!("document.getElementById('{id}').checkVisibility()")), "{id} is missing");
    }
    for control in ["#filter", "#theme", "#help-page", ".toast", ".copy-button", ".sort"] {
        let is_seen = browser.holds(&format!("document.querySelector('{control}')?.checkVisibility()"));
        assert!(!is_seen, "{control} does nothing without the script");
    }
    browser.picture("without-script");
}

#[test]
fn a_healthy_run_is_as_plain_as_it_should_be() {
    let Some(mut browser) = opened("healthy", &healthy(), "") else { return };
    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert!(browser.holds("document.querySelector('#findings .empty').checkVisibility()"));
    browser.picture("healthy");
}
