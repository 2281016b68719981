use super::*;

/// The mapping whose version has these fields.
fn read(fields: &str) -> Result<Mapping, Vec<String>> {
    let text = format!(
        "apiVersion: servicebinding.io/v1\nkind: ClusterWorkloadResourceMapping\nmetadata: {{name: workers.example.com}}\n\
         spec:\n  versions:\n    - {{version: \"*\"{fields}}}\n"
    );
    let tree = Tree::read(&text).unwrap();
    let read = ResourceMapping::read(&tree, NodeId::ROOT, Place::default()).unwrap();
    assert_eq!(read.name, "workers.example.com");
    match &read.versions {
        Ok(_) => Ok(read.of_version("v1").unwrap().clone()),
        Err(errors) => Err(errors.iter().map(|error| error.message.clone()).collect()),
    }
}

#[test]
fn what_is_left_out_is_that_of_a_pod_template() {
    assert_eq!(read("").unwrap(), Mapping::default());
    let named = read(", containers: [{path: '.spec.run[*]', name: .id, env: .vars}]").unwrap();
    let [path] = &*named.containers else {
        panic!("{named:?}")
    };
    assert!(path.lists[0].is(&["spec", "run"]) && path.inner.is_empty());
    assert!(path.env.is(&["vars"]) && path.mounts.is(&["volumeMounts"]));
    assert_eq!((path.init, &path.default_name), (false, &None));
    assert_eq!(named.volumes, Mapping::default().volumes);
}

#[test]
fn lists_in_lists_and_objects_are_containers() {
    let path = "'.spec.workers[*].template.initContainers[*]'";
    let mapping = read(&format!(
        ", containers: [{{path: {path}, name: .name}}, {{path: .spec.main}}]"
    ))
    .unwrap();
    let [inner, main] = &*mapping.containers else {
        panic!("{mapping:?}")
    };
    assert!(inner.lists[1].is(&["template", "initContainers"]) && inner.init);
    assert!(main.lists.is_empty() && main.inner.is(&["spec", "main"]));
    assert_eq!(main.default_name.as_deref(), Some("main"));
}

#[test]
fn what_is_wrong_is_reported_in_its_place() {
    for (fields, message) in [
        (
            ", volumes: '.spec.pods[*].volumes'",
            "`volumes` must be a path of fields, without `[*]`",
        ),
        (
            ", containers: [{path: '.spec.c[?(@.a)]'}]",
            "coupler does not read a filter (`[?(…)]`) at character 8 of this JSONPath",
        ),
        (", containers: [{name: .name}]", "`path` is missing"),
        (
            ", containers: [{path: '[*]'}]",
            "`[*]` needs a field before it",
        ),
        (
            ", containers: [{path: .status.c}]",
            "`apiVersion`, `kind`, `metadata` and `status` cannot contain pods",
        ),
        (
            ", annotations: .metadata.labels",
            "`apiVersion`, `kind`, `metadata` and `status` cannot contain pods",
        ),
        (
            ", volumes: .spec.env, containers: [{path: .spec}]",
            "`volumes` and `containers[0].env` are the same place, or one is inside of the other",
        ),
        (
            ", containers: [{path: '.spec.c[*]', env: .a, volumeMounts: .a.b}]",
            "`containers[0].env` and `containers[0].volumeMounts` are the same place, or one is inside of the other",
        ),
        (
            ", annotations: [a]",
            "`annotations` must be a text with a JSONPath",
        ),
    ] {
        assert_eq!(read(fields), Err(vec![message.to_owned()]), "{fields}");
    }
}

#[test]
fn a_version_that_is_named_wins_over_any() {
    let text = "apiVersion: servicebinding.io/v1beta1\nkind: ClusterWorkloadResourceMapping\nmetadata: {name: a.b}\n\
                spec: {versions: [{version: \"*\", volumes: .spec.any}, {version: v2, volumes: .spec.two}]}\n";
    let tree = Tree::read(text).unwrap();
    let read = ResourceMapping::read(&tree, NodeId::ROOT, Place::default()).unwrap();
    let volumes = |version| read.of_version(version).unwrap().volumes.clone();
    assert!(volumes("v2").is(&["spec", "two"]) && volumes("v1").is(&["spec", "any"]));
}

#[test]
fn a_mapping_of_too_many_entries_is_refused() {
    let path = "{path: .spec.c},";
    let errors = read(&format!(
        ", containers: [{}]",
        path.repeat(limits::MAPPING_ENTRIES + 1)
    ));
    assert_eq!(
        errors.unwrap_err()[0],
        "a mapping has at most 64 containers"
    );
}
