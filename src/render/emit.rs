//! Writes the stream: unchanged documents as the slices that they were, and coupler's own kinds
//! left out, kept, or marked `local-config`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Rendered;
use super::own_objects::OwnObjects;
use crate::api::{Integrations, Settings};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Setting, words};
use crate::edit;
use crate::manifest::stream::{Stream, items, objects};
use crate::manifest::{NodeId, Span, Tree};

/// The host's mark for objects that are not for the cluster.
const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// Puts the sources of the stream together again.
pub(super) fn emit<'a>(
    stream: &Stream<'a>,
    ours: &OwnObjects,
    mut texts: BTreeMap<usize, String>,
    settings: &Settings,
    out: &mut Findings,
) -> Vec<Rendered<'a>> {
    let mut mine: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
    for object in &ours.objects {
        mine.entry(object.document).or_default().push(object.node);
    }
    let mut rendered: Vec<Rendered<'a>> = Vec::new();
    for index in (0..stream.len()).filter(|&index| !stream.is_catalogue(index)) {
        let document = stream.document(index);
        if rendered
            .last()
            .is_none_or(|last| last.source != document.source)
        {
            rendered.push(Rendered {
                source: document.source,
                pieces: Vec::new(),
                changed: Vec::new(),
            });
        }
        let Some(last) = rendered.last_mut() else {
            continue;
        };
        let mut text = texts
            .remove(&index)
            .map_or(Cow::Borrowed(document.text), Cow::Owned);
        if let Some(nodes) = mine.get(&index) {
            let edited = match settings.integrations {
                Integrations::Keep => Ok(None),
                Integrations::Drop => drop_ours(stream, index, nodes, &text),
                Integrations::LocalConfig => mark(stream, index, nodes, &text),
            };
            match edited {
                Ok(edited) => text = edited.map_or(text, Cow::Owned),
                Err(words) => {
                    out.report(refused(stream, index, nodes, words));
                }
            }
        }
        if matches!(text, Cow::Owned(_)) {
            last.changed
                .push(stream.place(index, Span::new(0, document.text.len())));
        }
        if !text.is_empty() {
            last.pieces.push(text);
        }
    }
    rendered
}

/// What forbids an edit of our objects: the fact, where to look, the way out.
struct EditObstacle {
    message: &'static str,
    label: &'static str,
    help: Help,
}

fn refused(
    stream: &Stream<'_>,
    index: usize,
    nodes: &[NodeId],
    EditObstacle {
        message,
        label,
        help,
    }: EditObstacle,
) -> Diagnostic {
    let span = stream.once(index, |tree| nodes.first().map(|&node| tree.span(node)));
    let place = stream.place(index, span.ok().flatten().unwrap_or_default());
    Diagnostic::error(Code::CannotEdit, message)
        .at(place, label)
        .help(help)
}

/// The document without our objects.
fn drop_ours(
    stream: &Stream<'_>,
    index: usize,
    nodes: &[NodeId],
    text: &str,
) -> Result<Option<String>, EditObstacle> {
    if nodes == [NodeId::ROOT] {
        return Ok(Some(String::new()));
    }
    let Some(positions) = positions(stream, index, nodes) else {
        return Ok(None);
    };
    let Ok(tree) = Tree::read(text) else {
        return Ok(None);
    };
    let all = objects(&tree);
    let ours: BTreeSet<NodeId> = positions
        .iter()
        .filter_map(|&position| all.get(position).copied())
        .collect();
    let mut gone = Vec::new();
    match tree
        .root()
        .map(|root| leaves(&tree, root, &ours, &mut gone))
    {
        None => return Ok(None),
        Some(true) => return Ok(Some(String::new())),
        Some(false) => {}
    }
    let without = edit::without(&tree, gone);
    without.map(Some).ok_or_else(|| EditObstacle {
        message: "this item cannot be removed from its list safely",
        label: "an alias elsewhere, or the way it is written, prevents it",
        help: words![
            "write it as a document of its own, or keep it: ",
            Setting::IntegrationsKeep
        ],
    })
}

/// The document with our objects marked as not for the cluster.
fn mark(
    stream: &Stream<'_>,
    index: usize,
    nodes: &[NodeId],
    text: &str,
) -> Result<Option<String>, EditObstacle> {
    let Ok(tree) = Tree::read(text) else {
        return Ok(None);
    };
    let ours = match nodes {
        [NodeId::ROOT] => vec![NodeId::ROOT],
        _ => {
            let all = objects(&tree);
            let positions = positions(stream, index, nodes).unwrap_or_default();
            positions
                .into_iter()
                .filter_map(|position| all.get(position).copied())
                .collect()
        }
    };
    edit::annotate(&tree, &ours, LOCAL_CONFIG, "true").map_err(|_| EditObstacle {
        message: "this object cannot be marked `config.kubernetes.io/local-config` safely",
        label: "an alias, an anchor, a merge key or a tag prevents it",
        help: "write the annotation yourself: `config.kubernetes.io/local-config: \"true\"`".into(),
    })
}

/// Whether a node is ours or a list of nothing else; of any other list the items that are go to
/// `gone`.
fn leaves(tree: &Tree<'_>, node: NodeId, ours: &BTreeSet<NodeId>, gone: &mut Vec<NodeId>) -> bool {
    let Some(list) = items(tree, node) else {
        return ours.contains(&node);
    };
    let before = gone.len();
    let (mut count, mut left) = (0, 0);
    for item in tree.children(list) {
        count += 1;
        if leaves(tree, item, ours, gone) {
            gone.push(item);
            left += 1;
        }
    }
    let is_emptied = count > 0 && left == count;
    if is_emptied {
        gone.truncate(before);
    }
    is_emptied
}

/// Where our objects are among those of a document: projecting moves none.
fn positions(stream: &Stream<'_>, index: usize, nodes: &[NodeId]) -> Option<Vec<usize>> {
    let tree = stream.tree(index).ok()?;
    let all = objects(tree).into_iter().enumerate();
    Some(
        all.filter(|(_, object)| nodes.binary_search(object).is_ok())
            .map(|(position, _)| position)
            .collect(),
    )
}
