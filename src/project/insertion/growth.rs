//! Adds the missing mappings on the path to a collection, once for all entries that need them, and
//! joins insertions into one collection.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Baked;
use crate::edit::{Insertion, Member, Refusal, Value, is_nothing};
use crate::manifest::NodeId;
use crate::manifest::path::{Step, Walked, walk};
use crate::project::slot::Slot;
use crate::project::workload::WorkloadNode;

impl<'w> Baked<'w> {
    /// Puts members into the mapping at a path, or items into the list there, with all that is
    /// missing above them.
    pub(super) fn grow(
        &mut self,
        workload: &WorkloadNode<'_>,
        path: &[Step],
        new: Value<'w>,
    ) -> Result<(), Refusal> {
        let tree = workload.tree;
        let walked = walk(tree, workload.root, path);
        let Ok(Walked { matched, deepest }) = walked else {
            return Err(super::refusal(
                tree,
                workload.root,
                "the value at the path cannot be read",
            ));
        };
        let at = |length: usize| match &new {
            Value::List(_) if length == path.len() => Slot::Items(path.to_vec()),
            _ => Slot::at(&path[..length], path.get(length)),
        };
        self.fill(tree, &at(matched), deepest)?;
        for length in matched + 1..=path.len() {
            self.record.created.insert(at(length));
        }
        let mut value = new;
        for step in path[matched..].iter().rev() {
            value = match step {
                Step::Key(key) => Value::Map(vec![(key.clone().into(), value)]),
                Step::Match { key, value: text } => {
                    let own: Member<'w> = (key.clone().into(), Value::Text(text.clone().into()));
                    Value::List(vec![with_first(own, value)])
                }
                Step::Index(_) | Step::Append => {
                    let message = "an item with an index is not added";
                    return Err(super::refusal(tree, deepest, message));
                }
            };
        }
        self.insertions.push(match value {
            value if is_nothing(tree, deepest) => Insertion::Set {
                node: deepest,
                value,
            },
            Value::List(items) => Insertion::Items {
                list: deepest,
                before: None,
                items,
            },
            Value::Map(members) => Insertion::Members {
                map: deepest,
                before: None,
                members,
            },
            Value::Text(_) | Value::Json(_) | Value::Scalar(_) => return Ok(()),
        });
        Ok(())
    }
}

fn with_first<'w>(first: Member<'w>, value: Value<'w>) -> Value<'w> {
    match value {
        Value::Map(members) => Value::Map(std::iter::once(first).chain(members).collect()),
        other => other,
    }
}

/// What is one place of insertions: a node, and the element that they precede.
type InsertionPlace = (NodeId, Option<NodeId>);

/// The same insertions, those into one place joined: what several of them make is made once.
pub(super) fn joined<'w>(insertions: Vec<Insertion<'w>>) -> Vec<Insertion<'w>> {
    let mut out: Vec<Insertion<'w>> = Vec::with_capacity(insertions.len());
    let mut positions: BTreeMap<InsertionPlace, usize> = BTreeMap::new();
    for insertion in insertions {
        let before = match &insertion {
            Insertion::Items { before, .. } | Insertion::Members { before, .. } => *before,
            Insertion::Set { .. } => None,
            Insertion::Replace { .. } | Insertion::Splice { .. } => {
                out.push(insertion);
                continue;
            }
        };
        let target = (insertion.target(), before);
        let Some(&position) = positions.get(&target) else {
            positions.insert(target, out.len());
            out.push(insertion);
            continue;
        };
        match (&mut out[position], insertion) {
            (Insertion::Items { items, .. }, Insertion::Items { items: more, .. }) => {
                join_items(items, more);
            }
            (Insertion::Members { members, .. }, Insertion::Members { members: more, .. }) => {
                join_members(members, more);
            }
            (Insertion::Set { value, .. }, Insertion::Set { value: more, .. }) => join(value, more),
            (_, other) => out.push(other),
        }
    }
    out
}

fn join<'w>(value: &mut Value<'w>, more: Value<'w>) {
    match (value, more) {
        (Value::Map(members), Value::Map(more)) => join_members(members, more),
        (Value::List(items), Value::List(more)) => join_items(items, more),
        (value, more) => *value = more,
    }
}

fn join_members<'w>(members: &mut Vec<Member<'w>>, more: Vec<Member<'w>>) {
    let mut positions: BTreeMap<Cow<'w, str>, usize> = BTreeMap::new();
    for (position, (key, _)) in members.iter().enumerate() {
        positions.insert(key.clone(), position);
    }
    for (key, value) in more {
        match positions.get(&key) {
            Some(&position) => join(&mut members[position].1, value),
            None => {
                positions.insert(key.clone(), members.len());
                members.push((key, value));
            }
        }
    }
}

/// Items that are distinguished by the same first member are one.
fn join_items<'w>(items: &mut Vec<Value<'w>>, more: Vec<Value<'w>>) {
    for item in more {
        let same = items.iter_mut().find(|other| first(other) == first(&item));
        match same {
            Some(other) if first(&item).is_some() => join(other, item),
            _ => items.push(item),
        }
    }
}

fn first<'v, 'w>(item: &'v Value<'w>) -> Option<&'v Member<'w>> {
    match item {
        Value::Map(members) => members.first(),
        Value::List(_) | Value::Text(_) | Value::Json(_) | Value::Scalar(_) => None,
    }
}
