//! Turns a plan into insertions, and writes its record.

use super::planned::{CollectionPlan, EntryPosition, Plan};
use super::record::Record;
use super::slot::Slot;
use super::workload::{Collection, WorkloadNode};
use crate::edit::{self, Emptiness, Insertion, Member, Refusal, Value, is_nothing, reachable};
use crate::manifest::{Kind, NodeId, Tree};

mod growth;
mod marks;
mod replacement;
mod splice;

/// What an object gets, and the record of it.
#[derive(Debug)]
pub(super) struct Baked<'w> {
    pub(super) insertions: Vec<Insertion<'w>>,
    /// Bytes of the record as written.
    pub(super) written: usize,
    record: Record,
}

/// Members that go where the marks of a coupled object are.
#[derive(Default)]
struct Marked<'w> {
    labels: Vec<Member<'w>>,
    annotations: Vec<Member<'w>>,
}

/// New elements of a collection, and the one that they precede.
struct ItemRun<'w> {
    before: Option<NodeId>,
    entries: Vec<Member<'w>>,
}

/// The insertions of one object that holds nothing of ours; `record` is what the plan lists.
pub(super) fn bake<'w>(
    workload: &WorkloadNode<'_>,
    plan: &Plan<'w>,
    record: Record,
) -> Result<Baked<'w>, Refusal> {
    let mut baked = Baked {
        insertions: Vec::new(),
        written: 0,
        record,
    };
    let mut marked = Marked::default();
    for plan in &plan.collections {
        let collection = &workload.collections[plan.collection];
        if let Some(text) = &plan.text {
            baked.splice(workload, collection, &plan.new, text)?;
            continue;
        }
        let runs = baked.runs(workload, plan)?;
        if runs.is_empty() {
            continue;
        }
        let entries = |runs: Vec<ItemRun<'w>>| runs.into_iter().flat_map(|run| run.entries);
        match &collection.slot {
            // together with the record's own
            Slot::Annotations => marked.annotations.extend(entries(runs)),
            Slot::Labels => marked.labels.extend(entries(runs)),
            Slot::Members(path) => {
                let members = entries(runs).collect();
                baked.grow(workload, path, Value::Map(members))?;
            }
            Slot::Appended(path) => {
                let items = items(entries(runs).collect());
                baked.grow(workload, path, Value::List(items))?;
            }
            _ => baked.collection(workload, collection, runs)?,
        }
    }
    baked.marks(workload.tree, workload.root, marked)?;
    baked.insertions = growth::joined(baked.insertions);
    Ok(baked)
}

impl<'w> Baked<'w> {
    /// The elements that are new, in order; those that take the place of others are inserted at
    /// once.
    fn runs(
        &mut self,
        workload: &WorkloadNode<'_>,
        plan: &CollectionPlan<'w>,
    ) -> Result<Vec<ItemRun<'w>>, Refusal> {
        let collection = &workload.collections[plan.collection];
        let mut runs: Vec<ItemRun<'w>> = Vec::new();
        for planned in &plan.new {
            let before = match planned.position {
                EntryPosition::Kept { .. } | EntryPosition::Within { .. } => continue,
                EntryPosition::Replaces { entry, .. } => {
                    self.replace(workload, &collection.slot, entry, planned)?;
                    continue;
                }
                EntryPosition::Before(entry) => Some(entry),
                EntryPosition::Last => None,
            };
            let element = (
                planned.entry.key.clone(),
                collection
                    .slot
                    .element(&planned.entry.key, planned.content()),
            );
            match runs.last_mut() {
                Some(run) if run.before == before => run.entries.push(element),
                _ => runs.push(ItemRun {
                    before,
                    entries: vec![element],
                }),
            }
        }
        Ok(runs)
    }

    fn collection(
        &mut self,
        workload: &WorkloadNode<'_>,
        collection: &Collection<'_>,
        runs: Vec<ItemRun<'w>>,
    ) -> Result<(), Refusal> {
        let tree = workload.tree;
        let slot = &collection.slot;
        let Some(node) = collection.node else {
            return self.create(workload, collection, runs);
        };
        if tree.kind(node) == slot.kind() {
            if let Some(keyless) = keyless(tree, slot, node) {
                let message = format!("an entry of `{}` has no name of its own", collection.key);
                return reachable(tree, keyless).and(Err(refusal(tree, keyless, &message)));
            }
            self.fill(tree, slot, node)?;
            self.insertions
                .extend(runs.into_iter().map(|run| match slot.kind() {
                    Kind::Sequence => Insertion::Items {
                        list: node,
                        before: run.before,
                        items: items(run.entries),
                    },
                    _ => Insertion::Members {
                        map: node,
                        before: run.before,
                        members: run.entries,
                    },
                }));
            return Ok(());
        }
        self.fill(tree, slot, node)?;
        self.insertions.push(Insertion::Set {
            node,
            value: value(slot, runs),
        });
        Ok(())
    }

    /// A collection that is not there, perhaps in a mapping that is not there either.
    fn create(
        &mut self,
        workload: &WorkloadNode<'_>,
        collection: &Collection<'_>,
        runs: Vec<ItemRun<'w>>,
    ) -> Result<(), Refusal> {
        let tree = workload.tree;
        self.record.created.insert(collection.slot.clone());
        let member = (collection.key.clone(), value(&collection.slot, runs));
        if let Some(map) = collection
            .holder
            .filter(|&holder| tree.kind(holder) == Kind::Mapping)
        {
            self.insertions.push(Insertion::Members {
                map,
                before: None,
                members: vec![member],
            });
            return Ok(());
        }
        let holder = workload
            .position(&Slot::PodMetadata)
            .filter(|_| collection.slot == Slot::PodAnnotations);
        let Some(holder) = holder.map(|holder| &workload.collections[holder]) else {
            return Err(refusal(
                tree,
                workload.root,
                &format!("there is no place for `{}`", collection.key),
            ));
        };
        let run = ItemRun {
            before: None,
            entries: vec![member],
        };
        self.collection(workload, holder, vec![run])
    }

    /// Takes note of a collection that has nothing in it, or null in its place.
    fn fill(&mut self, tree: &Tree<'_>, slot: &Slot, node: NodeId) -> Result<(), Refusal> {
        if tree.kind(node) == slot.kind() {
            if tree.last_child(node).is_none() {
                self.record
                    .filled
                    .insert(slot.clone(), Emptiness::Collection);
            }
            return Ok(());
        }
        if !is_nothing(tree, node) {
            reachable(tree, node)?;
            return Err(not_a(slot, tree, node));
        }
        let Some(colon) = edit::colon(tree, node) else {
            return Err(refusal(tree, node, "a key has no colon"));
        };
        let (token, rest) = (
            &tree.text()[colon..tree.span(node).end as usize],
            &tree.text()[tree.span(node).end as usize..],
        );
        if token.is_empty() && rest.starts_with([',', '}']) {
            return Err(refusal(
                tree,
                node,
                "a key has no value, which some readers refuse",
            ));
        }
        let token = token.to_owned();
        self.record
            .filled
            .insert(slot.clone(), Emptiness::Null(token));
        Ok(())
    }
}

fn value<'w>(slot: &Slot, runs: Vec<ItemRun<'w>>) -> Value<'w> {
    let entries: Vec<_> = runs.into_iter().flat_map(|run| run.entries).collect();
    match slot.kind() {
        Kind::Sequence => Value::List(items(entries)),
        _ => Value::Map(entries),
    }
}

fn items(entries: Vec<Member<'_>>) -> Vec<Value<'_>> {
    entries.into_iter().map(|(_, item)| item).collect()
}

/// An item of a list that may have a key that is not written in it.
fn keyless(tree: &Tree<'_>, slot: &Slot, node: NodeId) -> Option<NodeId> {
    let is_keyless = |item: &NodeId| {
        tree.kind(*item) != Kind::Mapping
            || tree.children(*item).any(|member| tree.is_merge(member))
    };
    tree.children(node)
        .filter(|_| slot.item_key().is_some())
        .find(is_keyless)
}

fn not_a(slot: &Slot, tree: &Tree<'_>, node: NodeId) -> Refusal {
    let key = tree.key(node).unwrap_or_default();
    let (kind, help) = match slot.kind() {
        Kind::Sequence => (
            "list",
            format!("write `{key}` as a list, of items such as `{{name: …, value: …}}`"),
        ),
        _ => ("mapping", format!("write `{key}` as a mapping of texts")),
    };
    let help = help.into();
    Refusal {
        help,
        ..refusal(tree, node, &format!("`{key}` is not a {kind}"))
    }
}

fn refusal(tree: &Tree<'_>, id: NodeId, message: &str) -> Refusal {
    let help = "write it in block style".into();
    Refusal {
        span: tree.span(id),
        message: message.to_owned(),
        help,
        alias: None,
    }
}
