//! Writes the errors about parts of texts that cannot be replaced: a part is not in the text
//! exactly once, or two overlap.

use super::collision::{CollisionPlace, OfOwner};
use super::entry::Entry;
use super::owner::EntryOwner;
use crate::diagnostic::{Code, Diagnostic, Setting, words};
use crate::limits;

/// There is no text at the path.
pub(super) fn no_text(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let what = match place.collection.node {
        Some(_) => "is not a text",
        None => "does not exist",
    };
    let message = format!(
        "`{}` of {} {what}, and {owner} replaces a part of it",
        place.collection.key,
        place.called()
    );
    let error = Diagnostic::error(Code::FindMismatch, message).at(entry.at, "asked for here");
    let node = place.collection.node;
    let error = node.into_iter().fold(error, |error, node| {
        error.at(place.workload.at(node), "the present value")
    });
    error.help("correct the path; or remove `find` from the entry, to write the whole field")
}

/// A text in which no part is looked for.
pub(super) fn too_long(place: &CollisionPlace<'_, '_>, entry: &Entry<'_>) -> Diagnostic {
    let (path, called) = (&place.collection.key, place.called());
    let message = format!(
        "`{path}` of {called} has more than {} bytes, too many to replace a part of it",
        limits::FIND_BYTES
    );
    Diagnostic::error(Code::LimitExceeded, message)
        .at(entry.at, "asked for here")
        .help("move the part into a text of its own")
}

/// A part is not in the text.
pub(super) fn absent(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let (key, path, called) = (&entry.key, &place.collection.key, place.called());
    let message = format!("`{path}` of {called} does not contain `{key}`, which {owner} replaces");
    not_once(place, entry, message)
        .help("correct `find`: the field must contain it exactly once, letter by letter")
}

/// A part that coupler wrote was edited, and nothing shows where it is.
pub(super) fn lost(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let (key, called) = (&entry.key, place.called());
    let message = format!(
        "{} of {called}, which coupler wrote, was edited by hand with more of the text, so its place is not known",
        place.collection.slot.entry(key)
    );
    let help = words![
        format!("write `{key}` there again, exactly once, and overwrite the edit: "),
        Setting::DiscardEdits
    ];
    let error = not_once(place, entry, message);
    error.help(help.and(format!(
        "to keep the text as it is, remove the entry from {}'s `bind.fields`",
        owner.kind.the()
    )))
}

/// A part is in the text several times.
pub(super) fn repeated(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let (key, path, called) = (&entry.key, &place.collection.key, place.called());
    let message =
        format!("`{path}` of {called} contains `{key}` several times, and {owner} replaces it");
    not_once(place, entry, message)
        .help("add more of the surrounding text to `find`: the field must contain it exactly once")
}

fn not_once(place: &CollisionPlace<'_, '_>, entry: &Entry<'_>, message: String) -> Diagnostic {
    let error = Diagnostic::error(Code::FindMismatch, message)
        .with_topic([place.collection.slot.entry(&entry.key)])
        .at(entry.at, "asked for here");
    let node = place.collection.node;
    node.into_iter().fold(error, |error, node| {
        error.at(place.workload.at(node), "the present value")
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
        .help("shorten one `find`, or replace both with one entry")
}
