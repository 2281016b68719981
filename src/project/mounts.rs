//! Checks the volume mounts of a container: a directory that is mounted over another one, or in it,
//! hides files.

use super::collision::CollisionPlace;
use super::nesting::nested;
use super::owner::EntryOwner;
use super::ownership::OwnedEntries;
use super::planned::CollectionPlan;
use super::service_binding::files_elsewhere;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Place;

/// A directory that is mounted, and the Plug that asks for it.
struct Mounted<'p> {
    /// With a slash at its end.
    directory: String,
    by: MountedBy<'p>,
    at: Place,
}

enum MountedBy<'p> {
    Author,
    Owner(EntryOwner<'p>),
}

/// The errors of the mounts that a plan adds to a container, beside those of its author and each
/// other.
pub(super) fn judge(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    plan: &CollectionPlan<'_>,
) -> Vec<Diagnostic> {
    let collection = &workload.collections[plan.collection];
    let (Slot::Mounts(_), Ok(standing)) = (&collection.slot, &collection.entries) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    // a mount is never put in place of another one
    for entry in standing.iter().filter(|one| owned.of(one.node).is_none()) {
        all.push(Mounted {
            directory: with_slash(&entry.key),
            by: MountedBy::Author,
            at: workload.at(entry.node),
        });
    }
    for planned in plan.new.iter().filter(|planned| !planned.is_kept()) {
        all.push(Mounted {
            directory: with_slash(&planned.entry.key),
            by: MountedBy::Owner(planned.owner),
            at: planned.entry.at,
        });
    }
    all.sort_by(|one, other| one.directory.cmp(&other.directory));
    let target = CollisionPlace {
        workload,
        collection,
    };
    let is_in =
        |inner: &Mounted<'_>, outer: &Mounted<'_>| inner.directory.starts_with(&outer.directory);
    let errors = nested(&all, is_in)
        .into_iter()
        .filter_map(|[outer, inner]| collision(&target, outer, inner));
    errors.map(|error| workload.about(error)).collect()
}

fn with_slash(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

/// The error of a directory and one in it, unless both are the author's.
fn collision(
    target: &CollisionPlace<'_, '_>,
    above: &Mounted<'_>,
    below: &Mounted<'_>,
) -> Option<Diagnostic> {
    let owner = match (&above.by, &below.by) {
        (_, MountedBy::Owner(owner)) | (MountedBy::Owner(owner), _) => *owner,
        (MountedBy::Author, MountedBy::Author) => return None,
    };
    let whose = |mounted: &Mounted<'_>| match mounted.by {
        MountedBy::Author => "the workload's own".to_owned(),
        MountedBy::Owner(owner) => format!("from {owner}"),
    };
    let [outer, inner] = [above, below].map(|mounted| mounted.directory.trim_end_matches('/'));
    let message = if outer == inner {
        format!("{} mounts `{outer}` twice", target.called())
    } else {
        format!(
            "{} mounts `{inner}` in `{outer}`, which is mounted too",
            target.called()
        )
    };
    let error = Diagnostic::error(Code::FilesCollision, message)
        .at(below.at, whose(below))
        .at(above.at, whose(above));
    Some(error.help(files_elsewhere(owner.kind, target.workload.owner(owner))))
}
