//! `airproof test --failed`: what the last run found is judged again, and nothing else.

use super::Refusal;
use super::report::read_results;
use crate::engine::Selection;
use crate::exit::Exit;
use crate::experiments::all_statements;
use crate::rules::Level;
use crate::suite::Suite;
use crate::text;
use crate::verdict::{Doubt, FindingResult, Results, Same, compare};
use globset::Glob;
use std::collections::BTreeSet;
use std::path::Path;

/// The last run, and which of its findings are to be seen again.
pub(super) struct Again {
    earlier: Results,
    wanted: Vec<FindingResult>,
}

impl Again {
    /// Reads the last run's results. None where it was complete and found nothing.
    pub fn of_last(folder: &Path, fail_on: Level) -> Result<Option<Again>, Refusal> {
        if !folder.join(super::output::RESULTS).exists() {
            return Err(Refusal::usage(format!(
                "error: --failed goes by the last run, and {} has no results of one\nRun without --failed first, or name \
                 its folder with --report-dir.",
                folder.display()
            )));
        }
        let (_, earlier) = read_results(folder)?;
        let open = || earlier.findings.iter().filter(|finding| finding.waived.is_none());
        let mut wanted: Vec<FindingResult> = open().filter(|finding| finding.level >= fail_on).cloned().collect();
        if wanted.is_empty() {
            wanted = open().cloned().collect();
        }
        let exit = Exit::of_code(earlier.run.exit_code);
        match wanted.is_empty() {
            false => Ok(Some(Again { earlier, wanted })),
            true if matches!(exit, Some(Exit::Passed)) => Ok(None),
            true => Err(Refusal::usage(format!(
                "error: the last run found nothing, and it was not a good one: exit {}, {}\nRun without --failed: there \
                 is nothing to go by.",
                earlier.run.exit_code,
                exit.map_or("of a later airproof", Exit::meaning)
            ))),
        }
    }

    /// Leaves of suites and of the selection what the findings are about: their connectors, scenarios and rules.
    pub fn narrow(&self, mut suites: Vec<Suite>, selection: &mut Selection) -> Result<Vec<Suite>, Refusal> {
        let known: BTreeSet<&str> = all_statements().map(|statement| statement.code).collect();
        let rules: BTreeSet<&str> =
            self.wanted.iter().map(|finding| finding.rule.as_str()).filter(|rule| known.contains(rule)).collect();
        // A code has nothing in it that a pattern would take for more than itself.
        selection.rules = rules.iter().filter_map(|rule| Some(Glob::new(rule).ok()?.compile_matcher())).collect();
        let several = suites.len() > 1;
        if several {
            suites.retain(|suite| self.wanted.iter().any(|finding| finding.connector == suite.name));
        }
        if suites.is_empty() || selection.rules.is_empty() {
            return Err(Refusal::usage(
                "error: nothing that failed in the last run is in this suite or this airproof any more\nRun without --failed.",
            ));
        }
        for suite in &mut suites {
            let own = self.wanted.iter().filter(|finding| !several || finding.connector == suite.name);
            let named: BTreeSet<&str> = own.filter_map(|finding| finding.scenario.as_deref()).collect();
            // What is found in a specification is in no scenario, and any will show it.
            if !suite.scenarios.iter().any(|scenario| named.contains(scenario.name.as_str())) {
                continue;
            }
            let (kept, others) =
                std::mem::take(&mut suite.scenarios).into_iter().partition(|it| named.contains(it.name.as_str()));
            suite.scenarios = kept;
            let others: Vec<crate::suite::Scenario> = others;
            selection.other_scenarios.extend(others.iter().map(|scenario| scenario.id().to_owned()));
        }
        Ok(suites)
    }

    /// What is judged again, in a line.
    pub fn describe(&self) -> String {
        let rules: BTreeSet<&str> = self.wanted.iter().map(|finding| finding.rule.as_str()).collect();
        let findings = text::plural(self.wanted.len() as u64, "finding");
        format!(
            "Judging again what failed in run {}: {findings} of {}.",
            text::visible(&self.earlier.run.id),
            text::plural(rules.len() as u64, "rule")
        )
    }

    /// Says of each finding whether it is fixed, and that nothing else was looked at.
    pub fn compare(&self, results: &mut Results) {
        compare(results, &self.earlier);
        if let Some(since) = &mut results.since {
            // All else was not to be judged.
            since.not_judged.retain(|gone| self.wanted.iter().any(|finding| finding.id == gone.id));
            // Whoever judges again what failed has mended the program behind the command: that is no chance. An image with the
            // same id is the same, whatever was mended.
            since.flaky.retain(|flaky| flaky.same == Same::Image);
        }
        let message = format!(
            "Only what failed in run {} was judged, and nothing of what passed then: run without --failed before you trust it.",
            self.earlier.run.id
        );
        results.doubts.insert(0, Doubt { kind: "only-failed".to_owned(), message });
    }
}
