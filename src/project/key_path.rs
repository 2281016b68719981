//! Defines paths of mapping keys: of the kinds that are built in, and those that a mapping of the
//! input gives.

use std::borrow::Cow;

use crate::manifest::{NodeId, Reading, Tree};

/// Keys of mappings, from the outermost; none: the node itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPath {
    /// Of a kind that is built in.
    Fixed(&'static [&'static str]),
    /// Of a mapping of the input.
    Given(Vec<String>),
}

impl KeyPath {
    /// How many keys it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Fixed(keys) => keys.len(),
            Self::Given(keys) => keys.len(),
        }
    }

    /// Whether it is the node itself.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        (0..self.len()).map(|index| self.key(index))
    }

    /// Whether it has these keys and no others.
    pub fn is(&self, keys: &[&str]) -> bool {
        self.keys().eq(keys.iter().copied())
    }

    /// Whether it is another path, or leads into what that leads to.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.len() >= other.len() && self.keys().zip(other.keys()).all(|(own, key)| own == key)
    }

    /// Its last key.
    pub fn last(&self) -> Option<&str> {
        self.len().checked_sub(1).map(|index| self.key(index))
    }

    /// The node that it leads to.
    pub fn find(&self, tree: &Tree<'_>, from: NodeId) -> Reading<NodeId> {
        self.first(self.len(), tree, from)
    }

    /// The mapping that the last key is in.
    pub fn holder(&self, tree: &Tree<'_>, from: NodeId) -> Reading<NodeId> {
        self.first(self.len().saturating_sub(1), tree, from)
    }

    /// The path without its last key; `None`: it has none.
    pub fn parent(&self) -> Option<Self> {
        let count = self.len().checked_sub(1)?;
        Some(match self {
            Self::Fixed(keys) => Self::Fixed(&keys[..count]),
            Self::Given(keys) => Self::Given(keys[..count].to_vec()),
        })
    }

    /// The items of the list that it leads to.
    pub fn items(&self, tree: &Tree<'_>, from: NodeId) -> Reading<Vec<NodeId>> {
        self.find(tree, from)
            .then(|list| tree.read_items(list, &[]))
    }

    /// The text that it leads to.
    pub fn text<'t>(&self, tree: &'t Tree<'_>, from: NodeId) -> Reading<&'t str> {
        self.find(tree, from).then(|node| tree.read_text(node, &[]))
    }

    /// Its last key, which is not copied of a fixed path.
    pub(super) fn last_key(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Fixed(keys) => keys.last().map(|&key| Cow::Borrowed(key)),
            Self::Given(keys) => keys.last().map(|key| Cow::Owned(key.clone())),
        }
    }

    fn key(&self, index: usize) -> &str {
        match self {
            Self::Fixed(keys) => keys[index],
            Self::Given(keys) => &keys[index],
        }
    }

    /// The node that the first keys lead to.
    fn first(&self, count: usize, tree: &Tree<'_>, from: NodeId) -> Reading<NodeId> {
        match self {
            Self::Fixed(keys) => tree.read_at(from, &keys[..count]),
            Self::Given(keys) => keys[..count]
                .iter()
                .fold(Reading::Value(from), |found, key| {
                    found.then(|node| tree.read_member(node, key))
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_and_given_keys_lead_to_the_same() {
        let tree = Tree::read("a: {b: {c: [x, y], d: text}}\n").unwrap();
        let fixed = KeyPath::Fixed(&["a", "b", "c"]);
        let given = KeyPath::Given(vec!["a".into(), "b".into(), "c".into()]);
        assert!(given.is(&["a", "b", "c"]) && given.starts_with(&KeyPath::Fixed(&["a", "b"])));
        assert!(!given.starts_with(&KeyPath::Fixed(&["a", "c"])));
        assert!(!KeyPath::Fixed(&["a"]).starts_with(&given));
        for path in [&fixed, &given] {
            assert_eq!(path.last(), Some("c"));
            let items = path.items(&tree, NodeId::ROOT).shown().unwrap();
            assert_eq!(items.len(), 2);
            let b = path.holder(&tree, NodeId::ROOT).shown().unwrap();
            assert_eq!(tree.read_text(b, &["d"]), Reading::Value("text"));
            assert!(path.parent().unwrap().is(&["a", "b"]));
        }
    }
}
