use crate::protocol::Icon;
use crate::rules::{Ending, Findings, Observer, Scene, Violation, rule};
use crate::text;

rule! {
    /// The connector has no icon.
    ///
    /// # What it checks
    /// Beside metadata.yaml lies `icon.svg`, and an SVG drawing begins in its first 64 KiB.
    ///
    /// # Why it matters
    /// Users look for a connector among hundreds by its icon. Without one it looks like all that lack theirs.
    ///
    /// # Example
    /// Files of a connector:
    /// ```text
    /// bad:  metadata.yaml, orders.png
    /// good: metadata.yaml, icon.svg
    /// ```
    ///
    /// # How to mend it
    /// Put a square SVG there. A picture of pixels that is only called so does not do.
    ///
    /// # What Airbyte's tests see
    /// connectors_qa fails where the file is not there or is the default icon. The acceptance tests do not look.
    IconMissing {
        code: "META-020",
        name: "icon-missing",
        level: Info,
        commands: [Spec],
        authority: CdkConvention,
        source: "connectors_qa: connectors must have an icon",
        watches: [],
        about: Launch,
        applies: Scene::has_metadata,
    }
}

#[derive(Default)]
struct IconMissing;

impl Observer for IconMissing {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let (cause, title, message, actual) = match ending.scene.metadata.as_ref().and_then(|metadata| metadata.icon) {
            Some(Icon::Missing) => (
                "missing",
                "the connector has no icon",
                "no icon.svg lies beside metadata.yaml",
                "no such file".to_owned(),
            ),
            Some(Icon::Other { bytes }) => {
                let (title, message) = ("the connector's icon is no SVG drawing", "icon.svg has no SVG drawing in it");
                ("other", title, message, format!("something else, of {}", text::bytes(bytes)))
            }
            Some(Icon::Svg { .. }) | None => return,
        };
        findings.report(cause, || Violation::new(title, message).expected("an SVG drawing", actual));
    }
}
