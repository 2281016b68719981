//! The real kustomize: after its build, and as a transformer inside it, with every name that it
//! changes.

use std::fs;

use crate::cli::Dir;
use crate::host;
use crate::kustomization::{APP, BUILD, DATABASE, EXEC, SECRET, directory, transformer, well};

/// A base and an overlay that changes every name, with these lines in the overlay.
fn overlay(lines: &str) -> Dir {
    let kustomization = format!(
        "namePrefix: dev-\nnameSuffix: -x\nnamespace: shop-dev\nresources: [../base]\n{lines}"
    );
    directory(&[
        ("base/app.yaml", APP),
        ("base/database.yaml", DATABASE),
        (
            "base/kustomization.yaml",
            &format!("resources: [app.yaml, database.yaml]\n{SECRET}"),
        ),
        ("dev/kustomization.yaml", &kustomization),
        ("dev/exec.yaml", &transformer(EXEC, "")),
        (
            "dev/image.yaml",
            &transformer("container: {image: example.org/coupler-fn:v0.1.0}", ""),
        ),
    ])
}

/// The command line that builds the overlay.
fn build() -> String {
    format!("{BUILD} dev")
}

/// The final name of the generated Secret in a build.
fn secret(built: &str) -> &str {
    let at = built.find("name: dev-pg-auth-x-").unwrap() + "name: ".len();
    built[at..].lines().next().unwrap()
}

#[track_caller]
fn is_coupled(built: &str) {
    let secret = secret(built);
    for part in [
        "value: dev-pg-x\n",
        "value: shop\n",
        "value: \"5432\"\n",
        &format!("key: password\n              name: {secret}\n"),
    ] {
        let quoted = part.replace("\"5432\"", "'5432'");
        let turned = format!("name: {secret}\n              key: password\n");
        let found = built.contains(part)
            || built.contains(&quoted)
            || (part.contains("password") && built.contains(&turned));
        assert!(found, "{part}\n{built}");
    }
    assert_eq!(
        built.matches(secret).count(),
        3,
        "the Secret, and two references to it\n{built}"
    );
    assert!(
        !built.contains("kind: Plug") && !built.contains("kind: Socket"),
        "{built}"
    );
    assert!(!built.contains("internal.config.kubernetes.io"), "{built}");
    assert!(
        built.contains("\"sources\":\"omitted\""),
        "what left the build is written down\n{built}"
    );
}

#[test]
fn kustomize_then_the_filter() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("components: [../names]\n");
    let built = well(&dir, &format!("{BUILD} dev | coupler render -"));
    is_coupled(&built);
    fs::write(dir.path("once.yaml"), &built).unwrap();
    assert_eq!(
        well(&dir, "coupler render once.yaml"),
        built,
        "a second pass leaves it alone"
    );
}

#[test]
fn kustomize_with_a_transformer_by_exec_and_by_image() {
    if host::kustomize().is_none() {
        return;
    }
    for how in ["exec", "image"] {
        let dir = overlay(&format!("transformers: [{how}.yaml]\n"));
        is_coupled(&well(&dir, &build()));
    }
}

#[test]
fn the_filter_and_the_transformer_bake_the_same() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("components: [../names]\n");
    let filter = well(&dir, &format!("{BUILD} dev | coupler render -"));
    let dir = overlay("transformers: [exec.yaml]\n");
    let inside = well(&dir, &build());
    // kustomize writes what it carries anew: keys sorted, plain where it can be; reading both by
    // one reader shows the rest
    let values = |text: &str| {
        let documents = serde_yaml::Deserializer::from_str(text);
        let mut all: Vec<String> = documents
            .map(|document| {
                let value: serde_json::Value = serde::Deserialize::deserialize(document).unwrap();
                // inside, every object has annotations of kustomize's own, so that the map is not
                // coupler's to take away
                value
                    .to_string()
                    .replace(",\\\"metadata.annotations\\\"", "")
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!(values(&filter), values(&inside));
}

#[test]
fn kustomize_fails_where_the_function_does_and_shows_why() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("transformers: [exec.yaml]\nbuildMetadata: [originAnnotations]\n");
    fs::write(
        dir.path("base/app.yaml"),
        APP.replace("[{name: express}]", "[{name: expres}]"),
    )
    .unwrap();
    let said = host::sh(&dir.path(""), &build());
    assert!(said.status != Some(0) && said.out.is_empty(), "{said:#?}");
    for part in [
        "error[workload-not-found]: Plug shop-dev/dev-db-x",
        "base/app.yaml",
        "spec.workloads[0].name",
        "express",
    ] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
}

#[test]
fn our_kinds_reach_the_cluster_where_they_are_wanted() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("transformers: [exec.yaml]\n");
    fs::write(
        dir.path("dev/exec.yaml"),
        transformer(EXEC, "spec: {integrations: keep}\n"),
    )
    .unwrap();
    let built = well(&dir, &build());
    assert!(
        built.contains("kind: Plug")
            && built.contains("kind: Socket")
            && !built.contains("omitted"),
        "{built}"
    );
}

/// kustomize compares what a validator gives back with what it sent, and adds paths of its own
/// before it does: <https://github.com/kubernetes-sigs/kustomize/issues/5036>. What
/// `krm-fn/README.md` warns of is still so.
#[test]
fn kustomize_refuses_every_function_as_a_validator() {
    if host::kustomize().is_none() {
        return;
    }
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
    let dir = directory(&[
        ("app.yaml", service),
        (
            "kustomization.yaml",
            "resources: [app.yaml]\nvalidators: [exec.yaml]\n",
        ),
        ("exec.yaml", &transformer(EXEC, "")),
    ]);
    let said = host::sh(&dir.path(""), &format!("{BUILD} ."));
    assert!(
        said.status != Some(0)
            && said
                .err
                .contains("validator shouldn't modify the resource map"),
        "{said:#?}"
    );
}

/// A Component couples what is in the kustomization that lists it. The prefix of that comes
/// later, and so the host, which is plain text, lacks it, where references are completed by
/// kustomize: what the READMEs warn of.
#[test]
fn a_component_with_the_transformer_runs_before_the_prefix() {
    if host::kustomize().is_none() {
        return;
    }
    for prefix in ["", "namePrefix: dev-\n"] {
        let dir = overlay("");
        let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ntransformers: [exec.yaml]\n";
        let kustomization = format!("{prefix}resources: [../base]\ncomponents: [../coupled]\n");
        fs::create_dir(dir.path("coupled")).unwrap();
        fs::write(dir.path("coupled/kustomization.yaml"), component).unwrap();
        fs::write(dir.path("coupled/exec.yaml"), transformer(EXEC, "")).unwrap();
        fs::write(dir.path("dev/kustomization.yaml"), kustomization).unwrap();
        let built = well(&dir, &build());
        assert!(
            built.contains("name: POSTGRESQL_HOST\n          value: pg\n"),
            "{built}"
        );
        let secret = if prefix.is_empty() {
            "name: pg-auth-"
        } else {
            "name: dev-pg-auth-"
        };
        assert_eq!(built.matches(secret).count(), 3, "{built}");
    }
}
