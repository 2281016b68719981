//! The stream again: what is unchanged goes out as the slice it came in as; ours is left out, kept, or marked `local-config`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::ours::Ours;
use super::{Rendered, list};
use crate::api::{Integrations, Settings};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::stream::{Stream, items};
use crate::manifest::{NodeId, Span, Tree};
use crate::project;

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
                Integrations::Keep => None,
                Integrations::Drop => drop_ours(stream, index, nodes, &text, out),
                Integrations::LocalConfig => mark(stream, index, nodes, &text, out),
            };
            text = edited.map_or(text, Cow::Owned);
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

/// The document without our objects.
fn drop_ours(
    stream: &Stream<'_>,
    index: usize,
    nodes: &[NodeId],
    text: &str,
    out: &mut Vec<Diagnostic>,
) -> Option<String> {
    if nodes == [NodeId::ROOT] {
        return Some(String::new());
    }
    let positions = positions(stream, index, nodes)?;
    let tree = Tree::read(text).ok()?;
    match list::without(&tree, items(&tree, tree.root()?)?, &positions) {
        Ok(text) => Some(text),
        Err(_) => {
            let place = stream.place(index, stream.tree(index).ok()?.span(*nodes.first()?));
            out.push(
                Diagnostic::error(Code::CannotEdit, "this item cannot be taken out of its list safely")
                    .at(place, "begin it with `- ` on a line of its own")
                    .help("write it as a document of its own, or keep it: `--integrations keep`"),
            );
            None
        }
    }
}

/// The document with our objects marked as not for the cluster.
fn mark(stream: &Stream<'_>, index: usize, nodes: &[NodeId], text: &str, out: &mut Vec<Diagnostic>) -> Option<String> {
    let tree = Tree::read(text).ok()?;
    let ours = match nodes {
        [NodeId::ROOT] => vec![NodeId::ROOT],
        _ => {
            let items: Vec<NodeId> = tree.children(items(&tree, tree.root()?)?).collect();
            positions(stream, index, nodes)?.into_iter().filter_map(|position| items.get(position).copied()).collect()
        }
    };
    match project::annotate(&tree, &ours, LOCAL_CONFIG, "true") {
        Ok(text) => text,
        Err(_) => {
            let place = stream.place(index, stream.tree(index).ok()?.span(*nodes.first()?));
            out.push(
                Diagnostic::error(Code::CannotEdit, format!("this object cannot be marked `{LOCAL_CONFIG}` safely"))
                    .at(place, "an alias, an anchor, a merge key or a tag stands in the way")
                    .help(format!("write the annotation yourself: `{LOCAL_CONFIG}: \"true\"`")),
            );
            None
        }
    }
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
