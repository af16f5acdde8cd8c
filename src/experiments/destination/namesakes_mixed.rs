//! DEST-023.

use crate::experiments::experiment::{Conclusion, Launches, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::plain_write::{PLAIN, is_seen};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{Write, people, person};
use crate::experiments::written::{fault, seen};
use crate::feed::Target;
use crate::protocol::{Descriptor, DestinationSyncMode};
use crate::rules::Level;
use crate::suite::{Depth, Namespaces};

experiment! {
    /// Streams of one name in two namespaces get into each other's way.
    ///
    /// # What it checks
    /// Two streams of one name, in two namespaces, are written in one sync, by turns. In a certification, a third has the name and no
    /// namespace: a configured default takes its place, and no cleaner is called for that, so the table of it remains.
    ///
    /// What proves a fault: in one of the streams there is a row of the other, or one of its own is missing.
    ///
    /// Mind: a destination that has no namespaces says so in the suite (`behaviours.namespaces: ignored`), and is not tried. A reader that
    /// pays no heed to `AIRPROOF_NAMESPACE`. A stream without namespace that the reader does not find is not judged.
    ///
    /// # Why it matters
    /// Databases have a table `users` in many schemas. If two of them end in one table, each row of it may be anybody's; in a mode that
    /// replaces, one of them is gone.
    ///
    /// # Example
    /// `left.users` has the ids 1 and 3, `right.users` 2 and 4:
    /// ```json
    /// bad:  {"id":1} {"id":2} {"id":3} {"id":4}
    /// good: {"id":1} {"id":3}
    /// ```
    ///
    /// # How to mend it
    /// Know streams by name and namespace together, in every map and in each name of a table, staged file or buffer. Python CDK: the
    /// key is `(record.namespace, record.stream)`.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations write to two namespaces. For other languages there are none.
    run {
        code: "DEST-023",
        name: "namesakes-mixed",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: namespace",
        depth: Standard,
        launches: [
            PLAIN,
            Launches::one("write.namespaces", "streams of one name in two namespaces"),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    lab.offers(DestinationSyncMode::Append)?;
    is_seen(lab)?;
    if lab.behaviours().namespaces == Namespaces::Ignored {
        return Err(Halt::Cannot("the suite says that the destination ignores namespaces".to_owned()));
    }
    let (left, right) = (lab.stream("left", "namesake"), lab.stream("right", "namesake"));
    let mut streams = vec![(left.clone(), [1, 3]), (right, [2, 4])];
    if lab.depth == Depth::Certification {
        // Its name has to be this run's own, since its place is not.
        let namespace = left.namespace.unwrap_or_default();
        let bare = Descriptor::named(format!("{namespace}_bare"));
        streams.push((bare.clone(), [5, 7]));
        streams.push((Descriptor { namespace: Some(namespace), ..bare }, [6, 8]));
    }
    let targets: Vec<Target> = streams.iter().map(|(stream, _)| Target::append(stream.clone(), people())).collect();
    let write = (0..2).fold(Write::to(targets), |write, turn| {
        streams.iter().fold(write, |write, (stream, ids)| write.record(stream, person(ids[turn], "Ada", 1)))
    });
    let ran =
        lab.launch(write.finish().ask("write.namespaces", "streams of one name in two namespaces"))?.complete()?;

    let mut conclusion = Conclusion::of(STATEMENT, ran);
    for (stream, wanted) in &streams {
        if stream.namespace.is_none() && ran.table(stream).is_ok_and(|table| table.is_none()) {
            conclusion.inconclusive(Some(stream), "the reader finds no stream without a namespace");
            continue;
        }
        let Some(found) = seen(&mut conclusion, ran, stream).map(ids) else { continue };
        conclusion.judged(Some(stream));
        let wanted = wanted.map(|id| id.to_string()).to_vec();
        if found != wanted {
            let message =
                format!("after {} the stream holds {}; written to it were {}", ran.id, told(&found), told(&wanted));
            let title = "streams of one name in different namespaces are not kept apart";
            let fault = fault(ran, ("rows", Level::Must), title, message, (told(&wanted), told(&found)));
            conclusion.found(Some(stream), fault);
        }
    }
    Ok(conclusion)
}
