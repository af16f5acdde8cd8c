//! Another version of the connector, beside which this one is launched: `airproof compare`. The other is the control, this one the target.

use super::experiment::{Fault, evidence};
use super::lab::{Halt, Lab, Ran, limit_after};
use crate::compat::{Change, changes_of_catalog};
use crate::plan::{Ask, Instead};
use crate::protocol::{Catalog, Command, ConfiguredCatalog, Descriptor};
use crate::rules::Level;
use serde_json::{Value, json};

/// The launches of both that several comparisons use.
pub(super) struct Control<'l, 'e> {
    lab: &'e Lab<'l>,
    instead: Instead,
}

impl<'l, 'e> Control<'l, 'e> {
    /// Halts where nothing is compared.
    pub fn of(lab: &'e Lab<'l>) -> Result<Self, Halt> {
        let control = lab.scenario.previous.as_ref().filter(|previous| previous.is_control);
        let control = control.ok_or_else(|| Halt::Cannot("there is no other version to compare with".to_owned()))?;
        let target = control.target.clone().map_err(Halt::Cannot)?;
        Ok(Control { lab, instead: Instead { target, unless: None, reason: None } })
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

    /// The same read by the target.
    pub fn read_by_target(&self, target: &Ran, id: &str, purpose: &str) -> Result<Ask, Halt> {
        let [_, catalog] = self.shared(target.catalog()?)?;
        Ok(Ask::of(Command::Read, id, purpose).catalog(catalog).within(limit_after(target)).unjudged())
    }

    /// What both have of a catalog, in the same order, as the control and as the target describes it. A connection keeps
    /// the streams that it was set up with.
    fn shared(&self, catalog: &ConfiguredCatalog) -> Result<[Value; 2], Halt> {
        let own = catalog_of(self.discover()?)?;
        let entries = catalog.streams.iter().zip(catalog.raw["streams"].as_array().into_iter().flatten());
        let shared = entries.filter_map(|(entry, raw)| {
            let stream = own.streams.iter().find(|stream| stream.descriptor == entry.stream.descriptor)?;
            let mut raw = raw.clone();
            raw["primary_key"] = json!(entry.primary_key);
            let target = raw.clone();
            raw["stream"] = stream.raw.clone();
            Some((raw, target))
        });
        let (control, target): (Vec<Value>, Vec<Value>) = shared.unzip();
        match control.is_empty() {
            true => Err(Halt::Cannot("the two versions have no stream in common".to_owned())),
            false => Ok([json!({ "streams": control }), json!({ "streams": target })]),
        }
    }

    /// What differs between the catalogs.
    pub fn changes_of_catalog(&self) -> Result<Vec<Change>, Halt> {
        let (control, target) = (self.discover()?, self.lab.discover()?);
        Ok(changes_of_catalog(catalog_of(control)?, catalog_of(target)?)?)
    }

    /// The fields of which the catalogs tell different things: that is told once, and not of each record again.
    pub fn fields_told(&self) -> Result<Vec<(Descriptor, String)>, Halt> {
        let changes = self.changes_of_catalog()?;
        let told = changes.iter().filter_map(|change| {
            let inner = change.pointer.strip_prefix("/json_schema/properties/")?;
            let name = inner.split('/').next()?.replace("~1", "/").replace("~0", "~");
            Some((change.stream.clone()?, name))
        });
        let mut told: Vec<_> = told.collect();
        told.sort();
        told.dedup();
        Ok(told)
    }
}

/// The catalog of a `discover`.
pub(super) fn catalog_of(ran: &Ran) -> Result<&Catalog, Halt> {
    let catalog = ran.complete()?.summary.catalog.as_ref();
    catalog.ok_or_else(|| Halt::Cannot(format!("{} gave no CATALOG", ran.id)))
}

/// A difference that shows in a whole launch.
pub(super) fn differs(cause: &'static str, level: Level, title: &str, message: String, shown: Shown<'_>) -> Fault {
    let Shown { launch, expected, actual } = shown;
    let evidence = vec![evidence(&launch.id, None, expected, actual)];
    Fault { cause, level, title: title.to_owned(), message, evidence, case: Some(launch.id.clone()) }
}

/// Where a difference shows.
pub(super) struct Shown<'r> {
    pub launch: &'r Ran,
    /// What the control did.
    pub expected: String,
    /// What the target does.
    pub actual: String,
}
