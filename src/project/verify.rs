//! Proof of every edit before anyone sees it: the result, read again, is the tree that was read with nothing but the
//! grafts in it, or without the cuts; and what was grafted, undone, is the bytes that were read.

use std::collections::BTreeMap;

use super::cut::Gone;
use super::graft::Graft;
use super::meant::Member;
use crate::manifest::{Kind, NodeId, Tree};

/// Whether `new` is `old` with these grafts: kind, style, key and source of everything else unchanged.
pub(super) fn grafted(old: &Tree<'_>, new: &Tree<'_>, grafts: &[Graft<'_>]) -> bool {
    let mut by_node: BTreeMap<NodeId, Vec<&Graft<'_>>> = BTreeMap::new();
    for graft in grafts {
        by_node.entry(graft.target()).or_default().push(graft);
    }
    Comparison { old, new, grafts: by_node, gone: &Gone::default() }.roots()
}

/// Whether `new` is `old` without what was cut.
pub(super) fn cut(old: &Tree<'_>, new: &Tree<'_>, gone: &Gone) -> bool {
    Comparison { old, new, grafts: BTreeMap::new(), gone }.roots()
}

struct Comparison<'c, 'w> {
    old: &'c Tree<'c>,
    new: &'c Tree<'c>,
    grafts: BTreeMap<NodeId, Vec<&'c Graft<'w>>>,
    gone: &'c Gone,
}

impl Comparison<'_, '_> {
    fn roots(&self) -> bool {
        match (self.old.root(), self.new.root()) {
            (Some(a), Some(b)) => self.node(a, b),
            (a, b) => a == b,
        }
    }

    fn node(&self, a: NodeId, b: NodeId) -> bool {
        let grafts = self.grafts.get(&a).map_or(&[][..], Vec::as_slice);
        if let [Graft::Swap { new, .. }] = grafts {
            return self.member(new, b);
        }
        if self.gone.changed.contains(&a) {
            return true;
        }
        if !self.same_key(a, b) {
            return false;
        }
        if let [Graft::Fill { value, .. }] = grafts {
            return value.is(self.new, b);
        }
        let (one, other) = (self.old.node(a), self.new.node(b));
        (one.kind, one.style, one.tagged, one.anchored) == (other.kind, other.style, other.tagged, other.anchored)
            && match one.kind {
                Kind::Scalar | Kind::Alias => self.old.slice(one.span) == self.new.slice(other.span),
                Kind::Mapping | Kind::Sequence => self.children(a, b, grafts),
            }
    }

    fn same_key(&self, a: NodeId, b: NodeId) -> bool {
        match (self.old.node(a).key, self.new.node(b).key) {
            (Some(one), Some(other)) => self.old.slice(one) == self.new.slice(other),
            (one, other) => one == other,
        }
    }

    fn children(&self, a: NodeId, b: NodeId, grafts: &[&Graft<'_>]) -> bool {
        let mut standing = self.new.children(b);
        let kept = self.old.children(a).filter(|child| !self.gone.members.contains(child));
        kept.map(Some).chain([None]).all(|child| {
            let new = grafts.iter().all(|graft| match graft {
                Graft::Items { before, items, .. } if *before == child => {
                    items.iter().all(|item| standing.next().is_some_and(|b| item.is(self.new, b)))
                }
                Graft::Members { members, .. } if child.is_none() => {
                    members.iter().all(|member| standing.next().is_some_and(|b| self.member(member, b)))
                }
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
