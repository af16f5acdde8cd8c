//! Configs as the connector wants them from now on: it says so in a CONTROL message, above all where a token holds for one use.

use super::diagnose::{Mistake, Span, quoted_path};
use super::fields::Reader;
use super::yaml::{Kind, Node};
use std::path::{Path, PathBuf};

/// The folder beside a config in which its updated form is kept.
const FOLDER: &str = "updated_configurations";

/// What is done with the config in a CONTROL message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConfigUpdates {
    /// Later launches of the scenario get it, in this run.
    #[default]
    Run,
    /// They do, and it is written beside the config for later runs.
    Save,
    /// Nothing: every launch gets the config of the suite.
    Ignore,
}

/// Where the updated form of a config is kept: a file of its name in a folder beside it, never the config itself.
pub fn updated_config(config: &Path) -> PathBuf {
    let name = Path::new(config.file_name().unwrap_or_default()).with_extension("json");
    config.with_file_name(FOLDER).join(name)
}

impl Reader<'_> {
    /// What is done with the config in a CONTROL message.
    pub fn config_updates(&mut self, node: Option<&Node>) -> ConfigUpdates {
        let words = [("run", ConfigUpdates::Run), ("save", ConfigUpdates::Save), ("ignore", ConfigUpdates::Ignore)];
        self.config_updates = node.and_then(|node| self.word(node, "`config_updates`", &words)).unwrap_or_default();
        self.config_updates
    }

    /// The file that a config is read from: its updated form, if that is the newer one and updates are kept.
    pub fn latest_config(&mut self, path: PathBuf, span: Span) -> PathBuf {
        if self.config_updates != ConfigUpdates::Save || self.late_files.is_some() {
            return path;
        }
        let written = |path: &Path| std::fs::metadata(path).and_then(|about| about.modified()).ok();
        let updated = updated_config(&path);
        match (written(&path), written(&updated)) {
            (Some(own), Some(kept)) if kept > own => {
                let message = format!("the connector has updated this config: {} is used", quoted_path(&updated));
                let help = "it is newer than the config; remove it to begin with your own one";
                self.remarks.push(Mistake::at(span, message).warning().help(help));
                updated
            }
            _ => path,
        }
    }

    /// Tells where updates of a config can't be kept, since it is no file.
    pub fn remark_if_not_kept(&mut self, config: &Node) {
        if self.config_updates == ConfigUpdates::Save && matches!(config.kind, Kind::Mapping(_)) {
            let message = "updates of this config hold for one run: it is no file beside which they could be kept";
            self.remarks.push(Mistake::at(config.span, message).warning().help("write it into a file, and name that"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_updated_config_lies_beside_its_own() {
        let updated = |path: &str| updated_config(Path::new(path)).display().to_string();
        assert_eq!(updated("secrets/config.json"), "secrets/updated_configurations/config.json");
        assert_eq!(updated("/a/oauth.yml"), "/a/updated_configurations/oauth.json");
    }
}
