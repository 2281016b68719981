//! Writes random workloads of every kind, their containers, and the objects that they refer to.

use std::collections::BTreeSet;

use coupler::project::WORKLOAD_KINDS;

use super::{Generator, Role, SENTINEL, SENTINEL_64, Workload};
use crate::laws::style::{Y, map, shuffle, text};

/// A kind that is known by [`mapping`] alone.
pub(in crate::laws) const MAPPED: &str = "Worker";

/// Where that kind has its pods: its containers are in several lists.
pub(super) fn mapping() -> Y {
    let containers = ["containers", "initContainers"].map(|list| {
        map([
            ("path", text(format!(".spec.groups[*].pods['{list}'][*]"))),
            ("name", text(".name")),
        ])
    });
    let version = map([
        ("version", text("*")),
        ("annotations", text(".spec.podMeta.annotations")),
        ("volumes", text(".spec.shared.volumes")),
        ("containers", Y::List(containers.into())),
    ]);
    map([
        ("apiVersion", text("servicebinding.io/v1")),
        ("kind", text("ClusterWorkloadResourceMapping")),
        ("metadata", map([("name", text("workers.example.com"))])),
        ("spec", map([("versions", Y::List(vec![version]))])),
    ])
}

/// The parts of a pod, where that kind has them: each container in a list of its own.
fn mapped(pod: Y, metadata: Y) -> Y {
    let Y::Map(members) = pod else {
        panic!("no map")
    };
    let mut groups = Vec::new();
    let mut shared = map([("restartPolicy", text("Always"))]);
    for (key, value) in members {
        match value {
            Y::List(containers) if key != "volumes" => {
                let alone = |container| map([(key.as_str(), Y::List(vec![container]))]);
                groups.extend(
                    containers
                        .into_iter()
                        .map(|container| map([("pods", alone(container))])),
                );
            }
            value => shared.push(&key, value),
        }
    }
    map([
        ("groups", Y::List(groups)),
        ("podMeta", metadata),
        ("shared", shared),
    ])
}

impl Generator {
    pub(super) fn workload(&mut self, n: usize, found: &mut Vec<(Role, Y)>) -> Workload {
        let known = &WORKLOAD_KINDS[if self.one_in(3) {
            0
        } else {
            self.random.below(WORKLOAD_KINDS.len())
        }];
        let (api_version, kind) = match self.one_in(6) {
            true => ("example.com/v1", MAPPED),
            false => (known.api_version(), known.kind),
        };
        let name = format!("app-{n}");
        let team = self.namespace.is_some() && self.one_in(5);
        let own: Vec<_> = (0..if self.one_in(3) { 2 } else { 1 })
            .map(|c| format!("main-{c}"))
            .collect();
        let has_init = kind == MAPPED || known.mapping.containers.iter().any(|path| path.init);
        let init: Vec<_> = (0..usize::from(has_init && self.one_in(4)))
            .map(|c| format!("init-{c}"))
            .collect();
        let pod_ip = self.one_in(2);
        let containers = |this: &mut Self, names: &[String]| {
            Y::List(
                names
                    .iter()
                    .map(|name| this.container(name, pod_ip))
                    .collect(),
            )
        };
        let mut pod = map([("containers", containers(self, &own))]);
        if !init.is_empty() {
            pod.push("initContainers", containers(self, &init));
        }
        if self.one_in(2) || format!("{pod:?}").contains("/tmp") {
            pod.push(
                "volumes",
                Y::List(vec![map([
                    ("name", text("tmp")),
                    ("emptyDir", Y::Map(Vec::new())),
                ])]),
            );
        }
        if let Y::Map(members) = &mut pod {
            shuffle(&mut self.random, members);
        }
        let labelled = || map([("labels", map([("app", text("web"))]))]);
        let template = |pod| map([("metadata", labelled()), ("spec", pod)]);
        let spec = match kind {
            "Pod" => pod,
            "PodTemplate" => template(pod),
            MAPPED => mapped(pod, labelled()),
            "CronJob" => map([
                ("schedule", text("0 * * * *")),
                (
                    "jobTemplate",
                    map([("spec", map([("template", template(pod))]))]),
                ),
            ]),
            _ => map([
                (
                    "selector",
                    map([("matchLabels", map([("app", text("web"))]))]),
                ),
                ("template", template(pod)),
            ]),
        };
        let mut object = self.object(api_version, kind, &name, team, Some(spec));
        let Y::Map(members) = &mut object else {
            panic!("no map")
        };
        if kind == "PodTemplate" {
            "template".clone_into(&mut members.last_mut().unwrap().0);
        }
        let metadata = members
            .iter_mut()
            .find(|(key, _)| key == "metadata")
            .map(|(_, value)| value);
        let labels = [
            ("law", text(name.as_str())),
            ("group", text(format!("replace-me-{name}"))),
        ];
        metadata.unwrap().push("labels", map(labels));
        match self.random.below(5) {
            0 => members[2]
                .1
                .push("annotations", map([("note", text("a: b # c"))])),
            1 => members[2].1.push("annotations", Y::Null),
            2 => members[2].1.push("annotations", Y::Map(Vec::new())),
            _ => {}
        }
        if self.one_in(3) {
            shuffle(&mut self.random, members);
        }
        found.push((Role::Workload, object));
        Workload {
            api_version: api_version.to_owned(),
            kind,
            name,
            team,
            own,
            init,
            pod_ip,
        }
    }

    fn container(&mut self, name: &str, pod_ip: bool) -> Y {
        let mut container = map([("name", text(name)), ("image", text("example/web:1"))]);
        if self.one_in(3) {
            container.push(
                "command",
                Y::List(vec![
                    text("sh"),
                    text("-c"),
                    Y::Lines("set -e\n\nexec $(PATH)\n".into()),
                ]),
            );
        }
        if self.one_in(4) {
            let from = map([
                ("configMapRef", map([("name", text("settings"))])),
                ("prefix", text("S_")),
            ]);
            container.push("envFrom", Y::List(vec![from]));
        }
        let mut env = Vec::new();
        if pod_ip {
            let field = map([("fieldRef", map([("fieldPath", text("status.podIP"))]))]);
            env.push(map([("name", text("POD_IP")), ("valueFrom", field)]));
        }
        if self.one_in(2) {
            env.push(map([
                ("name", text("MODE")),
                (
                    "value",
                    text(*self.random.pick(&[&"on", &"x y", &"1", &""])),
                ),
            ]));
        }
        if self.one_in(4) {
            env.push(map([
                ("name", text("USER_URL")),
                ("value", text("x-$(LAW0_HOST)-$(LAW1_TEXT)-$$(LAW2_HOST)")),
            ]));
        }
        if self.one_in(4) {
            env.push(map([("name", text("OLD")), ("value", text("replace-me"))]));
        }
        if self.one_in(6) {
            let root = [
                ("name", text("SERVICE_BINDING_ROOT")),
                ("value", text(*self.random.pick(&[&"/bindings", &"/own"]))),
            ];
            env.push(map(root));
        }
        match self.random.below(6) {
            0 => container.push("volumeMounts", Y::Null),
            1 => container.push("volumeMounts", Y::List(Vec::new())),
            2 => {
                let mount = [("name", text("tmp")), ("mountPath", text("/tmp"))];
                container.push("volumeMounts", Y::List(vec![map(mount)]));
            }
            _ => {}
        }
        if !env.is_empty() {
            container.push("env", Y::List(env));
        } else {
            match self.random.below(4) {
                0 => container.push("env", Y::Null),
                1 => container.push("env", Y::List(Vec::new())),
                _ => {}
            }
        }
        if let Y::Map(members) = &mut container {
            shuffle(&mut self.random, members);
        }
        container
    }

    /// What Sockets refer to, and what is nobody's business.
    pub(super) fn others(&mut self, found: &mut Vec<(Role, Y)>) {
        let port = map([("name", text("pg")), ("port", Y::Word("6432".into()))]);
        let service = self.object(
            "v1",
            "Service",
            "pg",
            false,
            Some(map([("ports", Y::List(vec![port]))])),
        );
        found.push((Role::Other, service));
        let namespaces: &[bool] = if self.namespace.is_some() {
            &[false, true]
        } else {
            &[false]
        };
        for &team in namespaces {
            let mut auth = self.object("v1", "Secret", "pg-auth", team, None);
            let encoded = |n: u32| text(format!("{SENTINEL_64}wt{n}A=="));
            auth.push(
                "data",
                map([("username", encoded(1)), ("password", encoded(2))]),
            );
            let mut level = self.object("v1", "ConfigMap", "thing-map", team, None);
            level.push("data", map([("level", text("info"))]));
            if self.one_in(2) {
                found.push((Role::Secret, auth));
                found.push((Role::Other, level));
            }
            let plugs: BTreeSet<usize> = (0..4).filter(|_| self.random.below(2) == 0).collect();
            for n in plugs {
                let mut token = self.object("v1", "Secret", &format!("law{n}-token"), team, None);
                token.push(
                    "stringData",
                    map([("token", text(format!("{SENTINEL}-{n}")))]),
                );
                found.push((Role::Secret, token));
            }
        }
        if self.one_in(6) {
            found.push((Role::Broken, Y::Null));
        }
        let mut config = self.object("v1", "ConfigMap", "settings", false, None);
        config.push(
            "data",
            map([
                (
                    "conf",
                    Y::Lines(
                        "# none\na = replace-me-0, replace-me-1\n\n  replace-me-2\nreplace-me-3\n"
                            .into(),
                    ),
                ),
                (
                    "x",
                    text("\"replace-me-0\" replace-me-1, 'replace-me-2': replace-me-3"),
                ),
                ("old", text("replace-me")),
            ]),
        );
        found.push((Role::Other, config));
    }
}
