//! Inserts a plan: what it comes to as insertions, and the record of it.

use super::planned::{CollectionPlan, Plan, PlannedEntry, Position};
use super::record::{COUPLED, Original, Record, plug_key};
use super::slot::Slot;
use super::workload::{Collection, Workload};
use crate::diagnostic::lines;
use crate::edit::{
    self, Emptiness, Insertion, Member, Refusal, Value, is_nothing, reachable, repeated,
};
use crate::manifest::{Kind, NodeId, Tree};

/// What an object gets, and the record of it.
#[derive(Debug)]
pub(super) struct Baked<'w> {
    pub(super) insertions: Vec<Insertion<'w>>,
    /// Bytes of the record as written.
    pub(super) written: usize,
    record: Record,
}

/// New elements of a collection, and the one that they precede.
struct Run<'w> {
    before: Option<NodeId>,
    entries: Vec<(&'w str, Value<'w>)>,
}

/// The insertions of one object that holds nothing of ours; `record` is what the plan lists.
pub(super) fn bake<'w>(
    workload: &Workload<'_>,
    plan: &Plan<'w>,
    record: Record,
) -> Result<Baked<'w>, Refusal> {
    let mut baked = Baked {
        insertions: Vec::new(),
        written: 0,
        record,
    };
    let mut annotations = Vec::new();
    for plan in &plan.collections {
        let collection = &workload.collections[plan.collection];
        let runs = baked.runs(workload, plan)?;
        if runs.is_empty() {
            continue;
        }
        if collection.slot == Slot::Annotations {
            // together with the record's own
            annotations.extend(runs.into_iter().flat_map(|run| run.entries));
            continue;
        }
        baked.collection(workload, collection, runs)?;
    }
    baked.marks(workload.tree, workload.root, annotations)?;
    Ok(baked)
}

impl<'w> Baked<'w> {
    /// The elements that are new, in order; those that take the place of others are inserted at
    /// once.
    fn runs(
        &mut self,
        workload: &Workload<'_>,
        plan: &CollectionPlan<'w>,
    ) -> Result<Vec<Run<'w>>, Refusal> {
        let collection = &workload.collections[plan.collection];
        let mut runs: Vec<Run<'w>> = Vec::new();
        for planned in &plan.new {
            let before = match planned.position {
                Position::Kept { .. } => continue,
                Position::Replaces { entry, .. } => {
                    self.replace(workload, &collection.slot, entry, planned)?;
                    continue;
                }
                Position::Before(entry) => Some(entry),
                Position::Last => None,
            };
            let element = (
                planned.entry.key,
                collection
                    .slot
                    .element(planned.entry.key, planned.content()),
            );
            match runs.last_mut() {
                Some(run) if run.before == before => run.entries.push(element),
                _ => runs.push(Run {
                    before,
                    entries: vec![element],
                }),
            }
        }
        Ok(runs)
    }

    fn collection(
        &mut self,
        workload: &Workload<'_>,
        collection: &Collection<'_>,
        runs: Vec<Run<'w>>,
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
                        members: members(run.entries),
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
        workload: &Workload<'_>,
        collection: &Collection<'_>,
        runs: Vec<Run<'w>>,
    ) -> Result<(), Refusal> {
        let tree = workload.tree;
        self.record.created.insert(collection.slot.clone());
        let member = (collection.key.into(), value(&collection.slot, runs));
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
                &format!("nothing can hold `{}`", collection.key),
            ));
        };
        let run = Run {
            before: None,
            entries: vec![(collection.key, member.1)],
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
            return Err(refusal(tree, node, "a key stands without a colon"));
        };
        let (token, rest) = (
            &tree.text()[colon..tree.span(node).end as usize],
            &tree.text()[tree.span(node).end as usize..],
        );
        if token.is_empty() && rest.starts_with([',', '}']) {
            return Err(refusal(
                tree,
                node,
                "a key stands without a value, which some readers refuse",
            ));
        }
        let token = token.to_owned();
        self.record
            .filled
            .insert(slot.clone(), Emptiness::Null(token));
        Ok(())
    }

    fn replace(
        &mut self,
        workload: &Workload<'_>,
        slot: &Slot,
        entry: NodeId,
        planned: &PlannedEntry<'w>,
    ) -> Result<(), Refusal> {
        let tree = workload.tree;
        let content = slot.content_json(tree, entry).map_err(|span| {
            let message =
                "the entry to be replaced holds something that is made elsewhere".to_owned();
            Refusal {
                span,
                message,
                help: "write it out".into(),
                alias: None,
            }
        })?;
        let nodes = slot.content(tree, entry);
        if nodes.len() > 1 {
            return Err(refusal(
                tree,
                entry,
                "the entry to be replaced has more than one value",
            ));
        }
        if !slot.admits(&content) {
            return Err(refusal(
                tree,
                entry,
                "the entry to be replaced holds something else than a value",
            ));
        }
        let shared = nodes.first().and_then(|&node| used_elsewhere(tree, node));
        if let Some(shared) = shared {
            return Err(repeated(tree, shared, "what is to be replaced"));
        }
        let bytes = match nodes.first() {
            Some(&node) => edit::bytes(tree, node).map_err(|_| {
                refusal(
                    tree,
                    entry,
                    "the value to be replaced is indented irregularly",
                )
            })?,
            None => None,
        };
        self.insertions
            .push(match (nodes.first(), planned.content()) {
                (Some(&member), Value::Map(new)) if slot.item_key().is_some() => {
                    let Some(with) = new.first().cloned() else {
                        return Err(refusal(
                            tree,
                            entry,
                            "nothing is wanted in the place of the entry",
                        ));
                    };
                    Insertion::Replace { member, with }
                }
                (None, Value::Map(new)) => Insertion::Members {
                    map: entry,
                    before: None,
                    members: new.clone(),
                },
                (_, new) => Insertion::Set {
                    node: entry,
                    value: new.clone(),
                },
            });
        let plug = self.record.plugs.entry(plug_key(planned.plug)).or_default();
        let originals = plug.originals.entry(slot.clone()).or_default();
        originals.insert(planned.entry.key.to_owned(), Original { content, bytes });
        Ok(())
    }

    /// The label and the annotations. The record is finished first, since it is what they hold.
    fn marks(
        &mut self,
        tree: &Tree<'_>,
        root: NodeId,
        more: Vec<(&'w str, Value<'w>)>,
    ) -> Result<(), Refusal> {
        let Some(metadata) = tree
            .get(root, "metadata")
            .filter(|&m| tree.kind(m) == Kind::Mapping)
        else {
            return Err(refusal(tree, root, "the object has no `metadata`"));
        };
        let slots = [(Slot::Labels, "labels"), (Slot::Annotations, "annotations")];
        for (slot, key) in &slots {
            match tree.get(metadata, key) {
                None => {
                    self.record.created.insert(slot.clone());
                }
                Some(node) => self.fill(tree, slot, node)?,
            }
        }
        let label = tree.at(metadata, &["labels", COUPLED]);
        if let Some(label) = label {
            if !edit::is_text(tree, label, "true") {
                return Err(refusal(
                    tree,
                    label,
                    &format!("the label `{COUPLED}` is coupler's own"),
                ));
            }
            self.record.labelled = true;
        }
        let labels = if label.is_some() {
            Vec::new()
        } else {
            vec![(COUPLED.into(), Value::Text("true".into()))]
        };
        let annotations = self.record.write();
        self.written = annotations
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        let own = annotations
            .into_iter()
            .map(|(key, value)| (key.into(), Value::Json(value)));
        let annotations: Vec<Member<'w>> = members(more).into_iter().chain(own).collect();
        let mut created = Vec::new();
        for ((_, key), members) in slots.iter().zip([labels, annotations]) {
            match tree.get(metadata, key) {
                _ if members.is_empty() => {}
                None => created.push(((*key).into(), Value::Map(members))),
                Some(map) if tree.kind(map) == Kind::Mapping => {
                    self.insertions.push(Insertion::Members {
                        map,
                        before: None,
                        members,
                    });
                }
                Some(node) => self.insertions.push(Insertion::Set {
                    node,
                    value: Value::Map(members),
                }),
            }
        }
        if !created.is_empty() {
            self.insertions.push(Insertion::Members {
                map: metadata,
                before: None,
                members: created,
            });
        }
        Ok(())
    }
}

fn value<'w>(slot: &Slot, runs: Vec<Run<'w>>) -> Value<'w> {
    let entries: Vec<_> = runs.into_iter().flat_map(|run| run.entries).collect();
    match slot.kind() {
        Kind::Sequence => Value::List(items(entries)),
        _ => Value::Map(members(entries)),
    }
}

fn items<'w>(entries: Vec<(&'w str, Value<'w>)>) -> Vec<Value<'w>> {
    entries.into_iter().map(|(_, item)| item).collect()
}

fn members<'w>(entries: Vec<(&'w str, Value<'w>)>) -> Vec<Member<'w>> {
    entries
        .into_iter()
        .map(|(key, value)| (key.into(), value))
        .collect()
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

/// The first node from here on down that an alias elsewhere repeats.
fn used_elsewhere(tree: &Tree<'_>, node: NodeId) -> Option<NodeId> {
    if tree.node(node).anchored {
        return Some(node);
    }
    tree.children(node)
        .find_map(|child| used_elsewhere(tree, child))
}

fn not_a(slot: &Slot, tree: &Tree<'_>, node: NodeId) -> Refusal {
    let key = tree.key(node).unwrap_or_default();
    let (kind, help) = match slot.kind() {
        Kind::Sequence => (
            "list",
            lines![
                ("write it as a list:"),
                ("  {key}:"),
                ("    - name: A_NAME"),
                ("      value: \"a value\"")
            ],
        ),
        _ => (
            "mapping",
            lines![
                ("write it as a mapping of texts:"),
                ("  {key}:"),
                ("    a-name: \"a value\"")
            ],
        ),
    };
    Refusal {
        help,
        ..refusal(tree, node, &format!("`{key}` is not a {kind}"))
    }
}

fn refusal(tree: &Tree<'_>, id: NodeId, message: &str) -> Refusal {
    let help = "write it out in the usual form".into();
    Refusal {
        span: tree.span(id),
        message: message.to_owned(),
        help,
        alias: None,
    }
}
