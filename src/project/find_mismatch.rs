//! Words the errors of parts of texts that cannot be replaced: one is not there once, or two overlap.

use super::collision::{CollisionPlace, OfPlug};
use super::entry::Entry;
use crate::diagnostic::{Code, Diagnostic};

/// There is no text at the path.
pub(super) fn no_text(place: &CollisionPlace<'_, '_>, plug: &str, entry: &Entry<'_>) -> Diagnostic {
    let what = match place.collection.node {
        Some(_) => "is no text",
        None => "is not there",
    };
    let message = format!(
        "`{}` of {} {what}, and Plug `{plug}` replaces a part of it",
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

/// A part is in the text several times, or not at all.
pub(super) fn not_once(
    place: &CollisionPlace<'_, '_>,
    plug: &str,
    entry: &Entry<'_>,
    times: usize,
) -> Diagnostic {
    let (key, path, called) = (&entry.key, &place.collection.key, place.called());
    let message = match times {
        0 => format!("`{key}` is not in `{path}` of {called}, and Plug `{plug}` replaces it there"),
        _ => format!(
            "`{key}` is in `{path}` of {called} {times} times, and Plug `{plug}` replaces it there"
        ),
    };
    let help = match times {
        0 => {
            "correct `find`: it is a text that is there exactly once, in the author's own spelling"
        }
        _ => "take more of what is around it into `find`: it is a text that is there exactly once",
    };
    let error = Diagnostic::error(Code::FindMismatch, message)
        .with_topic([place.collection.slot.entry(key)])
        .at(entry.at, "asked for here");
    let node = place.collection.node;
    let error = node.into_iter().fold(error, |error, node| {
        error.at(place.workload.at(node), "this is there")
    });
    error.help(help)
}

/// Two parts are in each other, or side by side in the same letters.
pub(super) fn overlap(
    place: &CollisionPlace<'_, '_>,
    (first, one): OfPlug<'_>,
    (second, other): OfPlug<'_>,
) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` overlap in `{}` of {}, and both would be replaced",
        one.key,
        other.key,
        place.collection.key,
        place.called()
    );
    Diagnostic::error(Code::FieldCollision, message)
        .at(other.at, format!("from Plug `{second}`"))
        .at(one.at, format!("from Plug `{first}`"))
        .help("one place has one owner: take less into one `find`, or replace both by one entry")
}
