//! Words the errors of parts of texts that cannot be replaced: one is not there once, or two overlap.

use super::collision::{CollisionPlace, OfOwner};
use super::entry::Entry;
use super::owner::EntryOwner;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;

/// There is no text at the path.
pub(super) fn no_text(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let what = match place.collection.node {
        Some(_) => "is no text",
        None => "is not there",
    };
    let message = format!(
        "`{}` of {} {what}, and {owner} replaces a part of it",
        place.collection.key,
        place.called()
    );
    let error = Diagnostic::error(Code::FindMismatch, message).at(entry.at, "asked for here");
    let node = place.collection.node;
    let error = node.into_iter().fold(error, |error, node| {
        error.at(place.workload.at(node), "this is there")
    });
    error.help("correct the path; or take `find` out of the entry, to write the field as a whole")
}

/// A text in which no part is looked for.
pub(super) fn too_long(place: &CollisionPlace<'_, '_>, entry: &Entry<'_>) -> Diagnostic {
    let (path, called) = (&place.collection.key, place.called());
    let message = format!(
        "`{path}` of {called} has more than {} bytes, and a part of it is replaced",
        limits::FIND_BYTES
    );
    Diagnostic::error(Code::LimitExceeded, message)
        .at(entry.at, "asked for here")
        .help("put what is replaced into a text of its own")
}

/// A part is not in the text.
pub(super) fn absent(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let (key, path, called) = (&entry.key, &place.collection.key, place.called());
    let message = format!("`{key}` is not in `{path}` of {called}, and {owner} replaces it there");
    not_once(place, entry, message).help(
        "correct `find`: it is a text that is there exactly once, in the author's own spelling",
    )
}

/// A part is in the text several times.
pub(super) fn repeated(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let (key, path, called) = (&entry.key, &place.collection.key, place.called());
    let message =
        format!("`{key}` is in `{path}` of {called} several times, and {owner} replaces it there");
    not_once(place, entry, message)
        .help("take more of what is around it into `find`: it is a text that is there exactly once")
}

fn not_once(place: &CollisionPlace<'_, '_>, entry: &Entry<'_>, message: String) -> Diagnostic {
    let error = Diagnostic::error(Code::FindMismatch, message)
        .with_topic([place.collection.slot.entry(&entry.key)])
        .at(entry.at, "asked for here");
    let node = place.collection.node;
    node.into_iter().fold(error, |error, node| {
        error.at(place.workload.at(node), "this is there")
    })
}

/// Two parts are in each other, or side by side in the same letters.
pub(super) fn overlap(
    place: &CollisionPlace<'_, '_>,
    (first, one): OfOwner<'_>,
    (second, other): OfOwner<'_>,
) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` overlap in `{}` of {}, and both would be replaced",
        one.key,
        other.key,
        place.collection.key,
        place.called()
    );
    Diagnostic::error(Code::FieldCollision, message)
        .at(other.at, format!("from {second}"))
        .at(one.at, format!("from {first}"))
        .help("one place has one owner: take less into one `find`, or replace both by one entry")
}
