//! The stream again: what is unchanged goes out as the slice it came in as; ours is left out, kept, or marked `local-config`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Rendered;
use super::ours::Ours;
use crate::api::{Integrations, Settings};
use crate::diagnostic::{Code, Diagnostic};
use crate::edit;
use crate::manifest::stream::{Stream, items};
use crate::manifest::{NodeId, Span, Tree};

/// The host's mark for objects that are not for the cluster.
const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// Puts the sources of the stream together again.
pub(super) fn emit<'a>(
    stream: &Stream<'a>,
    ours: &Ours,
    mut texts: BTreeMap<usize, String>,
    settings: &Settings,
    out: &mut Vec<Diagnostic>,
) -> Vec<Rendered<'a>> {
    let mut mine: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
    for object in &ours.objects {
        mine.entry(object.document).or_default().push(object.node);
    }
    let mut rendered: Vec<Rendered<'a>> = Vec::new();
    for index in (0..stream.len()).filter(|&index| !stream.is_catalogue(index)) {
        let document = stream.document(index);
        if rendered.last().is_none_or(|last| last.source != document.source) {
            rendered.push(Rendered { source: document.source, pieces: Vec::new(), changed: Vec::new() });
        }
        let Some(last) = rendered.last_mut() else { continue };
        let mut text = texts.remove(&index).map_or(Cow::Borrowed(document.text), Cow::Owned);
        if let Some(nodes) = mine.get(&index) {
            let edited = match settings.integrations {
                Integrations::Keep => Ok(None),
                Integrations::Drop => drop_ours(stream, index, nodes, &text),
                Integrations::LocalConfig => mark(stream, index, nodes, &text),
            };
            match edited {
                Ok(edited) => text = edited.map_or(text, Cow::Owned),
                Err(words) => out.push(refused(stream, index, nodes, words)),
            }
        }
        if matches!(text, Cow::Owned(_)) {
            last.changed.push(stream.place(index, Span::new(0, document.text.len())));
        }
        if !text.is_empty() {
            last.pieces.push(text);
        }
    }
    rendered
}

/// What forbids an edit of our objects: the fact, where to look, the way out.
type Words = [&'static str; 3];

fn refused(stream: &Stream<'_>, index: usize, nodes: &[NodeId], [message, label, help]: Words) -> Diagnostic {
    let span = stream.once(index, |tree| nodes.first().map(|&node| tree.span(node)));
    let place = stream.place(index, span.ok().flatten().unwrap_or_default());
    Diagnostic::error(Code::CannotEdit, message).at(place, label).help(help)
}

/// The document without our objects.
fn drop_ours(stream: &Stream<'_>, index: usize, nodes: &[NodeId], text: &str) -> Result<Option<String>, Words> {
    if nodes == [NodeId::ROOT] {
        return Ok(Some(String::new()));
    }
    let Some(positions) = positions(stream, index, nodes) else { return Ok(None) };
    let Ok(tree) = Tree::read(text) else { return Ok(None) };
    let Some(list) = tree.root().and_then(|root| items(&tree, root)) else { return Ok(None) };
    let items: Vec<NodeId> = tree.children(list).collect();
    if positions.len() == items.len() {
        return Ok(Some(String::new()));
    }
    let without = edit::without(&tree, positions.iter().map(|&position| items[position]));
    without.map(Some).ok_or([
        "this item cannot be taken out of its list safely",
        "an alias elsewhere, or how it is written, stands in the way",
        "write it as a document of its own, or keep it: `--integrations keep`",
    ])
}

/// The document with our objects marked as not for the cluster.
fn mark(stream: &Stream<'_>, index: usize, nodes: &[NodeId], text: &str) -> Result<Option<String>, Words> {
    let Ok(tree) = Tree::read(text) else { return Ok(None) };
    let ours = match nodes {
        [NodeId::ROOT] => vec![NodeId::ROOT],
        _ => {
            let Some(list) = tree.root().and_then(|root| items(&tree, root)) else { return Ok(None) };
            let items: Vec<NodeId> = tree.children(list).collect();
            let positions = positions(stream, index, nodes).unwrap_or_default();
            positions.into_iter().filter_map(|position| items.get(position).copied()).collect()
        }
    };
    edit::annotate(&tree, &ours, LOCAL_CONFIG, "true").map_err(|_| {
        [
            "this object cannot be marked `config.kubernetes.io/local-config` safely",
            "an alias, an anchor, a merge key or a tag stands in the way",
            "write the annotation yourself: `config.kubernetes.io/local-config: \"true\"`",
        ]
    })
}

/// Where our items stand in the list of a document: projecting moves no item.
fn positions(stream: &Stream<'_>, index: usize, nodes: &[NodeId]) -> Option<Vec<usize>> {
    let tree = stream.tree(index).ok()?;
    let list = items(tree, tree.root()?)?;
    Some(
        tree.children(list)
            .enumerate()
            .filter(|(_, item)| nodes.binary_search(item).is_ok())
            .map(|(position, _)| position)
            .collect(),
    )
}
