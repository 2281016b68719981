//! Every row of the bake table, each with its undo.

use super::*;

fn one() -> Vec<EnvEntry> {
    vec![value("A", "1")]
}

/// Bakes `A` into the container `web` and shows what changed around `env`.
#[track_caller]
fn row(container: &str, expected: &str) {
    let text = deployment(container);
    for (text, crlf) in [(text.clone(), false), (text.replace('\n', "\r\n"), true)] {
        let after = baked(&text, &["web"], &one());
        let lines = diff(&text, &after).replace('\r', "");
        let env: String = lines
            .split_inclusive('\n')
            .filter(|l| !l.contains("rock8s") && !meta(l))
            .collect();
        assert_eq!(env, expected, "{after}");
        assert_eq!(
            after.matches("\r\n").count() == after.matches('\n').count(),
            crlf
        );
    }
}

fn meta(line: &str) -> bool {
    matches!(line, "+  labels:\n" | "+  annotations:\n")
}

#[test]
fn block_list() {
    row(
        "        env:\n        - name: X\n          value: x # why\n        # after\n        image: i\n",
        "+        - name: A\n+          value: \"1\"\n",
    );
    row(
        "        env:\n            - name: X\n              value: x\n",
        "+            - name: A\n+              value: \"1\"\n",
    );
    row(
        "        env:\n        - name: X\n          value: |+\n            x\n\n\n        # after\n        image: i\n",
        "+        - name: A\n+          value: \"1\"\n",
    );
    row(
        "        env:\n        - name: X\n          value: >-\n            x\n\n        image: i\n",
        "+        - name: A\n+          value: \"1\"\n",
    );
    row(
        "        env:\n        - {name: X, value: x}\n",
        "+        - name: A\n+          value: \"1\"\n",
    );
    row(
        "        env:\n        - name: X\n          value:\n",
        "+        - name: A\n+          value: \"1\"\n",
    );
}

#[test]
fn absent_key() {
    row(
        "        image: i\n",
        "+        env:\n+        - name: A\n+          value: \"1\"\n",
    );
    row(
        "        ports:\n          - containerPort: 1\n",
        "+        env:\n+          - name: A\n+            value: \"1\"\n",
    );
    row(
        "        # the end\n",
        "+        env:\n+        - name: A\n+          value: \"1\"\n",
    );
}

#[test]
fn nothing_there() {
    row(
        "        env: # none yet\n        # - name: Y\n        image: i\n",
        "+        - name: A\n+          value: \"1\"\n",
    );
    row(
        "        env:\n",
        "+        - name: A\n+          value: \"1\"\n",
    );
}

#[test]
fn null() {
    row(
        "        env: null  # none yet\n        image: i\n",
        "-        env: null  # none yet\n+        env:  # none yet\n+        - name: A\n+          value: \"1\"\n",
    );
    row(
        "        env: ~\n",
        "-        env: ~\n+        env:\n+        - name: A\n+          value: \"1\"\n",
    );
}

#[test]
fn flow() {
    row(
        "        env: []\n",
        "-        env: []\n+        env: [{name: A, value: \"1\"}]\n",
    );
    row(
        "        env: [ ] # x\n",
        "-        env: [ ] # x\n+        env: [{name: A, value: \"1\"} ] # x\n",
    );
    row(
        "        env: [ {name: X, value: x} ]\n",
        "-        env: [ {name: X, value: x} ]\n+        env: [ {name: X, value: x}, {name: A, value: \"1\"} ]\n",
    );
    row(
        "        env: [\n          {name: X}, # x\n        ]\n",
        "-          {name: X}, # x\n+          {name: X}, {name: A, value: \"1\"}, # x\n",
    );
    row(
        "      - {name: b, env: null}\n",
        "+        env:\n+        - name: A\n+          value: \"1\"\n",
    );
}

#[test]
fn flow_containers() {
    for (container, after) in [
        (
            "{name: b, env: null}",
            "{name: b, env: [{name: A, value: \"1\"}]}",
        ),
        (
            "{name: b, env: }",
            "{name: b, env: [{name: A, value: \"1\"}] }",
        ),
        (
            "{name: b, env: [{name: X , value: x} ]}",
            "{name: b, env: [{name: X , value: x}, {name: A, value: \"1\"} ]}",
        ),
        ("{name: b }", "{name: b, env: [{name: A, value: \"1\"}] }"),
        (
            "{name: b, image: i, }",
            "{name: b, image: i, env: [{name: A, value: \"1\"}], }",
        ),
    ] {
        let text = deployment(&format!("      - {container}\n"));
        let out = baked(&text, &["b"], &one());
        assert!(out.contains(&format!("      - {after}\n")), "{out}");
    }
}

#[test]
fn flow_metadata() {
    for (metadata, after) in [
        (
            "{name: web}",
            "{name: web, labels: {integration.rock8s.com/coupled: \"true\"}, annotations: {",
        ),
        (
            "{name: web, labels: {}}",
            "{name: web, labels: {integration.rock8s.com/coupled: \"true\"}, annotations: {",
        ),
        (
            "{labels: null, name: web}",
            "{labels: {integration.rock8s.com/coupled: \"true\"}, name: web, annotations: {",
        ),
        (
            "{labels: {a: b}, name: web}",
            "{labels: {a: b, integration.rock8s.com/coupled: \"true\"}, name: web, annotations: {",
        ),
    ] {
        let text = deployment("").replace("\n  name: web\n", &format!(" {metadata}\n"));
        let out = baked(&text, &["web"], &one());
        assert!(
            out.contains(&format!(
                "metadata: {after}integration.rock8s.com/coupled: '{{"
            )),
            "{out}"
        );
    }
}

#[test]
fn block_metadata() {
    for metadata in [
        "  name: web\n  labels:\n  annotations:\n",
        "  name: web\n  labels: null # l\n  annotations: ~\n",
        "  name: web\n  labels: {}\n  annotations: {a: b}\n",
        "  annotations:\n    a: b\n  labels:\n      app: web # l\n  name: web\n",
        "  annotations:\n    a: b\n  name: web\n",
        "    name: web\n    labels:\n        app: web\n",
    ] {
        let text = deployment("").replace("  name: web\n", metadata);
        for text in [
            text.clone(),
            text.replace('\n', "\r\n"),
            text.trim_end().to_owned(),
        ] {
            baked(&text, &["web"], &usual());
        }
    }
}

#[test]
fn metadata_at_the_end_without_a_newline() {
    for metadata in [
        "name: web",
        "labels:\n    app: web",
        "annotations:\n    a: b",
        "labels: {}",
        "labels:",
        "labels: null",
    ] {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: web\nmetadata:\n  {metadata}"
        );
        for text in [
            text.clone(),
            text.replace('\n', "\r\n"),
            format!("{text}\n"),
        ] {
            let out = baked(&text, &["web"], &usual());
            assert_eq!(out.ends_with('\n'), text.ends_with('\n'));
        }
    }
}

#[test]
fn last_line_without_newline() {
    for container in [
        "        env:\n        - name: X\n          value: x",
        "        env:\n        - name: X\n          value: |-\n            x",
        "        env:",
        "        env: # c",
        "        env: null",
        "        env: []",
        "        image: x # c",
    ] {
        let text = deployment(container).replace("      volumes: []\n", "");
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let out = baked(&text, &["web"], &usual());
            assert!(!out.ends_with('\n'), "{out}");
        }
    }
}

#[test]
fn json() {
    let text = "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"metadata\": {\n    \"name\": \"web\"\n  },\n  \"spec\": {\n    \
                \"containers\": [\n      {\n        \"name\": \"web\",\n        \"env\": [\n          {\"name\": \"X\"}\n        ]\n      },\n      \
                {\"name\": \"b\"}, {\"name\": \"c\", \"env\": null}\n    ]\n  }\n}\n";
    let out = baked(text, &["web", "b", "c"], &usual());
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let env = |container: usize| &json["spec"]["containers"][container]["env"];
    assert_eq!(env(0).as_array().unwrap().len(), 5);
    assert_eq!(env(1)[0]["valueFrom"]["secretKeyRef"]["name"], "mongo-auth");
    assert_eq!(env(2)[3]["value"], "27017");
    assert_eq!(json["metadata"]["labels"][COUPLED], "true");
}

#[test]
fn three_whole_deployments() {
    let a = "apiVersion: apps/v1 # versions before 1.9.0 use apps/v1beta2\nkind: Deployment\nmetadata:\n  name: blog\n  labels:\n    app: blog\nspec:\n  template:\n    spec:\n      containers:\n        - image: blog:1 # pinned\n          name: blog\n          env:\n            - name: DB_HOST\n              value: blog-mysql\n            - name: DB_PASSWORD\n              valueFrom:\n                secretKeyRef:\n                  name: mysql-pass\n                  key: password\n          volumeMounts:\n            - name: data\n              mountPath: /var/www\n";
    let out = baked(a, &["blog"], &usual()[..3]);
    assert_eq!(
        diff(a, &out),
        "+    integration.rock8s.com/coupled: \"true\"\n+  annotations:\n\
         +    integration.rock8s.com/coupled: '{\"v\":1,\"created\":[\"metadata.annotations\"]}'\n\
         +    coupled.integration.rock8s.com/mongo: '{\"socket\":\"data/mongo\",\"interface\":\"mongodb@1.0.0\",\"entries\":{\"env/blog\":{\"MONGO_PASSWORD\":\"0b34ea7644\",\"MONGO_URL\":\"dd9b13b9fa\",\"MONGO_USERNAME\":\"da02045ba2\"}}}'\n\
         +            - name: MONGO_PASSWORD\n+              valueFrom:\n+                secretKeyRef:\n+                  name: mongo-auth\n+                  key: password\n\
         +            - name: MONGO_USERNAME\n+              valueFrom:\n+                secretKeyRef:\n+                  name: mongo-auth\n+                  key: username\n\
         +            - name: MONGO_URL\n+              value: mongodb://$(MONGO_USERNAME):$(MONGO_PASSWORD)@mongo.data.svc:27017/shop\n"
            .replace("dd9b13b9fa", &out[out.find("\"MONGO_URL\":\"").unwrap() + 13..][..10])
            .replace(
                "mongodb://$(MONGO_USERNAME):$(MONGO_PASSWORD)@mongo.data.svc:27017/shop",
                crate::manifest::emit::string("mongodb://$(MONGO_USERNAME):$(MONGO_PASSWORD)@mongo.data.svc:27017/shop").as_ref()
            )
    );
    let b = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    process: web\n  name: client\nspec:\n  template:\n    spec:\n      containers:\n      - image: alpine\n        name: alpine\n        env:\n            - name: EV\n              value: here";
    let out = baked(b, &["alpine"], &usual()[..3]);
    assert!(
        out.ends_with(":27017/shop") || out.ends_with(":27017/shop\""),
        "{out}"
    );
    let c = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: repo-server\nspec:\n  template:\n    spec:\n      volumes:\n      - name: tools\n        emptyDir: {}\n      initContainers:\n      - name: get\n        args:\n        - |\n          echo env:\n          # not a comment\n      containers:\n      - name: plugin\n        volumeMounts:\n        - mountPath: /usr/local/bin\n          name: tools\n";
    let out = baked(c, &["plugin"], &usual()[..3]);
    assert!(
        out.contains("\n        env:\n        - name: MONGO_PASSWORD\n"),
        "{out}"
    );
    assert!(
        out.contains("\"created\":[\"env/plugin\",\"metadata.labels\",\"metadata.annotations\"]"),
        "{out}"
    );
}

#[test]
fn several_workloads_of_one_document() {
    let item = |name: &str| {
        format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: {name}\n  spec:\n    containers:\n    - name: web\n"
        )
    };
    let text = format!(
        "apiVersion: v1\nkind: List\nitems:\n{}{}{}",
        item("a"),
        item("b"),
        item("c")
    );
    for text in [
        text.clone(),
        text.trim_end().to_owned(),
        text.replace('\n', "\r\n"),
    ] {
        let env = usual();
        let project_all = |text: &str, on: [bool; 3]| {
            let tree = Tree::read(text).unwrap();
            let items = tree.get(tree.root().unwrap(), "items").unwrap();
            let wanted: Vec<_> = tree
                .children(items)
                .zip(on)
                .map(|(node, on)| {
                    let couplings = if on {
                        vec![coupling("mongo", &["web"], &env)]
                    } else {
                        Vec::new()
                    };
                    desired(&tree, node, couplings)
                })
                .collect();
            project(
                DocumentRef {
                    tree: &tree,
                    start: Place::default(),
                },
                &wanted,
                false,
            )
            .text
        };
        let all = project_all(&text, [true; 3]).unwrap();
        assert_eq!(project_all(&all, [true; 3]), None);
        let some = project_all(&all, [true, false, true]).unwrap();
        assert_eq!(project_all(&text, [true, false, true]).unwrap(), some);
        assert_eq!(project_all(&some, [false; 3]).unwrap(), text);
        assert_eq!(project_all(&text, [false; 3]), None);
    }
}

#[test]
fn every_container_that_is_named_and_no_other() {
    let text = deployment(
        "      - name: log\n      initContainers:\n      - name: init\n        env: []\n",
    );
    let out = baked(&text, &["web", "init"], &usual());
    let tree = Tree::read(&out).unwrap();
    let all = containers(&tree, tree.root().unwrap()).unwrap();
    let counts: Vec<_> = all
        .iter()
        .map(|c| variables(&tree, c.known_name().unwrap()).len())
        .collect();
    assert_eq!(counts, [4, 0, 4]);
    assert!(
        out.contains("      - name: log\n      initContainers:"),
        "{out}"
    );
}
