//! Another version of the connector, beside which this one is launched: `airproof compare`. The other is the control, this one the target.

use super::experiment::{Fault, evidence};
use super::lab::{Halt, Lab, Ran, limit_after};
use super::restored::{is_cut, restored};
use crate::capture::REDACTED;
use crate::compat::{Change, Class, What, changes_of_catalog, changes_of_spec};
use crate::plan::{Ask, Instead};
use crate::protocol::{Catalog, Command, ConfiguredCatalog, ConfiguredStream, Descriptor, Stream};
use crate::rules::Level;
use serde_json::{Value, json};

/// The launches of both that several comparisons use.
pub(super) struct Control<'l, 'e> {
    lab: &'e Lab<'l>,
    instead: Instead,
    /// Whether it is an earlier run, of which only some launches are there.
    pub is_stored: bool,
}

impl<'l, 'e> Control<'l, 'e> {
    /// Halts where nothing is compared.
    pub fn of(lab: &'e Lab<'l>) -> Result<Self, Halt> {
        let control = lab.scenario.previous.as_ref().filter(|previous| previous.is_control);
        let control = control.ok_or_else(|| Halt::Cannot("there is no other version to compare with".to_owned()))?;
        let counterpart = control.counterpart.clone().map_err(Halt::Cannot)?;
        let instead = Instead { counterpart, unless: None, reason: None, is_needed: true };
        Ok(Control { lab, instead, is_stored: control.is_stored() })
    }

    /// A launch of the control.
    pub fn ask(&self, command: Command, id: &str, purpose: &str) -> Ask {
        Ask::of(command, id, purpose).instead(self.instead.clone())
    }

    /// Its specification.
    pub fn spec(&self) -> Result<&'l Ran, Halt> {
        self.lab.launch(self.ask(Command::Spec, "spec.control", "the specification of the other version"))
    }

    /// Its `check`.
    pub fn check(&self) -> Result<&'l Ran, Halt> {
        self.lab.launch(self.ask(Command::Check, "check.control", "the same config, in the other version"))
    }

    /// Its streams.
    pub fn discover(&self) -> Result<&'l Ran, Halt> {
        self.lab.launch(self.ask(Command::Discover, "discover.control", "the streams of the other version"))
    }

    /// A read by the control of the streams that both have, as the control describes them, read as the target's was.
    pub fn read_like(&self, target: &Ran, id: &str, purpose: &str) -> Result<Ask, Halt> {
        let [catalog, _] = self.shared(target.catalog()?)?;
        Ok(self.ask(Command::Read, id, purpose).catalog(catalog).within(limit_after(target)))
    }

    /// An incremental read by the control, like the target's.
    pub fn incremental(&self, target: &Ran) -> Result<Ask, Halt> {
        self.read_like(target, "read.control-incremental", "incremental, by the other version")
    }

    /// The same read by the target.
    pub fn read_by_target(&self, target: &Ran, id: &str, purpose: &str) -> Result<Ask, Halt> {
        let [_, catalog] = self.shared(target.catalog()?)?;
        Ok(Ask::of(Command::Read, id, purpose).catalog(catalog).within(limit_after(target)).unjudged())
    }

    /// Reads by the control, the target and the control again, one after the other, of the streams that both have.
    pub fn in_turn(&self, first: &Ran) -> Result<[&'l Ran; 3], Halt> {
        let told = self.fields_told()?;
        let before = self.read_like(first, "read.control", "the streams of both, in the other version")?;
        let target = self.read_by_target(first, "read.target", "the streams of both, by this version")?.round(2);
        let after = self.read_like(first, "read.control-again", "once more, for what differs by itself")?.round(1);
        let before = self.lab.launch(before.leaving_out(told.clone()))?.complete()?;
        let target = self.lab.launch(target.leaving_out(told.clone()))?.complete()?;
        Ok([before, target, self.lab.launch(after.leaving_out(told))?.complete()?])
    }

    /// What both have of a catalog and can read so, in the same order and with the same keys, as the control and as the target
    /// describes it. A connection keeps the streams that it was set up with.
    fn shared(&self, catalog: &ConfiguredCatalog) -> Result<[Value; 2], Halt> {
        let own = catalog_of(self.discover()?)?;
        let entries = catalog.streams.iter().zip(catalog.raw["streams"].as_array().into_iter().flatten());
        let shared = entries.filter_map(|(entry, raw)| {
            let stream = own.streams.iter().find(|stream| stream.descriptor == entry.stream.descriptor)?;
            let modes = stream.raw["supported_sync_modes"].as_array();
            if !modes.is_none_or(|modes| modes.contains(&raw["sync_mode"])) {
                return None;
            }
            let mut raw = raw.clone();
            let key = Some(&entry.primary_key).filter(|key| !key.is_empty()).cloned();
            raw["primary_key"] = json!(key.unwrap_or_else(|| stream.primary_key()));
            let target = raw.clone();
            raw["stream"] = stream.raw.clone();
            Some((raw, target))
        });
        let (control, target): (Vec<Value>, Vec<Value>) = shared.unzip();
        match control.is_empty() {
            true => Err(Halt::Cannot("the two versions have no stream in common that both can read so".to_owned())),
            false => Ok([json!({ "streams": control }), json!({ "streams": target })]),
        }
    }

    /// What differs between the specifications.
    pub fn changes_of_spec(&self) -> Result<Vec<Change>, Halt> {
        let (control, target) = (specification_of(self.spec()?)?, specification_of(self.lab.spec()?)?);
        match self.is_stored {
            false => Ok(changes_of_spec(control, target)?),
            true => Ok(without_cut(changes_of_spec(&restored(control, target), target)?)),
        }
    }

    /// What differs between the catalogs.
    pub fn changes_of_catalog(&self) -> Result<Vec<Change>, Halt> {
        self.changes_between(self.discover()?, self.lab.discover()?)
    }

    /// The same between a `discover` of the control and one of the target.
    pub fn changes_between(&self, control: &Ran, target: &Ran) -> Result<Vec<Change>, Halt> {
        let (control, target) = (catalog_of(control)?, catalog_of(target)?);
        if !self.is_stored {
            return Ok(changes_of_catalog(control, target)?);
        }
        let restore = |stream: &Stream| {
            let other = target.streams.iter().find(|other| other.descriptor == stream.descriptor);
            other.map_or_else(|| stream.clone(), |other| Stream::from_value(&restored(&stream.raw, &other.raw)))
        };
        let control = Catalog { streams: control.streams.iter().map(restore).collect() };
        Ok(without_cut(changes_of_catalog(&control, target)?))
    }

    /// The fields of which the catalogs tell different things, that can show in values: that is told once, and not of each
    /// record again.
    pub fn fields_told(&self) -> Result<Vec<(Descriptor, String)>, Halt> {
        let changes = self.changes_of_catalog()?;
        let mut told: Vec<_> = changes
            .iter()
            .filter(|change| change.class() != Class::Cosmetic)
            .flat_map(|change| {
                let streams = change.stream.iter();
                streams.flat_map(|stream| fields_of(change).into_iter().map(|name| (stream.clone(), name)))
            })
            .collect();
        told.sort();
        told.dedup();
        Ok(told)
    }

    /// The streams that the versions key by values of another form, so that no record of one is found in the other.
    pub fn keyed_otherwise(&self, streams: &[ConfiguredStream]) -> Result<Vec<Descriptor>, Halt> {
        let changes = self.changes_of_catalog()?;
        let is_of_key = |change: &Change| {
            let own = streams.iter().find(|entry| Some(&entry.stream.descriptor) == change.stream.as_ref());
            let keys = own.into_iter().flat_map(|entry| &entry.primary_key).filter_map(|path| path.first());
            let fields = fields_of(change);
            change.class() == Class::Breaking && keys.into_iter().any(|key| fields.contains(key))
        };
        Ok(changes.iter().filter(|change| is_of_key(change)).filter_map(|change| change.stream.clone()).collect())
    }

    /// The streams of which the catalogs say that they are read by another cursor, or in other ways: their states are of another form.
    pub fn read_otherwise(&self) -> Result<Vec<Descriptor>, Halt> {
        const WAYS: [What; 3] = [What::DefaultCursor, What::SourceDefinedCursor, What::SyncModes];
        let changes = self.changes_of_catalog()?;
        Ok(changes
            .into_iter()
            .filter(|change| WAYS.contains(&change.what()))
            .filter_map(|change| change.stream)
            .collect())
    }
}

/// The fields of records, at their top, that a change is about: two where one was renamed.
fn fields_of(change: &Change) -> Vec<String> {
    let Some(inner) = change.pointer.strip_prefix("/json_schema/properties/") else { return Vec::new() };
    let mut steps = inner.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
    let mut fields: Vec<String> = steps.next().into_iter().collect();
    if change.what() == What::FieldRenamed && steps.next().is_none() {
        fields.extend(change.before.as_ref().and_then(Value::as_str).map(str::to_owned));
    }
    fields
}

/// Without what differs in something that was cut out of what is stored.
fn without_cut(mut changes: Vec<Change>) -> Vec<Change> {
    changes.retain(|change| !change.pointer.contains(REDACTED) && !change.before.as_ref().is_some_and(is_cut));
    changes
}

/// The specification of a `spec`.
fn specification_of(ran: &Ran) -> Result<&Value, Halt> {
    let payload = ran.complete()?.summary.specification.as_ref();
    payload.ok_or_else(|| Halt::Cannot(format!("{} gave no specification", ran.id)))
}

/// The catalog of a `discover`.
pub(super) fn catalog_of(ran: &Ran) -> Result<&Catalog, Halt> {
    let catalog = ran.complete()?.summary.catalog.as_ref();
    catalog.ok_or_else(|| Halt::Cannot(format!("{} gave no CATALOG", ran.id)))
}

/// A difference that shows in a whole launch. `word` names it for good, and ends the message.
pub(super) fn differs(word: &'static str, level: Level, title: &str, message: String, shown: Shown<'_>) -> Fault {
    let Shown { launch, expected, actual } = shown;
    let evidence = vec![evidence(&launch.id, None, expected, actual)];
    let message = format!("{message} ({word})");
    Fault { cause: word, level, title: title.to_owned(), message, evidence, case: Some(launch.id.clone()) }
}

/// Where a difference shows.
pub(super) struct Shown<'r> {
    pub launch: &'r Ran,
    /// What the control did.
    pub expected: String,
    /// What the target does.
    pub actual: String,
}
