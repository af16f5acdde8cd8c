use crate::protocol::Kind;
use crate::rules::{Findings, Level, Look, Observer, Watch, rule};
use serde_json::Value;
use std::collections::HashSet;

rule! {
    /// A `group` stands where no groups are, or is not as `groups` has it.
    ///
    /// # What it checks
    /// `group` is said of properties at the top of `connectionSpecification` only, not within objects, branches or
    /// items. No `id` stands twice in `groups`, which is reported at SHOULD. Where there are `groups`, each `group`
    /// is one of them; any other is told at INFO, for the form shows it all the same, behind those that are listed. A
    /// property named `group` is no group.
    ///
    /// # Why it matters
    /// Groups are the cards of the form. A nested `group` is ignored, so the field is not where its author put it; of two
    /// groups with one `id`, the form takes title and place of the second.
    ///
    /// # Example
    /// ```json
    /// bad:  {"properties":{"login":{"type":"object","properties":{"user":{"type":"string","group":"access"}}}}}
    /// good: {"properties":{"login":{"type":"object","group":"access","properties":{"user":{"type":"string"}}}}}
    /// ```
    ///
    /// # How to mend it
    /// Move `group` up to the property at the top that the field is in, and list each group once in `groups`, beside
    /// `properties`: `[{"id": "access", "title": "Access"}]`.
    ///
    /// # What Airbyte's tests see
    /// Airbyte's acceptance tests refuse a nested `group` and do not look at `groups`.
    GroupMisplaced {
        code: "SPEC-025",
        name: "group-misplaced",
        level: Must,
        commands: [Spec],
        authority: ProtocolText,
        source: "connector specification reference: grouping fields; Airbyte acceptance tests: test_nested_group",
        watches: [Watch::Message(Kind::Spec)],
        about: Launch,
    }
}

#[derive(Default)]
struct GroupMisplaced;

impl Observer for GroupMisplaced {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let mut known: HashSet<&str> = HashSet::new();
        for place in look.form() {
            if place.depth == 0 {
                for id in place.keyword("groups").and_then(Value::as_array).into_iter().flatten() {
                    let Some(id) = id.get("id").and_then(Value::as_str) else { continue };
                    if !known.insert(id) {
                        findings.report("twice", || {
                            let message = format!("`groups` has two entries with the `id` `{id}`");
                            let violation =
                                place.violation(look, "groups", "a group stands twice in `groups`", message);
                            violation.level(Level::Should)
                        });
                    }
                }
                continue;
            }
            let Some(group) = place.keyword("group").filter(|group| !group.is_null()) else { continue };
            let is_top = place.depth == 1 && place.property().is_some();
            if !is_top && place.pointer.starts_with("/properties/") {
                findings.report("nested", || {
                    let message = format!("{} is not at the top, and has the `group` {group}", place.describe());
                    place.violation(look, "group", "`group` is said of a nested property", message)
                });
            }
            let unknown = group.as_str().filter(|group| is_top && !known.is_empty() && !known.contains(group));
            if let Some(group) = unknown {
                findings.report("unknown", || {
                    let message =
                        format!("{} is in the group `{group}`, which `groups` does not list", place.describe());
                    place.violation(look, "group", "a `group` is not among the `groups`", message).level(Level::Info)
                });
            }
        }
    }
}
