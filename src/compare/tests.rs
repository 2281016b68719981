use super::*;
use crate::render::{Role as SourceRole, Source};

const APP: &str = "apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: cache, namespace: shop}
spec:
  interface: {name: redis}
  workloads: [{name: web}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: example/web:1}
";
const SOCKET: &str = "---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: cache, namespace: shop}
spec:
  interface: {name: redis, versions: [1.0.0]}
  service: {name: cache, port: 6379}
";

fn input(text: &str) -> Input {
    let source = Source {
        name: "a.yaml".to_owned(),
        text: text.to_owned(),
        role: SourceRole::Stream,
    };
    Input {
        sources: vec![source],
        ..Input::default()
    }
}

fn whole() -> String {
    format!("{APP}{SOCKET}")
}

fn compared(base: &str, head: &str) -> Comparison {
    compare(&input(base), &input(head)).unwrap_or_else(|failed| panic!("{failed:?}"))
}

fn what(comparison: &Comparison) -> Vec<(EventKind, &str)> {
    comparison
        .events
        .iter()
        .map(|event| (event.what, event.party.name.as_str()))
        .collect()
}

#[test]
fn the_same_is_nothing() {
    assert!(compared(&whole(), &whole()).is_empty());
}

#[test]
fn what_was_rendered_before_is_the_same() {
    let mut kept = input(&whole());
    for integrations in [
        crate::api::Integrations::Keep,
        crate::api::Integrations::Drop,
    ] {
        kept.settings.integrations = integrations;
        let rendered: String = crate::render::render(&kept)
            .rendered
            .iter()
            .flat_map(|r| r.pieces.clone())
            .collect();
        assert!(rendered.contains("REDIS_HOST"));
        let comparison = compared(&whole(), &rendered);
        assert!(comparison.workloads.is_empty(), "{comparison:?}");
        assert!(
            !what(&comparison)
                .iter()
                .any(|(what, _)| matches!(what, EventKind::Coupled | EventKind::Decoupled))
        );
    }
}

#[test]
fn a_changed_key_names_itself_its_variable_and_the_restart() {
    let comparison = compared(
        &whole(),
        &whole().replace("{name: cache, port", "{name: cache-2, port"),
    );
    let [event] = &comparison.events[..] else {
        panic!("{comparison:?}")
    };
    assert_eq!(
        (event.what, event.party.role),
        (EventKind::Updated, PartyRole::Socket)
    );
    assert_eq!(
        event.causes,
        [Cause::Part(
            event.party.clone(),
            "host".to_owned(),
            How::Changed
        )]
    );
    let [workload] = &comparison.workloads[..] else {
        panic!("{comparison:?}")
    };
    assert_eq!(workload.effect, PodEffect::Restarts);
    assert_eq!(
        workload.collections[0].entries,
        [("REDIS_HOST".to_owned(), How::Changed)].into()
    );
    assert_eq!(workload.plugs, ["cache".to_owned()].into());
}

#[test]
fn a_plug_that_goes_is_decoupled_because_it_is_gone() {
    let deployment = APP
        .split_once("---\n")
        .map(|(_, rest)| rest)
        .unwrap_or_default();
    let comparison = compared(&whole(), &format!("{deployment}{SOCKET}"));
    assert_eq!(
        what(&comparison),
        [
            (EventKind::Decoupled, "cache"),
            (EventKind::Deleted, "cache")
        ]
    );
    let plug = &comparison.events[0].party;
    assert_eq!(
        comparison.events[0].causes,
        [Cause::Object(plug.clone(), How::Removed)]
    );
    assert!(
        comparison.workloads[0].collections[0]
            .entries
            .values()
            .all(|how| *how == How::Removed)
    );
}

#[test]
fn a_suspended_plug_says_so() {
    let comparison = compared(
        &whole(),
        &whole().replace("workloads:", "suspend: true\n  workloads:"),
    );
    assert_eq!(
        what(&comparison),
        [
            (EventKind::Updated, "cache"),
            (EventKind::Decoupled, "cache")
        ]
    );
    let plug = comparison.events[1].party.clone();
    assert_eq!(
        comparison.events[1].causes,
        [Cause::Part(plug, "spec.suspend".to_owned(), How::Added)]
    );
}

#[test]
fn what_another_object_changed_is_said_of_the_key() {
    let object = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {port: \"6379\"}\n";
    let socket = SOCKET.replace(", port: 6379}", "}\n  configFrom:\n    - objectRef: {apiVersion: example.com/v1, kind: Cache, name: c}\n      keys: {port: spec.port}");
    let cache = |port: u16| {
        format!(
            "{APP}{socket}{object}---\napiVersion: example.com/v1\nkind: Cache\nmetadata: {{name: c, namespace: shop}}\nspec: {{port: {port}}}\n"
        )
    };
    let comparison = compared(&cache(1), &cache(2));
    let [event] = &comparison.events[..] else {
        panic!("{comparison:?}")
    };
    assert_eq!(
        (event.what, event.party.role),
        (EventKind::Updated, PartyRole::Socket)
    );
    assert_eq!(
        event.causes,
        [Cause::Part(
            event.party.clone(),
            "port".to_owned(),
            How::Changed
        )]
    );
}

#[test]
fn errors_of_both_sides_are_given() {
    let failed = compare(&input(APP), &input(APP)).unwrap_err();
    assert!(!failed.base.is_empty() && !failed.head.is_empty());
}

#[test]
fn a_variable_that_was_wired_by_hand_changes_no_pod() {
    let wired = |text: &str, host: &str| {
        text.replace(
            "image: example/web:1}",
            &format!("image: example/web:1, env: [{{name: REDIS_HOST, value: {host}}}]}}"),
        )
    };
    let unplugged = APP.replace(
        "spec:\n  interface: {name: redis}",
        "spec:\n  optional: true\n  interface: {name: redis}",
    );
    let taken_over = compared(&wired(&unplugged, "cache"), &wired(&whole(), "cache"));
    let [workload] = &taken_over.workloads[..] else {
        panic!("{taken_over:?}")
    };
    assert_eq!(
        workload.collections[0].entries,
        [("REDIS_PORT".to_owned(), How::Added)].into()
    );
    let both = wired(&whole(), "cache").replace(
        "value: cache}]",
        "value: cache}, {name: REDIS_PORT, value: '6379'}]",
    );
    let optional = both.replace(SOCKET, "").replace(
        "spec:\n  interface: {name: redis}",
        "spec:\n  optional: true\n  interface: {name: redis}",
    );
    assert!(compared(&optional, &both).workloads.is_empty());
}
