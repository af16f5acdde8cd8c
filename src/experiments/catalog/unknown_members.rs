//! LINE-016.

use crate::experiments::decoration;
use crate::experiments::experiment::{Fault, evidence, experiment};
use crate::experiments::lab::{Halt, Lab, Ran};
use crate::experiments::resume::starts;
use crate::experiments::same_records::{Demand, Variation, Words, fails, lacking};
use crate::experiments::{Conclusion, Launches};
use crate::plan::{Ask, ConfigFile};
use crate::rules::Level;
use crate::text;
use serde_json::Value;
use std::sync::Arc;

experiment! {
    /// A member that the connector does not know, in its catalog, state or config, breaks the read.
    ///
    /// # What it checks
    /// A read, from a state in the middle of an incremental one where there is such a state, is made with members named `x_airproof`
    /// added: to the catalog, its entries, their streams and their schemas; to each state message, its `stream` or `global` and
    /// each entry of `stream_states`, never to what the connector itself wrote into `stream_state`; and to the config, where its
    /// specification does not forbid it. It must end with exit code 0, deliver the same records, and not those from before the
    /// state. What it breaks counts only if it does so in a second attempt too, and the read as before still works. If it fails, one
    /// launch for each file tells which of them it was. An unknown member of the config alone is a SHOULD.
    ///
    /// # Why it matters
    /// The protocol grows by new members, and the platform adds its own to states (`id`, `destinationStats`). A connector that
    /// refuses what it does not know stops working on the day on which the platform is upgraded.
    ///
    /// # Example
    /// ```json
    /// bad:  {"type":"TRACE","trace":{"type":"ERROR","emitted_at":1717200000000,"error":{"message":"unknown field `x_airproof`"}}}
    /// good: {"type":"RECORD","record":{"stream":"orders","data":{"id":1},"emitted_at":1717200000000}}
    /// ```
    ///
    /// # How to mend it
    /// Let the parser skip what it does not know: no `deny_unknown_fields` (Rust), no `extra = "forbid"` (pydantic), no
    /// `FAIL_ON_UNKNOWN_PROPERTIES` (Jackson), no `.strict()` (zod) for the protocol's own objects.
    ///
    /// # What Airbyte's tests see
    /// The acceptance tests and the CDK's standard tests give catalogs and states as the connector wrote them.
    run {
        code: "LINE-016",
        name: "unknown-member-breaks-read",
        level: Must,
        commands: [Read],
        authority: ProtocolText,
        source: "Airbyte protocol: messages, common",
        depth: Standard,
        launches: [
            // The launch that EXP-02 makes of its first state, too.
            Launches::one("read.checkpoint", "incremental, from a state in the middle"),
            Launches::one("read.unknown-members", "the same, with unknown members in catalog, state and config"),
            Launches::one("read.unknown-members-again", "the same once more").on_doubt(),
            Launches::one("read.unknown-in-catalog", "the same, with unknown members in its catalog alone").on_doubt(),
            Launches::one("read.unknown-in-state", "the same, with unknown members in its state alone").on_doubt(),
            Launches::one("read.unknown-in-config", "the same, with unknown members in its config alone").on_doubt(),
            Launches::one("read.afterwards", "as before, to see what is still there").on_doubt(),
        ],
    }
}

const WORDS: Words = Words {
    with: "with unknown members in catalog, state and config",
    fails: "an unknown member in what it is given makes the read fail",
    lacks: "an unknown member in what it is given costs records",
    levels: (Level::Must, Level::Must),
};

const IN_CONFIG: Words = Words {
    with: "with an unknown member in its config",
    fails: "an unknown member in its config makes the read fail",
    lacks: "an unknown member in its config costs records",
    levels: (Level::Should, Level::Should),
};

fn run(lab: &Lab<'_>) -> Result<Conclusion, Halt> {
    let (base, state) = base(lab)?;
    let specification = lab.spec()?.summary.specification.clone();
    let plain = lab.read_like(base, "read.unknown-members", "with unknown members in catalog, state and config")?;
    let plain = Ask { state: state.clone(), ..plain }.unjudged();
    let config = decoration::of_config(&lab.scenario.config, specification);
    let catalog = Arc::new(decoration::of_catalog(base.catalog()?));
    let decorated = state.as_deref().map(|state| Arc::new(decoration::of_states(state)));
    let config_file = || config.clone().map_or(ConfigFile::Own, |config| ConfigFile::Json(Arc::new(config)));
    let ask = Ask { catalog: Some(catalog.clone()), state: decorated.clone(), ..plain.clone() }.config(config_file());
    let demand = Demand::Success;
    let of = |ask: Ask| Variation { base, base_state: state.clone(), ask, demand, has_other_fields: false };
    let varied = of(ask.clone()).make(lab)?;
    let mut conclusion = Conclusion::of(STATEMENT, varied.read);
    if !varied.has_failed() {
        varied.conclude(&mut conclusion, &WORDS, |_| None)?;
        started_over(lab, &mut conclusion, (base, state.clone()), (varied.read, ask))?;
        return Ok(conclusion);
    }
    let alone = |id: &str, ask: Ask| Ask {
        id: id.to_owned(),
        purpose: format!("{} alone", id.replace(['.', '-'], " ")),
        ..ask
    };
    let parts = [
        ("catalog", Ask { catalog: Some(catalog), ..plain.clone() }),
        ("state", Ask { state: decorated, ..plain.clone() }),
        ("config", plain.config(config_file())),
    ];
    let parts = parts.map(|(name, ask)| (name, alone(&format!("read.unknown-in-{name}"), ask)));
    let read = lab.launches(parts.iter().map(|(_, ask)| ask.clone()))?;
    let guilty: Vec<&str> =
        parts.iter().zip(read).filter(|(_, read)| fails(read)).map(|((name, _), _)| *name).collect();
    let words = if guilty == ["config"] { IN_CONFIG } else { WORDS };
    varied.conclude(&mut conclusion, &words, |_| None)?;
    if let (Some(finding), false) = (conclusion.findings.first_mut(), guilty.is_empty()) {
        finding.message =
            format!("{}; it fails for what was added to the {}", finding.message, guilty.join(" and to the "));
    }
    Ok(conclusion)
}

/// The read that is made again, and the state that it is given: from a state in the middle, else from the beginning.
fn base<'l>(lab: &Lab<'l>) -> Result<(&'l Ran, Option<Arc<Value>>), Halt> {
    let first = lab.incremental()?;
    if first.complete().is_err() {
        return Ok((lab.full_refresh()?.complete()?, None));
    }
    let starts = starts(first, 1, "read.checkpoint").unwrap_or_default();
    let Some(start) = starts.first() else {
        return Ok((first, lab.scenario.state.clone().map(Arc::new)));
    };
    let ask = lab.read_like(first, &start.id, "incremental, from a state in the middle")?;
    let ask = ask.resuming(&first.id, start.state.clone());
    let state = ask.state.clone();
    Ok((lab.launch(ask)?.complete()?, state))
}

/// Whether the read has records that the one without the members leaves out, since they are from before the state.
fn started_over(
    lab: &Lab<'_>,
    conclusion: &mut Conclusion,
    (base, state): (&Ran, Option<Arc<Value>>),
    (read, ask): (&Ran, Ask),
) -> Result<(), Halt> {
    if state.is_none() || !read.succeeded() {
        return Ok(());
    }
    let more = lacking(read.trail()?, base.trail()?, false)?;
    let all: u64 = read.trail()?.streams.iter().map(|stream| stream.records).sum();
    let count: u64 = more.counts.values().sum();
    // A few may be new by now.
    if count < 5 || count * 4 < all {
        return Ok(());
    }
    let id = "read.unknown-members-again".to_owned();
    let again = lab.launch(Ask { id, ..ask }.round(1))?.complete()?;
    let plain = lab.read_like(base, "read.afterwards", "as before, to see what is still there")?;
    let afterwards = lab.launch(Ask { state, ..plain.round(1) })?.complete()?;
    let more: u64 = lacking(again.trail()?, afterwards.trail()?, false)?.counts.values().sum();
    if more * 2 < count {
        return Ok(());
    }
    let came = format!("{} more", text::plural(count, "record"));
    conclusion.found(
        None,
        Fault {
            cause: "starts over",
            level: Level::Must,
            title: "a state with an unknown member is ignored".to_owned(),
            message: format!(
                "{}, the read delivered {came} than {}, in two attempts: they are from before the state",
                WORDS.with, base.id
            ),
            evidence: vec![evidence(&read.id, None, format!("the records of {}", base.id), came)],
            case: Some(read.id.clone()),
        },
    );
    Ok(())
}
