//! `coupler init`: the Plug that it writes is one that renders.

use crate::cli::Dir;

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example/web:1
          env:
            - {name: REDIS_HOST, value: localhost}";
const SIDECAR: &str = "
        - {name: proxy, image: example/proxy:1}";
const SOCKET: &str = "apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: cache, namespace: shop}
spec:
  interface: {name: redis, versions: [1.0.0]}
  service: {name: cache, port: 6379}
";
const PLUG: &str = "# yaml-language-server: $schema=coupler.schema.json
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: redis, namespace: shop}
spec:
  interface: {name: redis, version: \"1\"}
  workloads: [{name: web}]
  bind:
    env:
      - {name: REDIS_HOST, key: host, replace: true}
      - {name: REDIS_PORT, key: port}
";

#[test]
fn a_plug_is_printed_and_replaces_what_stands() {
    let dir = Dir::with(&[("web.yaml", WEB)]);
    let ran = dir.run(&["init", "web.yaml", "--interface", "redis"]);
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (Some(0), PLUG, "")
    );
    assert_eq!(dir.read("web.yaml"), WEB);
}

#[test]
fn what_is_added_renders_and_nothing_is_lost() {
    let dir = Dir::with(&[("app/web.yaml", WEB), ("app/socket.yaml", SOCKET)]);
    assert_eq!(
        dir.run(&["init", "app", "--interface", "redis", "--in-place"])
            .status,
        Some(0)
    );
    assert_eq!(dir.read("app/web.yaml"), format!("{WEB}\n---\n{PLUG}"));
    let ran = dir.run(&["check", "app"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let ran = dir.run(&["init", "app", "--interface", "redis", "--in-place"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("there is already a Plug"), "{}", ran.err);
}

#[test]
fn every_built_in_interface_gives_a_plug_that_is_right() {
    for interface in [
        "amqp",
        "http",
        "kafka",
        "mongodb",
        "mysql",
        "oidc",
        "postgresql",
        "redis",
        "s3",
        "smtp",
    ] {
        let dir = Dir::with(&[("web.yaml", WEB)]);
        let words = [
            "init",
            "web.yaml",
            "--interface",
            interface,
            "--socket",
            "data/x",
            "--output",
            "plug.yaml",
        ];
        assert_eq!(dir.run(&words).status, Some(0), "{interface}");
        let ran = dir.run(&["check", "."]);
        assert_eq!(
            ran.err.matches("error[").count(),
            1,
            "{interface}: {}",
            ran.err
        );
        assert!(
            ran.err.contains("error[socket-not-found]"),
            "{interface}: {}",
            ran.err
        );
    }
}

#[test]
fn a_workload_that_reads_a_directory_gets_files() {
    let root = "{name: SERVICE_BINDING_ROOT, value: /bindings}";
    let spring = "{name: SPRING_CONFIG_IMPORT, value: 'optional:configtree:/etc/config/'}";
    for (variable, bind) in [
        (root, "  bind:\n    files: {}\n"),
        (
            spring,
            "  bind:\n    files: {mountPath: /etc/config/redis}\n",
        ),
    ] {
        let text = WEB.replace("{name: REDIS_HOST, value: localhost}", variable);
        let dir = Dir::with(&[("app/web.yaml", text.as_str()), ("app/socket.yaml", SOCKET)]);
        let ran = dir.run(&["init", "app", "--interface", "redis", "--in-place"]);
        assert_eq!(ran.status, Some(0), "{}", ran.err);
        let written = dir.read("app/web.yaml");
        assert!(written.ends_with(bind), "{written}");
        let ran = dir.run(&["check", "app"]);
        assert_eq!(ran.status, Some(0), "{}", ran.err);
    }
    // what it has already is replaced as before
    let text = format!("{WEB}\n            - {root}");
    let dir = Dir::with(&[("web.yaml", text.as_str())]);
    let ran = dir.run(&["init", "web.yaml", "--interface", "redis"]);
    let bind =
        "  bind:\n    files: {}\n    env:\n      - {name: REDIS_HOST, key: host, replace: true}\n";
    assert!(ran.out.contains(bind), "{}", ran.out);
}

#[test]
fn a_helm_release_gets_fields_where_its_values_take_them() {
    let socket = "apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {name: pg, namespace: shop}\n\
                  spec:\n  interface: {name: postgresql, versions: [1.0.0]}\n  service: {name: pg, port: 5432}\n  \
                  config: {database: shop}\n  \
                  configFrom: [{secretRef: {name: pg-auth}, keys: {username: username, password: password}}]\n";
    let release = |values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web, namespace: shop}}\n\
             spec:\n  interval: 1h\n  chart: {{spec: {{chart: web}}}}\n{values}"
        )
    };
    let known = "  values:\n    replicas: 2\n    externalDatabase: {host: localhost, port: 5432, database: shop}\n";
    for (values, lines) in [
        (
            "",
            [
                "path: spec.values.postgresql.host, key: host}",
                "path: spec.values.postgresql.existingSecret, secretNameOf: ",
            ],
        ),
        (
            known,
            [
                "path: spec.values.externalDatabase.host, key: host, replace: true}",
                "path: spec.values.externalDatabase.existingSecret, secretNameOf: ",
            ],
        ),
    ] {
        let dir = Dir::with(&[
            ("app/web.yaml", release(values).as_str()),
            ("app/socket.yaml", socket),
        ]);
        let ran = dir.run(&["init", "app", "--interface", "postgresql", "--in-place"]);
        assert_eq!(ran.status, Some(0), "{}", ran.err);
        let written = dir.read("app/web.yaml");
        for line in lines {
            assert!(written.contains(line), "{line}\n{written}");
        }
        assert!(!written.contains("workloads:"), "{written}");
        let ran = dir.run(&["check", "app", "--strict"]);
        assert_eq!(ran.status, Some(0), "{written}\n{}", ran.err);
    }
    let both = format!("{WEB}\n---\n{}", release(""));
    let dir = Dir::with(&[("all.yaml", both.as_str())]);
    let ran = dir.run(&["init", "all.yaml", "--interface", "redis"]);
    assert!(ran.out.contains("workloads: [{name: web}]"), "{}", ran.out);
    let words = [
        "init",
        "all.yaml",
        "--interface",
        "redis",
        "--workload",
        "HelmRelease/web",
    ];
    assert!(
        dir.run(&words)
            .out
            .contains("kind: HelmRelease, name: web}")
    );
    let words = [
        "init",
        "all.yaml",
        "--interface",
        "redis",
        "--workload",
        "HelmRelease/x",
    ];
    let ran = dir.run(&words);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.err.contains("--workload HelmRelease/web"),
        "{}",
        ran.err
    );
}

#[test]
fn of_several_containers_one_is_named() {
    let text = format!("{WEB}{SIDECAR}");
    let dir = Dir::with(&[("a/web.yaml", text.as_str()), ("a/socket.yaml", SOCKET)]);
    let ran = dir.run(&[
        "init",
        "a",
        "--interface",
        "redis",
        "--container",
        "proxy",
        "--output",
        "a/plug.yaml",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let plug = dir.read("a/plug.yaml");
    assert!(
        plug.contains("- {name: web, containers: [proxy]} # of web, proxy\n"),
        "{plug}"
    );
    assert!(!plug.contains("replace"), "{plug}");
    assert_eq!(dir.run(&["check", "a"]).status, Some(0));
    let ran = dir.run(&["init", "a", "--interface", "kafka"]);
    assert!(ran.out.contains("containers: [web]"), "{}", ran.out);
}

#[test]
fn a_sidecar_that_stands_first_is_not_meant() {
    let (head, own) = WEB.split_once("        - name: web").unwrap();
    let text = format!(
        "{head}        - {{name: proxy, image: example/proxy:1}}\n        - name: web{own}"
    );
    let dir = Dir::with(&[("web.yaml", text.as_str())]);
    let ran = dir.run(&["init", "web.yaml", "--interface", "redis"]);
    assert!(
        ran.out.contains("containers: [web]} # of proxy, web\n"),
        "{}",
        ran.out
    );
    let kubectl = text.replace(
        "metadata: {labels: {app: web}}",
        "metadata: {annotations: {kubectl.kubernetes.io/default-container: proxy}}",
    );
    std::fs::write(dir.path("web.yaml"), kubectl).unwrap();
    let ran = dir.run(&["init", "web.yaml", "--interface", "redis"]);
    assert!(ran.out.contains("containers: [proxy]}"), "{}", ran.out);
}

#[test]
fn an_interface_that_nobody_knows_is_said() {
    let dir = Dir::with(&[("web.yaml", WEB)]);
    let ran = dir.run(&["init", "web.yaml", "--interface", "redi"]);
    assert!(
        ran.status == Some(0) && ran.err.contains("no Interface `redi`"),
        "{ran:?}"
    );
    assert!(ran.err.contains("did you mean `redis`?"), "{}", ran.err);
}

#[test]
fn of_several_workloads_one_must_be_meant() {
    let other = WEB
        .replace("Deployment", "StatefulSet")
        .replace("web", "queue");
    let dir = Dir::with(&[
        ("a.yaml", &format!("{WEB}\n---\n{other}\n")),
        ("b.yaml", SOCKET),
    ]);
    let ran = dir.run(&["init", "a.yaml", "--interface", "redis"]);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.err.contains("--workload StatefulSet/queue"),
        "{}",
        ran.err
    );
    let ran = dir.run(&[
        "init",
        "a.yaml",
        "--interface",
        "redis",
        "--workload",
        "queue",
    ]);
    assert!(
        ran.out
            .contains("workloads: [{kind: StatefulSet, name: queue}]"),
        "{}",
        ran.out
    );
    assert_eq!(
        dir.run(&["init", "b.yaml", "--interface", "redis"]).status,
        Some(1)
    );
}

#[test]
fn json_takes_no_second_document() {
    let json = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a"}]}}"#;
    let dir = Dir::with(&[("a.json", json)]);
    let ran = dir.run(&["init", "a.json", "--interface", "redis", "--in-place"]);
    assert_eq!(ran.status, Some(1));
    assert_eq!(dir.read("a.json"), json);
}

#[test]
fn a_block_text_at_the_end_keeps_its_end() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n";
    let text = format!(
        "{pod}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  x: |\n    one"
    );
    let dir = Dir::with(&[("a.yaml", text.as_str())]);
    let ran = dir.run(&["init", "a.yaml", "--interface", "redis", "--in-place"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert_eq!(dir.read("a.yaml"), text);
}

#[test]
fn a_full_disk_leaves_no_file() {
    let dir = Dir::with(&[("web.yaml", WEB)]);
    let line =
        "trap '' XFSZ; ulimit -f 0; coupler init web.yaml --interface redis --output plug.yaml";
    dir.sh(line)
        .status(2)
        .says(&["cannot write `plug.yaml`: file too large"]);
    assert_eq!(dir.names(), ["web.yaml"]);
    let before = dir.read("web.yaml");
    dir.sh(&line.replace("--output plug.yaml", "--in-place"))
        .status(2);
    assert_eq!(
        (dir.names(), dir.read("web.yaml")),
        (vec!["web.yaml".to_owned()], before)
    );
}

#[test]
fn no_file_is_reached_through_a_link() {
    let dir = Dir::with(&[("repo/web.yaml", WEB), ("outside/rc", "# mine\n")]);
    std::os::unix::fs::symlink("../outside/rc", dir.path("repo/plug.yaml")).unwrap();
    std::os::unix::fs::symlink("../outside", dir.path("repo/plugs")).unwrap();
    for path in ["repo/plug.yaml", "repo/plugs/new.yaml", "repo/plugs/rc"] {
        let ran = dir.run(&[
            "init",
            "repo/web.yaml",
            "--interface",
            "redis",
            "--output",
            path,
        ]);
        ran.status(2).says(&["is a link"]);
    }
    assert_eq!(
        (dir.read("outside/rc").as_str(), dir.names().len()),
        ("# mine\n", 4)
    );
}

#[test]
fn a_workload_with_a_generated_name_is_chosen_by_its_labels() {
    let job = "apiVersion: batch/v1
kind: Job
metadata: {generateName: migrate-, namespace: shop, labels: {app: migrate}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: example/migrate:1}]}}}
";
    let dir = Dir::with(&[("app/job.yaml", job), ("app/socket.yaml", SOCKET)]);
    assert_eq!(
        dir.run(&["init", "app", "--interface", "redis", "--in-place"])
            .status,
        Some(0)
    );
    let text = dir.read("app/job.yaml");
    assert!(
        text.contains("workloads: [{kind: Job, matchLabels: {app: migrate}}]"),
        "{text}"
    );
    let ran = dir.run(&["check", "app"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let dir = Dir::with(&[("job.yaml", &job.replace(", labels: {app: migrate}", ""))]);
    dir.run(&["init", "job.yaml", "--interface", "redis"])
        .status(1)
        .says(&["no label to select it by"]);
}

const WEB_ALONE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: data}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: example/web:1}]
";

#[test]
fn a_first_interface_socket_and_plug_fit_each_other() {
    let dir = Dir::with(&[("web.yaml", WEB_ALONE)]);
    let run = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        dir.run(&words).status(0)
    };
    run("init --interface search-engine --output all.yaml");
    dir.run(&["check", "all.yaml", "--strict"]).status(0);
    run("init --interface search-engine --socket data/main --catalog all.yaml --output all.yaml");
    dir.run(&["check", "all.yaml", "--strict"]).status(0);
    run("init web.yaml --interface search-engine --catalog all.yaml --output all.yaml");
    let ran = dir.run(&["check", ".", "--strict"]).status(0);
    assert!(ran.err.contains("1 Plug"), "{}", ran.err);
    let rendered = run("render .").out;
    for variable in [
        "SEARCH_ENGINE_HOST",
        "SEARCH_ENGINE_PORT",
        "SEARCH_ENGINE_TOKEN",
    ] {
        assert!(rendered.contains(variable), "{rendered}");
    }
}

#[test]
fn a_first_socket_of_every_built_in_interface_is_right() {
    for interface in coupler::api::library_names() {
        let dir = Dir::with(&[]);
        let words = ["init", "--interface", interface, "--socket", "data/main"];
        let socket = dir.run(&words).status(0).out;
        assert!(
            socket.contains("metadata: {name: main, namespace: data}"),
            "{socket}"
        );
        std::fs::write(dir.path("socket.yaml"), socket).unwrap();
        dir.run(&["check", "socket.yaml", "--strict"]).status(0);
    }
}

#[test]
fn a_service_is_named_in_place_of_a_socket() {
    let dir = Dir::with(&[("web.yaml", WEB_ALONE)]);
    for (service, written) in [
        ("cart:7070", "{name: cart, port: 7070}"),
        ("cart:grpc", "{name: cart, port: grpc}"),
        ("cart", "{name: cart}"),
    ] {
        let words = [
            "init",
            "web.yaml",
            "--interface",
            "grpc",
            "--service",
            service,
        ];
        let plug = dir.run(&words).status(0).out;
        let expected = format!("  socket: {{service: {written}}}\n");
        assert!(plug.contains(&expected), "{plug}");
    }
    let words = [
        "init",
        "web.yaml",
        "--interface",
        "grpc",
        "--service",
        "cart:7070",
    ];
    let plug = dir.run(&words).status(0).out;
    std::fs::write(dir.path("plug.yaml"), plug).unwrap();
    let rendered = dir.run(&["render", "."]).status(0).out;
    assert!(rendered.contains("GRPC_HOST"), "{rendered}");
}

#[test]
fn names_that_cannot_be_written_are_refused() {
    let dir = Dir::with(&[]);
    for (words, said) in [
        ("init --interface postgresql", "is built in"),
        ("init --interface Search", "cannot have the name `Search`"),
        (
            "init --interface redis --socket Main",
            "cannot have the name `Main`",
        ),
        (
            "init --interface serch --socket main",
            "coupler init --interface serch",
        ),
        ("init --interface redis --in-place", "PATH"),
        ("init --interface redis --workload web", "PATH"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let ran = dir.run(&words);
        assert_ne!(ran.status, Some(0), "{words:?}");
        assert!(ran.err.contains(said) && ran.out.is_empty(), "{ran:?}");
    }
}
