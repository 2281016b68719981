mod shapes;

use super::*;
use crate::api::{
    ConfigSource, EnvValue, OverwriteRule, SecretNamespace, ServicePort, SocketRef,
    WorkloadSelector,
};
use crate::limits;
use crate::manifest::Span;

/// The object, and per diagnostic `code: message @ what the first label covers`.
fn read(text: &str) -> (Option<OwnObject>, Vec<String>, Vec<Diagnostic>) {
    let tree = Tree::read(text).unwrap();
    let mut out = Findings::new();
    let at = Place {
        source: 3,
        span: Span {
            start: 1000,
            end: 1000,
        },
    };
    let defaults = Defaults {
        namespace: Some("run"),
        catalogue: false,
    };
    let object = decode(&tree, tree.root().unwrap(), at, &defaults, &mut out);
    let shown = out.iter().map(|d| {
        let place = d.labels[0].place;
        assert_eq!(place.source, 3);
        let range = place.span.start as usize - 1000..place.span.end as usize - 1000;
        format!("{}: {} @ {}", d.code.as_str(), d.message, &text[range])
    });
    (object, shown.collect(), out.into_vec())
}

fn spec(kind: &str, spec: &str) -> String {
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "apiVersion: {API_VERSION}\nkind: {kind}\nmetadata: {{name: mongo, namespace: shop}}\nspec:\n{spec}"
    )
}

#[track_caller]
fn refused(text: &str, expected: &[&str]) -> Vec<Diagnostic> {
    let (_, shown, diagnostics) = read(text);
    assert_eq!(shown, expected, "\n{text}");
    diagnostics
}

#[track_caller]
fn plug(text: &str) -> Plug {
    match read(text) {
        (Some(OwnObject::Plug(plug)), shown, _) if shown.is_empty() => plug,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn socket(text: &str) -> Socket {
    match read(text) {
        (Some(OwnObject::Socket(socket)), shown, _) if shown.is_empty() => socket,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_shortest_plug() {
    let text = "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {name: db}\nspec:\n  interface: {name: postgresql}\n  workloads: [{name: web}]\n";
    let plug = plug(text);
    assert_eq!(plug.meta.namespace.as_deref(), Some("run"));
    assert_eq!(plug.prefix(), "postgresql");
    assert_eq!(plug.socket, SocketRef::Any);
    assert_eq!(plug.workloads[0].kind, "Deployment");
    assert!(
        matches!(&plug.workloads[0].selector, WorkloadSelector::Name(name) if name.value == "web")
    );
    assert_eq!(
        (plug.env, plug.optional, plug.suspend),
        (None, false, false)
    );
    assert!(!plug.meta.broken && !plug.meta.catalogue);
}

#[test]
fn a_plug_with_everything() {
    let plug = plug(&spec(
        "Plug",
        r#"name: db
interface: {name: postgresql, version: "1.2"}
socket: {name: pg, namespace: data}
workloads:
  - {apiVersion: batch/v1, kind: Job, matchLabels: {app: x}, containers: ["*"]}
config: {zone: b, database: <% plug.name %>, size: 8, empty: }
configFrom: [{configMapRef: {name: c}, keys: {b: data, a: other}}]
bind:
  env:
    - {name: URL, value: "x<% socket.config.uri %>", replace: true}
    - {name: HOST, key: host}
optional: true
suspend: true"#,
    ));
    assert_eq!(plug.meta.namespace.as_deref(), Some("shop"));
    assert_eq!(
        plug.version.unwrap().value.least,
        semver::Version::new(1, 2, 0)
    );
    assert!(
        matches!(plug.socket, SocketRef::Named { namespace: Some(ns), .. } if ns.value == "data")
    );
    let config: Vec<_> = plug
        .config
        .iter()
        .map(|e| format!("{}={}", e.key.value, e.value.value))
        .collect();
    assert_eq!(
        config,
        [
            "database=\"<% plug.name %>\"",
            "empty=null",
            "size=8",
            "zone=\"b\""
        ]
    );
    let keys: Vec<_> = plug.config_from[0]
        .keys
        .iter()
        .map(|(ours, theirs)| (&*ours.value, &*theirs.value))
        .collect();
    assert_eq!(keys, [("a", "other"), ("b", "data")]);
    let env = plug.env.unwrap();
    assert!(
        env[0].overwrite == OverwriteRule::Always
            && matches!(&env[0].value, EnvValue::Template(t) if t.value.starts_with('x'))
    );
    assert!(
        env[1].overwrite == OverwriteRule::Never
            && matches!(&env[1].value, EnvValue::Key(key) if key.value == "host")
    );
    assert!(plug.optional && plug.suspend);
}

#[test]
fn a_socket_with_everything() {
    let text = spec(
        "Socket",
        r#"name: the-mongo
interface: {name: mongodb, versions: [1.0.0, "2.1.0"]}
service: {name: mongo, port: web}
config: {database: x}
configFrom:
  - {secretRef: {name: <% plug.config.database %>-db}, keys: {password: pw}}
  - {objectRef: {apiVersion: v1, kind: Service, name: s}, keys: {port: "spec.ports[0].port"}}
secretNamespace: Plug
allow: {namespaces: [shop, "team-*"]}"#,
    )
    .replace(
        "namespace: shop",
        "annotations: {integration.rock8s.com/catalog: \"true\"}",
    );
    let socket = socket(&text);
    assert_eq!(socket.name.value, "the-mongo");
    assert!(socket.meta.catalogue);
    assert_eq!(socket.versions.len(), 2);
    assert_eq!(
        socket.service.unwrap().port.unwrap().value,
        ServicePort::Name("web".to_owned())
    );
    assert!(
        matches!(&socket.config_from[0].from, ConfigSource::Secret(secret) if secret.name.value.ends_with("-db"))
    );
    assert!(
        matches!(&socket.config_from[1].from, ConfigSource::Object(source) if source.object.kind == "Service")
    );
    assert_eq!(socket.secret_namespace, SecretNamespace::Plug);
    assert_eq!(socket.allow.unwrap()[1].value, "team-*");
}

#[test]
fn an_interface_with_places() {
    let text = spec(
        "Interface",
        "name: mongodb\nversions:\n  - version: 1.0.0\n    deprecated: use 2\n    socket:\n      required: [host, port]\n      properties:\n        host: {type: string}\n        a/b~c: {default: 1}\n    examples:\n      - {plug: {a: 1}, invalid: /plug/a}",
    );
    let (Some(OwnObject::Interface(interface)), shown, _) = read(&text) else {
        panic!("not read")
    };
    assert!(shown.is_empty(), "{shown:?}");
    let version = &interface.versions[0];
    assert_eq!(version.plug.value, serde_json::json!({}));
    assert_eq!(
        version.plug.at,
        version.socket.places[""].min(version.plug.at)
    );
    let at = |pointer: &str| {
        let span = version.socket.places[pointer].span;
        &text[span.start as usize - 1000..span.end as usize - 1000]
    };
    assert_eq!(at("/properties/a~1b~0c/default"), "1");
    assert_eq!(at("/required/1"), "port");
    assert_eq!(at("/properties"), "properties");
    assert_eq!(at("/properties/host"), "{type: string}");
    assert_eq!(
        version.examples[0].invalid.as_ref().unwrap().value,
        "/plug/a"
    );
    assert_eq!(version.deprecated.as_deref(), Some("use 2"));
}

#[test]
fn settings() {
    let text = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {namespace: shop, catalog: [../c], integrations: keep, orphans: undo, plugs: stream, serviceBindings: couple, discardEdits: true, strict: true}\n";
    let (object, shown, _) = read(text);
    assert!(shown.is_empty(), "{shown:?}");
    let expected = Settings {
        namespace: Some("shop".to_owned()),
        catalog: vec!["../c".to_owned()],
        integrations: crate::api::Integrations::Keep,
        orphans: crate::api::Orphans::Undo,
        plugs: crate::api::AllPlugs::Stream,
        service_bindings: crate::api::ServiceBindings::Couple,
        discard_edits: true,
        strict: true,
    };
    assert_eq!(object, Some(OwnObject::Settings(expected)));
    let bare = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nmetadata: {name: x}\n";
    assert_eq!(read(bare).0, Some(OwnObject::Settings(Settings::default())));
}

#[test]
fn a_field_that_does_not_exist() {
    let text = spec(
        "Plug",
        "interface: {name: pg, versoin: \"1\"}\nworkload: [{name: web}]\nworkloads: [{name: web}]\nbind: {envs: []}",
    );
    let diagnostics = refused(
        &text,
        &[
            "unknown-field: `spec` of a Plug has no field `workload` @ workload",
            "unknown-field: `spec.interface` of a Plug has no field `versoin` @ versoin",
            "unknown-field: `spec.bind` of a Plug has no field `envs` @ envs",
        ],
    );
    assert_eq!(diagnostics[0].labels[0].text, "did you mean `workloads`?");
    assert_eq!(
        diagnostics[1].help.as_deref(),
        Some(
            "correct its name:\n\nspec:\n  interface:\n    version: \"1\"\n\nits fields are `name`, `version`"
        )
    );
    assert_eq!(diagnostics[1].subject.as_ref().unwrap().name, "mongo");
    // what is missing because of a misspelt name is not said twice
    refused(
        &spec("Plug", "interfce: {name: a}\nworkloads: [{nam: web}]"),
        &[
            "unknown-field: `spec` of a Plug has no field `interfce` @ interfce",
            "unknown-field: `spec.workloads[0]` of a Plug has no field `nam` @ nam",
        ],
    );
    refused(
        &format!(
            "{}status: {{}}\n",
            spec("Interface", "name: a\nversions: [{version: 1.0.0}]")
        ),
        &["unknown-field: an Interface has no field `status` @ status"],
    );
}

#[test]
fn a_field_that_is_missing() {
    let text = "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {}\nspec:\n  workloads:\n    - kind: Job\n  configFrom: [{secretRef: {}}]\n  bind: {env: [{}]}\n";
    let diagnostics = refused(
        text,
        &[
            "missing-field: `metadata.name` is missing @ {}",
            "missing-field: `spec.interface` is missing @ spec",
            "missing-field: `spec.workloads[0]` must have exactly one of `name`, `matchLabels` @ kind: Job",
            "missing-field: `spec.configFrom[0].secretRef.name` is missing @ {}",
            "missing-field: `spec.configFrom[0].keys` is missing @ {secretRef: {}}",
            "missing-field: `spec.bind.env[0].name` is missing @ {}",
            "missing-field: `spec.bind.env[0]` must have exactly one of `key`, `value`, `file` @ {}",
        ],
    );
    assert_eq!(
        diagnostics[1].help.as_deref(),
        Some("add it:\n\nspec:\n  interface: {name: …}")
    );
    let diagnostics = refused(
        "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {name: x}\n",
        &["missing-field: `spec` is missing @ apiVersion: integration.rock8s.com/v1"],
    );
    let lines = "add it:\n\nspec:\n  interface: {name: …}\n  workloads: [{name: …}]";
    assert_eq!(diagnostics[0].help.as_deref(), Some(lines));
}

#[test]
fn a_field_of_the_wrong_type() {
    let text = spec(
        "Plug",
        "name: Mongo\ninterface: {name: 5}\nworkloads: web\nconfig: []\nbind:\noptional: \"yes\"\nsuspend: 1\nsocket: {matchLabels: {a: true}}",
    );
    let diagnostics = refused(
        &text,
        &[
            "invalid-field: `spec.name` must be a name of at most 63 lower-case letters, digits and `-` that begins with a letter, and is `Mongo` @ Mongo",
            "invalid-field: `spec.interface.name` must be text, and is the number `5` @ 5",
            "invalid-field: `spec.socket.matchLabels.a` must be text, and is the boolean `true` @ true",
            "invalid-field: `spec.workloads` must be a list of 1 to 32, and is `web` @ web",
            "invalid-field: `spec.config` must be an object, and is a list @ []",
            "invalid-field: `spec.bind` must be an object, and is empty @ bind",
            "invalid-field: `spec.optional` must be `true` or `false`, and is the text `yes` @ \"yes\"",
            "invalid-field: `spec.suspend` must be `true` or `false`, and is the number `1` @ 1",
        ],
    );
    assert_eq!(
        diagnostics[1].help.as_deref(),
        Some("write it in quotes:\n\nspec:\n  interface:\n    name: \"5\"")
    );
}

#[test]
fn a_list_of_too_few_or_too_many() {
    let names = "{name: w}, ".repeat(33);
    refused(
        &spec(
            "Plug",
            &format!("interface: {{name: a}}\nworkloads: [{names}]"),
        ),
        &[&format!(
            "invalid-field: `spec.workloads` must be a list of 1 to 32, and is a list of 33 @ [{names}]"
        )],
    );
    refused(
        &spec("Plug", "interface: {name: a}\nworkloads: []"),
        &["invalid-field: `spec.workloads` must be a list of 1 to 32, and is an empty list @ []"],
    );
}

#[test]
fn versions_are_text() {
    let of = |version: &str| {
        spec(
            "Interface",
            &format!("name: a\nversions:\n  - version: {version}"),
        )
    };
    for (version, found, line) in [
        ("1.10", "the number `1.10`", Some("version: \"1.10.0\"")),
        ("1", "the number `1`", Some("version: \"1.0.0\"")),
        ("\"1\"", "the text `1`", Some("version: \"1.0.0\"")),
        ("v1.2.3", "`v1.2.3`", Some("version: \"1.2.3\"")),
        ("1.2.3-rc.1", "`1.2.3-rc.1`", Some("version: \"1.2.3\"")),
        ("latest", "`latest`", None),
        ("01.2.3", "`01.2.3`", None),
        ("9999999999.0.0", "`9999999999.0.0`", None),
    ] {
        let token = version;
        let expected = format!(
            "invalid-field: `spec.versions[0].version` must be a full version, as text: `\"1.2.3\"`, and is {found} @ {token}"
        );
        let diagnostics = refused(&of(version), &[&expected]);
        let help = line.map(|line| format!("write the full version in quotes:\n\n{line}"));
        assert_eq!(diagnostics[0].help.as_deref(), help.as_deref(), "{version}");
    }
}

#[test]
fn a_plug_asks_for_a_minimum() {
    let of = |version: &str| {
        spec(
            "Plug",
            &format!("interface: {{name: a, version: {version}}}\nworkloads: [{{name: web}}]"),
        )
    };
    for version in ["\"1\"", "'1.2'", "1.2.3", "\"0\""] {
        plug(&of(version));
    }
    for (version, help) in [
        (
            "1",
            "write it in quotes:\n\nspec:\n  interface:\n    version: \"1\"",
        ),
        (
            "1.10",
            "write it in quotes:\n\nspec:\n  interface:\n    version: \"1.10\"",
        ),
        (
            "^1.2",
            "a range is not supported: write the lowest version that is enough, within one major version:\n\nspec:\n  interface:\n    version: \"1.2\"",
        ),
        (
            "\">=1.2 <2\"",
            "a range is not supported: write the lowest version that is enough, within one major version:\n\nspec:\n  interface:\n    version: \"1.2\"",
        ),
        (
            "1.x",
            "a range is not supported: write the lowest version that is enough, within one major version:\n\nspec:\n  interface:\n    version: \"1\"",
        ),
    ] {
        let (_, shown, diagnostics) = read(&of(version));
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert_eq!(diagnostics[0].help.as_deref(), Some(help), "{version}");
    }
}

#[test]
fn an_object_is_read_as_it_stands() {
    let text = "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: &m {name: x, labels: {a: !!str b}}\nspec:\n  <<: *m\n  workloads: [*m]\n";
    let diagnostics = refused(
        text,
        &[
            "invalid-field: a tag in a Plug: coupler's own objects may not have aliases, `<<` or tags @ b",
            "invalid-field: a merge key in a Plug: coupler's own objects may not have aliases, `<<` or tags @ <<",
            "invalid-field: an alias in a Plug: coupler's own objects may not have aliases, `<<` or tags @ *m",
            "invalid-field: an alias in a Plug: coupler's own objects may not have aliases, `<<` or tags @ *m",
        ],
    );
    assert!(diagnostics[0].help.is_some());
    // an anchor alone hides nothing
    plug(&spec(
        "Plug",
        "interface: &i {name: a}\nworkloads: [{name: web}]",
    ));
}

#[test]
fn a_text_that_readers_disagree_on() {
    let text = spec(
        "Socket",
        "interface: {name: a, versions: [1.0.0]}\nconfig: {mode: on, masks: [0777, 0x1F], day: 2001-01-01, y: \"on\", ok: 1.5}\nallow: {namespaces: [no]}",
    );
    let diagnostics = refused(
        &text,
        &[
            "invalid-field: `spec.allow.namespaces[0]` must be text, and is the boolean `no` @ no",
            "ambiguous-scalar: YAML readers read `on` differently @ on",
            "ambiguous-scalar: YAML readers read `0777` differently @ 0777",
            "ambiguous-scalar: YAML readers read `2001-01-01` differently @ 2001-01-01",
            "ambiguous-scalar: YAML readers read `y` differently @ y",
            "scalar-rewritten: `0x1F` is a number, and is written as `31` @ 0x1F",
        ],
    );
    let help = |at: usize| diagnostics[at].help.as_deref().unwrap();
    assert_eq!(
        help(1),
        "if it is text, quote it:\n\nspec:\n  config:\n    mode: \"on\"\n\nif it is not, write what Kubernetes reads:\n\nspec:\n  config:\n    mode: true"
    );
    assert_eq!(
        help(2),
        "if it is text, quote it:\n\n- \"0777\"\n\nif it is not, write what Kubernetes reads:\n\n- 511"
    );
    assert_eq!(
        help(3),
        "if it is text, quote it:\n\nspec:\n  config:\n    day: \"2001-01-01\""
    );
    assert_eq!(help(4), "if it is text, quote the key: `\"y\"`");
}

#[test]
fn a_kind_or_a_version_that_is_not_known() {
    let diagnostics = refused(
        "apiVersion: integration.rock8s.com/v1beta1\nkind: Plug\nspec: {x: 1}\n",
        &[
            "unsupported-api: coupler does not support the API version `integration.rock8s.com/v1beta1` @ integration.rock8s.com/v1beta1",
        ],
    );
    assert!(
        diagnostics[0]
            .help
            .as_ref()
            .unwrap()
            .ends_with("apiVersion: integration.rock8s.com/v1")
    );
    let diagnostics = refused(
        "apiVersion: integration.rock8s.com/v1\nkind: Plugs\n",
        &["unsupported-api: the group `integration.rock8s.com` has no kind `Plugs` @ Plugs"],
    );
    assert_eq!(diagnostics[0].labels[0].text, "did you mean `Plug`?");
    refused(
        "- a\n",
        &["invalid-field: the document must be an object, and is a list @ - a"],
    );
}

#[test]
fn exactly_one_and_not_two() {
    let text = spec(
        "Plug",
        "interface: {name: a}\nsocket: {matchLabels: {a: b}, namespace: x}\nworkloads:\n  - {name: a, matchLabels: {a: b}}\n  - {name: a, containers: [\"*\", web]}\nbind: {env: [{name: A, key: a}, {name: A, key: b}]}",
    );
    let diagnostics = refused(
        &text,
        &[
            "invalid-field: `spec.socket.namespace` needs `name` next to it @ x",
            "invalid-field: `spec.workloads[0]` must have exactly one of `name`, `matchLabels` @ name",
            "invalid-field: `spec.workloads[1].containers` must be names, or `*` alone @ [\"*\", web]",
            "invalid-field: `A` is listed twice @ A",
        ],
    );
    assert_eq!(diagnostics[1].labels.len(), 2);
    assert_eq!(diagnostics[3].labels.len(), 2);
}

#[test]
fn a_broken_object_is_still_there() {
    let (object, shown, _) = read(&spec(
        "Socket",
        "interface: {name: a}\nservice: {name: x, port: \"80\"}",
    ));
    assert_eq!(
        shown,
        [
            "missing-field: `spec.interface.versions` is missing @ {name: a}",
            "invalid-field: `spec.service.port` must be a number from 1 to 65535, or a port's name, and is the text `80` @ \"80\"",
        ]
    );
    let Some(OwnObject::Socket(socket)) = object else {
        panic!("not there")
    };
    assert!(socket.meta.broken);
    assert_eq!(socket.name.value, "mongo");
}

#[test]
fn what_is_hostile_stays_small() {
    let many = |line: &dyn Fn(usize) -> String| (0..20_000).map(line).collect::<String>();
    let good = "interface: {name: a}\nworkloads: [{name: web}]\n";
    for text in [
        spec(
            "Plug",
            &format!("{good}{}", many(&|i| format!("field{i}: 1\n"))),
        ),
        spec(
            "Plug",
            &format!("{good}config:\n{}", many(&|i| format!("  key{i}: on\n"))),
        ),
        spec(
            "Plug",
            &format!(
                "{good}x: &x 1\nconfig:\n{}",
                many(&|i| format!("  key{i}: *x\n"))
            ),
        ),
        spec("Plug", good).replace(
            "namespace: shop",
            &format!("labels: {{{}}}", many(&|i| format!("a{i}: 1, "))),
        ),
    ] {
        let (object, shown, _) = read(&text);
        assert!(object.is_some());
        assert_eq!(shown.len(), limits::DIAGNOSTICS);
    }
    let variables = |count: usize| {
        let lines = (0..count).map(|i| format!("    V{i}: host\n"));
        spec(
            "Plug",
            &format!("{good}bind:\n  env:\n{}", lines.collect::<String>()),
        )
    };
    let has_lines = |text: &str| {
        let (_, shown, diagnostics) = read(text);
        assert_eq!(shown.len(), 1, "{shown:?}");
        diagnostics[0].help.is_some()
    };
    assert!(has_lines(&variables(50)));
    assert!(!has_lines(&variables(limits::REMEDY_NODES)));
    let schema = many(&|i| format!("      k{i}{}: 1\n", "x".repeat(100)));
    let text = spec(
        "Interface",
        &format!("name: a\nversions:\n  - version: 1.0.0\n    socket:\n{schema}"),
    );
    assert_eq!(
        read(&text).1,
        ["limit-exceeded: `spec.versions[0].socket` is larger than coupler can read @ socket"]
    );
}

#[test]
fn a_name_on_one_line_in_a_message() {
    let text = spec(
        "Plug",
        "interface: {name: a}\nworkloads: [{name: web}]\n\"a\\nb\\u0007\": 1",
    );
    refused(
        &text,
        &["unknown-field: `spec` of a Plug has no field `a\\nb\u{fffd}` @ \"a\\nb\\u0007\""],
    );
    let long = "x".repeat(400);
    let (_, shown, _) = read(&spec(
        "Plug",
        &format!("interface: {{name: {long}}}\nworkloads: [{{name: web}}]"),
    ));
    assert!(
        shown[0].contains(&format!("`{}…`", "x".repeat(64))),
        "{shown:?}"
    );
}
