//! Writes random `bind.fields`, into objects of every kind that takes them.

use super::{Generator, Role, Workload};
use crate::laws::style::{Y, map, shuffle, text};

/// An object that fields go into.
pub(super) struct FieldTarget {
    api_version: String,
    kind: String,
    name: String,
    team: bool,
    is_workload: bool,
}

/// A container that no workload has.
pub(in crate::laws) const MADE: &str = "made-by-a-field";

impl Generator {
    /// Every object that fields may go into: the workloads, the Service, and HelmReleases, which
    /// are written here.
    pub(super) fn field_targets(
        &mut self,
        workloads: &[Workload],
        found: &mut Vec<(Role, Y)>,
    ) -> Vec<FieldTarget> {
        let of_workload = |workload: &Workload| FieldTarget {
            api_version: workload.api_version.clone(),
            kind: workload.kind.to_owned(),
            name: workload.name.clone(),
            team: workload.team,
            is_workload: true,
        };
        let mut targets: Vec<FieldTarget> = workloads.iter().map(of_workload).collect();
        let mut target = |api_version: &str, kind: &str, name: &str, team| {
            targets.push(FieldTarget {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                name: name.to_owned(),
                team,
                is_workload: false,
            });
        };
        target("v1", "Service", "pg", false);
        target("v1", "ConfigMap", "settings", false);
        for team in [false, true] {
            if team && self.namespace.is_none() {
                continue;
            }
            let spec = map([("chart", text("web")), ("values", self.values())]);
            let api_version = "helm.toolkit.fluxcd.io/v2";
            let release = self.object(api_version, "HelmRelease", "chart", team, Some(spec));
            found.push((Role::Other, release));
            target(
                "helm.toolkit.fluxcd.io/v2beta2",
                "HelmRelease",
                "chart",
                team,
            );
        }
        targets
    }

    /// The values of a chart: lists, mappings, and all kinds of nothing.
    fn values(&mut self) -> Y {
        let user = |name: &str| map([("name", text(name)), ("role", text("reader"))]);
        let mut users = vec![user("app"), user("other")];
        users.truncate(self.random.below(3));
        let old = match self.random.below(4) {
            0 => Y::List(vec![text("replace-me"), text("replace-me")]),
            1 => map([("replace-me", text("replace-me"))]),
            2 => Y::Lines("replace-me\n  replace-me\n".into()),
            _ => text("replace-me"),
        };
        let mut values = vec![
            ("replace-me".to_owned(), old),
            (
                "kept".to_owned(),
                Y::List(vec![text("shop"), text("replace-me")]),
            ),
            ("empty-list".to_owned(), Y::List(Vec::new())),
            ("users".to_owned(), Y::List(users)),
            ("empty".to_owned(), Y::Map(Vec::new())),
            ("nothing".to_owned(), Y::Null),
            ("notes".to_owned(), Y::Lines("one\n\n  two\n".into())),
        ];
        values.truncate(2 + self.random.below(values.len() - 1));
        shuffle(&mut self.random, &mut values);
        Y::Map(values)
    }

    /// `bind.fields` of one Plug, each path its own.
    pub(super) fn fields(
        &mut self,
        n: usize,
        postgresql: bool,
        targets: &[&FieldTarget],
    ) -> Vec<Y> {
        let mut fields = Vec::new();
        for target in targets {
            if self.one_in(3) {
                continue;
            }
            if target.kind == "ConfigMap" {
                fields.extend(self.config_fields(n, postgresql));
                continue;
            }
            let mut paths = vec![
                format!("metadata.annotations['law{n}/x']"),
                format!("metadata.labels.law{n}"),
                format!("spec.law{n}.host"),
                format!("spec.law{n}.deep['a.b/c'].x"),
                format!("spec.values.law{n}"),
                format!("spec.values.users[name=app].law{n}"),
                format!("spec.values.users[name=law{n}].database"),
                format!("spec.values.empty.law{n}"),
                format!("spec.values.nothing.law{n}"),
                format!("spec.values.made[name=shared].law{n}"),
                "spec.values.users[+]".to_owned(),
                "spec.values.empty-list[+]".to_owned(),
                "spec.values.deep.list[+]".to_owned(),
                format!("spec.values.users[name=whole{n}]"),
            ];
            shuffle(&mut self.random, &mut paths);
            paths.truncate(1 + self.random.below(6));
            paths.extend(self.pod_paths(n, target));
            for path in paths {
                let is_text = path.starts_with("metadata");
                let mut field = self.field(target, &path);
                if path.ends_with(&format!("[name=whole{n}]")) {
                    let of = text("<% plug.name %>");
                    let more = map([("of", of), ("deep", map([("x", Y::Word("1".into()))]))]);
                    field.push("value", more);
                } else {
                    let (name, value) = self.field_value(postgresql, is_text);
                    field.push(name, text(value));
                }
                fields.push(field);
            }
            if n == 0 && target.is_workload && self.one_in(2) {
                // what another Plug chooses by
                let mut field = self.field(target, "metadata.labels.group");
                field.push("value", text("replace-me-app-0"));
                field.push("replace", Y::Word("true".into()));
                fields.push(field);
            }
            if n == 0 && target.kind == "HelmRelease" && self.one_in(2) {
                let mut field = self.field(target, "spec.values.replace-me");
                field.push("key", text(if postgresql { "host" } else { "settings" }));
                field.push("replace", Y::Word("true".into()));
                fields.push(field);
            }
            if n == 0 && target.kind == "HelmRelease" && self.one_in(2) {
                let mut field = self.field(target, "spec.values.kept[1]");
                field.push("key", text(if postgresql { "host" } else { "endpoints" }));
                field.push("replace", Y::Word("true".into()));
                fields.push(field);
            }
            if n == 0 && target.kind == "HelmRelease" && self.one_in(2) {
                let mut field = self.field(target, "spec.values.kept[0]");
                field.push("value", text("shop"));
                fields.push(field);
            }
        }
        fields
    }

    /// Texts of the ConfigMap, whole and in parts.
    fn config_fields(&mut self, n: usize, postgresql: bool) -> Vec<Y> {
        let field = |path: &str| {
            let map_ref = map([("name", text("settings"))]);
            map([("configMapRef", map_ref), ("path", text(path))])
        };
        let key = text(if postgresql { "database" } else { "text" });
        let mut whole = field(&format!("data.LAW{n}"));
        whole.push("key", text(if postgresql { "port" } else { "settings" }));
        let mut part = field("data.conf");
        part.push("find", text(format!("replace-me-{n}")));
        part.push(
            "value",
            text(
                *self
                    .random
                    .pick(&[&"<% plug.name %>", &"é'\"x", &"1", &"b"]),
            ),
        );
        let mut quoted = field("data.x");
        quoted.push("find", text(format!("replace-me-{n}")));
        quoted.push("value", text("it's <% plug.name %>"));
        let mut fields = vec![whole, part, quoted];
        if n == 0 {
            let mut old = field("data.old");
            old.push("key", key);
            old.push("replace", Y::Word("true".into()));
            fields.push(old);
        }
        shuffle(&mut self.random, &mut fields);
        fields.truncate(1 + self.random.below(4));
        fields
    }

    /// Paths into the pods of a workload; now and then to a container that it has not.
    fn pod_paths(&mut self, n: usize, target: &FieldTarget) -> Vec<String> {
        let pods = match target.kind.as_str() {
            "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => "spec.template.spec",
            "CronJob" => "spec.jobTemplate.spec.template.spec",
            "Pod" => "spec",
            _ => return Vec::new(),
        };
        let mut paths = vec![
            format!("{pods}.containers[name=main-0].law{n}.x"),
            format!("{pods}.containers[name=main-0].law{n}.list[+]"),
            format!("{pods}.nodeSelector.law{n}"),
        ];
        paths.truncate(self.random.below(4));
        if self.one_in(24) {
            let list = *self.random.pick(&[&"containers", &"initContainers"]);
            paths.push(format!("{pods}.{list}[name={MADE}].image"));
        }
        paths
    }

    fn field(&mut self, target: &FieldTarget, path: &str) -> Y {
        let object = map([
            ("apiVersion", text(target.api_version.as_str())),
            ("kind", text(target.kind.as_str())),
            ("name", text(target.name.as_str())),
        ]);
        map([("objectRef", object), ("path", text(path))])
    }

    /// What a field holds: its name in the binding, and the text of that.
    fn field_value(&mut self, postgresql: bool, is_text: bool) -> (&'static str, &'static str) {
        let secret = if postgresql { "password" } else { "token" };
        let (texts, others): (&[_], &[_]) = if postgresql {
            (&["host", "database"], &["port"])
        } else {
            (
                &["text"],
                &["count", "flag", "hosts", "endpoints", "settings"],
            )
        };
        match self.random.below(6) {
            0 => ("secretNameOf", secret),
            1 => ("secretKeyOf", secret),
            2 => ("value", "<% plug.name %>: x"),
            3 => ("key", *self.random.pick(&texts.iter().collect::<Vec<_>>())),
            _ if is_text => ("value", "1"),
            _ => ("key", *self.random.pick(&others.iter().collect::<Vec<_>>())),
        }
    }

    /// Those of the Plug's namespace.
    pub(super) fn of_team(targets: &[FieldTarget], team: bool) -> Vec<&FieldTarget> {
        let is_here = |target: &&FieldTarget| target.team == team;
        targets.iter().filter(is_here).collect()
    }
}
