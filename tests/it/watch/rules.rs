//! The alert rules and the page of metrics, as Prometheus itself reads them.

use std::process::Command;

use super::{Watcher, all, rendered, set_env};
use crate::cluster::Cluster;
use crate::rig;

/// What Prometheus' own packages find wrong with rules, read against a page of metrics.
fn faults(program: &std::path::Path, rules: &str, metrics: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let done = Command::new(program)
        .args([file("rules.yaml", rules), file("metrics", metrics)])
        .output()
        .unwrap();
    let printed = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    match done.status.code() {
        Some(0) => {
            assert!(printed.ends_with(" selectors\n"), "{printed}");
            String::new()
        }
        _ => printed,
    }
}

#[test]
fn every_rule_is_one_that_prometheus_reads_and_names_what_the_page_has() {
    let Some(program) = rig::program("promcheck", "3.16.0") else {
        return;
    };
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let watcher = Watcher::start(cluster, Some(ns));
    set_env(cluster, ns, "MONGO_HOST=localhost");
    watcher.until_decoupled(&["baked-entry-edited"]);
    // what more than a thousand differences of a namespace would add
    let many = format!("coupler_decoupled_beyond_limit{{namespace=\"{ns}\"}} 1\n");
    let help = "# TYPE coupler_decoupled_beyond_limit gauge\n";
    let page = watcher.get("/metrics");
    assert!(page.contains(help), "{page}");
    let page = page.replace(help, &format!("{help}{many}"));

    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/krm-fn/cluster/monitoring/rule.yaml"
    );
    let resource: serde_yaml::Value =
        serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let rules = serde_yaml::to_string(&resource["spec"]).unwrap();
    assert_eq!(faults(&program, &rules, &page), "");

    for (from, to, fault) in [
        ("socket, cause)", "sockets, cause)", "has no label sockets"),
        ("coupler_ready", "coupler_red", "has no line on the page"),
        ("max(coupler_ready)", "max(coupler_ready", "parse error"),
        ("{{ $value }}", "{{ $values }}", "undefined variable"),
    ] {
        assert!(rules.contains(from), "{from}\n{rules}");
        let faults = faults(&program, &rules.replace(from, to), &page);
        assert!(faults.contains(fault), "{fault}\n{faults}");
    }
    let twice = page.replace("# TYPE coupler_ready gauge", "# TYPE coupler_ready counter");
    let faults = faults(&program, &rules, &twice);
    assert!(faults.contains("_total"), "{faults}");
}
