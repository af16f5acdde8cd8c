//! What each suite says, value by value.

use super::limits::Context;
use crate::verdict::SettingFacts;
use serde::Serialize;

/// The values of one suite.
#[derive(Serialize)]
pub(super) struct Settings<'r> {
    /// Named where there are several.
    connector: Option<&'r str>,
    settings: &'r [SettingFacts],
    /// Values that have no room.
    more: usize,
}

pub(super) fn of<'r>(context: &Context<'r>) -> Vec<Settings<'r>> {
    let results = context.results;
    let own = results
        .connectors
        .iter()
        .filter_map(|connector| Some((Some(connector.name.as_str()), connector.suite.as_ref()?.settings.as_slice())));
    let all = own.chain([(None, results.run.suite.settings.as_slice())]);
    let mut room = context.limits.settings;
    let told = all.filter(|(_, settings)| !settings.is_empty()).map(|(connector, settings)| {
        let shown = settings.len().min(room);
        room -= shown;
        Settings { connector, settings: &settings[..shown], more: settings.len() - shown }
    });
    told.collect()
}
