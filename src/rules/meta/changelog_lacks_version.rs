use crate::protocol::section;
use crate::rules::{Ending, Findings, Observer, Scene, Violation, rule};

rule! {
    /// The changelog does not know the connector's version.
    ///
    /// # What it checks
    /// The section Changelog of the connector's page, or the page where it has no such section, names `dockerImageTag`. Release
    /// candidates and other versions with a suffix need not be there.
    ///
    /// # Why it matters
    /// Users learn from it what an upgrade changes, and whoever looks for the cause of a fault finds the version in
    /// which it began. A version that is not told is as if nothing had changed.
    ///
    /// # Example
    /// With `dockerImageTag: 1.4.2`:
    /// ```text
    /// bad:  | 1.4.1 | 2026-01-12 | #311 | Orders have regions |
    /// good: | 1.4.2 | 2026-02-03 | #318 | Refunds are read in pages |
    /// ```
    ///
    /// # How to mend it
    /// Add a line with the version, the date, the change's number, and what it is to the user.
    ///
    /// # What Airbyte's tests see
    /// connectors_qa fails. The acceptance tests do not look.
    ChangelogLacksVersion {
        code: "META-019",
        name: "changelog-lacks-version",
        level: Should,
        commands: [Spec],
        authority: CdkConvention,
        source: "connectors_qa: changelog entry for the current version",
        watches: [],
        about: Launch,
        applies: Scene::has_page,
    }
}

#[derive(Default)]
struct ChangelogLacksVersion;

impl Observer for ChangelogLacksVersion {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let Some(metadata) = &ending.scene.metadata else { return };
        let (Some(page), Some(version), Some(tag)) = (metadata.page(), metadata.version(), metadata.docker_image_tag())
        else {
            return;
        };
        let changelog = section(page, "Changelog");
        if version.pre_release.is_some() || names(changelog.unwrap_or(page), tag) {
            return;
        }
        findings.report("missing", || {
            let path = metadata.documentation.as_ref().map_or("", |page| &page.path);
            let place = if changelog.is_some() { "in its changelog" } else { "and has no changelog" };
            let message = format!("{path} does not name {tag}, the connector's version, {place}");
            Violation::new("the changelog does not know the version", message)
                .expected(format!("an entry {tag}"), "none")
        });
    }
}

/// Whether the version stands there, and not only as a part of another one.
fn names(changelog: &str, version: &str) -> bool {
    changelog.match_indices(version).any(|(at, _)| {
        let before = changelog[..at].chars().next_back();
        let mut after = changelog[at + version.len()..].chars();
        let (next, then) = (after.next(), after.next());
        let goes_on = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let is_begun = before.is_some_and(|letter| letter.is_ascii_digit() || letter == '.');
        let is_part = is_begun || goes_on(next) || (matches!(next, Some('.' | '-' | '+')) && goes_on(then));
        !is_part
    })
}
