use crate::protocol::{Link, LinkAnswer};
use crate::rules::{Ending, Findings, Observer, Violation, rule};
use crate::text;

/// How much of an address is shown, in bytes.
const SHOWN: usize = 300;

rule! {
    /// A link in the connector's documentation leads nowhere.
    ///
    /// # What it checks
    /// Only where the suite asks for it (`documentation: { links: true }`): each address of the page is requested once. A
    /// status of 200 to 299 is an answer, and so are 401, 403 and 405: the page is there, and not for everybody. Any other
    /// of 400 to 499 is a dead link. Nothing is said of one whose server has trouble of its own (500 and more), has
    /// enough of requests (408, 425, 429), can't be reached, or does not answer in time. What stands in code is no link.
    ///
    /// # Why it matters
    /// Documentation leads users to where a key is made or a limit is told. A dead link ends the set-up there.
    ///
    /// # Example
    /// A page that is answered with 404:
    /// ```text
    /// bad:  Make a key as [the guide](https://orders.example/old/keys) says.
    /// good: Make a key as [the guide](https://orders.example/docs/keys) says.
    /// ```
    ///
    /// # How to mend it
    /// Find where the page has gone, or take the link out. An address that is an example belongs in code.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests of certified connectors request each link, and take nothing but 200, 401, 403 and 405.
    DocumentationLinkDead {
        code: "META-022",
        name: "documentation-link-dead",
        level: Info,
        commands: [Spec],
        authority: CdkConvention,
        source: "Airbyte acceptance tests: test_validate_links",
        watches: [],
        about: Launch,
        applies: |scene| {
            scene.has_page()?;
            let documentation = scene.metadata.as_ref().and_then(|metadata| metadata.documentation.as_ref());
            let links = documentation.and_then(|page| page.links.as_deref());
            let links = links.ok_or("the suite does not ask for links (`documentation: { links: true }`)")?;
            let is_known = |link: &Link| matches!(link.answer, LinkAnswer::Status(_));
            let is_judged = links.is_empty() || links.iter().any(is_known);
            is_judged.then_some(()).ok_or("inconclusive: no server of a link could be reached")
        },
    }
}

#[derive(Default)]
struct DocumentationLinkDead;

impl Observer for DocumentationLinkDead {
    fn conclude(&mut self, ending: &Ending<'_>, findings: &mut Findings<'_>) {
        let metadata = ending.scene.metadata.as_ref();
        let Some(page) = metadata.and_then(|metadata| metadata.documentation.as_ref()) else { return };
        for link in page.links.iter().flatten() {
            let LinkAnswer::Status(status) = link.answer else { continue };
            if !is_dead(status) {
                continue;
            }
            findings.report("dead", || {
                let url = text::shorten(&text::visible(&link.url), SHOWN);
                let message = format!("{url} in {} is answered with {status}", text::visible(&page.path));
                Violation::new("a link in the documentation leads nowhere", message)
                    .expected("200, or 401, 403, 405", format!("{status}: {url}"))
            });
        }
    }
}

fn is_dead(status: u16) -> bool {
    (400..500).contains(&status) && ![401, 403, 405, 408, 425, 429].contains(&status)
}
