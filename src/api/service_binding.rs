//! Defines the `ServiceBinding` of servicebinding.io, which is coupled as a Plug is where the
//! settings ask for it.
//!
//! <https://servicebinding.io/spec/core/1.1.0/#service-binding>

use std::rc::Rc;

use super::{Meta, ObjectRef, Spanned, WorkloadRef};

/// The kind.
pub const SERVICE_BINDING: &str = "ServiceBinding";
/// Its group.
pub const SERVICE_BINDING_GROUP: &str = "servicebinding.io";
/// The versions that are read: they have one shape.
pub const SERVICE_BINDING_VERSIONS: [&str; 3] = ["v1", "v1beta1", "v1alpha3"];

/// A request for all keys of one Secret.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceBinding {
    /// The object.
    pub meta: Meta,
    /// `apiVersion`
    pub api_version: String,
    /// `spec.name`, default `metadata.name`: the directory of its files.
    pub name: Spanned<String>,
    /// `spec.type`: the content of the file `type`.
    pub binding_type: Option<Spanned<String>>,
    /// `spec.provider`: the content of the file `provider`.
    pub provider: Option<Spanned<String>>,
    /// `spec.service`: the Secret, or what has one.
    pub service: ObjectRef,
    /// `spec.workload`, the one item. Without a name or a label it is any of its kind, without
    /// containers all of them.
    pub workloads: Rc<[WorkloadRef]>,
    /// `spec.env`, as written.
    pub env: Vec<ServiceBindingVariable>,
}

/// One entry of `spec.env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceBindingVariable {
    /// The variable.
    pub name: Spanned<String>,
    /// The key of the Secret, or `type` or `provider` where the binding has it.
    pub key: Spanned<String>,
}

impl ServiceBinding {
    /// What the binding itself gives under a key, in place of the Secret.
    pub fn own_text(&self, key: &str) -> Option<&Spanned<String>> {
        match key {
            "type" => self.binding_type.as_ref(),
            "provider" => self.provider.as_ref(),
            _ => None,
        }
    }
}
