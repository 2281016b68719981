use super::*;

const TEXT: &str = "# head\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: List\nitems:\n- \
                    apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n- {apiVersion: apps/v1, kind: Deployment}\n---\n- : {{\n";

fn stream() -> Stream<'static> {
    let mut stream = Stream::default();
    stream.add(0, TEXT, false);
    stream.add(
        1,
        "apiVersion: v1\nkind: Service\nmetadata: {name: c}\n",
        true,
    );
    stream
}

#[test]
fn objects_are_found_by_kind_in_lists_and_out_of_them() {
    let stream = stream();
    let kinds: Vec<_> = stream
        .entries()
        .iter()
        .map(|e| (&*e.kind, e.catalogue))
        .collect();
    assert_eq!(
        kinds,
        [
            ("Secret", false),
            ("Service", false),
            ("Deployment", false),
            ("Service", true)
        ]
    );
    let names: Vec<_> = stream
        .of_kind("Service")
        .map(|e| {
            metadata(
                stream.tree(e.object.document).unwrap(),
                e.object.node,
                "name",
            )
            .known()
            .unwrap()
            .unwrap()
        })
        .collect();
    assert_eq!(names, ["b", "c"]);
    assert_eq!(stream.of_kind("Ingress").count(), 0);
}

#[test]
fn lists_in_lists_are_looked_into() {
    let text = "kind: List\napiVersion: v1\nitems:\n- {kind: List, items: [{kind: A, apiVersion: v1}, {kind: List, \
                items: []}]}\n- {kind: B, apiVersion: v1}\n- {kind: CList, apiVersion: c/v1, items: [{}, {kind: D}]}\n- \
                <<: {kind: E}\n";
    let mut stream = Stream::default();
    stream.add(0, text, false);
    let types: Vec<_> = stream
        .entries()
        .iter()
        .map(|e| (&*e.kind, &*e.api_version))
        .collect();
    assert_eq!(types, [("A", "v1"), ("B", "v1"), ("C", "c/v1")]);
    assert_eq!(stream.opaque().len(), 1);
}

#[test]
fn what_cannot_be_read_is_known_and_nothing_else_is_parsed() {
    let stream = stream();
    assert_eq!(stream.unread(), [3]);
    assert!(
        stream.documents[1].tree.get().is_none(),
        "a Secret is not read unless somebody asks"
    );
}

#[test]
fn a_place_is_absolute() {
    let stream = stream();
    let tree = stream.tree(1).unwrap();
    let name = tree
        .written_at(NodeId::ROOT, &["metadata", "name"])
        .unwrap();
    assert_eq!(&TEXT[stream.place(1, tree.span(name)).span.range()], "a");
}

#[test]
fn what_an_object_is_known_by_has_no_doubtful_tag() {
    for text in [
        "kind: A\napiVersion: v1\nmetadata: {name: !!binary QUJD}\n",
        "kind: A\napiVersion: v1\nmetadata:\n  labels: {!!binary QUJD: b}\n",
        "kind: !x A\napiVersion: v1\n",
        "kind: A\napiVersion: v1\nmetadata: !x\n  name: a\n",
        "kind: A\napiVersion: v1\n!!merge \"<<\": {kind: B}\n",
        "kind: List\napiVersion: v1\nitems:\n- {kind: A, apiVersion: v1, metadata: {labels: {a: !!set b}}}\n",
    ] {
        let mut stream = Stream::default();
        stream.add(0, text, false);
        assert_eq!(stream.tree(0).unwrap_err().flaw, Flaw::Tag, "{text}");
    }
    for text in [
        "kind: A\napiVersion: v1\nmetadata: {name: !!str a, labels: !!map {! b: ! c}}\n",
        "kind: A\napiVersion: v1\nmetadata: {name: a}\ndata: {a: !!binary QUJD, !x b: c}\n",
        "kind: A\napiVersion: v1\n&k metadata: {name: a}\n",
    ] {
        let mut stream = Stream::default();
        stream.add(0, text, false);
        assert!(stream.tree(0).is_ok(), "{text}");
    }
}
