//! Refuses text that cannot be edited safely: text that has an effect in other places too, or that
//! readers read differently.

use crate::diagnostic::Help;
use crate::manifest::obstacle::Obstacle;
use crate::manifest::{NodeId, Span, Tree};

/// Why a document cannot be edited, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is in the way, relative to the document.
    pub span: Span,
    /// The fact.
    pub message: String,
    /// The remedy.
    pub help: Help,
    /// An alias that repeats what is in the way, where that is the reason.
    pub alias: Option<Span>,
}

/// Refuses a node whose change would change something else too, or whose meaning is made elsewhere.
///
/// # Errors
/// What prevents it.
pub fn reachable(tree: &Tree<'_>, id: NodeId) -> Result<(), Refusal> {
    let Some((span, found)) = tree.obstacle(id) else {
        return Ok(());
    };
    let holder =
        std::iter::successors(Some(id), |&id| tree.parent(id)).find(|&id| tree.span(id) == span);
    if let (Obstacle::Anchor, Some(holder)) = (found, holder) {
        return Err(repeated(tree, holder, "the value to be changed"));
    }
    let key = holder.and_then(|id| tree.key(id)).unwrap_or("…");
    let token = tree.slice(span);
    let (message, help) = match found {
        Obstacle::Alias => (
            format!("there is the alias `{token}` here"),
            format!("write the content of its anchor in place of `{token}`").into(),
        ),
        Obstacle::Anchor => (
            "an alias in another place repeats this content".to_owned(),
            "write the content in place of the alias, and remove the anchor".into(),
        ),
        Obstacle::Merge => (
            "a merge key inserts content of another place, and an edit could hide it".to_owned(),
            "write the merged keys in place of the line with `<<:`".into(),
        ),
        Obstacle::Tag => (
            "a tag defines how this is read".to_owned(),
            format!("remove the tag of `{key}`").into(),
        ),
    };
    Err(Refusal {
        span,
        message,
        help,
        alias: None,
    })
}

/// Refuses a document that not every reader reads as it is written: what an edit is right for,
/// another reader may not see.
///
/// # Errors
/// What readers disagree on.
pub fn certain(tree: &Tree<'_>) -> Result<(), Refusal> {
    if let Some(span) = tree.anchored_key() {
        let message = "this key has an anchor, which an edit could remove".to_owned();
        let help = "remove the anchor, and write the key in place of its alias".into();
        return Err(Refusal {
            span,
            message,
            help,
            alias: None,
        });
    }
    let Some(span) = tree.doubtful() else {
        return Ok(());
    };
    let message =
        "a tag defines how this is read, and readers treat it in different ways".to_owned();
    let help = "write the intended value without the tag: Kubernetes manifests need no tags".into();
    Err(Refusal {
        span,
        message,
        help,
        alias: None,
    })
}

/// The refusal to change or remove a node that an alias elsewhere repeats.
pub fn repeated(tree: &Tree<'_>, node: NodeId, what: &str) -> Refusal {
    let alias = tree.alias_of(node).map(|alias| tree.span(alias));
    let name = alias.map_or("…", |alias| tree.slice(alias).trim_start_matches('*'));
    Refusal {
        span: tree.span(node),
        message: format!("the alias `*{name}` repeats {what}, which has the anchor `&{name}`"),
        help: format!(
            "write the content of the anchor in place of `*{name}`, and remove the anchor `&{name}`"
        )
        .into(),
        alias,
    }
}
