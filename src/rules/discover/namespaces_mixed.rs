use crate::protocol::{Kind, Stream};
use crate::rules::{Findings, Look, Observer, Violation, Watch, rule};
use crate::text;

rule! {
    /// Some streams of a catalog have a namespace, and others have none.
    ///
    /// # What it checks
    /// Either every stream of the CATALOG has a `namespace` or none does. An empty one counts as none. Several different
    /// namespaces are fine: a database has many schemas.
    ///
    /// # Why it matters
    /// Destinations put each namespace where it is told to and everything without one into the connection's default
    /// schema. With a mixture, tables of one source land in two places for no reason that the user can see, and two
    /// streams of the same name may meet in one.
    ///
    /// # Example
    /// Names and namespaces of the `streams` of a CATALOG:
    /// ```json
    /// bad:  [{"name":"orders","namespace":"shop"},{"name":"customers"}]
    /// good: [{"name":"orders","namespace":"shop"},{"name":"customers","namespace":"shop"}]
    /// ```
    ///
    /// # How to mend it
    /// Set the namespace of all streams in the same way: in a database source the schema's name, in most API sources
    /// none. Python CDK: `namespace` of the stream class.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests do not look at this, and know most streams by their name alone.
    NamespacesMixed {
        code: "DISC-018",
        name: "namespaces-mixed",
        level: Should,
        commands: [Discover],
        authority: ProtocolSchema,
        source: "AirbyteStream.namespace",
        watches: [Watch::Message(Kind::Catalog)],
        about: Launch,
    }
}

#[derive(Default)]
struct NamespacesMixed;

impl Observer for NamespacesMixed {
    fn observe(&mut self, look: &Look<'_>, findings: &mut Findings<'_>) {
        let streams = look.discovered();
        let has_one = |stream: &Stream| stream.descriptor.namespace.as_deref().is_some_and(|name| !name.is_empty());
        let with = streams.iter().filter(|stream| has_one(stream)).count();
        let without = streams.len() - with;
        if with == 0 || without == 0 {
            return;
        }
        // Those that are fewer are the odd ones.
        let odd_have_one = with < without;
        for (at, stream) in streams.iter().enumerate().filter(|(_, stream)| has_one(stream) == odd_have_one) {
            findings.report_stream("mixed", &stream.descriptor, || {
                let (odd, others) = if odd_have_one { ("a", without) } else { ("no", with) };
                let rest = if odd_have_one { "none" } else { "one" };
                Violation::new(
                    "some streams have a namespace and others have none",
                    format!(
                        "`{}` has {odd} namespace, where {} of the catalog {} {rest}",
                        stream.descriptor,
                        text::plural(others as u64, "stream"),
                        if others == 1 { "has" } else { "have" },
                    ),
                )
                .part(look.line, format!("/catalog/streams/{at}"), &stream.raw)
            });
        }
    }
}
