//! DISC-020.

use crate::experiments::difference::{difference, unordered};
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran, limit_after};
use crate::experiments::{Conclusion, Launches};
use crate::plan::Ask;
use crate::protocol::{Catalog, Command, Descriptor, Stream};
use crate::rules::Level;
use serde_json::Value;

experiment! {
    /// `discover` describes the same streams differently each time.
    ///
    /// # What it checks
    /// `discover` is launched twice with the same config. Streams are compared by name and namespace, as JSON: the order of members
    /// and of items makes no difference. Where they differ, a third launch tells a change of the data from chance: what is there
    /// for good is a change; what differs from the second launch again is a fault. If only the order of streams or items differs,
    /// again and again, that is a SHOULD. Three launches can't show what changes rarely.
    ///
    /// # Why it matters
    /// The platform discovers regularly and compares by stream. A difference is told to the user as a change of the schema: by setting
    /// of the connection it is taken over, which may start a refresh, or the connection is paused. A field that comes and goes does
    /// so each time.
    ///
    /// # Example
    /// What two launches say of one stream, its properties only:
    /// ```json
    /// bad:  {"id":{"type":"integer"},"note":{"type":"string"}}  {"id":{"type":"integer"}}
    /// good: {"id":{"type":"integer"},"note":{"type":["null","string"]}}  and the same again
    /// ```
    ///
    /// # How to mend it
    /// Where schemas are inferred from a sample, let the sample be the same each time (ordered by key, no random sampling), and merge
    /// types so that the order of records does not matter. A page or a request that fails must fail `discover`, not leave a stream
    /// out. Sort what comes from sets and from threads.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests discover once; they compare the catalog with that of an earlier version only.
    run {
        code: "DISC-020",
        name: "catalog-not-the-same-twice",
        level: Must,
        commands: [Discover],
        authority: PlatformBehaviour,
        source: "platform: CatalogDiffHelpers",
        depth: Standard,
        launches: [
            Launches::one("discover.again", "the streams once more"),
            Launches::one("discover.confirm", "a third time, to tell a change of the data from chance").on_doubt(),
        ],
    }
}

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let first = lab.discover()?;
    let one = catalog(first)?;
    let ask = Ask::of(Command::Discover, "discover.again", "the streams once more");
    let ask = ask.unjudged().within(limit_after(first));
    let again = lab.launch(ask.clone())?;
    let two = catalog(again)?;
    if in_order(one) == in_order(two) {
        let mut conclusion = Conclusion::of(STATEMENT, again);
        conclusion.judged(None);
        return Ok(conclusion);
    }
    let purpose = "the streams a third time, to tell a change of the data from chance".to_owned();
    let last = lab.launch(Ask { id: "discover.confirm".to_owned(), purpose, ..ask }.round(1))?;
    let three = catalog(last)?;
    let mut conclusion = Conclusion::of(STATEMENT, last);
    judge(&mut conclusion, [first, again, last], [one, two, three]);
    Ok(conclusion)
}

fn catalog(ran: &Ran) -> Result<&Catalog, Halt> {
    let catalog = ran.complete()?.summary.catalog.as_ref();
    catalog.ok_or_else(|| Halt::Cannot(format!("{} gave no CATALOG", ran.id)))
}

fn in_order(catalog: &Catalog) -> Vec<String> {
    catalog.streams.iter().map(|stream| crate::protocol::schema::canonical(&stream.raw)).collect()
}

/// The entries of a stream, in whatever order they and what is in them came.
fn entries(catalog: &Catalog, descriptor: &Descriptor) -> Vec<String> {
    let own = catalog.streams.iter().filter(|stream| stream.descriptor == *descriptor);
    let mut entries: Vec<String> = own.map(|stream| unordered(&stream.raw)).collect();
    entries.sort();
    entries
}

fn judge(conclusion: &mut Conclusion, rans: [&Ran; 3], [one, two, three]: [&Catalog; 3]) {
    let mut names: Vec<&Descriptor> = one.streams.iter().chain(&two.streams).map(|stream| &stream.descriptor).collect();
    names.sort();
    names.dedup();
    let differing = names.into_iter().filter(|name| entries(one, name) != entries(two, name));
    let differing: Vec<&Descriptor> = differing.collect();
    let is_chance = |name: &&&Descriptor| entries(two, name) != entries(three, name);
    for name in differing.iter().filter(is_chance) {
        conclusion.found(Some(name), fault(rans, name, [one, two, three]));
    }
    let is_order = differing.is_empty() && in_order(two) != in_order(three);
    match is_order {
        _ if !conclusion.findings.is_empty() => {}
        true => conclusion.found(None, order_fault(rans)),
        false if differing.is_empty() => conclusion.judged(None),
        false => conclusion.inconclusive(
            None,
            format!("inconclusive: `{}` changed between two launches, and stayed so in a third", differing[0]),
        ),
    }
}

fn fault([first, again, last]: [&Ran; 3], name: &Descriptor, catalogs: [&Catalog; 3]) -> Fault {
    let raw = |catalog: &Catalog| -> Value {
        let is_it = |stream: &&Stream| stream.descriptor == *name;
        catalog.streams.iter().find(is_it).map(|stream| stream.raw.clone()).unwrap_or_default()
    };
    let [one, two, three] = catalogs.map(raw);
    let (what, shown) = match [&one, &two, &three].iter().position(|raw| raw.is_null()) {
        Some(missing) => {
            let without = [&first.id, &again.id, &last.id][missing];
            (
                format!("it is missing in {without}"),
                vec![evidence(without, None, format!("`{name}`, as before"), "no such stream")],
            )
        }
        None => {
            let found = difference(&two, &three).or_else(|| difference(&one, &two));
            let (pointer, [before, after]) = found.map(|found| (found.pointer, found.values)).unwrap_or_default();
            let mut shown = evidence(&last.id, None, format!("{before}, as in {}", again.id), after);
            shown.pointer = Some(pointer.clone());
            (format!("at `{pointer}`"), vec![shown])
        }
    };
    Fault {
        cause: "chance",
        level: Level::Must,
        title: "discover describes a stream differently each time".to_owned(),
        message: format!("{}, {} and {} do not agree about `{name}`: {what}", first.id, again.id, last.id),
        evidence: shown,
        case: Some(last.id.clone()),
    }
}

fn order_fault([first, again, last]: [&Ran; 3]) -> Fault {
    let title = "discover lists the same in another order each time".to_owned();
    let message = format!("{}, {} and {} say the same, each in another order", first.id, again.id, last.id);
    let shown = vec![evidence(&last.id, None, format!("the order of {}", again.id), "another one")];
    Fault { cause: "order", level: Level::Should, title, message, evidence: shown, case: Some(last.id.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Summary;
    use crate::experiments::answer::tests::ran;
    use crate::rules::Judged;
    use serde_json::json;

    /// The level of what was found; none where nothing was judged.
    fn level(catalogs: [Value; 3]) -> Option<Option<Level>> {
        let ran = ran(0, None, 1, Summary::default());
        let catalogs = catalogs.map(|streams| Catalog::from_value(&json!({"streams": streams})).expect("a catalog"));
        let mut conclusion = Conclusion::of(STATEMENT, &ran);
        judge(&mut conclusion, [&ran, &ran, &ran], [&catalogs[0], &catalogs[1], &catalogs[2]]);
        let is_judged = conclusion.outcomes[0].judged == Judged::Yes;
        is_judged.then(|| conclusion.findings.first().map(|finding| finding.level))
    }

    #[test]
    fn what_comes_and_goes_is_a_fault_and_what_stays_is_a_change() {
        let (a, b) = (json!({"name": "a", "x": [1, 2]}), json!({"name": "b"}));
        let (one, both) = (json!([a]), json!([a, b]));
        assert_eq!(level([one.clone(), both.clone(), one.clone()]), Some(Some(Level::Must)));
        assert_eq!(level([both.clone(), one.clone(), both.clone()]), Some(Some(Level::Must)));
        assert_eq!(level([one.clone(), both.clone(), both.clone()]), None);
        let other = |x: i64| json!([{"name": "a", "x": [x]}]);
        assert_eq!(level([other(1), other(2), other(3)]), Some(Some(Level::Must)));
        assert_eq!(level([other(1), other(2), other(2)]), None);
        // Another stream that is new for good excuses nothing.
        assert_eq!(
            level([other(1), json!([{"name": "a", "x": [2]}, b]), json!([{"name": "a", "x": [3]}, b])]),
            Some(Some(Level::Must))
        );
    }

    #[test]
    fn another_order_is_a_lesser_fault_if_it_is_another_each_time() {
        let order = |streams: [&str; 3]| json!(streams.map(|name| json!({"name": name})));
        let (one, two, three) = (order(["a", "b", "c"]), order(["b", "c", "a"]), order(["c", "a", "b"]));
        assert_eq!(level([one.clone(), two.clone(), three]), Some(Some(Level::Should)));
        assert_eq!(level([one, two.clone(), two]), Some(None));
    }
}
