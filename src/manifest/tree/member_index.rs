//! Finds members of very large mappings and lists by an index.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{NodeId, Tree};

/// Members that are looked at one by one.
pub(super) const NARROW: usize = 32;

/// Members of one collection, in some order.
type Members = Arc<[NodeId]>;

/// Members of the wide collections of one tree, in the orders in which they are looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberIndex {
    /// Of mappings, by key.
    members: RefCell<BTreeMap<NodeId, Members>>,
    /// Of lists, as written.
    items: RefCell<BTreeMap<NodeId, Members>>,
    /// Of lists, by the text under a key.
    by_text: RefCell<BTreeMap<(NodeId, String), Members>>,
}

/// It only repeats what the nodes have.
impl PartialEq for MemberIndex {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for MemberIndex {}

impl MemberIndex {
    /// The first member of a mapping under a key.
    pub(super) fn member(&self, tree: &Tree<'_>, mapping: NodeId, key: &str) -> Option<NodeId> {
        let members = Arc::clone(self.members.borrow_mut().entry(mapping).or_insert_with(|| {
            let mut members: Vec<NodeId> = tree.children(mapping).collect();
            members.sort_by_key(|&member| tree.key(member));
            members.into()
        }));
        let first = members.partition_point(|&member| tree.key(member) < Some(key));
        members
            .get(first)
            .copied()
            .filter(|&member| tree.key(member) == Some(key))
    }

    /// An item of a list, counted from zero.
    pub(super) fn item(&self, tree: &Tree<'_>, list: NodeId, index: usize) -> Option<NodeId> {
        let mut items = self.items.borrow_mut();
        items
            .entry(list)
            .or_insert_with(|| tree.children(list).collect())
            .get(index)
            .copied()
    }

    /// The first two items of a list whose `key` is this text.
    pub(super) fn items_with(
        &self,
        tree: &Tree<'_>,
        list: NodeId,
        key: &str,
        value: &str,
    ) -> [Option<NodeId>; 2] {
        let text = |item: NodeId| {
            tree.written_member(item, key)
                .and_then(|node| tree.str(node))
        };
        let known = self
            .by_text
            .borrow()
            .get(&(list, key.to_owned()))
            .map(Arc::clone);
        let items = known.unwrap_or_else(|| {
            let mut items: Vec<NodeId> = tree
                .children(list)
                .filter(|&item| text(item).is_some())
                .collect();
            items.sort_by_key(|&item| text(item));
            let items: Members = items.into();
            self.by_text
                .borrow_mut()
                .insert((list, key.to_owned()), Arc::clone(&items));
            items
        });
        let first = items.partition_point(|&item| text(item) < Some(value));
        [first, first + 1].map(|at| {
            items
                .get(at)
                .copied()
                .filter(|&item| text(item) == Some(value))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn text(n: usize) -> String {
        let mut text = "map:\n".to_owned();
        for i in 0..n {
            writeln!(text, "  k{i}: {i}").unwrap();
        }
        text.push_str("list:\n");
        for i in 0..n {
            writeln!(text, "- {{name: n{}, value: {i}}}", i % (n - 1)).unwrap();
        }
        text
    }

    #[test]
    fn wide_collections_answer_as_narrow_ones_do() {
        for n in [NARROW - 1, NARROW, NARROW + 1, NARROW * 4] {
            let text = text(n);
            let tree = Tree::read(&text).unwrap();
            let (map, list) = (
                tree.written_member(NodeId::ROOT, "map").unwrap(),
                tree.written_member(NodeId::ROOT, "list").unwrap(),
            );
            let (members, items): (Vec<_>, Vec<_>) =
                (tree.children(map).collect(), tree.children(list).collect());
            for i in 0..n {
                assert_eq!(tree.written_member(map, &format!("k{i}")), Some(members[i]));
                assert_eq!(tree.item(list, i), Some(items[i]));
            }
            assert_eq!(
                (
                    tree.written_member(map, "k"),
                    tree.written_member(map, "z"),
                    tree.item(list, n)
                ),
                (None, None, None)
            );
            for (i, item) in items.iter().enumerate().take(n - 1).skip(1) {
                assert_eq!(
                    tree.items_with(list, "name", &format!("n{i}")),
                    [Some(*item), None]
                );
            }
            assert_eq!(
                tree.items_with(list, "name", "n0"),
                [Some(items[0]), Some(items[n - 1])]
            );
            assert_eq!(tree.items_with(list, "name", "x"), [None, None]);
            assert_eq!(tree.items_with(list, "colour", "x"), [None, None]);
            assert_eq!(tree.items_with(map, "name", "n0"), [None, None]);
        }
    }
}
