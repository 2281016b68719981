//! Writes random ServiceBindings into a generated stream.

use coupler::api::ServiceBindings;

use super::{Directions, Generator, Random, Resources, Role, SENTINEL, Stream, Workload};
use crate::laws::style::{Y, map, text};

/// What asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requests {
    Plugs,
    WithServiceBindings,
}

impl Stream {
    /// A stream in which there are ServiceBindings too.
    pub(in crate::laws) fn with_service_bindings(seed: u64) -> Self {
        Generator {
            random: Random::new(seed),
            namespace: None,
            resources: Resources::None,
            directions: Directions::One,
            requests: Requests::WithServiceBindings,
        }
        .stream()
    }
}

impl Generator {
    /// Up to three ServiceBindings of the workloads, and some of their Secrets.
    pub(super) fn service_bindings(
        &mut self,
        workloads: &[Workload],
        found: &mut Vec<(Role, Y)>,
    ) -> ServiceBindings {
        for n in 0..1 + self.random.below(3) {
            let workload = &workloads[self.random.below(workloads.len())];
            let binding = self.service_binding(n, workload);
            found.push((Role::Plug, binding));
            if self.one_in(2) {
                let secret = self.bound_secret(n, workload.team);
                found.push((Role::Secret, secret));
            }
        }
        ServiceBindings::Couple
    }

    fn service_binding(&mut self, n: usize, workload: &Workload) -> Y {
        let reference =
            |version: &str, kind: &str| map([("apiVersion", text(version)), ("kind", text(kind))]);
        let mut service = reference("v1", "Secret");
        service.push("name", text(format!("bound-{n}")));
        let mut target = reference(&workload.api_version, workload.kind);
        if self.one_in(3) {
            let labels = map([("law", text(workload.name.as_str()))]);
            let mut selector = map([("matchLabels", labels)]);
            if self.one_in(2) {
                let absent = [("key", text("none")), ("operator", text("DoesNotExist"))];
                selector.push("matchExpressions", Y::List(vec![map(absent)]));
            }
            target.push("selector", selector);
        } else {
            target.push("name", text(workload.name.as_str()));
        }
        if self.one_in(2) {
            let mut names: Vec<_> = workload.own.iter().chain(&workload.init).collect();
            names.truncate(1 + self.random.below(names.len()));
            let names = names.into_iter().map(text).collect();
            target.push("containers", Y::List(names));
        }
        let mut spec = map([("service", service), ("workload", target)]);
        if self.one_in(2) {
            spec.push("name", text(format!("bound..{n}-")));
        }
        let is_typed = self.one_in(2);
        if is_typed {
            spec.push("type", text(*self.random.pick(&[&"thing", &"$(X) $"])));
        }
        let key = if is_typed { "type" } else { "password" };
        let variable = |name: &str, key: &str| {
            let name = text(format!("BOUND{n}_{name}"));
            map([("name", name), ("key", text(key))])
        };
        if self.one_in(2) {
            let env = vec![variable("FIRST", "password"), variable("SECOND", key)];
            spec.push("env", Y::List(env));
        }
        let versions = ["v1", "v1beta1", "v1alpha3"];
        let version = self.random.pick(&versions.each_ref());
        let version = format!("servicebinding.io/{version}");
        let name = format!("binding-{n}");
        self.object(&version, "ServiceBinding", &name, workload.team, Some(spec))
    }

    fn bound_secret(&mut self, n: usize, team: bool) -> Y {
        let name = format!("bound-{n}");
        let mut secret = self.object("v1", "Secret", &name, team, None);
        let value = |what: &str| text(format!("{SENTINEL} {what}"));
        let data = map([("password", value("p")), ("type", value("t"))]);
        secret.push("stringData", data);
        secret
    }
}
