//! Tests every row of the table of entries, each with its undo.

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
