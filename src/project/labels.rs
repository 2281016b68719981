//! Writes the labels of an object as the `matchLabels` of a Plug that selects it.

use super::record::COUPLED;
use crate::manifest::{NodeId, Tree, emit};

/// The labels of an object as a flow mapping has them, without braces; `None`: it has none.
pub fn own_labels(tree: &Tree<'_>, object: NodeId) -> Option<String> {
    let members = tree
        .read_members(object, &["metadata", "labels"])
        .known()
        .ok()??;
    let label = |&member: &NodeId| {
        let (key, value) = (tree.key(member)?, tree.str(member)?);
        (key != COUPLED)
            .then(|| format!("{}: {}", emit::flow_string(key), emit::flow_string(value)))
    };
    let labels: Vec<_> = members.iter().filter_map(label).collect();
    (!labels.is_empty()).then(|| labels.join(", "))
}
