//! Tests whole documents: Deployments as they are written, and several workloads in one document.

use super::*;

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
            let items = tree.written_member(tree.root().unwrap(), "items").unwrap();
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
            project(DocumentRef::alone(&tree), &wanted, false).text
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
    let all = containers(&tree, tree.root().unwrap(), &BUILT_IN).unwrap();
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
