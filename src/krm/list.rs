//! Reads a ResourceList as a tree over its own bytes: its items and its functionConfig.

use crate::manifest::scan::{Head, scan};
use crate::manifest::stream::items;
use crate::manifest::{Kind, NodeId, Place, Reading, Span, Tree};

/// Where kpt, and every host that writes items back to files, records which file an item is from.
pub(super) const PATHS: [&str; 2] = [
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
];

/// What functions before this one left in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// `results`, which are replaced or taken away.
    Results,
    /// Nothing.
    Nothing,
}

/// One ResourceList.
pub(super) struct List<'a> {
    pub(super) tree: Tree<'a>,
    /// Where its document begins.
    pub(super) start: u32,
    pub(super) root: NodeId,
    pub(super) items: Vec<NodeId>,
    pub(super) config: Option<NodeId>,
}

impl<'a> List<'a> {
    /// Reads the one document that standard input must be. The error is a sentence without a final
    /// dot.
    pub(super) fn read(text: &'a str) -> Result<Self, String> {
        let documents = scan(0, text);
        let mut full = documents
            .iter()
            .filter(|document| document.head != Head::Empty);
        let (document, more) = (full.next().ok_or(WANTED)?, full.next());
        let tree = Tree::read(document.text).map_err(|error| {
            let at = document.start as usize + error.span.start as usize;
            let line = text[..at.min(text.len())].matches('\n').count() + 1;
            format!(
                "the ResourceList cannot be read, line {line}: {}",
                error.message
            )
        })?;
        let kind = |root| tree.read_text(root, &["kind"]).shown();
        let root = tree
            .root()
            .filter(|&root| kind(root) == Some("ResourceList") && more.is_none())
            .ok_or(WANTED)?;
        let list = items(&tree, root).map(|list| tree.children(list).collect());
        let none = tree
            .read_member(root, "items")
            .shown()
            .is_some_and(|list| matches!(tree.str(list), Some("" | "null" | "~")));
        let items = list
            .or_else(|| none.then(Vec::new))
            .ok_or("the ResourceList has no list of `items`")?;
        let config = tree
            .read_member(root, "functionConfig")
            .known()
            .map_err(|why| format!("the functionConfig cannot be read: `{}`", why.token))?
            .filter(|&config| tree.kind(config) == Kind::Mapping);
        let config = config.filter(|&config| tree.last_child(config).is_some());
        Ok(Self {
            start: document.start,
            root,
            items,
            config,
            tree,
        })
    }

    /// Where the document begins, as a place.
    pub(super) fn at(&self) -> Place {
        Place {
            source: 0,
            span: Span {
                start: self.start,
                end: self.start,
            },
        }
    }

    /// What functions before this one left in it.
    pub(super) fn earlier(&self) -> Earlier {
        match self.tree.read_member(self.root, "results") {
            Reading::Value(_) | Reading::NotReadable(_) => Earlier::Results,
            Reading::Absent => Earlier::Nothing,
        }
    }

    /// Whether the host writes the items back to files, and so keeps what is marked `local-config`.
    pub(super) fn is_in_files(&self) -> bool {
        self.items.iter().any(|&item| {
            PATHS
                .iter()
                .any(|path| self.annotation(item, path).is_some())
        })
    }

    pub(super) fn annotation(&self, object: NodeId, name: &str) -> Option<&str> {
        self.tree
            .read_text(object, &["metadata", "annotations", name])
            .shown()
    }

    /// The item, or the functionConfig, in which a place is, and its offset in the document.
    pub(super) fn object_at(&self, place: Place) -> Option<(NodeId, u32)> {
        let offset = place.span.start.checked_sub(self.start)?;
        let holds = |&&node: &&NodeId| {
            let span = self.tree.span(node);
            (span.start..=span.end).contains(&offset)
        };
        let before = self
            .items
            .partition_point(|&item| self.tree.span(item).start <= offset);
        let near = before
            .checked_sub(1)
            .and_then(|index| self.items.get(index));
        near.into_iter()
            .chain(&self.config)
            .find(holds)
            .map(|&node| (node, offset))
    }
}

const WANTED: &str = "standard input is not one ResourceList, which a function needs; \
                      plain manifests are rendered by `coupler render -`";
