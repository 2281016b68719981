//! Finds the namespace that is probably meant in a run without one: the only one that its objects
//! name.

use std::collections::BTreeSet;

use crate::manifest::stream::{Stream, metadata, objects};

/// The namespace of all objects of the stream that have one.
pub(super) fn only_namespace(stream: &Stream<'_>) -> Option<String> {
    let mut found = BTreeSet::new();
    for document in (0..stream.len()).filter(|&document| !stream.is_catalogue(document)) {
        let names = stream.once(document, |tree| {
            let all = objects(tree).into_iter();
            let name = |object| metadata(tree, object, "namespace").known().ok().flatten();
            all.filter_map(name).map(str::to_owned).collect::<Vec<_>>()
        });
        found.extend(names.unwrap_or_default());
        if found.len() > 1 {
            return None;
        }
    }
    found.pop_first()
}
