//! The HTML report: one file that opens from disk, complete without JavaScript, and safe to open.
//!
//! Results are turned into views, one module for each section of the page; `reports/report.html` lays them out. What a
//! connector printed reaches the page in one way only: as a string that the template prints, which `environment`
//! bounds, makes visible and escapes. Nothing but the style and
//! the script is trusted, and the page's policy names those two by their digests.

mod bar;
mod baselines;
mod cards;
mod checks;
mod excerpt;
mod facets;
mod families;
mod launches;
mod limits;
mod pipe;
mod prose;
mod settings;
mod since;
mod streams;
mod timeline;
mod trust;
mod wire;

use crate::text;
use crate::verdict::{Lane, Results, RunFacts, Status};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use limits::{Context, Limits};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context, escape_formatter};
use serde::Serialize;
use sha2::{Digest, Sha256};

const TEMPLATE: &str = include_str!("../../../reports/report.html");
/// Parts of it with macros of its own.
const PARTS: [(&str, &str); 5] = [
    ("baselines.html", include_str!("../../../reports/baselines.html")),
    ("pipe.html", include_str!("../../../reports/pipe.html")),
    ("since.html", include_str!("../../../reports/since.html")),
    ("timeline.html", include_str!("../../../reports/timeline.html")),
    ("wire.html", include_str!("../../../reports/wire.html")),
];
/// The filter and its help: markup of ours that the style keeps from sight where the script does not run.
const TOOLS: &str = include_str!("../../../reports/tools.html");
const STYLE: &str = include_str!("../../../reports/report.css");
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("../../../reports/filter.js"),
    include_str!("../../../reports/controls.js"),
    include_str!("../../../reports/report.js"),
    "})();\n"
);

/// The size that a page stays below, in bytes: what a browser opens at once and a CI system keeps as an artefact.
const LARGEST: usize = 4_500_000;

/// The longest text that is shown in one place, in characters.
const LONGEST_TEXT: usize = 1_200;

/// Renders the report. The same results make the same bytes.
///
/// Where results are too many for one page, the lists on it are cut, each says how much is left out, and
/// `results.json` remains complete.
pub fn render(results: &Results) -> String {
    render_linked(results, None)
}

/// Renders the report that stands in one folder with its results: it links to that file, by its name.
pub fn render_beside(results: &Results, results_file: &str) -> String {
    render_linked(results, Some(results_file))
}

fn render_linked(results: &Results, results_file: Option<&str>) -> String {
    let environment = environment();
    let mut limits = Limits::default();
    loop {
        let page = render_within(&environment, (results, results_file), limits);
        if page.len() <= LARGEST || limits.are_exhausted() {
            return page;
        }
        limits = limits.tightened();
    }
}

/// The page as the template sees it, from top to bottom.
#[derive(Serialize)]
struct Page<'r> {
    bar: bar::Bar<'r>,
    trust: trust::Trust,
    connectors: Option<families::ConnectorMatrix<'r>>,
    families: families::FamilyMatrix,
    streams: streams::StreamMatrix,
    pipe: Option<pipe::View<'r>>,
    findings: cards::Findings<'r>,
    since: Option<since::View<'r>>,
    timeline: timeline::Timeline,
    launches: launches::Launches<'r>,
    wire: wire::Wires<'r>,
    baselines: baselines::Baselines<'r>,
    checks: checks::Checks<'r>,
    settings: Vec<settings::Settings<'r>>,
    run: &'r RunFacts,
    /// Whether a configuration that works was there, in words.
    lane: Option<&'static str>,
    legend: Vec<(Status, &'static str)>,
}

fn render_within(
    environment: &Environment<'_>,
    (results, results_file): (&Results, Option<&str>),
    limits: Limits,
) -> String {
    let context = Context::new(results, limits);
    let wire = wire::of(&context);
    let page = Page {
        bar: bar::of(results),
        trust: trust::of(&context),
        connectors: families::by_connector(&context),
        families: families::of(results),
        streams: streams::of(&context),
        pipe: pipe::of(&context),
        findings: cards::of(&context, &wire),
        since: since::of(&context),
        timeline: timeline::of(&context),
        launches: launches::of(&context),
        wire,
        baselines: baselines::of(&context),
        checks: checks::of(&context),
        settings: settings::of(&context),
        run: &results.run,
        lane: results.run.lane.map(Lane::meaning),
        legend: Status::ALL.iter().rev().map(|status| (*status, status.meaning())).collect(),
    };
    let template = environment.get_template("report.html").expect("the template is part of the binary");
    template
        .render(context! {
            page => Value::from(Serde(&page)),
            results_file => results_file,
            style => Value::from_safe_string(STYLE.to_owned()),
            style_digest => digest(STYLE),
            tools => Value::from_safe_string(TOOLS.to_owned()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            script_digest => digest(SCRIPT),
        })
        .expect("the template uses nothing but what the page has; the tests render every part of it")
}

/// What the page's policy knows its style and its script by.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// The template engine with the one gate that every string passes.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(plain) if !value.is_safe() => {
            let shown = text::visible(&text::shorten(plain, LONGEST_TEXT));
            escape_formatter(out, state, &Value::from(shown))
        }
        _ => escape_formatter(out, state, value),
    });
    environment.add_filter("count", text::count);
    environment.add_filter("plural", |number: u64, noun: &str| text::plural(number, noun));
    environment.add_filter("duration", text::seconds);
    environment.add_filter("quoted", facets::quoted);
    for (name, part) in PARTS.into_iter().chain([("report.html", TEMPLATE)]) {
        environment.add_template(name, part).expect("the templates are part of the binary and tested");
    }
    environment
}
