//! Proof of every edit before anyone sees it: the result, read again, is the tree that was read with nothing but the
//! grafts in it, and undone it is the bytes that were read.

use super::graft::Graft;
use crate::manifest::{Kind, NodeId, Tree};

/// Whether `new` is `old` with these grafts: kind, key and source of everything else unchanged.
pub(super) fn grafted(old: &Tree<'_>, new: &Tree<'_>, grafts: &[Graft<'_>]) -> bool {
    match (old.root(), new.root()) {
        (Some(a), Some(b)) => Comparison { old, new, grafts }.node(a, b),
        (a, b) => a == b,
    }
}

struct Comparison<'c, 'w> {
    old: &'c Tree<'c>,
    new: &'c Tree<'c>,
    grafts: &'c [Graft<'w>],
}

impl Comparison<'_, '_> {
    fn node(&self, a: NodeId, b: NodeId) -> bool {
        if !self.same_key(a, b) {
            return false;
        }
        for graft in self.grafts {
            if let Graft::Fill { node, value } = graft
                && *node == a
            {
                return value.is(self.new, b);
            }
        }
        let (one, other) = (self.old.node(a), self.new.node(b));
        if (one.kind, one.style, one.tagged, one.anchored) != (other.kind, other.style, other.tagged, other.anchored) {
            return false;
        }
        match one.kind {
            Kind::Scalar | Kind::Alias => self.old.slice(one.span) == self.new.slice(other.span),
            Kind::Mapping | Kind::Sequence => self.children(a, b),
        }
    }

    fn same_key(&self, a: NodeId, b: NodeId) -> bool {
        match (self.old.node(a).key, self.new.node(b).key) {
            (Some(one), Some(other)) => self.old.slice(one) == self.new.slice(other),
            (one, other) => one == other,
        }
    }

    fn children(&self, a: NodeId, b: NodeId) -> bool {
        let mut standing = self.new.children(b);
        let mut touched = self
            .grafts
            .iter()
            .filter(|graft| match graft {
                Graft::Items { list, .. } => *list == a,
                Graft::Members { mapping, .. } => *mapping == a,
                Graft::Swap { member, .. } => self.old.parent(*member) == Some(a),
                Graft::Fill { .. } => false,
            })
            .peekable();
        if touched.peek().is_none() {
            return self.old.children(a).all(|child| standing.next().is_some_and(|other| self.node(child, other)))
                && standing.next().is_none();
        }
        let touched: Vec<_> = touched.collect();
        for child in self.old.children(a) {
            let mut swapped = None;
            for graft in &touched {
                match graft {
                    Graft::Items { before, items, .. } if *before == Some(child) => {
                        if !items.iter().all(|item| standing.next().is_some_and(|other| item.is(self.new, other))) {
                            return false;
                        }
                    }
                    Graft::Swap { member, new } if *member == child => swapped = Some(new),
                    _ => {}
                }
            }
            let Some(other) = standing.next() else { return false };
            let fits = match swapped {
                Some((key, value)) => self.new.key(other) == Some(key) && value.is(self.new, other),
                None => self.node(child, other),
            };
            if !fits {
                return false;
            }
        }
        for graft in &touched {
            let fits = match graft {
                Graft::Items { before: None, items, .. } => {
                    items.iter().all(|item| standing.next().is_some_and(|other| item.is(self.new, other)))
                }
                Graft::Members { members, .. } => members.iter().all(|(key, value)| {
                    standing.next().is_some_and(|other| self.new.key(other) == Some(key) && value.is(self.new, other))
                }),
                _ => true,
            };
            if !fits {
                return false;
            }
        }
        standing.next().is_none()
    }
}
