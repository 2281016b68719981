//! Proves every edit before it is used: the result, parsed again, must be the tree that was read,
//! plus the insertions or minus the removals.

use std::collections::BTreeMap;

use super::insertion::Insertion;
use super::removed::Removed;
use super::value::{Member, is_nothing, is_text};
use crate::manifest::{Kind, NodeId, Tree};

/// Whether `new` is `old` with these insertions: kind, style, key and source of everything else
/// unchanged.
pub fn is_inserted(old: &Tree<'_>, new: &Tree<'_>, insertions: &[Insertion<'_>]) -> bool {
    let mut by_node: BTreeMap<NodeId, Vec<&Insertion<'_>>> = BTreeMap::new();
    for insertion in insertions {
        by_node
            .entry(insertion.target())
            .or_default()
            .push(insertion);
    }
    Proof {
        old,
        new,
        touched: by_node.keys().copied().collect(),
        insertions: by_node,
        removed: &Removed::default(),
    }
    .roots()
}

/// Whether `new` is `old` without what was removed.
pub fn is_removed(old: &Tree<'_>, new: &Tree<'_>, removed: &Removed<'_>) -> bool {
    Proof {
        old,
        new,
        touched: removed.nodes(),
        insertions: BTreeMap::new(),
        removed,
    }
    .roots()
}

struct Proof<'c, 'w> {
    old: &'c Tree<'c>,
    new: &'c Tree<'c>,
    /// The nodes of the old tree that something was done to, in order.
    touched: Vec<NodeId>,
    insertions: BTreeMap<NodeId, Vec<&'c Insertion<'w>>>,
    removed: &'c Removed<'w>,
}

impl Proof<'_, '_> {
    fn roots(&self) -> bool {
        match (self.old.root(), self.new.root()) {
            (Some(a), Some(b)) => self.node(a, b),
            (a, b) => a == b,
        }
    }

    /// Whether nothing was done to a node and to all below it.
    fn is_untouched(&self, a: NodeId) -> bool {
        let next = self.touched.partition_point(|&touched| touched < a);
        let end = a.0 as usize + self.old.size(a);
        self.touched
            .get(next)
            .is_none_or(|touched| touched.0 as usize >= end)
    }

    fn node(&self, a: NodeId, b: NodeId) -> bool {
        if self.is_untouched(a) && self.same_key(a, b) && self.old.is_same(a, self.new, b) {
            return true;
        }
        let insertions = self.insertions.get(&a).map_or(&[][..], Vec::as_slice);
        if let [Insertion::Replace { with, .. }] = insertions {
            return self.member(with, b);
        }
        if let Some(original) = self.removed.restored(a) {
            // an item of a list has no key
            return match self.old.node(a).key {
                Some(_) => self.member(original, b),
                None => self.new.node(b).key.is_none() && original.1.is(self.new, b),
            };
        }
        if !self.same_key(a, b) {
            return false;
        }
        if let [Insertion::Set { value, .. }] = insertions {
            return value.is(self.new, b);
        }
        if let [Insertion::Splice { text, .. }] = insertions {
            return self.old.node(a).style == self.new.node(b).style && is_text(self.new, b, text);
        }
        if self.removed.is_emptied(a) {
            return self.new.last_child(b).is_none()
                && (self.new.kind(b) == self.old.kind(a) || is_nothing(self.new, b));
        }
        let (one, other) = (self.old.node(a), self.new.node(b));
        (one.kind, one.style, one.tagged, one.anchored)
            == (other.kind, other.style, other.tagged, other.anchored)
            && match one.kind {
                Kind::Scalar | Kind::Alias => {
                    self.old.slice(one.span) == self.new.slice(other.span)
                }
                Kind::Mapping | Kind::Sequence => self.children(a, b, insertions),
            }
    }

    fn same_key(&self, a: NodeId, b: NodeId) -> bool {
        match (self.old.node(a).key, self.new.node(b).key) {
            (Some(one), Some(other)) => self.old.slice(one) == self.new.slice(other),
            (one, other) => one == other,
        }
    }

    fn children(&self, a: NodeId, b: NodeId, insertions: &[&Insertion<'_>]) -> bool {
        let mut standing = self.new.children(b);
        let kept = self
            .old
            .children(a)
            .filter(|child| !self.removed.has(*child));
        kept.map(Some).chain([None]).all(|child| {
            let new = insertions.iter().all(|insertion| match insertion {
                Insertion::Items { before, items, .. } if *before == child => items
                    .iter()
                    .all(|item| standing.next().is_some_and(|b| item.is(self.new, b))),
                Insertion::Members {
                    before, members, ..
                } if *before == child => members
                    .iter()
                    .all(|member| standing.next().is_some_and(|b| self.member(member, b))),
                _ => true,
            });
            new && match child {
                Some(child) => standing.next().is_some_and(|b| self.node(child, b)),
                None => standing.next().is_none(),
            }
        })
    }

    fn member(&self, (key, value): &Member<'_>, b: NodeId) -> bool {
        self.new.key(b) == Some(key) && value.is(self.new, b)
    }
}
