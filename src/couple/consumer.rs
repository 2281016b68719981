//! Decides in which namespace the values of a Plug or a Socket are used: its own, or the one that
//! the objects of its fields deploy into.

use std::collections::BTreeSet;

use super::{Objects, Target, TargetNamespace};
use crate::api::Binder;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Place;
use crate::manifest::stream::group;

/// Where the values of a coupling are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Consumer {
    /// Nowhere: a Socket is judged alone.
    Nobody,
    /// In this namespace; `None` is the unknown one.
    In(Option<String>),
    /// In one that is written in an object which is not seen: the Plug's own is taken.
    Unseen(Option<String>),
}

impl Consumer {
    /// The namespace, where somebody uses the values.
    pub(super) fn namespace(&self) -> Option<&Option<String>> {
        match self {
            Self::Nobody => None,
            Self::In(namespace) | Self::Unseen(namespace) => Some(namespace),
        }
    }
}

/// A kind whose objects deploy into a namespace that is written in them.
struct Deployer {
    group: &'static str,
    kind: &'static str,
    /// The field that has the namespace.
    path: &'static [&'static str],
}

/// <https://fluxcd.io/flux/components/helm/helmreleases/#target-namespace> and
/// <https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#applications>
const DEPLOYERS: [Deployer; 2] = [
    Deployer {
        group: "helm.toolkit.fluxcd.io",
        kind: "HelmRelease",
        path: &["spec", "targetNamespace"],
    },
    Deployer {
        group: "argoproj.io",
        kind: "Application",
        path: &["spec", "destination", "namespace"],
    },
];

/// A namespace, and the place that declares it.
struct Use {
    namespace: Option<String>,
    at: Place,
}

/// The namespace in which what a Plug or a Socket writes is used: one for all of it.
///
/// # Errors
/// There are several, or one cannot be read.
pub(super) fn find(objects: &dyn Objects, binder: Binder<'_>) -> Result<Consumer, Box<Diagnostic>> {
    let own = &binder.meta.namespace;
    let own_use = |at| Use {
        namespace: own.clone(),
        at,
    };
    let mut uses: Vec<Use> = binder
        .workloads
        .iter()
        .take(1)
        .map(|wanted| own_use(wanted.at))
        .collect();
    let mut seen = BTreeSet::new();
    let mut is_unseen = false;
    for binding in binder.fields {
        let object = &binding.object;
        let asked = group(&object.api_version);
        if !seen.insert((asked, &object.kind, &object.name.value)) {
            continue;
        }
        let mut deployers = DEPLOYERS.iter();
        let known = deployers.find(|known| known.group == asked && known.kind == object.kind);
        let Some(known) = known else {
            uses.push(own_use(object.at));
            continue;
        };
        let target = Target {
            api_version: &object.api_version,
            kind: &object.kind,
            namespace: own.as_deref(),
            name: &object.name.value,
        };
        match objects.target_namespace(&target, known.path) {
            TargetNamespace::Own => uses.push(own_use(object.at)),
            TargetNamespace::Written(namespace, at) => uses.push(Use {
                namespace: Some(namespace),
                at,
            }),
            TargetNamespace::NotReadable(error) => {
                return Err(Box::new(error.at(object.at, "asked for here")));
            }
            TargetNamespace::Unseen => is_unseen = true,
        }
    }
    let Some(first) = uses.first() else {
        return Ok(match is_unseen {
            true => Consumer::Unseen(own.clone()),
            false => Consumer::In(own.clone()),
        });
    };
    if let Some(other) = uses.iter().find(|other| other.namespace != first.namespace) {
        return Err(Box::new(several(binder, first, other)));
    }
    Ok(match is_unseen {
        true => Consumer::Unseen(first.namespace.clone()),
        false => Consumer::In(first.namespace.clone()),
    })
}

fn several(binder: Binder<'_>, first: &Use, other: &Use) -> Diagnostic {
    let named = |one: &Use| match &one.namespace {
        Some(namespace) => format!("in `{namespace}`"),
        None => "in an unknown namespace".to_owned(),
    };
    let message = format!(
        "the objects of {} are used {} and {}, and hosts and Secrets differ between namespaces",
        binder.kind.the(),
        named(first),
        named(other)
    );
    Diagnostic::error(Code::SeveralNamespaces, message)
        .at(other.at, format!("used {}", named(other)))
        .at(first.at, format!("used {}", named(first)))
        .help(format!(
            "split {}: one for each namespace",
            binder.kind.the()
        ))
}
