//! Compares each recorded entry with the live object, by the object's own record only, for the
//! watcher.

use super::DocumentRef;
use super::digest;
use super::locator::Locator;
use super::owner::OwnerKey;
use super::pod_template::text;
use super::record::Record;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::manifest::{NodeId, Tree};

/// One entry of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryStatus<'r> {
    /// The Plug or the Socket.
    pub owner: &'r OwnerKey,
    /// The collection, as the record names it.
    pub slot: &'r Slot,
    /// Its key.
    pub key: &'r str,
    /// Whether it is the author's own: he put it where it is.
    pub kept: bool,
    /// The digest of what was baked, or of what was kept.
    pub recorded: &'r str,
    /// What became of it.
    pub state: EntryState,
    /// The objects that it refers to now, in its own order: of a volume there may be several.
    pub objects: Vec<String>,
}

/// What became of a recorded entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryState {
    /// It is as it was recorded.
    Same,
    /// It has other content, of this digest.
    Edited(String),
    /// It is gone.
    Missing,
    /// It is there, but a later entry of its key, of this digest, takes its place.
    Shadowed(String),
}

/// Every entry of a record, those that were kept too.
///
/// Of several entries of one key the last counts, as for the kubelet; an absent value is an empty
/// one, as the API server stores it.
pub fn statuses<'r>(
    document: DocumentRef<'_>,
    root: NodeId,
    record: &'r Record,
) -> Vec<EntryStatus<'r>> {
    let tree = document.tree;
    let Ok(workload) = WorkloadNode::read(document, root, record.collections()) else {
        return Vec::new();
    };
    let locator = Locator::new(&workload, record);
    let mut all = Vec::new();
    for (owner, listed) in &record.owners {
        let made = listed.entries.iter().map(|listed| (listed, false));
        let kept = listed.kept.iter().map(|listed| (listed, true));
        for ((slot, entries), kept) in made.chain(kept) {
            let collection = locator
                .find(slot, entries)
                .map(|index| &workload.collections[index]);
            for (key, recorded) in entries {
                let found = collection.into_iter().flat_map(|held| held.of_key(key));
                let digests: Vec<_> = found
                    .map(|entry| {
                        let digest = digest::of_entry(tree, slot, entry.node);
                        let digest = digest::as_recorded(tree, entry.node, digest, recorded);
                        (entry.node, digest)
                    })
                    .collect();
                let state = match digests.last() {
                    None => EntryState::Missing,
                    Some((_, last)) if last == recorded => EntryState::Same,
                    Some((_, last)) if digests.iter().any(|(_, d)| d == recorded) => {
                        EntryState::Shadowed(last.clone())
                    }
                    Some((_, last)) => EntryState::Edited(last.clone()),
                };
                let last = digests.last().map(|&(node, _)| node);
                let objects = match last {
                    None => Vec::new(),
                    Some(node) if digest::is_object_name(recorded) => {
                        tree.str(node).into_iter().collect()
                    }
                    Some(node) => objects(tree, slot, node),
                };
                let objects = objects.into_iter().map(str::to_owned).collect();
                all.push(EntryStatus {
                    owner,
                    slot,
                    key,
                    kept,
                    recorded,
                    state,
                    objects,
                });
            }
        }
    }
    all
}

/// The names of the objects that an entry refers to.
fn objects<'t>(tree: &'t Tree<'_>, slot: &Slot, entry: NodeId) -> Vec<&'t str> {
    let forms: Vec<NodeId> = match slot {
        Slot::Volumes => {
            let sources = tree.read_items(entry, &["projected", "sources"]).shown();
            let forms = ["secret", "configMap"];
            let form = |source| {
                let mut forms = forms.iter();
                forms.find_map(|form| tree.read_member(source, form).shown())
            };
            sources.into_iter().flatten().filter_map(form).collect()
        }
        _ => {
            let from = tree.read_member(entry, "valueFrom").shown();
            let form = from.and_then(|from| tree.children(from).next());
            form.into_iter().collect()
        }
    };
    let names = forms.into_iter();
    names.filter_map(|form| text(tree, form, "name")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::record;

    /// What became of `A` and `P` in container `c`, whose `env` is this.
    fn states(env: &str) -> [EntryState; 2] {
        let digest = |text: &str| {
            let tree = Tree::read(text).unwrap();
            digest::of_entry(&tree, &Slot::Env("c".to_owned()), tree.root().unwrap())
        };
        let a = digest("{name: A, value: ''}");
        let p = digest("{name: P, valueFrom: {secretKeyRef: {name: s, key: k}}}");
        let text = format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"annotations":{{"integration.rock8s.com/coupled":"{{\"v\":1}}",
            "coupled.integration.rock8s.com/db":"{{\"socket\":\"x/db\",\"interface\":\"i@1.0.0\",\"entries\":{{\"env/c\":{{\"A\":\"{a}\"}}}},\"kept\":{{\"env/c\":{{\"P\":\"{p}\"}}}}}}"}}}},
            "spec":{{"containers":[{{"name":"c","env":{env}}}]}}}}"#
        );
        let tree = Tree::read(&text).unwrap();
        let root = tree.root().unwrap();
        let record = record(&tree, root).unwrap().unwrap();
        let all = statuses(DocumentRef::alone(&tree), root, &record);
        assert!(
            all.iter()
                .all(|one| *one.owner == OwnerKey::plug("db") && one.slot.container() == Some("c"))
        );
        [all[0].state.clone(), all[1].state.clone()]
    }

    const P: &str = r#"{"name":"P","valueFrom":{"secretKeyRef":{"name":"s-5kf2h","key":"k"}}}"#;

    #[test]
    fn what_the_server_stores_is_what_was_baked() {
        // an empty value is not stored, and hosts rename objects
        let same = [EntryState::Same, EntryState::Same];
        assert_eq!(states(&format!(r#"[{{"name":"A"}},{P}]"#)), same);
        assert_eq!(
            states(&format!(
                r#"[{P},{{"name":"X","value":"1"}},{{"name":"A","value":""}}]"#
            )),
            same
        );
    }

    #[test]
    fn every_way_to_come_apart_is_told_from_the_others() {
        assert_eq!(states("[]"), [EntryState::Missing, EntryState::Missing]);
        let [a, p] = states(&format!(
            r#"[{{"name":"A","value":"x"}},{P},{{"name":"P","value":"plain"}}]"#
        ));
        assert!(matches!(a, EntryState::Edited(_)), "{a:?}");
        assert!(matches!(p, EntryState::Shadowed(_)), "{p:?}");
        let [_, p] = states(&format!(r#"[{{"name":"P","value":"plain"}},{P}]"#));
        assert_eq!(p, EntryState::Same);
    }
}
