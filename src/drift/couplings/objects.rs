//! Gives coupling what is known about the other objects of a cluster.

use std::rc::Rc;

use crate::couple::{KeyNames, Lookup, Objects, PortLookup, Target};
use crate::diagnostic::{Code, CommonCause, Diagnostic};
use crate::drift::Cluster;
use crate::drift::object_key::{GroupKind, ObjectKey};
use crate::drift::service::depends_on_input;

/// What coupling may know of the other objects: the ports of Services, and nothing of Secrets or
/// ConfigMaps.
pub(super) struct ServicePorts<'c>(pub(super) &'c Cluster);

impl Objects for ServicePorts<'_> {
    fn read(&self, _: &Target<'_>, _: &str) -> Lookup {
        Lookup::NoObject
    }

    fn key_names(&self, _: &Target<'_>) -> Option<Rc<KeyNames>> {
        None
    }

    fn ports(&self, namespace: Option<&str>, name: &str) -> PortLookup {
        let kind = GroupKind::new("v1", "Service");
        let service = namespace.map(|namespace| ObjectKey::new(kind, namespace, name));
        let ports = service.and_then(|service| self.0.services.get(&service));
        match ports {
            None => PortLookup::NoService,
            Some(ports) if depends_on_input(ports) => {
                let message = format!("whether Service `{name}` was in the input is not known");
                let error = Diagnostic::error(Code::ObjectNotFound, message);
                let error = error.because(CommonCause::no_object("Service", name));
                PortLookup::NotReadable(Box::new(error))
            }
            Some(ports) => PortLookup::Ports(Rc::new(ports.clone())),
        }
    }
}
