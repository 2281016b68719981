//! Reads an object as its author wrote it: no decision depends on what coupler wrote there, because
//! the next render would then decide otherwise.

use super::names::Names;
use crate::manifest::stream::Object;
use crate::manifest::{NodeId, Span, Tree};
use crate::project::{self, DocumentRef};

/// An object as its author wrote it.
pub(super) struct AuthorsObject<'w> {
    /// The document that it is in.
    pub(super) document: DocumentRef<'w>,
    /// Its node there.
    pub(super) node: NodeId,
    /// What it is in the input, where something had to be taken out of it.
    whole: Option<Span>,
}

impl<'w> AuthorsObject<'w> {
    /// The tree that it is in.
    pub(super) fn tree(&self) -> &'w Tree<'w> {
        self.document.tree
    }

    /// A span of its tree as one of the input's document: of the whole object, where the tree is
    /// not what was read.
    pub(super) fn span(&self, span: Span) -> Span {
        self.whole.unwrap_or(span)
    }
}

impl Names<'_, '_> {
    /// What `read` makes of an object as its author wrote it. Variables and files decide nothing
    /// that is read by it: it is as it is where coupler wrote nothing else.
    ///
    /// What cannot be taken out is read with the rest: that it cannot is an error once the object
    /// is to be changed.
    pub(super) fn as_written<T>(
        &self,
        tree: &Tree<'_>,
        object: Object,
        read: impl Fn(&AuthorsObject<'_>) -> T,
    ) -> T {
        let document = self.document(object.document, tree);
        let written = match project::record(tree, object.node) {
            Some(Ok(record)) if record.has_fields() => {
                let whole = Some(tree.span(object.node));
                project::as_written(document, object.node, &record, |written, node| {
                    read(&AuthorsObject {
                        document: DocumentRef {
                            tree: written,
                            ..document
                        },
                        node,
                        whole,
                    })
                })
            }
            Some(Ok(_) | Err(_)) | None => None,
        };
        written.unwrap_or_else(|| {
            read(&AuthorsObject {
                document,
                node: object.node,
                whole: None,
            })
        })
    }
}
