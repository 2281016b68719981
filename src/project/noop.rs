//! Whether what stands in a workload is already what would be baked: then its bytes are left alone.

use super::WantedCoupling;
use super::bake::listed;
use super::claim::Claims;
use super::meant::Meant;
use super::order::references;
use super::plan::Plan;
use super::record::{COUPLED, Record};
use super::workload::{Held, Workload};
use crate::couple::{EnvEntry, EnvSource};
use crate::manifest::NodeId;

/// The same entries by digest and reference, in an order that works, under the same record.
pub(super) fn settled(
    workload: &Workload<'_>,
    record: &Record,
    claims: &Claims<'_>,
    plan: &Plan<'_>,
    couplings: &[WantedCoupling<'_>],
    omitted: bool,
) -> bool {
    let wanted = listed(workload, plan, couplings);
    let label = workload.tree.at(workload.root, &["metadata", "labels", COUPLED]);
    !couplings.is_empty()
        && record.omitted == omitted
        && record.plugs.len() == wanted.plugs.len()
        && record.plugs.iter().zip(&wanted.plugs).all(|((a, one), (b, other))| a == b && one.agrees(other))
        && label.is_some_and(|label| super::meant::is_text(workload.tree, label, "true"))
        && plan.containers.iter().all(|container| {
            let held = &workload.containers[container.container];
            container.new.iter().all(|placed| {
                let node = claims
                    .entries
                    .iter()
                    .filter(|c| c.container == container.container && c.was.is_some() == placed.own().is_some())
                    .find(|c| held.variables.iter().any(|v| v.node == c.node && v.name == placed.entry.name));
                node.is_some_and(|claimed| {
                    Meant::entry(placed.entry).is(workload.tree, claimed.node)
                        && in_order(workload, claims, held, placed.entry, claimed.node)
                })
            })
        })
}

/// Whether an entry stands after all that it uses and before all of the author's that use it.
fn in_order(workload: &Workload<'_>, claims: &Claims<'_>, held: &Held<'_>, entry: &EnvEntry, node: NodeId) -> bool {
    let Some(mine) = held.variables.iter().find(|v| v.node == node) else { return false };
    let text = match &entry.source {
        EnvSource::Value(text) => text.as_str(),
        EnvSource::Reference(_) => "",
    };
    held.variables.iter().all(|other| {
        let after = other.index > mine.index;
        let uses = || {
            let value = super::lens::text(workload.tree, other.node, "value").unwrap_or_default();
            references(value).any(|name| name == entry.name)
        };
        other.node == node
            || (!(after && references(text).any(|name| name == other.name))
                && (after || claims.of(other.node).is_some() || !uses()))
    })
}
