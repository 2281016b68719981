//! Annotates objects, with the same edits and the same proof as other changes.

use super::insert::inserted;
use super::insertion::Insertion;
use super::value::{Value, is_nothing, is_text};
use crate::manifest::{Kind, NodeId, Span, Tree};

/// The document with `key: value` among the annotations of these objects; `None` if they carry it
/// all.
///
/// # Errors
/// The span that forbids it.
pub fn annotate(
    tree: &Tree<'_>,
    objects: &[NodeId],
    key: &str,
    value: &str,
) -> Result<Option<String>, Span> {
    let mut insertions = Vec::new();
    for &object in objects {
        let metadata = tree
            .written_member(object, "metadata")
            .filter(|&m| tree.kind(m) == Kind::Mapping)
            .ok_or(tree.span(object))?;
        let new = (key.into(), Value::Text(value.into()));
        insertions.push(match tree.written_member(metadata, "annotations") {
            None => {
                let annotations = ("annotations".into(), Value::Map(vec![new]));
                Insertion::Members {
                    map: metadata,
                    before: None,
                    members: vec![annotations],
                }
            }
            Some(node) if is_nothing(tree, node) => Insertion::Set {
                node,
                value: Value::Map(vec![new]),
            },
            Some(node) if tree.kind(node) != Kind::Mapping => return Err(tree.span(node)),
            Some(map) => match tree.written_member(map, key) {
                None => Insertion::Members {
                    map,
                    before: None,
                    members: vec![new],
                },
                Some(member) if is_text(tree, member, value) => continue,
                Some(member) => Insertion::Replace { member, with: new },
            },
        });
    }
    if insertions.is_empty() {
        return Ok(None);
    }
    inserted(tree, &insertions)
        .map(Some)
        .map_err(|refusal| refusal.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> Option<String> {
        let tree = Tree::read(text).unwrap();
        annotate(&tree, &[NodeId::ROOT], "a/b", "true").unwrap()
    }

    #[test]
    fn it_is_added_where_it_is_missing() {
        assert_eq!(
            marked("kind: A\nmetadata:\n  name: x # n\nspec: 1\n").unwrap(),
            "kind: A\nmetadata:\n  name: x # n\n  annotations:\n    a/b: \"true\"\nspec: 1\n"
        );
        assert_eq!(
            marked("metadata: {name: x}\n").unwrap(),
            "metadata: {name: x, annotations: {a/b: \"true\"}}\n"
        );
        assert_eq!(
            marked("metadata:\n  annotations:\n    c: d\n").unwrap(),
            "metadata:\n  annotations:\n    c: d\n    a/b: \"true\"\n"
        );
        assert_eq!(
            marked("metadata:\n  annotations:\n    a/b: \"false\"\n").unwrap(),
            "metadata:\n  annotations:\n    a/b: \"true\"\n"
        );
    }

    #[test]
    fn what_carries_it_stays_as_it_is() {
        assert_eq!(marked("metadata:\n  annotations: {'a/b': 'true'}\n"), None);
    }

    #[test]
    fn what_is_in_the_way_is_refused() {
        for text in [
            "x: &x {c: d}\nmetadata: {annotations: *x}\n",
            "metadata:\n  annotations: none\n",
        ] {
            let tree = Tree::read(text).unwrap();
            assert!(
                annotate(&tree, &[NodeId::ROOT], "a/b", "true").is_err(),
                "{text}"
            );
        }
    }
}
