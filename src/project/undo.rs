//! Undo: what the record lists, out of the bytes again; in what we wrote ourselves, to the byte.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::Claims;
use super::cut::Cuts;
use super::lens::content;
use super::record::{COUPLED, PLUG_PREFIX, Record};
use super::workload::Workload;
use crate::manifest::{Kind, NodeId};

/// Cuts everything of ours out of one workload.
pub(super) fn undo<'t>(workload: &Workload<'t>, record: &Record, claims: &Claims<'_>, cuts: &mut Cuts<'t>) {
    let tree = workload.tree;
    let made: BTreeSet<&str> = record.made.iter().map(String::as_str).collect();
    let mut replaced: BTreeMap<usize, Vec<(NodeId, &str)>> = BTreeMap::new();
    for (&entry, claimed) in &claims.entries {
        if let Some(was) = claimed.was {
            replaced.entry(claimed.container).or_default().push((entry, was));
        }
    }
    for (container, held) in workload.containers.iter().enumerate() {
        let Some(env) = tree.get(held.node, "env").filter(|&env| tree.kind(env) == Kind::Sequence) else { continue };
        let Some(recorded) = claims.recorded.get(&container) else { continue };
        for &(entry, was) in replaced.get(&container).into_iter().flatten() {
            // in the order of their ids
            let members: Vec<NodeId> = content(tree, entry).collect();
            match members[..] {
                [member, ref others @ ..] if !was.is_empty() => {
                    cuts.restore(member, was);
                    cuts.members(entry, |id| others.binary_search(&id).is_ok());
                }
                _ => cuts.members(entry, |id| members.binary_search(&id).is_ok()),
            }
        }
        let gone = |id: NodeId| claims.of(id).is_some_and(|claimed| claimed.was.is_none());
        collection(cuts, tree, held.node, env, (record, &made), &format!("env/{recorded}"), gone);
    }
    let Some(metadata) = tree.get(workload.root, "metadata") else { return };
    let kept = record.was.contains_key(&format!("metadata.labels/{COUPLED}"));
    let ours = |id: NodeId| {
        let key = tree.key(id).unwrap_or_default();
        key == COUPLED || key.starts_with(PLUG_PREFIX)
    };
    for (key, place, skip) in [("labels", "metadata.labels", kept), ("annotations", "metadata.annotations", false)] {
        let node = tree.get(metadata, key).filter(|&node| tree.kind(node) == Kind::Mapping);
        if let Some(node) = node.filter(|_| !skip) {
            collection(cuts, tree, metadata, node, (record, &made), place, ours);
        }
    }
}

/// Takes members out of a collection; of one that coupler made or filled and that would be empty, itself.
fn collection<'t>(
    cuts: &mut Cuts<'t>,
    tree: &crate::manifest::Tree<'t>,
    holder: NodeId,
    node: NodeId,
    (record, made): (&Record, &BTreeSet<&str>),
    place: &str,
    gone: impl Fn(NodeId) -> bool,
) {
    let mut members = tree.children(node).peekable();
    let all = members.peek().is_some() && members.all(&gone);
    if all && made.contains(place) {
        cuts.members(holder, |id| id == node);
    } else if let Some(was) = record.was.get(place).filter(|_| all) {
        cuts.value(node, was);
    } else {
        cuts.members(node, gone);
    }
}
