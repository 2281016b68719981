//! Refuses what cannot be edited safely: text that means something in other places too, or that
//! readers disagree on.

use super::lines;
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
    pub help: String,
}

/// Refuses a node whose change would change something else too, or whose meaning is made elsewhere.
///
/// # Errors
/// What stands in the way.
pub fn reachable(tree: &Tree<'_>, id: NodeId) -> Result<(), Refusal> {
    let Some((span, found)) = tree.obstacle(id) else {
        return Ok(());
    };
    let holder =
        std::iter::successors(Some(id), |&id| tree.parent(id)).find(|&id| tree.span(id) == span);
    let key = holder.and_then(|id| tree.key(id)).unwrap_or("…");
    let token = tree.slice(span);
    let (message, help) = match found {
        Obstacle::Alias => (
            format!("the alias `{token}` stands here"),
            format!("write out what it stands for:\n  {key}: # what `{token}` says"),
        ),
        Obstacle::Anchor => {
            let name = holder.and_then(|id| anchor(tree, id)).unwrap_or("…");
            (
                format!(
                    "an alias elsewhere repeats what stands here, so `*{name}` would change with it"
                ),
                format!(
                    "write it out where `*{name}` stands, and drop the anchor:\n  {key}: # without `&{name}`"
                ),
            )
        }
        Obstacle::Merge => (
            "a merge key brings in what stands elsewhere, and an edit could hide it".to_owned(),
            "write the merged keys out in the place of the line with `<<:`".to_owned(),
        ),
        Obstacle::Tag => (
            "a tag says how this is to be read".to_owned(),
            format!("drop the tag:\n  {key}: # without `!…`"),
        ),
    };
    Err(Refusal {
        span,
        message,
        help,
    })
}

/// Refuses a document that not every reader reads as it is written: what an edit is right for,
/// another reader may not see.
///
/// # Errors
/// What readers disagree on.
pub fn certain(tree: &Tree<'_>) -> Result<(), Refusal> {
    if let Some(span) = tree.anchored_key() {
        let message = "this key has an anchor, which an edit could take away".to_owned();
        let help = "drop the anchor, and write the key out where it is repeated".to_owned();
        return Err(Refusal {
            span,
            message,
            help,
        });
    }
    let Some(span) = tree.doubtful() else {
        return Ok(());
    };
    let message = "a tag says how this is to be read, and not every reader obeys it".to_owned();
    let help = "write the value as it is meant, without the tag: manifests of Kubernetes need none"
        .to_owned();
    Err(Refusal {
        span,
        message,
        help,
    })
}

/// The name of the anchor before a member's value.
fn anchor<'t>(tree: &Tree<'t>, member: NodeId) -> Option<&'t str> {
    let from = lines::after_colon(tree, member);
    let before = tree.text().get(from..tree.span(member).start as usize)?;
    before
        .split_whitespace()
        .find_map(|word| word.strip_prefix('&'))
}
