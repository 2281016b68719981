use std::collections::BTreeSet;

use super::*;

fn read(known: &BuiltInAdapter) -> Adapter {
    let tree = Tree::read(known.manifest).unwrap_or_else(|e| panic!("{}: {e:?}", known.name));
    let mut found = Findings::new();
    let defaults = Defaults::default();
    let decoded = decode(
        &tree,
        tree.root().unwrap(),
        Place::default(),
        &defaults,
        &mut found,
    );
    let found: Vec<_> = found
        .into_vec()
        .into_iter()
        .map(|each| each.message)
        .collect();
    assert!(found.is_empty(), "{}: {found:#?}", known.name);
    match decoded {
        Some(OwnObject::Adapter(adapter)) => *adapter,
        other => panic!("{}: {other:?}", known.name),
    }
}

#[test]
fn each_is_what_the_table_lists() {
    let names: Vec<_> = ADAPTERS.iter().map(|known| known.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for known in ADAPTERS {
        let adapter = read(known);
        let object = &adapter.object;
        assert_eq!(adapter.meta.name.value, known.name);
        assert_eq!(object.group.value, known.group, "{}", known.name);
        assert_eq!(object.kind.value, known.kind, "{}", known.name);
        assert!(
            adapter.description.is_some(),
            "{} has no description",
            known.name
        );
        assert!(
            !adapter.examples.is_empty(),
            "{} has no examples",
            known.name
        );
    }
}

#[test]
fn one_counts_for_each_kind_and_interface() {
    let mut seen = BTreeSet::new();
    for known in ADAPTERS {
        let adapter = read(known);
        let sockets = adapter.sockets.iter();
        let interfaces: BTreeSet<_> = sockets.map(|socket| &socket.interface.value).collect();
        for interface in interfaces {
            let key = (known.group, known.kind, interface.clone());
            assert!(seen.insert(key), "{} is not the only one", known.name);
        }
    }
}
