//! Couples ServiceBindings: all keys of the Secret that one names, as files and variables of its
//! workloads.

mod keys;
mod secret;

use std::ops::Index;
use std::rc::Rc;

use super::adapt::ServiceSecrets;
use super::evaluate::CouplingRun;
use super::kubelet_expansion;
use super::value::{
    Directory, EnvEntry, EnvSource, FileEntry, FileSource, FilesEntry, Part, Reference,
    ReferenceKind,
};
use super::{Binding, Bindings, CouplingInput, CouplingNames, Delivery};
use crate::api::{OverwriteRule, ReferencePresence, ServiceBinding};
use crate::diagnostic::{Code, Diagnostic};

/// What the record has in place of the version of an Interface.
const CONTRACT: &str = "servicebinding.io@v1";

/// A ServiceBinding of [`CouplingInput`], which is indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceBindingId(usize);

/// What is written for a ServiceBinding.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceBindingCoupling {
    /// The ServiceBinding.
    pub binding: ServiceBindingId,
    /// How a record names it: its service in place of a Socket.
    pub names: CouplingNames,
    /// What is written.
    pub written: Bindings,
}

impl CouplingInput {
    /// Every ServiceBinding with its id.
    pub fn service_bindings(&self) -> impl Iterator<Item = (ServiceBindingId, &ServiceBinding)> {
        let all = self.service_bindings.iter().enumerate();
        all.map(|(position, binding)| (ServiceBindingId(position), binding))
    }
}

impl Index<ServiceBindingId> for CouplingInput {
    type Output = ServiceBinding;

    fn index(&self, ServiceBindingId(position): ServiceBindingId) -> &ServiceBinding {
        &self.service_bindings[position]
    }
}

/// Couples every ServiceBinding whose Secret is known.
pub(super) fn couple(
    input: &CouplingInput,
    run: &mut CouplingRun<'_>,
) -> Vec<ServiceBindingCoupling> {
    let mut all: Vec<_> = input.service_bindings().collect();
    all.sort_by_key(|(_, one)| (&one.meta.namespace, &one.meta.name.value, one.meta.at));
    let mut couplings = Vec::with_capacity(all.len());
    let mut before: Option<&ServiceBinding> = None;
    let objects = run.objects.adaptable();
    let mut secrets = objects.map(|objects| ServiceSecrets::new(&input.adapters, objects));
    for (id, binding) in all {
        if let Some(first) = before.filter(|first| is_same(first, binding)) {
            run.out.report(defined_twice(first, binding));
            continue;
        }
        before = Some(binding);
        if !binding.meta.broken {
            couplings.extend(couple_one(id, binding, run, secrets.as_mut()));
        }
    }
    couplings
}

fn is_same(one: &ServiceBinding, other: &ServiceBinding) -> bool {
    one.meta.namespace == other.meta.namespace && one.meta.name.value == other.meta.name.value
}

fn defined_twice(first: &ServiceBinding, second: &ServiceBinding) -> Diagnostic {
    let message = format!(
        "ServiceBinding `{}` is defined twice",
        second.meta.name.value
    );
    Diagnostic::error(Code::DuplicateObject, message)
        .at(second.meta.name.at, "again here")
        .at(first.meta.name.at, "first here")
        .help("remove one of the two, or rename it")
        .with_topic([])
        .on(second.subject())
}

fn couple_one(
    id: ServiceBindingId,
    binding: &ServiceBinding,
    run: &mut CouplingRun<'_>,
    secrets: Option<&mut ServiceSecrets<'_>>,
) -> Option<ServiceBindingCoupling> {
    let secret = match secret::find(binding, run, secrets) {
        Ok(secret) => secret,
        Err(error) => {
            run.out.report(*error);
            return None;
        }
    };
    keys::judge(binding, &secret, run);
    let variables = binding.env.iter();
    let variables = variables.map(|variable| EnvEntry {
        name: variable.name.value.clone(),
        source: source(binding, &secret, &variable.key.value),
        overwrite: OverwriteRule::Never,
        helper: false,
        secret: binding.own_text(&variable.key.value).is_none(),
        uses: Vec::new(),
        at: variable.name.at,
    });
    let bindings = variables
        .map(Binding::Env)
        .chain([Binding::Files(files(binding, &secret))]);
    let delivery = Delivery {
        targets: Rc::clone(&binding.workloads),
        bindings: bindings.collect(),
    };
    Some(ServiceBindingCoupling {
        binding: id,
        names: CouplingNames {
            binder: binding.meta.name.value.clone(),
            socket: service_name(binding),
            interface: CONTRACT.to_owned(),
            at: binding.meta.name.at,
            default_env: None,
        },
        written: Bindings {
            deliveries: vec![delivery],
            fields: Vec::new(),
        },
    })
}

/// What a variable of a key holds: what the ServiceBinding gives itself, else the key.
fn source(binding: &ServiceBinding, secret: &str, key: &str) -> EnvSource {
    if let Some(text) = binding.own_text(key) {
        let parts = [Part::Data(text.value.clone())];
        return EnvSource::Value(kubelet_expansion::finish(&parts, |_| String::new()));
    }
    EnvSource::Reference(Rc::new(Reference {
        kind: ReferenceKind::Secret,
        name: secret.to_owned(),
        key: key.to_owned(),
        presence: ReferencePresence::Required,
        supplies: key.to_owned(),
    }))
}

/// All keys of the Secret, and the files that the ServiceBinding gives itself.
fn files(binding: &ServiceBinding, secret: &str) -> FilesEntry {
    let own = ["type", "provider"].into_iter().filter_map(|path| {
        let text = binding.own_text(path)?;
        Some(FileEntry {
            path: path.to_owned(),
            source: FileSource::Text(text.value.clone()),
            mode: None,
            key: None,
        })
    });
    FilesEntry {
        directory: Rc::new(Directory::BelowRoot(binding.name.value.clone())),
        name: binding.name.value.clone(),
        secret: Some(secret.to_owned()),
        files: own.collect(),
        at: binding.name.at,
    }
}

/// The service as a record names it: `shop/Secret/orders-pg`.
fn service_name(binding: &ServiceBinding) -> String {
    let service = &binding.service;
    let name = format!("{}/{}", service.kind, service.name.value);
    match &binding.meta.namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name,
    }
}
