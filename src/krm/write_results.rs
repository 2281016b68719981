//! Writes results into a ResourceList, in place of the results that it has.

use super::list::List;
use super::results::{self, Outcome};
use crate::edit::{self, Insertion};

/// The list with these results in place of those it has.
pub(super) fn with_results(text: String, outcomes: &[Outcome]) -> String {
    let Ok(list) = List::read(&text) else {
        return text;
    };
    let (tree, root) = (&list.tree, list.root);
    let results = || ("results".into(), results::value(outcomes));
    let document = match tree.read_member(root, "results").shown() {
        None if outcomes.is_empty() => return text,
        Some(old) if outcomes.is_empty() => edit::without(tree, [old]),
        Some(old) => edit::inserted(
            tree,
            &[Insertion::Replace {
                member: old,
                with: results(),
            }],
        )
        .ok(),
        None => {
            // last; where the end of the document is no place to write, before the items
            let places = [None, tree.read_member(root, "items").shown()];
            places.into_iter().find_map(|before| {
                let members = vec![results()];
                edit::inserted(
                    tree,
                    &[Insertion::Members {
                        map: root,
                        before,
                        members,
                    }],
                )
                .ok()
            })
        }
    };
    let Some(document) = document else {
        return text;
    };
    let (head, rest) = text.split_at(list.start as usize);
    let tail = &rest[tree.text().len()..];
    format!("{head}{document}{tail}")
}
