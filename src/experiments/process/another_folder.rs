//! CLI-003.

use crate::experiments::beside::{Look, Proof, doubt_of, prove};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::{Conclusion, Launches};
use crate::launch::Handling;
use crate::plan::Ask;
use crate::protocol::{Catalog, Command};
use crate::rules::Level;
use crate::text;
use serde_json::Value;

/// A folder that there is in every image, and that is nobody's own.
const FOLDER: &str = "/";

experiment! {
    /// What a connector does depends on the folder that it is started in.
    ///
    /// # What it checks
    /// `spec` and `discover` are started in the folder `/`. The specification must be the same value, and the catalog must have the same
    /// streams, each the same value, in whatever order. A difference counts if it comes twice and the launch in the usual
    /// folder still gives what it had given. A local command that names a file by a relative path can't be started elsewhere, and is
    /// inconclusive.
    ///
    /// # Why it matters
    /// The platform sets the working directory of the containers that it starts; it is not the image's own. What is
    /// looked for beside the connector is not found there: schemas, manifests, certificates.
    ///
    /// # Example
    /// ```json
    /// bad:  open("schemas/orders.json")
    /// good: pkgutil.get_data("source_orders", "schemas/orders.json")
    /// ```
    ///
    /// # How to mend it
    /// Find files by the place of the code (`__file__`, `pkgutil`, the class path), not by the working directory. Give
    /// ENTRYPOINT absolute paths.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests start a connector in the image's own folder only.
    run {
        code: "CLI-003",
        name: "working-directory-matters",
        level: Should,
        commands: [Spec, Discover],
        authority: ProtocolText,
        source: "Airbyte protocol for Docker: working directory",
        depth: Certification,
        launches: [
            Launches::one("spec.elsewhere", "in another folder"),
            Launches::one("spec.elsewhere-again", "once more").on_doubt(),
            Launches::one("spec.as-usual", "in its own folder, to see whether all is as before").on_doubt(),
            Launches::one("discover.elsewhere", "in another folder"),
            Launches::one("discover.elsewhere-again", "once more").on_doubt(),
            Launches::one("discover.as-usual", "in its own folder, to see whether all is as before").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let proof = compare(lab, Command::Spec, lab.spec()?, |ran| ran.summary.specification.clone())?;
    let Proof::Same(_) = proof else { return Ok(proof.conclude(STATEMENT, |ran, how| fault("spec", ran, how))) };
    let proof = compare(lab, Command::Discover, lab.discover()?, |ran| ran.summary.catalog.as_ref().map(unordered))?;
    Ok(proof.conclude(STATEMENT, |ran, how| fault("discover", ran, how)))
}

fn compare<'l>(
    lab: &Lab<'l>,
    command: Command,
    base: &Ran,
    payload: impl Fn(&Ran) -> Option<Value>,
) -> Result<Proof<'l>, Halt> {
    let Some(expected) = payload(base.complete()?) else {
        return Err(Halt::Cannot(format!("{} delivered nothing to compare with", base.id)));
    };
    let handling = Handling { working_directory: Some(FOLDER.to_owned()), ..Handling::default() };
    let ask = Ask::of(command, format!("{command}.elsewhere"), "in another folder").treated(handling);
    let alone = Ask::of(command, format!("{command}.as-usual"), "in its own folder, to see whether all is as before");
    prove(lab, ask, Some(alone.round(1)), |ran| look(base, ran, &expected, payload(ran)))
}

fn look(base: &Ran, ran: &Ran, expected: &Value, came: Option<Value>) -> Look {
    match (doubt_of(ran), came) {
        (Some(doubt), _) => Look::Doubt(doubt),
        (None, None) => Look::Differs(format!("{} delivered nothing: {}", ran.id, ran.summary.account())),
        (None, Some(came)) if came == *expected => Look::Same,
        (None, Some(came)) => Look::Differs(format!(
            "it is {}, where {} delivered {}",
            text::json(&came, 200),
            base.id,
            text::json(expected, 200)
        )),
    }
}

/// The streams as one value, in an order of their own.
fn unordered(catalog: &Catalog) -> Value {
    let mut streams: Vec<&crate::protocol::Stream> = catalog.streams.iter().collect();
    streams.sort_by_key(|stream| (&stream.descriptor.namespace, &stream.descriptor.name));
    streams.into_iter().map(|stream| stream.raw.clone()).collect()
}

fn fault(command: &'static str, ran: &Ran, how: String) -> Fault {
    Fault {
        cause: command,
        level: Level::Should,
        title: format!("{command} depends on the folder that it is started in"),
        message: format!("started in `{FOLDER}`, {command} delivered something else, twice: {how}"),
        evidence: vec![evidence(&ran.id, None, "what it delivers in its own folder", how)],
        case: Some(ran.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_streams_makes_no_difference() {
        let catalog = |names: [&str; 2]| {
            let streams: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
            unordered(&Catalog::from_value(&json!({ "streams": streams })).expect("a catalog"))
        };
        assert_eq!(catalog(["a", "b"]), catalog(["b", "a"]));
        assert_ne!(catalog(["a", "b"]), catalog(["a", "c"]));
    }
}
