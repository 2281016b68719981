//! Writes Plugs that name a Service in place of a Socket, and keys that may be absent.

use super::{Generator, Workload};
use crate::laws::style::{Y, map, text};

impl Generator {
    /// A Plug that names the Service of the stream, or of another namespace one that nobody sees.
    pub(super) fn service_plug(&mut self, workloads: &[Workload]) -> Y {
        let workload = &workloads[self.random.below(workloads.len())];
        let team = workload.team;
        let mut service = map([("name", text("pg"))]);
        if team || self.one_in(3) {
            service.push("port", Y::Word("6432".into()));
        } else if self.one_in(2) {
            service.push("port", text("pg"));
        }
        let interface = *self.random.pick(&[&"tcp", &"http", &"grpc"]);
        let mut spec = map([
            ("interface", map([("name", text(interface))])),
            ("socket", map([("service", service)])),
            ("workloads", Y::List(vec![self.target(workload)])),
        ]);
        if self.one_in(2) {
            let address = [("name", text("SERVICE_ADDRESS")), ("key", text("address"))];
            let env = Y::List(vec![map(address)]);
            spec.push("bind", map([("env", env)]));
        }
        self.ours("Plug", "service", team, spec)
    }

    /// A key of a Secret that the cluster may not have.
    pub(super) fn optional_certificate(&mut self) -> Y {
        let kind = *self.random.pick(&[&"secretRef", &"configMapRef"]);
        let mut object = map([("name", text("thing-tls"))]);
        object.push("optional", Y::Word("true".into()));
        map([
            (kind, object),
            ("keys", map([("certificate", text("tls.crt"))])),
        ])
    }
}
