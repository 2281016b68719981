//! Whether what stands in a workload is already what would be baked: then its bytes are left alone.

use std::collections::BTreeMap;

use super::WantedCoupling;
use super::bake::listed;
use super::claim::Claims;
use super::lens;
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
            let standing = Standing::new(workload, claims, held);
            container.new.iter().all(|placed| {
                let mine = standing.ours.get(placed.entry.name.as_str());
                mine.is_some_and(|&(index, node, replaced)| {
                    replaced == placed.own().is_some()
                        && Meant::entry(placed.entry).is(workload.tree, node)
                        && standing.in_order(placed.entry, index)
                })
            })
        })
}

/// A container's variables by name.
struct Standing<'t> {
    /// Ours: position, entry, whether it took the place of the author's own.
    ours: BTreeMap<&'t str, (usize, NodeId, bool)>,
    /// All: the last position.
    last: BTreeMap<&'t str, usize>,
    /// What the author's texts use: the first position.
    used: BTreeMap<&'t str, usize>,
}

impl<'t> Standing<'t> {
    fn new(workload: &Workload<'t>, claims: &Claims<'_>, held: &Held<'t>) -> Self {
        let mut standing = Self { ours: BTreeMap::new(), last: BTreeMap::new(), used: BTreeMap::new() };
        for variable in &held.variables {
            standing.last.insert(variable.name, variable.index);
            if let Some(claimed) = claims.of(variable.node) {
                standing.ours.insert(variable.name, (variable.index, variable.node, claimed.was.is_some()));
                continue;
            }
            for name in references(lens::text(workload.tree, variable.node, "value").unwrap_or_default()) {
                standing.used.entry(name).or_insert(variable.index);
            }
        }
        standing
    }

    /// Whether an entry of ours stands after all that it uses and before all of the author's that use it.
    fn in_order(&self, entry: &EnvEntry, index: usize) -> bool {
        let text = match &entry.source {
            EnvSource::Value(text) => text.as_str(),
            EnvSource::Reference(_) => "",
        };
        self.used.get(entry.name.as_str()).is_none_or(|&user| index < user)
            && references(text).all(|name| self.last.get(name).is_none_or(|&part| part <= index))
    }
}
