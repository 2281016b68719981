//! What became of each baked variable, judged by the object's own record alone: what a watcher asks of a live object.

use super::claim::Locator;
use super::digest;
use super::lens;
use super::record::Record;
use super::workload::Workload;
use super::{DocumentRef, NodeId};
use crate::manifest::{Place, Tree};

/// One variable of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'r> {
    /// The Plug's annotation, without its prefix.
    pub plug: &'r str,
    /// The container, as the record names it.
    pub container: &'r str,
    /// The variable.
    pub name: &'r str,
    /// The digest of what was baked.
    pub baked: &'r str,
    /// What became of it.
    pub fate: Fate,
    /// The object that its reference points into now, if it is a reference.
    pub object: Option<String>,
}

/// What became of a baked variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It stands as it was baked.
    Same,
    /// It holds something else, of this digest.
    Edited(String),
    /// It is gone.
    Missing,
    /// It stands, but a later variable of its name, of this digest, takes its place.
    Shadowed(String),
}

/// Every variable of a record, in the record's order.
///
/// Of several variables of one name the last counts, as for the kubelet; an absent value is an empty one, as the API server
/// stores it.
pub fn standing<'r>(tree: &Tree<'_>, root: NodeId, record: &'r Record) -> Vec<Standing<'r>> {
    let workload = Workload::read(DocumentRef { tree, start: Place::default() }, root);
    let locator = Locator::new(&workload, record);
    let mut all = Vec::new();
    for (plug, listed) in &record.plugs {
        for (container, variables) in &listed.env {
            let held = locator.find(container, variables).map(|index| &workload.containers[index]);
            for (name, baked) in variables {
                let found = held.into_iter().flat_map(|held| held.named(name));
                let digests: Vec<_> = found.map(|v| (v.node, digest::of_entry(tree, v.node))).collect();
                let fate = match digests.last() {
                    None => Fate::Missing,
                    Some((_, last)) if last == baked => Fate::Same,
                    Some((_, last)) if digests.iter().any(|(_, d)| d == baked) => Fate::Shadowed(last.clone()),
                    Some((_, last)) => Fate::Edited(last.clone()),
                };
                let object = digests.last().and_then(|&(node, _)| object(tree, node)).map(str::to_owned);
                all.push(Standing { plug, container, name, baked, fate, object });
            }
        }
    }
    all
}

/// The name of the object that an entry refers to.
fn object<'t>(tree: &'t Tree<'_>, entry: NodeId) -> Option<&'t str> {
    let form = tree.get(entry, "valueFrom").and_then(|from| tree.children(from).next())?;
    lens::text(tree, form, "name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::record;

    /// The fates of `A` and `P` in container `c`, whose `env` is this.
    fn fates(env: &str) -> [Fate; 2] {
        let digest = |text: &str| {
            let tree = Tree::read(text).unwrap();
            digest::of_entry(&tree, tree.root().unwrap())
        };
        let a = digest("{name: A, value: ''}");
        let p = digest("{name: P, valueFrom: {secretKeyRef: {name: s, key: k}}}");
        let text = format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"annotations":{{"integration.rock8s.com/coupled":"{{\"v\":1}}",
            "coupled.integration.rock8s.com/db":"{{\"socket\":\"x/db\",\"interface\":\"i@1.0.0\",\"env\":{{\"c\":{{\"A\":\"{a}\",\"P\":\"{p}\"}}}}}}"}}}},
            "spec":{{"containers":[{{"name":"c","env":{env}}}]}}}}"#
        );
        let tree = Tree::read(&text).unwrap();
        let root = tree.root().unwrap();
        let record = record(&tree, root).unwrap().unwrap();
        let all = standing(&tree, root, &record);
        assert!(all.iter().all(|one| one.plug == "db" && one.container == "c"));
        [all[0].fate.clone(), all[1].fate.clone()]
    }

    const P: &str = r#"{"name":"P","valueFrom":{"secretKeyRef":{"name":"s-5kf2h","key":"k"}}}"#;

    #[test]
    fn what_the_server_stores_is_what_was_baked() {
        // an empty value is not stored, and hosts rename objects
        assert_eq!(fates(&format!(r#"[{{"name":"A"}},{P}]"#)), [Fate::Same, Fate::Same]);
        assert_eq!(
            fates(&format!(r#"[{P},{{"name":"X","value":"1"}},{{"name":"A","value":""}}]"#)),
            [Fate::Same, Fate::Same]
        );
    }

    #[test]
    fn every_way_to_come_apart_is_told_from_the_others() {
        assert_eq!(fates("[]"), [Fate::Missing, Fate::Missing]);
        let [a, p] = fates(&format!(r#"[{{"name":"A","value":"x"}},{P},{{"name":"P","value":"plain"}}]"#));
        assert!(matches!(a, Fate::Edited(_)), "{a:?}");
        assert!(matches!(p, Fate::Shadowed(_)), "{p:?}");
        let [_, p] = fates(&format!(r#"[{{"name":"P","value":"plain"}},{P}]"#));
        assert_eq!(p, Fate::Same);
    }
}
