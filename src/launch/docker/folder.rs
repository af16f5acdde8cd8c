//! Whether an image's user may write to the connector's folder: read from the files of a container that never starts.

use super::container::Container;
use super::{DockerLauncher, labels};
use crate::launch::FolderAccess;
use crate::launch::workspace::safe_name;
use bollard::models::ContainerCreateBody;
use std::io::Read;

/// The folder that the protocol gives to connectors.
const FOLDER: &str = "/airbyte";

/// Where names of users are told.
const USERS: &str = "/etc/passwd";

/// A user by numbers, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct User {
    id: u64,
    group: Option<u64>,
}

impl DockerLauncher {
    /// What the image's user may do with the folder. None where that can't be found out: nothing depends on it.
    pub(super) async fn access_of(&self, user: &str) -> Option<FolderAccess> {
        let body = ContainerCreateBody {
            image: Some(self.settings.image.clone()),
            cmd: Some(vec!["spec".to_owned()]),
            labels: Some(labels(&self.run_id)),
            network_disabled: Some(true),
            ..ContainerCreateBody::default()
        };
        let name = format!("airproof-{}-image", safe_name(&self.run_id));
        let container = Container::create(&self.daemon, name, body).await.ok()?;
        let access = look(&container, user).await;
        container.remove().await.ok()?;
        access
    }
}

async fn look(container: &Container, user: &str) -> Option<FolderAccess> {
    let Some(archive) = container.beginning_of(FOLDER).await? else { return Some(FolderAccess::Missing) };
    let (header, _) = first(&archive)?;
    if !header.entry_type().is_dir() {
        return None;
    }
    let users = match user.starts_with(|letter: char| letter.is_ascii_digit()) {
        true => String::new(),
        false => first(&container.beginning_of(USERS).await??)?.1,
    };
    access(resolve(user, &users)?, header.uid().ok()?, header.gid().ok()?, header.mode().ok()?)
}

/// The header and the text of an archive's first entry, as far as they are there.
fn first(archive: &[u8]) -> Option<(tar::Header, String)> {
    let mut archive = tar::Archive::new(archive);
    let mut entry = archive.entries().ok()?.next()?.ok()?;
    let mut text = Vec::new();
    // The end of a long file is cut off, and what stands before is worth reading all the same.
    let _cut_off = entry.read_to_end(&mut text);
    Some((entry.header().clone(), String::from_utf8_lossy(&text).into_owned()))
}

/// The numbers of an image's USER: `1000`, `1000:1000`, `airbyte`, `airbyte:airbyte`; nothing is root.
fn resolve(user: &str, users: &str) -> Option<User> {
    let (name, group) = user.split_once(':').map_or((user, None), |(name, group)| (name, Some(group)));
    if name.is_empty() {
        return Some(User { id: 0, group: Some(0) });
    }
    let own = group.and_then(|group| group.parse().ok());
    if let Ok(id) = name.parse() {
        return Some(User { id, group: own });
    }
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
    let id = fields.get(2)?.parse().ok()?;
    Some(User { id, group: own.or_else(|| fields.get(3)?.parse().ok()) })
}

/// Whether the folder's owner, group and mode let the user write. None where only a group could that the user may be in.
fn access(user: User, owner: u64, group: u64, mode: u32) -> Option<FolderAccess> {
    let may = |write: u32| if mode & write == 0 { FolderAccess::ReadOnly } else { FolderAccess::Writable };
    match user {
        User { id: 0, .. } => Some(FolderAccess::Writable),
        User { id, .. } if id == owner => Some(may(0o200)),
        User { group: Some(own), .. } if own == group => Some(may(0o020)),
        _ if may(0o020) == may(0o002) => Some(may(0o002)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_name_and_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\nairbyte:x:1000:1001::/airbyte:/bin/sh\n";
        let user = |id, group| Some(User { id, group });
        assert_eq!(resolve("", ""), user(0, Some(0)));
        assert_eq!(resolve("1000", ""), user(1000, None));
        assert_eq!(resolve("1000:7", ""), user(1000, Some(7)));
        assert_eq!(resolve("airbyte", users), user(1000, Some(1001)));
        assert_eq!(resolve("airbyte:7", users), user(1000, Some(7)));
        assert_eq!((resolve("nobody", users), resolve("broken", users)), (None, None));
    }

    #[test]
    fn only_what_is_certain_is_told() {
        let user = User { id: 1000, group: Some(1000) };
        assert_eq!(access(user, 1000, 0, 0o755), Some(FolderAccess::Writable));
        assert_eq!(access(user, 1000, 0, 0o555), Some(FolderAccess::ReadOnly));
        assert_eq!(access(user, 0, 1000, 0o775), Some(FolderAccess::Writable));
        assert_eq!(access(user, 0, 0, 0o755), Some(FolderAccess::ReadOnly));
        assert_eq!(access(user, 0, 0, 0o777), Some(FolderAccess::Writable));
        // It may be in that group as well.
        assert_eq!(access(user, 0, 0, 0o775), None);
        assert_eq!(access(User { id: 0, group: None }, 5, 5, 0), Some(FolderAccess::Writable));
    }
}
