//! Tests the contract of the function, on lists as hosts send them.

use super::run;

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";

/// Items as kpt sends them: comments, and the file of each.
fn kpt() -> String {
    format!(
        "{HEAD}- # the shop\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata: # m\n    name: web\n    namespace: shop\n    \
         annotations:\n      internal.config.kubernetes.io/path: 'app.yaml'\n      internal.config.kubernetes.io/index: '0'\n      \
         internal.config.kubernetes.io/id: '1'\n  spec:\n    template:\n      spec:\n        containers:\n        - name: web # w\n          \
         image: example/web:1\n- apiVersion: integration.rock8s.com/v1\n  kind: Plug\n  metadata:\n    name: cache\n    namespace: shop\n    \
         annotations:\n      internal.config.kubernetes.io/path: 'app.yaml'\n      internal.config.kubernetes.io/index: '1'\n  spec:\n    \
         interface: {{name: redis}}\n    workloads: [{{name: web}}]\n- apiVersion: integration.rock8s.com/v1\n  kind: Socket\n  metadata: \
         {{name: redis, namespace: shop, annotations: {{internal.config.kubernetes.io/path: 'sockets.yaml'}}}}\n  spec:\n    interface: \
         {{name: redis, versions: [1.0.0]}}\n    config: {{host: redis, port: 6379}}\n- apiVersion: v1\n  kind: Service\n  metadata: {{name: \
         web , namespace: shop}} # untouched\n"
    )
}

/// The same without files: what kustomize drops never comes back.
fn kustomize() -> String {
    let inline = kpt().replace(
        ", annotations: {internal.config.kubernetes.io/path: 'sockets.yaml'}",
        "",
    );
    inline
        .lines()
        .filter(|line| !line.contains("/path"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[track_caller]
fn rendered(stdin: &str) -> String {
    let answer = run(stdin.to_owned());
    assert_eq!(
        (answer.stderr.as_str(), answer.status),
        ("", 0),
        "{}",
        answer.stdout
    );
    answer.stdout
}

#[test]
fn only_lines_of_couplings_and_marks_are_added() {
    let stdin = kpt();
    let stdout = rendered(&stdin);
    let mut added: Vec<&str> = stdout.lines().collect();
    for line in stdin.lines().filter(|line| !line.contains("sockets.yaml")) {
        let at = added
            .iter()
            .position(|found| *found == line)
            .unwrap_or_else(|| panic!("{line} is gone from\n{stdout}"));
        added.remove(at);
    }
    let added = added.join("\n");
    for part in [
        "- name: REDIS_HOST",
        "integration.rock8s.com/coupled: \"true\"",
        "config.kubernetes.io/local-config: \"true\"",
    ] {
        assert!(added.contains(part), "{added}");
    }
    assert!(
        stdout.ends_with("metadata: {name: web , namespace: shop} # untouched\n"),
        "{stdout}"
    );
}

#[test]
fn a_second_pass_changes_nothing() {
    for stdin in [kpt(), kustomize()] {
        let once = rendered(&stdin);
        assert_eq!(rendered(&once), once);
    }
}

#[test]
fn sources_stay_where_the_host_keeps_files() {
    assert!(!rendered(&kpt()).contains("\"sources\":\"omitted\""));
    assert!(rendered(&kustomize()).contains("\"sources\":\"omitted\""));
    let drop = kpt()
        + "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data: {integrations: drop}\n";
    let stdout = rendered(&drop);
    assert!(
        stdout.contains("\"sources\":\"omitted\"") && !stdout.contains("kind: Plug"),
        "{stdout}"
    );
}

#[test]
fn a_plug_that_is_gone_is_undone_in_place() {
    let once = rendered(&kpt());
    let (start, end) = (
        once.find("- apiVersion: integration.rock8s.com/v1\n  kind: Plug")
            .unwrap(),
        once.find("  kind: Socket").unwrap(),
    );
    let end = once[..end].rfind("- apiVersion").unwrap();
    let undone = rendered(&format!("{}{}", &once[..start], &once[end..]));
    assert!(
        !undone.contains("REDIS_HOST") && undone.contains("        - name: web # w\n"),
        "{undone}"
    );
}

#[test]
fn an_error_gives_back_what_was_received_and_says_it_twice() {
    let stdin = kpt().replace("workloads: [{name: web}]", "workloads: [{name: wob}]");
    let answer = run(stdin.clone());
    assert_eq!(answer.status, 1);
    let results = answer.stdout.strip_prefix(&*stdin).unwrap();
    let read: serde_json::Value = serde_yaml::from_str(results).unwrap();
    let result = &read["results"][0];
    assert_eq!(result["severity"], "error");
    assert_eq!(result["resourceRef"]["kind"], "Plug");
    assert_eq!(result["resourceRef"]["namespace"], "shop");
    assert_eq!(result["field"]["path"], "spec.workloads[0].name");
    assert_eq!(result["file"]["path"], "app.yaml");
    assert_eq!(result["file"]["index"], 1);
    assert_eq!(result["tags"]["code"], "workload-not-found");
    assert_eq!(
        (&result["tags"]["line"], &result["tags"]["column"]),
        (&"8".into(), &"22".into())
    );
    assert!(
        result["message"]
            .as_str()
            .unwrap()
            .contains("did you mean `web`?"),
        "{result}"
    );
    let stderr = answer.stderr;
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(
        stderr.starts_with(
            "error[workload-not-found]: Plug shop/cache, app.yaml, spec.workloads[0].name: "
        ),
        "{stderr}"
    );
}

#[test]
fn results_of_an_earlier_run_are_replaced() {
    let wrong = run(kpt()
        .replace("name: wob", "name: web")
        .replace("[{name: web}]", "[{name: wob}]"));
    let right = wrong.stdout.replace("[{name: wob}]", "[{name: web}]");
    assert!(right.contains("results:"));
    assert_eq!(rendered(&right), rendered(&kpt()));
    let again = run(wrong.stdout.clone());
    assert_eq!(again.stdout, wrong.stdout);
}

#[test]
fn settings_in_three_forms() {
    let config = |text: &str| format!("{}functionConfig:{text}\n", kpt());
    let plain = rendered(&kpt());
    for text in [
        " {}",
        "",
        " {kind: ConfigMap, apiVersion: v1, metadata: {name: function-input}, data: {}}",
        " {apiVersion: v1, kind: ConfigMap, data: {strict: \"true\", orphans: keep}}",
        "\n  apiVersion: integration.rock8s.com/v1\n  kind: Coupler\n  metadata: {name: render, annotations: {a: b}}",
        " {apiVersion: integration.rock8s.com/v1, kind: Coupler, metadata: {name: x}, spec: {strict: true}}",
    ] {
        let stdin = config(text);
        assert_eq!(rendered(&stdin), stdin.replace(&kpt(), &plain), "{text}");
    }
    let keep = rendered(&config(
        " {apiVersion: v1, kind: ConfigMap, data: {integrations: keep}}",
    ));
    assert!(!keep.contains("local-config"), "{keep}");
    let bare = kpt()
        .replace("    namespace: shop\n", "")
        .replace("namespace: shop, annotations", "annotations");
    let named = rendered(&format!(
        "{bare}functionConfig: {{apiVersion: v1, kind: ConfigMap, data: {{namespace: shop}}}}\n"
    ));
    assert!(named.contains("\"socket\":\"shop/redis\""), "{named}");
}

#[test]
fn settings_that_are_wrong_are_said_with_what_was_meant() {
    for (text, said) in [
        (
            "{apiVersion: v1, kind: ConfigMap, data: {namespce: shop}}",
            "did you mean `namespace`?",
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, data: {strict: \"maybe\"}}",
            "`true` or `false`",
        ),
        (
            "{apiVersion: v1, kind: ConfigMapp, data: {}}",
            "did you mean `ConfigMap`?",
        ),
        (
            "{apiVersion: integration.rock8s.com/v1, kind: Plug, metadata: {name: x}}",
            "write settings as",
        ),
        (
            "{apiVersion: integration.rock8s.com/v1, kind: Coupler, spec: {catalog: [a]}}",
            "a function reads no files",
        ),
        (
            "{apiVersion: integration.rock8s.com/v1, kind: Coupler, spec: {orphan: undo}}",
            "`orphans`",
        ),
    ] {
        let stdin = format!("{}functionConfig: {text}\n", kpt());
        let answer = run(stdin.clone());
        assert!(
            answer.status == 1 && answer.stdout.starts_with(&stdin),
            "{text}\n{}",
            answer.stdout
        );
        assert!(answer.stderr.contains(said), "{text}\n{}", answer.stderr);
    }
}

#[test]
fn json_comes_back_as_json() {
    let value: serde_json::Value = serde_yaml::from_str(&kpt()).unwrap();
    let stdin = value.to_string();
    let stdout = rendered(&stdin);
    assert!(
        serde_json::from_str::<serde_json::Value>(&stdout)
            .unwrap()
            .to_string()
            .contains("REDIS_HOST"),
        "{stdout}"
    );
    let answer = run(stdin.replace(
        "\"name\":\"redis\",\"versions\"",
        "\"name\":\"redys\",\"versions\"",
    ));
    let read: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(
        (answer.status, &read["results"][0]["severity"]),
        (1, &"error".into())
    );
}

#[test]
fn what_is_no_list_gives_nothing_and_fails() {
    for stdin in [
        "",
        "kind: Service\n",
        "- a\n",
        "kind: ResourceList\n",
        "kind: ResourceList\nitems: {}\n",
        "kind: ResourceList\nitems: []\nitems: []\n",
        "a: [\n",
    ] {
        let answer = run(stdin.to_owned());
        assert_eq!((answer.stdout.as_str(), answer.status), ("", 1), "{stdin}");
        assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
    }
    let two = run(format!("{}---\n{}", kpt(), kpt()));
    assert_eq!((two.stdout.as_str(), two.status), ("", 1));
}

#[test]
fn an_empty_list_stays_one_and_a_full_one_never_becomes_empty() {
    for items in ["items: []\n", "items:\n", "items: null\n"] {
        let stdin =
            format!("apiVersion: config.kubernetes.io/v1alpha1\nkind: ResourceList\n{items}");
        assert_eq!(rendered(&stdin), stdin);
    }
    let stdin = format!(
        "{HEAD}- apiVersion: integration.rock8s.com/v1\n  kind: Socket\n  metadata: {{name: redis}}\n  spec: {{interface: {{name: redis, \
         versions: [1.0.0]}}, config: {{host: redis, port: 6379}}}}\nfunctionConfig: {{apiVersion: v1, kind: ConfigMap, data: {{integrations: drop}}}}\n"
    );
    let answer = run(stdin.clone());
    assert!(
        answer.status == 1 && answer.stdout.starts_with(&stdin),
        "{answer:?}"
    );
}

#[test]
fn what_is_no_manifest_of_a_cluster_passes_through() {
    let stdin = format!(
        "{HEAD}- apiVersion: kpt.dev/v1\n  kind: Kptfile\n  metadata: {{name: p}}\n- {{apiVersion: kustomize.config.k8s.io/v1beta1, kind: \
         Kustomization}}\n- apiVersion: batch/v1\n  kind: Job\n  metadata: {{generateName: a-}}\n- &x {{apiVersion: v1, kind: A}}\n- *x\n"
    );
    assert_eq!(rendered(&stdin), stdin);
}

#[test]
fn settings_may_stand_among_the_items() {
    let item =
        "- apiVersion: integration.rock8s.com/v1\n  kind: Coupler\n  metadata: {name: settings}\n";
    let stdout = rendered(&kpt().replacen("- # the shop", &format!("{item}- # the shop"), 1));
    assert!(
        stdout.contains(
            "{name: settings, annotations: {config.kubernetes.io/local-config: \"true\"}}"
        ),
        "{stdout}"
    );
}

#[test]
fn names_that_kustomize_changed_are_found() {
    let renamed = |name: &str| {
        format!(
            "name: dev-{name}\n    annotations: {{internal.config.kubernetes.io/previousNames: '{name},{name}'}}\n    namespace: shop"
        )
    };
    let stdin = format!(
        "{HEAD}- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    {}\n  spec: {{template: {{spec: {{containers: [{{name: web}}]}}}}}}\n- \
         apiVersion: v1\n  kind: Service\n  metadata:\n    {}\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    {}\n  data: {{password: \
         eA==}}\n- apiVersion: integration.rock8s.com/v1\n  kind: Plug\n  metadata: {{name: dev-cache, namespace: shop}}\n  spec: {{interface: \
         {{name: redis}}, workloads: [{{name: web}}], bind: {{env: [{{name: PASSWORD, key: password}}, {{name: HOST, key: host}}]}}}}\n- apiVersion: \
         integration.rock8s.com/v1\n  kind: Socket\n  metadata: {{name: dev-redis, namespace: shop}}\n  spec: {{interface: {{name: redis, \
         versions: [1.0.0]}}, service: {{name: redis}}, config: {{port: 6379}}, configFrom: [{{secretRef: {{name: auth}}, keys: {{password: \
         password}}}}]}}\n",
        renamed("web"),
        renamed("redis"),
        renamed("auth")
    );
    let stdout = rendered(&stdin);
    assert!(
        stdout.contains("{name: HOST, value: dev-redis}"),
        "the host is the Service's name as it is now\n{stdout}"
    );
    assert!(
        stdout.contains("secretKeyRef: {name: auth, key: password}"),
        "kustomize completes a reference itself\n{stdout}"
    );
    let two = stdin.replacen(
        "- apiVersion: apps/v1",
        "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: a-web, namespace: shop, \
         annotations: {internal.config.kubernetes.io/previousNames: web}}\n  spec: {template: {spec: {containers: [{name: web}]}}}\n- apiVersion: apps/v1",
        1,
    );
    let answer = run(two.clone());
    assert!(
        answer.status == 1 && answer.stderr.contains("error[duplicate-object]"),
        "{}",
        answer.stderr
    );
    assert!(
        answer
            .stderr
            .contains("had the name that the Plug uses: `a-web` and `dev-web`"),
        "{}",
        answer.stderr
    );
    let exact = two.replace("{name: a-web,", "{name: web,");
    assert!(
        rendered(&exact)
            .contains("name: web, namespace: shop, annotations: {internal.config.kubernetes.io/previousNames: web, ")
    );
}

/// The list of kpt, whose Plug and Socket have a resource each.
fn with_resources() -> String {
    let settings = "    resources:\n    - name: settings\n      manifest:\n        apiVersion: v1\n        kind: ConfigMap\n        \
        metadata: {name: settings-<% plug.object %>}\n        data: {host: <% socket.config.host %>}\n";
    let grant = "    resources:\n    - name: grant\n      manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: grant-<% plug.object %>}, data: {a: b}}\n";
    let workloads = "    workloads: [{name: web}]\n";
    let config = "    config: {host: redis, port: 6379}\n";
    let list = kpt().replace(workloads, &format!("{workloads}{settings}"));
    list.replace(config, &format!("{config}{grant}"))
}

#[test]
fn a_resource_is_an_item_with_the_path_of_its_owner() {
    let once = rendered(&with_resources());
    let read: serde_json::Value = serde_yaml::from_str(&once).unwrap();
    let items = read["items"].as_array().unwrap();
    let names: Vec<&str> = items
        .iter()
        .map(|item| item["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "web",
            "cache",
            "settings-cache",
            "redis",
            "grant-cache",
            "web"
        ]
    );
    let annotation = |item: usize, name: &str| {
        let annotations = &items[item]["metadata"]["annotations"];
        annotations[format!("internal.config.kubernetes.io/{name}")].clone()
    };
    for (item, path) in [(2, "app.yaml"), (4, "sockets.yaml")] {
        assert_eq!(annotation(item, "path"), path);
        assert_eq!(annotation(item, "index"), serde_json::Value::Null);
    }
    assert_eq!(items[2]["data"]["host"], "redis");
    assert_eq!(rendered(&once), once);
}

#[test]
fn a_resource_that_goes_or_changes_leaves_the_other_items() {
    let once = rendered(&with_resources());
    let gone = once.replace(
        "    - name: settings\n",
        "    - name: settings\n      if: <% false %>\n",
    );
    assert_ne!(gone, once);
    let stdout = rendered(&gone);
    assert!(
        !stdout.contains("settings-cache") && stdout.contains("grant-cache"),
        "{stdout}"
    );
    let changed = once.replace("data: {a: b}}\n", "data: {a: c}}\n");
    assert_ne!(changed, once);
    let stdout = rendered(&changed);
    let read: serde_json::Value = serde_yaml::from_str(&stdout).unwrap();
    assert_eq!(read["items"].as_array().unwrap().len(), 6);
    assert_eq!(read["items"][4]["data"]["a"], "c", "{stdout}");
    assert_eq!(rendered(&stdout), stdout);
}

#[test]
fn where_our_kinds_are_dropped_their_resources_stay() {
    let drop = with_resources()
        + "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data: {integrations: drop}\n";
    let stdout = rendered(&drop);
    let read: serde_json::Value = serde_yaml::from_str(&stdout).unwrap();
    let kinds: Vec<&str> = read["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["Deployment", "ConfigMap", "ConfigMap", "Service"]);
    assert_eq!(rendered(&stdout), stdout);
}
