use crate::experiments::experiment::{Conclusion, Fault, Launches, evidence, experiment};
use crate::experiments::lab::{Halt, Lab};
use crate::experiments::plain_write::{PLAIN, plain_target, plain_write};
use crate::experiments::stored_rows::{ids, told};
use crate::experiments::writing::{Write, person};
use crate::rules::Level;

experiment! {
    /// In mode `append`, rows are missing, or those of an earlier sync are gone.
    ///
    /// # How it is tried
    /// Three records are written to a new stream in mode `append`, and then three more, two of them alike, in a second sync of the same generation. What
    /// is stored is read after each.
    ///
    /// # What proves a fault
    /// After the second sync not every record of both is there as often as it was written: `append` adds, and removes nothing.
    ///
    /// # What could fool it
    /// A destination that stores a record more than once after a crash may do so; nothing crashes here. A reader that leaves rows
    /// out: see what it prints by hand.
    ///
    /// # How to mend it
    /// Do not truncate a table, nor replace files, of a stream whose `minimum_generation_id` is 0. Give each row a key
    /// of its own (`_airbyte_raw_id`), and each file a name that no earlier sync has used.
    ///
    /// # What Airbyte's tests see
    /// The suites of the JVM destinations write twice in this mode, too. For other languages there are none.
    run {
        code: "DEST-015",
        name: "append-loses",
        level: Must,
        commands: [Write],
        authority: ProtocolText,
        source: "airbyte-protocol: destination sync modes",
        depth: Quick,
        launches: [
            PLAIN.in_quick(),
            Launches::one("write.append-more", "three more to the same stream, two of them alike").in_quick(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let target = plain_target(lab);
    let stream = target.stream.clone();
    let first = plain_write(lab)?;
    let before = ids(first.complete()?.rows(&stream)?);
    let more = Write::to([target.of(1, 2)]).records(&stream, [4, 5, 5].map(|id| person(id, "Ben", 2)));
    let second = lab.launch(more.finish().ask("write.append-more", "three more to the same stream, two of them alike"))?;
    let after = ids(second.complete()?.rows(&stream)?);

    let mut conclusion = Conclusion::of(STATEMENT, second);
    conclusion.judged(Some(&stream));
    for (ran, wanted, found) in [(first, "1 2 3", before), (second, "1 2 3 4 5 5", after)] {
        if found.join(" ") != wanted {
            let message = format!("after {} the stream holds {}, and {wanted} were written", ran.id, told(&found));
            conclusion.found(
                Some(&stream),
                Fault {
                    cause: "rows",
                    level: Level::Must,
                    title: "`append` does not keep all that was written".to_owned(),
                    message,
                    evidence: vec![evidence(&ran.id, None, format!("the ids {wanted}"), told(&found))],
                    case: Some(ran.id.clone()),
                },
            );
            break;
        }
    }
    Ok(conclusion)
}
